//! Objects that are encrypted and compressed: what clients see, what lies on the drives, and what bad input does.

mod bed;

use base::{ByteStream, Timestamp};
use bed::{Bed, body, bytes, collect};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use iam::{Action, Grant};
use proptest::prelude::*;
use rustfs_service::{
    ByteRange, ChecksumAlgorithm, CompleteUpload, CompressionRules, CopyObject, CreateUpload, CustomerKey, Directive,
    Encryption, EncryptionContext, IncomingBody, ListObjects, ListParts, ListedEntry, ListedPart, NewObject, Object,
    PutObject, ReadConditions, ReadObject, Rules, Selection, Service, ServiceError, ShownEncryption, StoredPart,
    UploadPart, WriteConditions,
};
use std::sync::OnceLock;
use store::{BodySeal, PutRequest};

const B: &str = "bucket";
const PACKAGE: usize = 64 << 10;
const MIN_PART: usize = 5 << 20;
const MIB: usize = 1 << 20;

fn compression() -> CompressionRules {
    let all = vec!["*".to_owned()];
    CompressionRules { enabled: true, allow_encryption: true, extensions: all, mime_types: Vec::new() }
}

/// A bed whose service has the key `k1`.
async fn bed_with(rules: Rules) -> Bed {
    let mut bed = Bed::with_rules(rules).await;
    bed.make_bucket(B).await;
    bed.service = bed.with_key(Some("k1"));
    bed
}

async fn bed() -> Bed {
    bed_with(Rules::default()).await
}

fn customer_key(byte: u8) -> CustomerKey {
    use base64::Engine;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let key = [byte; 32];
    CustomerKey::parse(Some("AES256"), Some(&encode(&key)), Some(&encode(&md5::digest(&key)))).unwrap()
}

fn by_key_service() -> Encryption {
    let context = EncryptionContext::of([("project", "<one>")]);
    Encryption::KeyService { key_id: Some("k1".to_owned()), context }
}

fn kinds() -> [(&'static str, Encryption, Option<CustomerKey>); 4] {
    let key = customer_key(7);
    [
        ("plain", Encryption::Unsaid, None),
        ("s3", Encryption::Server, None),
        ("kms", by_key_service(), None),
        ("c", Encryption::Customer(key.clone()), Some(key)),
    ]
}

fn encrypted(encryption: &Encryption) -> NewObject {
    NewObject { encryption: encryption.clone(), ..NewObject::default() }
}

/// Bytes that get smaller, but not by much.
fn text(count: usize) -> Vec<u8> {
    (0..count).map(|at| b"0123456789abcdef"[(at * at / 7 + at / 900) % 16]).collect()
}

fn put_grant(bed: &Bed, key: &str) -> Grant {
    bed.grant(Action::PutObject, B, key)
}

async fn read(service: &Service, grant: &Grant, request: ReadObject) -> Result<Vec<u8>, ServiceError> {
    let (_, stream) = service.get_object(grant, request).await?;
    Ok(collect(stream).await)
}

async fn get(bed: &Bed, key: &str, customer_key: Option<CustomerKey>) -> Result<Vec<u8>, ServiceError> {
    let request = ReadObject { customer_key, ..ReadObject::default() };
    read(&bed.service, &bed.grant(Action::GetObject, B, key), request).await
}

async fn head(bed: &Bed, key: &str, customer_key: Option<CustomerKey>) -> Result<Object, ServiceError> {
    let request = ReadObject { customer_key, ..ReadObject::default() };
    Ok(bed.service.head_object(&bed.grant(Action::GetObject, B, key), request).await?.object)
}

/// What lies on the drives.
async fn stored(bed: &Bed, key: &str) -> (store::ObjectInfo, Vec<u8>) {
    let reader = bed.store.open_object(B, key, None).await.unwrap();
    let info = reader.info.clone();
    let bytes = collect(reader.read(0..u64::MAX)).await;
    (info, bytes)
}

async fn upload(
    bed: &Bed,
    key: &str,
    encryption: &Encryption,
    customer_key: Option<CustomerKey>,
    parts: &[&[u8]],
    checksum: Option<ChecksumAlgorithm>,
) -> Object {
    let request = CreateUpload { object: encrypted(encryption), checksum, checksum_type: None };
    let id = bed.service.create_upload(&put_grant(bed, key), request).await.unwrap().upload_id;
    let mut listed = Vec::new();
    for (index, content) in parts.iter().enumerate() {
        // Numbers with a gap: keys of parts are made from numbers, not from positions.
        let number = u32::try_from(index * 2 + 2).unwrap();
        let part = put_part(bed, key, &id, number, content, customer_key.clone(), checksum).await;
        let checksums = part.checksum.iter().map(|checksum| (checksum.algorithm(), checksum.base64())).collect();
        listed.push(ListedPart { number, etag: part.etag.clone(), checksums });
    }
    let request = ListParts { upload_id: id.clone(), after: 0, limit: 100 };
    let grant = bed.grant(Action::ListMultipartUploadParts, B, key);
    let seen = bed.service.list_parts(&grant, request).await.unwrap().parts;
    for (seen, (listed, content)) in seen.iter().zip(listed.iter().zip(parts)) {
        assert_eq!((&seen.etag, seen.size), (&listed.etag, content.len() as u64));
    }
    let request = CompleteUpload { upload_id: id, parts: listed, customer_key, ..CompleteUpload::default() };
    bed.service.complete_upload(&put_grant(bed, key), request).await.unwrap()
}

async fn put_part(
    bed: &Bed,
    key: &str,
    id: &str,
    number: u32,
    content: &[u8],
    customer_key: Option<CustomerKey>,
    checksum: Option<ChecksumAlgorithm>,
) -> StoredPart {
    let mut body = body(content);
    if checksum.is_some() {
        let crc = base64_crc32(content);
        let field = |name: &str| (name == "x-amz-checksum-crc32").then_some(crc.as_str());
        body.checksum = rustfs_service::AnnouncedChecksum::from_fields(field, &[], None).unwrap();
    }
    let request = UploadPart { upload_id: id.to_owned(), number, body, customer_key };
    bed.service.upload_part(&put_grant(bed, key), request).await.unwrap()
}

fn base64_crc32(content: &[u8]) -> String {
    use base64::Engine;
    let crc = u32::try_from(crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, content)).unwrap();
    base64::engine::general_purpose::STANDARD.encode(crc.to_be_bytes())
}

#[tokio::test]
async fn every_kind_is_read_as_it_was_written_and_stored_otherwise() {
    for compressed in [false, true] {
        let compression = if compressed { compression() } else { CompressionRules::default() };
        let bed = bed_with(Rules { compression, ..Rules::default() }).await;
        for (name, encryption, customer) in kinds() {
            for size in [0, 1, 4096, 4097, PACKAGE - 1, PACKAGE, PACKAGE + 1, 3 * MIB + 17] {
                let content = text(size);
                let key = format!("{name}/{size}");
                let written = bed.put_as(B, &key, &content, encrypted(&encryption)).await.unwrap();
                let md5 = hex::encode(md5::digest(&content));
                match name {
                    "plain" | "s3" => assert_eq!(written.etag(), md5),
                    _ => assert!(written.etag().len() == 32 && written.etag() != md5),
                }
                assert_eq!(written.size(), size as u64);
                assert_eq!(get(&bed, &key, customer.clone()).await.unwrap(), content, "{key}");
                let seen = head(&bed, &key, customer.clone()).await.unwrap();
                assert_eq!((seen.etag(), seen.size()), (written.etag(), size as u64));
                assert_eq!(seen.encryption(), written.encryption());
                let (info, on_drives) = stored(&bed, &key).await;
                assert_eq!(info.parts.first().map_or(0, |part| part.actual_size), size as u64);
                if name != "plain" && size > 16 {
                    assert!(!on_drives.windows(16).any(|piece| piece == &content[..16]), "{key} is in clear");
                }
                assert_eq!(seen.compression().is_some(), compressed && size > 4096, "{key}");
                assert!(!(compressed && size > MIB) || on_drives.len() < size * 3 / 4, "{key} is not smaller");
            }
        }
    }
}

#[tokio::test]
async fn uploads_in_parts_are_encrypted_part_by_part() {
    for compressed in [false, true] {
        let compression = if compressed { compression() } else { CompressionRules::default() };
        let bed = bed_with(Rules { compression, ..Rules::default() }).await;
        let (first, second) = (text(MIN_PART + 9), text(70_000));
        for (name, encryption, customer) in kinds() {
            for checksum in [None, Some(ChecksumAlgorithm::Crc32)] {
                let done = upload(&bed, name, &encryption, customer.clone(), &[&first, &second], checksum).await;
                assert!(done.etag().ends_with("-2") && done.etag().len() == 34, "{}", done.etag());
                assert_eq!(done.checksum().is_some(), checksum.is_some());
                assert_eq!(get(&bed, name, customer.clone()).await.unwrap(), [&first[..], &second[..]].concat());
                let seen = head(&bed, name, customer.clone()).await.unwrap();
                assert_eq!((seen.etag(), seen.checksum()), (done.etag(), done.checksum()));
                let grant = bed.grant(Action::GetObject, B, name);
                let customer_key = customer.clone();
                let part = ReadObject { selection: Selection::Part(4), customer_key, ..ReadObject::default() };
                assert_eq!(read(&bed.service, &grant, part).await.unwrap(), second, "{name}");
            }
        }
    }
}

/// A bed with an object of each way to store one, made once for all cases.
struct Ranges {
    runtime: tokio::runtime::Runtime,
    bed: Bed,
    objects: Vec<(String, Option<CustomerKey>, Vec<u8>)>,
}

fn ranges() -> &'static Ranges {
    static RANGES: OnceLock<Ranges> = OnceLock::new();
    RANGES.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (bed, objects) = runtime.block_on(async {
            let mut bed = bed().await;
            let mut objects = Vec::new();
            for compressed in [false, true] {
                let compression = if compressed { compression() } else { CompressionRules::default() };
                bed.service = bed.service.clone().with_rules(Rules { compression, ..Rules::default() });
                for (name, encryption, customer) in kinds() {
                    // Long enough to have an index.
                    let (whole, first, second) = (text(9 * MIB + 4321), text(9 * MIB + 5), bytes(MIN_PART + 3));
                    let key = format!("{name}-{compressed}");
                    bed.put_as(B, &key, &whole, encrypted(&encryption)).await.unwrap();
                    objects.push((key, customer.clone(), whole));
                    let key = format!("{name}-{compressed}-parts");
                    upload(&bed, &key, &encryption, customer.clone(), &[&first, &second, &first[..7]], None).await;
                    objects.push((key, customer, [&first[..], &second, &first[..7]].concat()));
                }
            }
            (bed, objects)
        });
        Ranges { runtime, bed, objects }
    })
}

impl Ranges {
    fn check(&self, object: usize, from: usize, to: usize) {
        let (key, customer_key, content) = &self.objects[object];
        let (first, last) = (from as u64, to as u64 - 1);
        let selection = Selection::Range(ByteRange::FromTo { first, last });
        let request = ReadObject { selection, customer_key: customer_key.clone(), ..ReadObject::default() };
        let grant = self.bed.grant(Action::GetObject, B, key);
        let got = self.runtime.block_on(read(&self.bed.service, &grant, request)).unwrap();
        assert!(got == content[from..to], "{key}: {from}..{to}");
    }
}

#[test]
fn ranges_at_every_kind_of_boundary_are_pieces_of_the_whole() {
    let ranges = ranges();
    for (at, (_, _, content)) in ranges.objects.iter().enumerate() {
        let size = content.len();
        let part = 9 * MIB + 5;
        let marks = [0, PACKAGE, MIB, 8 * MIB, 9 * MIB, part, part + PACKAGE, part + MIN_PART + 3, size];
        let near = |mark: usize| [mark.saturating_sub(1), mark, mark + 1].into_iter().filter(|at| *at <= size);
        let marks: Vec<usize> = marks.into_iter().flat_map(near).collect();
        for pair in marks.windows(4) {
            let (from, to) = (pair[0].min(pair[3]), pair[0].max(pair[3]));
            ranges.check(at, from, to.max(from + 1).min(size));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn any_range_is_a_piece_of_the_whole(object in 0_usize..16, from in 0.0..1.0, len in 1_usize..3_000_000) {
        let ranges = ranges();
        let size = ranges.objects[object].2.len();
        let from = num(from, size - 1);
        ranges.check(object, from, (from + len).min(size));
    }
}

fn num(part: f64, of: usize) -> usize {
    let thousandth = (0..1000_usize).find(|step| f64::from(u32::try_from(*step).unwrap()) >= part * 1000.0);
    of * thousandth.unwrap_or(999) / 1000 + of % 1000 / 7
}

#[tokio::test]
async fn a_clients_key_must_come_and_must_be_the_right_one() {
    let bed = bed().await;
    let right = customer_key(1);
    bed.put_as(B, "c", b"hello", encrypted(&Encryption::Customer(right.clone()))).await.unwrap();
    bed.put_as(B, "s3", b"hello", encrypted(&Encryption::Server)).await.unwrap();
    bed.put(B, "plain", b"hello").await.unwrap();
    assert_eq!(get(&bed, "c", Some(right.clone())).await.unwrap(), b"hello");
    for result in
        [get(&bed, "c", Some(customer_key(2))).await.map(drop), head(&bed, "c", Some(customer_key(2))).await.map(drop)]
    {
        assert!(matches!(&result, Err(ServiceError::WrongKey { key, .. }) if key == "c"), "{result:?}");
    }
    for result in [
        get(&bed, "c", None).await.map(drop),
        head(&bed, "c", None).await.map(drop),
        get(&bed, "s3", Some(right.clone())).await.map(drop),
        get(&bed, "plain", Some(right.clone())).await.map(drop),
    ] {
        assert!(matches!(result, Err(ServiceError::InvalidRequest { .. })), "{result:?}");
    }
}

#[tokio::test]
async fn without_its_key_service_an_object_is_an_error_and_others_are_not() {
    let mut bed = bed().await;
    for (name, encryption, _) in kinds() {
        bed.put_as(B, name, b"hello", encrypted(&encryption)).await.unwrap();
    }
    let list = |bed: &Bed| {
        let grant = bed.grant(Action::ListBucket, B, "");
        let service = bed.service.clone();
        async move { service.list_objects(&grant, ListObjects { limit: 10, ..ListObjects::default() }).await }
    };
    let etags = |page: rustfs_service::Listing| -> Vec<String> {
        let etag = |entry| match entry {
            ListedEntry::Object(object) => object.etag().to_owned(),
            ListedEntry::Prefix(prefix) => prefix,
        };
        page.entries.into_iter().map(etag).collect()
    };
    let shown = etags(list(&bed).await.unwrap());
    assert!(shown.iter().all(|etag| etag.len() == 32));
    assert_eq!(shown[2..], [hex::encode(md5::digest(b"hello")), hex::encode(md5::digest(b"hello"))]);

    bed.service = bed.with_key(None);
    for name in ["s3", "kms"] {
        assert!(matches!(get(&bed, name, None).await, Err(ServiceError::NoKeyService)), "{name}");
        assert!(head(&bed, name, None).await.is_ok(), "{name}");
        let put = bed.put_as(B, "new", b"x", encrypted(&Encryption::Server)).await;
        assert!(matches!(put, Err(ServiceError::NoKeyService)));
    }
    assert_eq!(get(&bed, "plain", None).await.unwrap(), b"hello");
    assert_eq!(get(&bed, "c", Some(customer_key(7))).await.unwrap(), b"hello");
    assert!(matches!(list(&bed).await, Err(ServiceError::NoKeyServiceForListing { key, .. }) if key == "s3"));

    bed.service = bed.with_key(Some("other"));
    let gone = get(&bed, "s3", None).await;
    assert!(matches!(&gone, Err(ServiceError::Keys(kms::KmsError::KeyNotFound { key })) if key == "k1"), "{gone:?}");
    assert_eq!(list(&bed).await.unwrap().entries.len(), 4, "a key that is gone doesn't hide the other objects");
}

/// Writes other bytes in the place of an object's, with its metadata.
async fn replace(bed: &Bed, key: &str, info: &store::ObjectInfo, bytes: Vec<u8>) {
    let request = PutRequest {
        bucket: B.to_owned(),
        key: key.to_owned(),
        size: Some(bytes.len() as u64),
        versioning: Default::default(),
        storage_class: Default::default(),
        metadata: info.metadata.clone(),
        conditions: WriteConditions::default(),
        mod_time: None,
    };
    let body: ByteStream = stream::iter([Ok(Bytes::from(bytes))]).boxed();
    let actual_size = info.parts.first().map(|part| part.actual_size);
    let seal = Box::new(move |_| Ok(BodySeal { actual_size, ..BodySeal::default() }));
    bed.store.put_object(request, body, seal).await.unwrap();
}

#[tokio::test]
async fn changed_and_cut_bytes_give_nothing_from_where_they_are_bad() {
    const SEALED: usize = PACKAGE + 32;
    let bed = bed().await;
    let content = bytes(5 * PACKAGE + 100);
    for (name, encryption, customer) in kinds().into_iter().skip(1) {
        bed.put_as(B, name, &content, encrypted(&encryption)).await.unwrap();
        let (info, sound) = stored(&bed, name).await;
        for package in [0, 3, 5] {
            let mut flipped = sound.clone();
            flipped[package * SEALED + 50] ^= 1;
            replace(&bed, name, &info, flipped).await;
            let request = ReadObject { customer_key: customer.clone(), ..ReadObject::default() };
            let result = bed.service.get_object(&bed.grant(Action::GetObject, B, name), request).await;
            let Ok((_, stream)) = result else {
                assert_eq!(package, 0, "the first package is looked at before the answer");
                assert!(matches!(result, Err(ServiceError::Undecodable { key, .. }) if key == name));
                continue;
            };
            let (got, ended) = as_far_as_it_goes(stream).await;
            assert!(!ended, "{name}: a bad package was passed over");
            assert!(got == content[..package * PACKAGE], "{name}: {} bytes before package {package}", got.len());
        }
        // Packages changed places, and the last is missing: sizes still fit, or don't.
        let mut swapped = sound.clone();
        swapped[..2 * SEALED].rotate_left(SEALED);
        replace(&bed, name, &info, swapped).await;
        assert!(matches!(get(&bed, name, customer.clone()).await, Err(ServiceError::Undecodable { .. })));
        replace(&bed, name, &info, sound[..sound.len() - 120].to_vec()).await;
        let cut = get(&bed, name, customer.clone()).await;
        assert!(matches!(cut, Err(ServiceError::ObjectTampered { .. })), "{cut:?}");
        replace(&bed, name, &info, sound).await;
        assert_eq!(get(&bed, name, customer).await.unwrap(), content);
    }
}

/// A stream as far as it goes, and whether it ends well.
async fn as_far_as_it_goes(mut stream: ByteStream) -> (Vec<u8>, bool) {
    let mut got = Vec::new();
    loop {
        match stream.next().await {
            Some(Ok(piece)) => got.extend_from_slice(&piece),
            Some(Err(_)) => return (got, false),
            None => return (got, true),
        }
    }
}

#[tokio::test]
async fn a_compressed_stream_that_was_cut_or_changed_is_an_error() {
    let bed = bed_with(Rules { compression: compression(), ..Rules::default() }).await;
    let content = text(2 * MIB);
    bed.put(B, "k", &content).await.unwrap();
    let (info, sound) = stored(&bed, "k").await;
    let flipped = |at: usize| {
        let mut flipped = sound.clone();
        flipped[at] ^= 4;
        flipped
    };
    let cuts = [1, 9, 13, 300, sound.len() / 2, sound.len() - 1].map(|len| sound[..len].to_vec());
    for bad in cuts.into_iter().chain([flipped(0), flipped(50), flipped(sound.len() - 50), vec![0; sound.len()]]) {
        replace(&bed, "k", &info, bad).await;
        let result = bed.service.get_object(&bed.grant(Action::GetObject, B, "k"), ReadObject::default()).await;
        match result {
            Ok((_, stream)) => {
                let (got, ended) = as_far_as_it_goes(stream).await;
                assert!(!ended && content.starts_with(&got), "{} bytes", got.len());
            }
            Err(error) => assert!(matches!(&error, ServiceError::Undecodable { key, .. } if key == "k"), "{error:?}"),
        }
    }
}

fn copy() -> CopyObject {
    CopyObject {
        source_version: None,
        source_key: None,
        encryption: Encryption::Unsaid,
        source_conditions: ReadConditions::default(),
        conditions: Default::default(),
        metadata: Directive::Keep,
        tags: Directive::Keep,
        storage_class: None,
        lock: Default::default(),
        acl: None,
        checksum: None,
    }
}

async fn run_copy(bed: &Bed, from: &str, to: &str, request: CopyObject) -> Result<Object, ServiceError> {
    bed.service.copy_object(&bed.grant(Action::GetObject, B, from), &put_grant(bed, to), request).await
}

#[tokio::test]
async fn a_copy_has_the_encryption_it_asks_for_and_nothing_of_its_source() {
    for compressed in [false, true] {
        let compression = if compressed { compression() } else { CompressionRules::default() };
        let bed = bed_with(Rules { compression, ..Rules::default() }).await;
        let content = text(200_000);
        for (from, source, source_key) in kinds() {
            bed.put_as(B, from, &content, encrypted(&source)).await.unwrap();
            for (to, encryption, key) in kinds() {
                let to = format!("{from}-{to}");
                let request = CopyObject { source_key: source_key.clone(), encryption: encryption.clone(), ..copy() };
                let copied = run_copy(&bed, from, &to, request).await.unwrap();
                assert!(copied.checksum().is_some());
                let seen = head(&bed, &to, key.clone()).await.unwrap();
                assert_eq!(seen.encryption(), copied.encryption(), "{to}");
                match (&encryption, seen.encryption()) {
                    (Encryption::Unsaid, None) | (Encryption::Server, Some(ShownEncryption::Server)) => {}
                    (Encryption::KeyService { .. }, Some(ShownEncryption::KeyService { key_id, context })) => {
                        assert_eq!((key_id.as_str(), context.is_some()), ("k1", true));
                    }
                    (Encryption::Customer(key), Some(ShownEncryption::Customer { key_md5 })) => {
                        assert_eq!(key_md5, Some(key.md5_base64()));
                    }
                    other => panic!("{to}: {other:?}"),
                }
                assert_eq!(get(&bed, &to, key).await.unwrap(), content, "{to}");
            }
        }
    }
}

#[tokio::test]
async fn a_client_can_change_its_key_without_the_data_being_written_again() {
    let bed = bed().await;
    let (old, new) = (customer_key(1), customer_key(2));
    let content = bytes(300_000);
    let written = bed.put_as(B, "k", &content, encrypted(&Encryption::Customer(old.clone()))).await.unwrap();
    // With a checksum the copy has none to compute.
    let first = CopyObject {
        source_key: Some(old.clone()),
        encryption: Encryption::Customer(old.clone()),
        checksum: Some(ChecksumAlgorithm::Crc32),
        ..copy()
    };
    let written = {
        run_copy(&bed, "k", "k", first).await.unwrap();
        let _ = written;
        head(&bed, "k", Some(old.clone())).await.unwrap()
    };
    let (_, before) = stored(&bed, "k").await;
    let rekey = CopyObject { source_key: Some(old.clone()), encryption: Encryption::Customer(new.clone()), ..copy() };
    let rekeyed = run_copy(&bed, "k", "k", rekey).await.unwrap();
    let (info, after) = stored(&bed, "k").await;
    assert!(before == after, "the data was written again");
    assert_eq!((rekeyed.etag(), info.etag()), (written.etag(), written.etag()));
    assert_eq!(rekeyed.checksum(), written.checksum());
    assert_eq!(get(&bed, "k", Some(new)).await.unwrap(), content);
    assert!(matches!(get(&bed, "k", Some(old)).await, Err(ServiceError::WrongKey { .. })));
}

#[tokio::test]
async fn copying_an_encrypted_object_onto_itself_encrypts_it_anew() {
    let bed = bed().await;
    bed.put_as(B, "k", b"hello", encrypted(&by_key_service())).await.unwrap();
    assert!(matches!(run_copy(&bed, "k", "k", copy()).await, Err(ServiceError::IllegalCopy)));
    let (_, before) = stored(&bed, "k").await;
    let copied = run_copy(&bed, "k", "k", CopyObject { encryption: Encryption::Server, ..copy() }).await.unwrap();
    assert_eq!((copied.encryption(), copied.etag().len()), (Some(ShownEncryption::Server), 32));
    let (info, after) = stored(&bed, "k").await;
    assert!(before != after);
    assert!(
        !info
            .metadata
            .system
            .keys()
            .any(|name| name.ends_with("-Context") || name.contains("Kms-Sealed-Key") && !name.contains("S3-Kms"))
    );
    // And in clear again: the metadata alone must not be taken for the change.
    let replace = Directive::Replace([("X-Amz-Meta-A".to_owned(), "b".to_owned())].into());
    let clear = run_copy(&bed, "k", "k", CopyObject { metadata: replace, ..copy() }).await.unwrap();
    assert_eq!(clear.encryption(), None);
    assert_eq!(stored(&bed, "k").await.1, b"hello");
    assert_eq!(get(&bed, "k", None).await.unwrap(), b"hello");
}

#[tokio::test]
async fn what_isnt_said_is_decided_by_the_bucket_and_then_by_the_server() {
    let mut bed = bed().await;
    let document = |algorithm: &str| {
        format!(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>{algorithm}\
             </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
        )
    };
    let server = document("<SSEAlgorithm>AES256</SSEAlgorithm>");
    let kms =
        |key: &str| document(&format!("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>{key}</KMSMasterKeyID>"));
    let grant = bed.grant(Action::PutEncryptionConfiguration, B, "");
    let unknown = bed.service.put_encryption(&grant, kms("nobody").as_bytes()).await;
    assert!(matches!(unknown, Err(ServiceError::Keys(kms::KmsError::KeyNotFound { .. }))));
    bed.service.put_encryption(&grant, kms("arn:aws:kms:k1").as_bytes()).await.unwrap();
    let of = |object: Object| object.encryption();
    let by_default_key = Some(ShownEncryption::KeyService { key_id: "k1".to_owned(), context: None });
    assert_eq!(of(bed.put(B, "a", b"x").await.unwrap()), by_default_key);
    let asked = bed.put_as(B, "a", b"x", encrypted(&Encryption::Server)).await.unwrap();
    assert_eq!(of(asked), Some(ShownEncryption::Server));
    bed.service.put_encryption(&grant, server.as_bytes()).await.unwrap();
    assert_eq!(of(bed.put(B, "b", b"x").await.unwrap()), Some(ShownEncryption::Server));
    bed.service.delete_encryption(&grant).await.unwrap();
    assert_eq!(of(bed.put(B, "c", b"x").await.unwrap()), None);
    bed.service = bed.service.clone().with_rules(Rules { auto_encryption: true, ..Rules::default() });
    assert_eq!(of(bed.put(B, "d", b"x").await.unwrap()), by_default_key);
    bed.service = bed.with_key(None);
    let refused = bed.service.put_encryption(&grant, server.as_bytes()).await;
    assert!(matches!(refused, Err(ServiceError::NoKeyServiceForBucket { .. })));
}

#[tokio::test]
async fn conditions_on_writes_mean_the_etag_that_clients_see() {
    let bed = bed().await;
    for (name, encryption, _) in kinds().into_iter().skip(1) {
        let written = bed.put_as(B, name, b"one", encrypted(&encryption)).await.unwrap();
        let conditional = |if_match: &str, if_none_match: Option<&str>| NewObject {
            encryption: encryption.clone(),
            conditions: WriteConditions {
                if_match: Some(vec![if_match.to_owned()]),
                if_none_match: if_none_match.map(|etag| vec![etag.to_owned()]),
            },
            ..NewObject::default()
        };
        let wrong = bed.put_as(B, name, b"two", conditional(&"0".repeat(32), None)).await;
        assert!(matches!(wrong, Err(ServiceError::PreconditionFailed { .. })), "{name}");
        let unwanted = bed.put_as(B, name, b"two", conditional("*", Some(written.etag()))).await;
        assert!(matches!(unwanted, Err(ServiceError::PreconditionFailed { .. })), "{name}");
        bed.put_as(B, name, b"two", conditional(written.etag(), None)).await.unwrap();
    }
}

#[tokio::test]
async fn a_body_of_another_length_than_announced_leaves_nothing() {
    let bed = bed_with(Rules { compression: compression(), ..Rules::default() }).await;
    for (name, encryption, _) in kinds() {
        for (announced, sent) in [(2 * MIB, MIB), (MIB, 2 * MIB), (10_000, 9_000), (9_000, 10_000)] {
            let body = IncomingBody { size: Some(announced as u64), ..body(&text(sent)) };
            let request = PutObject { object: encrypted(&encryption), body, mod_time: None, etag: None };
            let result = bed.service.put_object(&put_grant(&bed, name), request).await;
            let told = match result {
                Err(ServiceError::IncompleteBody { .. }) => announced > sent,
                Err(ServiceError::ExcessData { .. }) => announced < sent,
                _ => false,
            };
            assert!(told, "{name}: {announced} announced, {sent} sent");
            assert!(matches!(head(&bed, name, None).await, Err(ServiceError::NoSuchKey { .. })));
        }
    }
}

#[tokio::test]
async fn conditions_on_reads_mean_the_etag_that_clients_see() {
    let bed = bed().await;
    for (name, encryption, customer_key) in kinds() {
        let etag = bed.put_as(B, name, b"one", encrypted(&encryption)).await.unwrap().etag().to_owned();
        let conditions = ReadConditions {
            if_none_match: Some(vec![etag]),
            if_modified_since: Some(Timestamp::ZERO),
            ..ReadConditions::default()
        };
        let request = ReadObject { conditions, customer_key, ..ReadObject::default() };
        let grant = bed.grant(Action::GetObject, B, name);
        let result = read(&bed.service, &grant, request).await;
        assert!(matches!(result, Err(ServiceError::NotModified { .. })), "{name}");
    }
}
