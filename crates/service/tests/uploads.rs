//! Multipart uploads.

mod bed;

use bed::{Bed, body, bytes};
use iam::Action;
use rustfs_service::{
    ChecksumAlgorithm, ChecksumType, CompleteUpload, CopyPart, CreateUpload, ListParts, ListUploads, ListedPart,
    NewObject, ReadConditions, Selection, ServiceError, StoredPart, UploadPart,
};

const B: &str = "bucket";
const MIN_PART: usize = 5 << 20;

async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.make_bucket(B).await;
    bed
}

async fn create(bed: &Bed, key: &str, request: CreateUpload) -> String {
    bed.service.create_upload(&bed.grant(Action::PutObject, B, key), request).await.unwrap().upload_id
}

async fn part(bed: &Bed, key: &str, id: &str, number: u32, content: &[u8]) -> Result<StoredPart, ServiceError> {
    let request = UploadPart { upload_id: id.to_owned(), number, body: body(content), customer_key: None };
    bed.service.upload_part(&bed.grant(Action::PutObject, B, key), request).await
}

fn listed(part: &StoredPart) -> ListedPart {
    let checksums = part.checksum.iter().map(|checksum| (checksum.algorithm(), checksum.base64())).collect();
    ListedPart { number: part.number, etag: part.etag.clone(), checksums }
}

async fn complete(
    bed: &Bed,
    key: &str,
    id: &str,
    parts: Vec<ListedPart>,
) -> Result<rustfs_service::Object, ServiceError> {
    let request = CompleteUpload { upload_id: id.to_owned(), parts, ..CompleteUpload::default() };
    bed.service.complete_upload(&bed.grant(Action::PutObject, B, key), request).await
}

#[tokio::test]
async fn parts_become_an_object_in_their_order() {
    let bed = bed().await;
    let object = NewObject { metadata: [("X-Amz-Meta-A".to_owned(), "1".to_owned())].into(), ..NewObject::default() };
    let id = create(&bed, "k", CreateUpload { object, ..CreateUpload::default() }).await;
    let (first, second) = (bytes(MIN_PART), bytes(1000));
    let later = part(&bed, "k", &id, 7, &second).await.unwrap();
    let earlier = part(&bed, "k", &id, 2, &first).await.unwrap();
    let object = complete(&bed, "k", &id, vec![listed(&earlier), listed(&later)]).await.unwrap();
    assert!(object.etag().ends_with("-2"));
    assert_eq!(object.size(), (MIN_PART + 1000) as u64);
    assert_eq!(object.user_metadata().collect::<Vec<_>>(), [("X-Amz-Meta-A", "1")]);
    assert_eq!(bed.read(B, "k").await.unwrap(), [first, second.clone()].concat());
    assert_eq!(bed.read_selected(B, "k", Selection::Part(7)).await.unwrap(), second);
    let again = complete(&bed, "k", &id, vec![listed(&earlier), listed(&later)]).await;
    assert_eq!(again.unwrap().version(), object.version());
    let others = complete(&bed, "k", &id, vec![listed(&later)]).await;
    assert!(matches!(others, Err(ServiceError::NoSuchUpload { .. })));
}

#[tokio::test]
async fn an_upload_with_checksums_wants_them_for_each_part() {
    let bed = bed().await;
    let request = CreateUpload { checksum: Some(ChecksumAlgorithm::Crc32), ..CreateUpload::default() };
    let created = bed.service.create_upload(&bed.grant(Action::PutObject, B, "k"), request).await.unwrap();
    assert_eq!(created.checksum, Some((ChecksumAlgorithm::Crc32, ChecksumType::Composite)));
    let missing = part(&bed, "k", &created.upload_id, 1, b"hello world").await;
    assert!(
        matches!(&missing, Err(ServiceError::InvalidArgument { reason }) if reason.contains("want \"CRC32\", got \"\"")),
        "{missing:?}"
    );
    let fields = |name: &str| (name == "x-amz-checksum-crc32").then_some("DUoRhQ==");
    let checksum = rustfs_service::AnnouncedChecksum::from_fields(fields, &[], None).unwrap();
    let body = rustfs_service::IncomingBody { checksum, ..body(b"hello world") };
    let request = UploadPart { upload_id: created.upload_id.clone(), number: 1, body, customer_key: None };
    let stored = bed.service.upload_part(&bed.grant(Action::PutObject, B, "k"), request).await.unwrap();
    assert_eq!(stored.checksum.as_ref().unwrap().text(), "DUoRhQ==");
    let object = complete(&bed, "k", &created.upload_id, vec![listed(&stored)]).await.unwrap();
    assert_eq!(object.checksum().unwrap().kind(), ChecksumType::Composite);
    assert!(object.header("x-minio-multipart-checksum").is_none());
}

#[tokio::test]
async fn hashes_have_no_full_object_form() {
    let bed = bed().await;
    let request = CreateUpload {
        checksum: Some(ChecksumAlgorithm::Sha256),
        checksum_type: Some(ChecksumType::FullObject),
        ..CreateUpload::default()
    };
    let refused = bed.service.create_upload(&bed.grant(Action::PutObject, B, "k"), request).await;
    assert!(matches!(refused, Err(ServiceError::InvalidChecksum { .. })));
}

#[tokio::test]
async fn wrong_and_small_parts_are_named() {
    let bed = bed().await;
    let id = create(&bed, "k", CreateUpload::default()).await;
    let one = part(&bed, "k", &id, 1, b"small").await.unwrap();
    let two = part(&bed, "k", &id, 2, b"small").await.unwrap();
    let small = complete(&bed, "k", &id, vec![listed(&one), listed(&two)]).await;
    assert!(matches!(small, Err(ServiceError::EntityTooSmall { number: 1, .. })), "{small:?}");
    let wrong = ListedPart { etag: "0".repeat(32), ..listed(&two) };
    assert!(matches!(complete(&bed, "k", &id, vec![wrong]).await, Err(ServiceError::InvalidPart { number: 2 })));
    let absent = ListedPart { number: 3, ..listed(&two) };
    assert!(matches!(complete(&bed, "k", &id, vec![absent]).await, Err(ServiceError::InvalidPart { number: 3 })));
    assert!(complete(&bed, "k", &id, vec![listed(&two)]).await.is_ok(), "failed attempts leave the upload");
    for number in [0, 10_001] {
        assert!(part(&bed, "k", &id, number, b"x").await.is_err());
    }
}

#[tokio::test]
async fn parts_are_copied_whole_or_by_range() {
    let bed = bed().await;
    let content = bytes(MIN_PART + 10);
    bed.put(B, "from", &content).await.unwrap();
    let id = create(&bed, "to", CreateUpload::default()).await;
    let (from, to) = (bed.grant(Action::GetObject, B, "from"), bed.grant(Action::PutObject, B, "to"));
    let copy = async |number, range| {
        let request = CopyPart {
            upload_id: id.clone(),
            number,
            source_version: None,
            source_conditions: ReadConditions::default(),
            range,
            source_key: None,
            customer_key: None,
        };
        bed.service.copy_part(&from, &to, request).await
    };
    let size = content.len() as u64;
    assert!(matches!(copy(1, Some((size, size))).await, Err(ServiceError::InvalidRange { .. })));
    assert!(matches!(copy(1, Some((0, size))).await, Err(ServiceError::InvalidRange { .. })));
    let whole = copy(1, None).await.unwrap();
    let piece = copy(2, Some((3, 12))).await.unwrap();
    complete(&bed, "to", &id, vec![listed(&whole), listed(&piece)]).await.unwrap();
    assert_eq!(bed.read(B, "to").await.unwrap(), [&content[..], &content[3..=12]].concat());
}

#[tokio::test]
async fn uploads_and_parts_are_listed_until_aborted() {
    let bed = bed().await;
    let id = create(&bed, "dir/k", CreateUpload::default()).await;
    for number in [1, 4, 9] {
        part(&bed, "dir/k", &id, number, &bytes(number as usize)).await.unwrap();
    }
    let grant = bed.grant(Action::ListMultipartUploadParts, B, "dir/k");
    let request = |after, limit| ListParts { upload_id: id.clone(), after, limit };
    let page = bed.service.list_parts(&grant, request(0, 2)).await.unwrap();
    assert_eq!(page.parts.iter().map(|part| (part.number, part.size)).collect::<Vec<_>>(), [(1, 1), (4, 4)]);
    assert_eq!((page.truncated, page.next), (true, 4));
    let rest = bed.service.list_parts(&grant, request(4, 2)).await.unwrap();
    assert_eq!((rest.parts.len(), rest.truncated, rest.next), (1, false, 0));

    let uploads = bed.grant(Action::ListBucketMultipartUploads, B, "");
    let all = async || bed.service.list_uploads(&uploads, ListUploads { limit: 10, ..ListUploads::default() }).await;
    assert_eq!(all().await.unwrap().uploads.len(), 1);
    let abort = bed.grant(Action::AbortMultipartUpload, B, "dir/k");
    bed.service.abort_upload(&abort, &id).await.unwrap();
    assert!(all().await.unwrap().uploads.is_empty());
    assert!(matches!(bed.service.list_parts(&grant, request(0, 2)).await, Err(ServiceError::NoSuchUpload { .. })));
    let late = part(&bed, "dir/k", &id, 1, b"x").await;
    assert!(matches!(late, Err(ServiceError::NoSuchUpload { .. })));
}

#[tokio::test]
async fn folders_are_not_uploaded_in_parts() {
    let bed = bed().await;
    let refused = bed.service.create_upload(&bed.grant(Action::PutObject, B, "dir/"), CreateUpload::default()).await;
    assert!(matches!(refused, Err(ServiceError::InvalidKey { .. })));
}
