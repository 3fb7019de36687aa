//! Objects that MinIO encrypted and compressed, as they lie on its drives, against what it answered.
//!
//! `golden/NAME.json` and `.bin` were made by `examples/golden_from_drives.rs`.
#![expect(clippy::disallowed_methods, reason = "golden files are read from where they lie")]

use base::{ByteStream, Secret};
use bytes::Bytes;
use format::checksum_blob::StoredChecksum;
use format::object_meta_keys::sys;
use futures_util::{StreamExt, stream};
use rustfs_seal::config_file::Stored;
use rustfs_seal::layout::{Encryption, Layout, StoredPart, encryption_of};
use rustfs_seal::s2::{self, Index};
use rustfs_seal::{Context, Envelope, Key, Label, ObjectKey, ShownEtag, StaticKey, dare, shown_etag};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

#[derive(Deserialize)]
struct Golden {
    kms: Option<String>,
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    bucket: String,
    object: String,
    customer_key: Option<String>,
    etag: String,
    shown_etag: String,
    metadata: BTreeMap<String, String>,
    binary: BTreeMap<String, String>,
    parts: Vec<(u32, u64, i64, String)>,
    size: u64,
    sha256: String,
    data: (usize, usize),
}

/// Where the server keeps its own files.
const SYSTEM: &str = ".minio.sys";

/// An object, opened.
struct Opened {
    envelope: Option<Envelope>,
    key: Option<ObjectKey>,
    layout: Layout,
    stored: Bytes,
}

fn golden() -> Vec<(String, Golden, Bytes)> {
    let mut all = records();
    all.retain(|(_, golden, _)| golden.objects[0].bucket != SYSTEM);
    all
}

fn records() -> Vec<(String, Golden, Bytes)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = std::fs::read_dir(&folder).expect("the golden files").map(|entry| entry.expect("an entry").path());
    let mut all: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let records = serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("golden records");
            let data = Bytes::from(std::fs::read(path.with_extension("bin")).expect("readable"));
            (path.file_stem().expect("a name").to_string_lossy().into_owned(), records, data)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!all.is_empty());
    all
}

fn key_of(base64: &str) -> Key {
    use base64::Engine;
    Key::from_slice(&base64::engine::general_purpose::STANDARD.decode(base64).expect("base64")).expect("32 bytes")
}

fn open(golden: &Golden, object: &Object, data: &Bytes) -> Opened {
    let place = (object.bucket.as_str(), object.object.as_str());
    let metadata = |name: &str| object.metadata.get(name).map(|value| value.as_bytes());
    let envelope = Envelope::parse(metadata).expect("a valid envelope");
    let key = envelope.as_ref().map(|envelope| {
        let external = match (&object.customer_key, &envelope.data_key) {
            (Some(key), None) => key_of(key),
            (None, Some(data_key)) => {
                let kms = StaticKey::parse(&Secret::new(golden.kms.clone().expect("a key"))).expect("valid");
                let context = envelope.data_key_context(place.0, place.1);
                kms.decrypt(&data_key.key_id, &data_key.ciphertext, &context).expect("a data key")
            }
            _ => panic!("either a client's key or a data key"),
        };
        assert!(envelope.open(&Key::new([1; 32]), place).is_err());
        assert!(envelope.open(&external, (place.0, "another name")).is_err());
        envelope.open(&external, place).expect("the object's key")
    });
    let compressed = object.metadata.get(sys::COMPRESSION).map(|name| assert_eq!(name, s2::NAME)).is_some();
    let encryption = match &envelope {
        None => Encryption::None,
        Some(envelope) => {
            let sizes: Vec<u64> = object.parts.iter().map(|part| part.1).collect();
            encryption_of(envelope.multipart, &sizes, object.etag.len())
        }
    };
    let parts = object.parts.iter().map(|(number, stored, plain, index)| {
        let mut index = hex::decode(index).expect("hex");
        if let Some(key) = &key {
            index = key.open_value(Label::CompressionIndex, &index).expect("the index was sealed with the key");
        }
        let index = (!index.is_empty()).then(|| Index::parse(&index).expect("an index"));
        StoredPart { number: *number, stored: *stored, plain: (*plain).try_into().unwrap_or(0), index }
    });
    let layout = Layout::new(parts.collect(), encryption, compressed).expect("a layout");
    Opened { envelope, key, layout, stored: data.slice(object.data.0..object.data.0 + object.data.1) }
}

impl Opened {
    /// The bytes of a range, and how many stored ones were read for it.
    async fn read(&self, range: Range<u64>, piece: usize) -> (Vec<u8>, u64) {
        let plan = self.layout.plan(range).expect("a range in the object");
        let at = |offset: u64| usize::try_from(offset).expect("fits");
        let wanted = &self.stored[at(plan.stored.start)..at(plan.stored.end)];
        let pieces: Vec<_> = wanted.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let body: ByteStream = Box::pin(stream::iter(pieces));
        let mut plain = Vec::new();
        let mut opened = self.layout.open(&plan, self.key.as_ref(), body);
        while let Some(piece) = opened.next().await {
            plain.extend_from_slice(&piece.expect("authentic"));
        }
        (plain, plan.stored.end - plan.stored.start)
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref())
}

#[tokio::test]
async fn every_object_opens_to_what_was_put() {
    for (name, golden, data) in golden() {
        for object in &golden.objects {
            let what = format!("{name}: {}/{}", object.bucket, object.object);
            let opened = open(&golden, object, &data);
            assert_eq!(opened.layout.size(), object.size, "{what}");
            let (plain, _) = opened.read(0..object.size, 50_000).await;
            assert_eq!(sha256(&plain), object.sha256, "{what}");
        }
    }
}

#[tokio::test]
async fn ranges_are_what_they_are_of_the_whole() {
    for (name, golden, data) in golden() {
        for object in &golden.objects {
            let opened = open(&golden, object, &data);
            let (whole, _) = opened.read(0..object.size, 1 << 20).await;
            for range in interesting(object) {
                let what = format!("{name}: {}/{} {range:?}", object.bucket, object.object);
                let (plain, read) = opened.read(range.clone(), 30_000).await;
                let at = |offset: u64| usize::try_from(offset).expect("fits");
                assert!(plain == whole[at(range.start)..at(range.end)], "{what}");
                assert!(read <= opened.stored.len() as u64);
            }
        }
    }
}

/// Ranges that begin and end around the borders of parts, packages and blocks.
fn interesting(object: &Object) -> Vec<Range<u64>> {
    let mut borders = vec![0, object.size];
    let mut end = 0;
    for part in &object.parts {
        let plain = u64::try_from(part.2).unwrap_or(object.size);
        borders.extend([end + 65536, end + (1 << 20), end + (2 << 20), end + (8 << 20) + 5]);
        end += plain;
        borders.push(end);
    }
    let around = |border: u64| [border.saturating_sub(1), border, border + 1];
    let mut points: Vec<u64> = borders.into_iter().flat_map(around).filter(|&at| at <= object.size).collect();
    points.sort_unstable();
    points.dedup();
    let ends = |from: usize| points[from..].iter().step_by(points.len() / 6 + 1);
    let pairs = |from: usize| ends(from).map(move |&to| (from, to));
    let mut ranges: Vec<_> = (0..points.len()).flat_map(pairs).map(|(from, to)| points[from]..to).collect();
    ranges.extend(points.iter().filter(|&&at| at < object.size).map(|&at| at..at + 1));
    ranges
}

#[test]
fn shown_etags_and_sealed_checksums_are_what_was_answered() {
    let mut checksums = 0;
    for (name, golden, data) in golden() {
        for object in &golden.objects {
            let what = format!("{name}: {}/{}", object.bucket, object.object);
            let opened = open(&golden, object, &data);
            let (Some(envelope), Some(key)) = (&opened.envelope, &opened.key) else {
                assert_eq!(object.etag, object.shown_etag, "{what}");
                continue;
            };
            let shown = match shown_etag(envelope.kind, envelope.multipart, &object.etag) {
                ShownEtag::Text(text) => text,
                ShownEtag::Sealed(sealed) => key.open_etag(&sealed).expect("sealed with the object's key"),
            };
            // Asked for by HEAD, such objects' etags are shown as they are stored.
            if !object.object.ends_with('/') {
                assert_eq!(shown, object.shown_etag, "{what}");
            }
            if let Some(sealed) = object.binary.get(sys::CHECKSUM) {
                let blob = key.open_value(Label::Checksum, &hex::decode(sealed).expect("hex")).expect("sealed");
                assert!(!StoredChecksum::parse_all(&blob).is_empty(), "{what}");
                checksums += 1;
            }
        }
    }
    assert!(checksums > 0);
}

#[test]
fn what_is_parsed_is_written_again() {
    for (name, golden, data) in golden() {
        for object in &golden.objects {
            let Some(envelope) = open(&golden, object, &data).envelope else { continue };
            let written: BTreeMap<String, String> =
                envelope.metadata().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let mut stored = object.metadata.clone();
            stored.retain(|name, _| {
                written.contains_key(name) || name.contains("-Encrypt") || name.contains("-Server-Side-")
            });
            assert_eq!(written, stored, "{name}: {}/{}", object.bucket, object.object);
        }
    }
}

#[test]
fn configuration_and_iam_files_open_with_the_key_that_wrote_them() {
    let mut opened = 0;
    for (_, golden, data) in records() {
        for object in golden.objects.iter().filter(|object| object.bucket == SYSTEM) {
            let file = &data[object.data.0..object.data.0 + object.data.1];
            let Stored::Sealed(sealed) = Stored::of(file) else { panic!("{} is encrypted", object.object) };
            let kms = StaticKey::parse(&Secret::new(golden.kms.clone().expect("a key"))).expect("valid");
            let [context, older] = Context::of_config_file(&object.object);
            let data_key = kms.decrypt(&sealed.key_id, &sealed.data_key, &context).expect("a data key");
            assert!(kms.decrypt(&sealed.key_id, &sealed.data_key, &older).is_err());
            let plain = sealed.open(&data_key).expect("authentic");
            serde_json::from_slice::<serde_json::Value>(&plain).expect("these files are JSON");
            opened += 1;
        }
    }
    assert!(opened > 10);
}

#[test]
fn the_remote_targets_of_a_bucket_open() {
    const BUCKET: &str = "moss-crate17";
    let lines: Vec<&str> = include_str!("golden/bucket-targets.txt").lines().collect();
    let [kms, metadata, sealed] = lines[..] else { panic!("three lines") };
    let metadata: BTreeMap<String, String> = serde_json::from_str(metadata).expect("JSON");
    let envelope =
        Envelope::parse(|name| metadata.get(name).map(|value| value.as_bytes())).expect("valid").expect("sealed");
    let data_key = envelope.data_key.as_ref().expect("a data key");
    let kms = StaticKey::parse(&Secret::new(kms)).expect("valid");
    let context = Context::of_bucket_targets(BUCKET);
    let external = kms.decrypt(&data_key.key_id, &data_key.ciphertext, &context).expect("a data key");
    let key = envelope.open(&external, (BUCKET, "")).expect("the key of the document");
    let plain = dare::open(key.key(), dare::Versions::Any, &hex::decode(sealed).expect("hex")).expect("authentic");
    let targets: serde_json::Value = serde_json::from_slice(&plain).expect("JSON");
    assert_eq!(targets["targets"][0]["sourcebucket"], BUCKET);
}
