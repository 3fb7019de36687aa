//! Objects: writing, reading, copying, tagging, deleting, listing.

mod bed;

use bed::{Bed, body, bytes, collect};
use iam::Action;
use rustfs_service::{
    AnnouncedChecksum, ByteRange, ChecksumAlgorithm, CopyObject, DeleteTarget, Directive, Encryption, ListObjects,
    ListedEntry, NewObject, Position, PutObject, ReadConditions, ReadObject, Selection, ServiceError, Tags, VersionId,
    WriteConditions,
};
use std::collections::BTreeMap;

const B: &str = "bucket";

async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.make_bucket(B).await;
    bed
}

fn copy() -> CopyObject {
    CopyObject {
        source_key: None,
        encryption: Encryption::Unsaid,
        source_version: None,
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

fn user(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn run_copy(
    bed: &Bed,
    from: &str,
    to: &str,
    request: CopyObject,
) -> Result<rustfs_service::Object, ServiceError> {
    let (from, to) = (bed.grant(Action::GetObject, B, from), bed.grant(Action::PutObject, B, to));
    bed.service.copy_object(&from, &to, request).await
}

async fn keys(bed: &Bed, prefix: &str, delimiter: &str) -> Vec<String> {
    let request = ListObjects {
        prefix: prefix.to_owned(),
        delimiter: delimiter.to_owned(),
        limit: 1000,
        ..ListObjects::default()
    };
    let page = bed.service.list_objects(&bed.grant(Action::ListBucket, B, ""), request).await.unwrap();
    page.entries
        .into_iter()
        .map(|entry| match entry {
            ListedEntry::Object(object) => object.key().to_owned(),
            ListedEntry::Prefix(prefix) => prefix,
        })
        .collect()
}

#[tokio::test]
async fn what_is_put_is_got_whole_and_in_parts() {
    let bed = bed().await;
    for size in [0, 1, 1000, 300_000, 2_500_000] {
        let content = bytes(size);
        let object = bed.put(B, "k", &content).await.unwrap();
        assert_eq!(object.size(), size as u64);
        assert_eq!(bed.read(B, "k").await.unwrap(), content, "{size}");
        if size > 10 {
            let range = ByteRange::FromTo { first: 5, last: size as u64 - 3 };
            assert_eq!(bed.read_selected(B, "k", Selection::Range(range)).await.unwrap(), content[5..size - 2]);
            let tail = Selection::Range(ByteRange::Last { count: 7 });
            assert_eq!(bed.read_selected(B, "k", tail).await.unwrap(), content[size - 7..]);
        }
    }
}

#[tokio::test]
async fn metadata_tags_and_class_are_kept() {
    let bed = bed().await;
    let object = NewObject {
        metadata: user(&[("cache-control", "no-store"), ("X-Amz-Meta-Color", "blue")]),
        tags: Some(Tags::from_query("a=1&b=2").unwrap()),
        storage_class: Some("REDUCED_REDUNDANCY".to_owned()),
        ..NewObject::default()
    };
    bed.put_as(B, "k", b"x", object).await.unwrap();
    let head = bed.head(B, "k").await.unwrap();
    assert_eq!(head.header("content-type"), Some("binary/octet-stream"));
    assert_eq!(head.header("cache-control"), Some("no-store"));
    assert_eq!(head.user_metadata().collect::<Vec<_>>(), [("X-Amz-Meta-Color", "blue")]);
    assert_eq!(head.tags().len(), 2);
    assert_eq!(head.storage_class(), "REDUCED_REDUNDANCY");
    assert_eq!(head.shards(), (3, 1));
    let cold = NewObject { storage_class: Some("GLACIER".to_owned()), ..NewObject::default() };
    assert!(matches!(bed.put_as(B, "k", b"x", cold).await, Err(ServiceError::InvalidStorageClass { .. })));
}

#[tokio::test]
async fn a_body_that_is_not_what_was_announced_leaves_nothing() {
    let bed = bed().await;
    let grant = bed.grant(Action::PutObject, B, "k");
    let put = async |body: rustfs_service::IncomingBody| {
        let request = PutObject { object: NewObject::default(), body, mod_time: None, etag: None };
        bed.service.put_object(&grant, request).await
    };
    let md5 = rustfs_service::IncomingBody { md5: Some([0; 16]), ..body(b"hello world") };
    assert!(matches!(put(md5).await, Err(ServiceError::BadDigest)));
    let fields = |name: &str| (name == "x-amz-checksum-crc32").then_some("AAAAAA==");
    let checksum = AnnouncedChecksum::from_fields(fields, &[], None).unwrap();
    let wrong = put(rustfs_service::IncomingBody { checksum, ..body(b"hello world") }).await;
    assert!(matches!(wrong, Err(ServiceError::ChecksumMismatch { algorithm: ChecksumAlgorithm::Crc32 })));
    let short = put(rustfs_service::IncomingBody { size: Some(12), ..body(b"hello world") }).await;
    assert!(matches!(short, Err(ServiceError::IncompleteBody { expected: 12, got: 11 })), "{short:?}");
    let long = put(rustfs_service::IncomingBody { size: Some(10), ..body(b"hello world") }).await;
    assert!(matches!(long, Err(ServiceError::ExcessData { expected: 10 })), "{long:?}");
    assert!(matches!(bed.head(B, "k").await, Err(ServiceError::NoSuchKey { .. })));
}

#[tokio::test]
async fn a_checksum_announced_is_stored_and_told() {
    let bed = bed().await;
    let fields = |name: &str| (name == "x-amz-checksum-crc32").then_some("DUoRhQ==");
    let checksum = AnnouncedChecksum::from_fields(fields, &[], None).unwrap();
    let body = rustfs_service::IncomingBody { checksum, ..body(b"hello world") };
    let request = PutObject { object: NewObject::default(), body, mod_time: None, etag: None };
    let object = bed.service.put_object(&bed.grant(Action::PutObject, B, "k"), request).await.unwrap();
    assert_eq!(object.checksum().unwrap().text(), "DUoRhQ==");
    let get = bed.grant(Action::GetObject, B, "k");
    let whole = bed.service.head_object(&get, ReadObject::default()).await.unwrap();
    assert!(whole.content.checksum.is_some());
    let range = ReadObject { selection: Selection::Range(ByteRange::From { first: 1 }), ..ReadObject::default() };
    assert!(bed.service.head_object(&get, range).await.unwrap().content.checksum.is_none());
}

#[tokio::test]
async fn conditions_guard_writes() {
    let bed = bed().await;
    let none = WriteConditions { if_none_match: Some(vec!["*".to_owned()]), ..WriteConditions::default() };
    let only_new = || NewObject { conditions: none.clone(), ..NewObject::default() };
    let first = bed.put_as(B, "k", b"one", only_new()).await.unwrap();
    assert!(matches!(bed.put_as(B, "k", b"two", only_new()).await, Err(ServiceError::PreconditionFailed { .. })));
    let matching = |etag: &str| NewObject {
        conditions: WriteConditions { if_match: Some(vec![etag.to_owned()]), ..WriteConditions::default() },
        ..NewObject::default()
    };
    assert!(bed.put_as(B, "k", b"two", matching("other")).await.is_err());
    assert!(bed.put_as(B, "k", b"two", matching(first.etag())).await.is_ok());
    assert!(matches!(bed.put_as(B, "new", b"x", matching("*")).await, Err(ServiceError::NoSuchKey { .. })));
    assert_eq!(bed.read(B, "k").await.unwrap(), b"two");
}

#[tokio::test]
async fn keys_that_are_too_long_or_lead_elsewhere_are_refused() {
    let bed = bed().await;
    assert!(matches!(bed.put(B, &"k".repeat(1025), b"").await, Err(ServiceError::KeyTooLong { .. })));
    for key in ["../up", "a/../b", "a//b", "./a", "a/.", "nul\0", &"s".repeat(256)] {
        assert!(matches!(bed.put(B, key, b"").await, Err(ServiceError::InvalidKey { .. })), "{key:?}");
        assert!(bed.read(B, key).await.is_err(), "{key:?}");
    }
}

#[tokio::test]
async fn a_grant_for_reading_does_not_write() {
    let bed = bed().await;
    let request = PutObject { object: NewObject::default(), body: body(b"x"), mod_time: None, etag: None };
    let refused = bed.service.put_object(&bed.grant(Action::GetObject, B, "k"), request).await;
    assert!(matches!(refused, Err(ServiceError::WrongGrant { .. })));
}

#[tokio::test]
async fn copies_keep_or_replace_metadata_and_tags() {
    let bed = bed().await;
    let content = bytes(200_000);
    let object = NewObject {
        metadata: user(&[("content-type", "text/plain"), ("X-Amz-Meta-A", "1")]),
        tags: Some(Tags::from_query("t=1").unwrap()),
        ..NewObject::default()
    };
    bed.put_as(B, "from", &content, object).await.unwrap();
    let kept = run_copy(&bed, "from", "kept", copy()).await.unwrap();
    assert_eq!(kept.header("content-type"), Some("text/plain"));
    assert_eq!(kept.tags().to_query(), "t=1");
    assert_eq!(kept.checksum().unwrap().algorithm(), ChecksumAlgorithm::Crc64Nvme);
    assert_eq!(bed.read(B, "kept").await.unwrap(), content);
    let replacing = CopyObject {
        metadata: Directive::Replace(user(&[("X-Amz-Meta-B", "2")])),
        tags: Directive::Replace(Tags::default()),
        ..copy()
    };
    let replaced = run_copy(&bed, "from", "replaced", replacing).await.unwrap();
    assert_eq!(replaced.header("content-type"), Some("binary/octet-stream"));
    assert_eq!(replaced.user_metadata().collect::<Vec<_>>(), [("X-Amz-Meta-B", "2")]);
    assert!(replaced.tags().is_empty());
}

#[tokio::test]
async fn a_copy_onto_itself_must_change_something() {
    let bed = bed().await;
    let content = bytes(300_000);
    bed.put(B, "k", &content).await.unwrap();
    assert!(matches!(run_copy(&bed, "k", "k", copy()).await, Err(ServiceError::IllegalCopy)));
    let change =
        |color: &str| CopyObject { metadata: Directive::Replace(user(&[("X-Amz-Meta-Color", color)])), ..copy() };
    // The first makes a checksum and so writes the bytes again; the second changes metadata alone.
    for color in ["blue", "green"] {
        let changed = run_copy(&bed, "k", "k", change(color)).await.unwrap();
        assert_eq!(changed.user_metadata().collect::<Vec<_>>(), [("X-Amz-Meta-Color", color)]);
        assert_eq!(changed.checksum().unwrap().algorithm(), ChecksumAlgorithm::Crc64Nvme);
        assert_eq!(bed.read(B, "k").await.unwrap(), content);
    }
    let etag = bed.head(B, "k").await.unwrap().etag().to_owned();
    let class = CopyObject { storage_class: Some("REDUCED_REDUNDANCY".to_owned()), ..copy() };
    let reduced = run_copy(&bed, "k", "k", class).await.unwrap();
    assert_eq!((reduced.shards(), reduced.etag()), ((3, 1), etag.as_str()));
    assert_eq!(bed.read(B, "k").await.unwrap(), content);
}

#[tokio::test]
async fn conditions_on_the_source_of_a_copy_are_preconditions() {
    let bed = bed().await;
    let source = bed.put(B, "from", b"x").await.unwrap();
    let conditional = CopyObject {
        source_conditions: ReadConditions {
            if_none_match: Some(vec![source.etag().to_owned()]),
            ..ReadConditions::default()
        },
        ..copy()
    };
    let refused = run_copy(&bed, "from", "to", conditional).await;
    assert!(matches!(refused, Err(ServiceError::PreconditionFailed { .. })));
    let missing = run_copy(&bed, "missing", "to", copy()).await;
    assert!(matches!(missing, Err(ServiceError::NoSuchKey { key, .. }) if key == "missing"));
}

#[tokio::test]
async fn an_old_version_is_restored_by_copying_it_onto_the_key() {
    let bed = bed().await;
    bed.set_versioning(B, "<Status>Enabled</Status>").await.unwrap();
    let old = bed.put(B, "k", b"old").await.unwrap();
    bed.put(B, "k", b"new").await.unwrap();
    let request = CopyObject { source_version: Some(old.version()), ..copy() };
    let restored = run_copy(&bed, "k", "k", request).await.unwrap();
    assert_ne!(restored.version(), old.version());
    assert_eq!(bed.read(B, "k").await.unwrap(), b"old");
}

#[tokio::test]
async fn tags_change_without_touching_the_object() {
    let bed = bed().await;
    let before = bed.put(B, "k", b"x").await.unwrap();
    let (get, put) = (bed.grant(Action::GetObjectTagging, B, "k"), bed.grant(Action::PutObjectTagging, B, "k"));
    let tags = Tags::from_query("a=1").unwrap();
    bed.service.put_object_tags(&put, None, tags.clone()).await.unwrap();
    assert_eq!(bed.service.object_tags(&get, None).await.unwrap(), (tags, VersionId::Null));
    assert_eq!(bed.head(B, "k").await.unwrap().mod_time(), before.mod_time());
    bed.service.delete_object_tags(&bed.grant(Action::DeleteObjectTagging, B, "k"), None).await.unwrap();
    assert!(bed.service.object_tags(&get, None).await.unwrap().0.is_empty());
    let missing = bed.grant(Action::GetObjectTagging, B, "missing");
    assert!(matches!(bed.service.object_tags(&missing, None).await, Err(ServiceError::NoSuchKey { .. })));
}

#[tokio::test]
async fn deleting_follows_the_versioning() {
    let bed = bed().await;
    let grant = bed.grant(Action::DeleteObject, B, "k");
    let delete = async |version| bed.service.delete_object(&grant, version, None, Default::default()).await.unwrap();
    assert_eq!(delete(None).await.version_id, None, "what isn't there is no error");
    bed.put(B, "k", b"1").await.unwrap();
    assert!(!delete(None).await.delete_marker);
    assert!(bed.head(B, "k").await.is_err());

    bed.set_versioning(B, "<Status>Enabled</Status>").await.unwrap();
    let object = bed.put(B, "k", b"2").await.unwrap();
    let marked = delete(None).await;
    assert!(marked.delete_marker);
    assert!(matches!(bed.head(B, "k").await, Err(ServiceError::DeleteMarker { by_id: false, .. })));
    let unmarked = delete(marked.version_id).await;
    assert!(unmarked.delete_marker);
    assert_eq!(bed.head(B, "k").await.unwrap().version(), object.version());

    bed.set_versioning(B, "<Status>Suspended</Status>").await.unwrap();
    assert_eq!(delete(None).await.version_id, Some(VersionId::Null));
    assert_eq!(bed.put(B, "k", b"3").await.unwrap().version(), VersionId::Null);
}

#[tokio::test]
async fn keys_excluded_from_versioning_are_really_deleted() {
    let bed = bed().await;
    let document = "<Status>Enabled</Status><ExcludedPrefixes><Prefix>tmp/</Prefix></ExcludedPrefixes><ExcludeFolders>true</ExcludeFolders>";
    bed.set_versioning(B, document).await.unwrap();
    assert_eq!(bed.put(B, "tmp/x", b"1").await.unwrap().version(), VersionId::Null);
    assert_ne!(bed.put(B, "kept", b"1").await.unwrap().version(), VersionId::Null);
    let deleted = bed
        .service
        .delete_object(&bed.grant(Action::DeleteObject, B, "tmp/x"), None, None, Default::default())
        .await
        .unwrap();
    assert!(!deleted.delete_marker);
}

#[tokio::test]
async fn many_are_deleted_and_answered_in_order() {
    let bed = bed().await;
    bed.set_versioning(B, "<Status>Enabled</Status>").await.unwrap();
    for n in 0..40 {
        bed.put(B, &format!("k{n:02}"), b"x").await.unwrap();
    }
    let targets = (0..41).map(|n| DeleteTarget {
        grant: bed.grant(Action::DeleteObject, B, &format!("k{n:02}")),
        version: None,
        bypass: None,
        conditions: Default::default(),
    });
    let results = bed.service.delete_objects(targets.collect()).await;
    assert_eq!(results.len(), 41);
    assert!(results.iter().all(|result| result.as_ref().is_ok_and(|deleted| deleted.delete_marker)));
    assert!(keys(&bed, "", "").await.is_empty());
    let versions = ListObjects { limit: 1000, ..ListObjects::default() };
    let page = bed.service.list_versions(&bed.grant(Action::ListBucketVersions, B, ""), versions).await.unwrap();
    assert_eq!(page.entries.len(), 81);
}

#[tokio::test]
async fn listings_group_and_page() {
    let bed = bed().await;
    for key in ["a", "b/1", "b/2", "c/", "d"] {
        bed.put(B, key, b"").await.unwrap();
    }
    assert_eq!(keys(&bed, "", "").await, ["a", "b/1", "b/2", "c/", "d"]);
    assert_eq!(keys(&bed, "", "/").await, ["a", "b/", "c/", "d"]);
    assert_eq!(keys(&bed, "b/", "/").await, ["b/1", "b/2"]);
    let mut after = Position::default();
    let mut seen = Vec::new();
    loop {
        let request =
            ListObjects { delimiter: "/".to_owned(), after: after.clone(), limit: 1, ..ListObjects::default() };
        let page = bed.service.list_objects(&bed.grant(Action::ListBucket, B, ""), request).await.unwrap();
        seen.extend(page.entries);
        assert_eq!(page.truncated, page.next.is_some());
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(seen.len(), 4);
    let missing = bed.service.list_objects(&bed.grant(Action::ListBucket, "missing", ""), ListObjects::default()).await;
    assert!(matches!(missing, Err(ServiceError::NoSuchBucket { .. })));
}

#[tokio::test]
async fn a_prefix_is_deleted_with_everything_below() {
    let bed = bed().await;
    for key in ["p/a", "p/b/c", "q"] {
        bed.put(B, key, b"x").await.unwrap();
    }
    bed.service.delete_prefix(&bed.grant(Action::DeleteObject, B, "p/")).await.unwrap();
    assert_eq!(keys(&bed, "", "").await, ["q"]);
}

#[tokio::test]
async fn a_conditional_read_of_what_is_unchanged_says_so() {
    let bed = bed().await;
    let object = bed.put(B, "k", b"x").await.unwrap();
    let request = ReadObject {
        conditions: ReadConditions { if_none_match: Some(vec![object.etag().to_owned()]), ..ReadConditions::default() },
        ..ReadObject::default()
    };
    let get = bed.grant(Action::GetObject, B, "k");
    let result = bed.service.get_object(&get, request).await.map(|(reading, stream)| (reading, drop(stream)));
    assert!(matches!(result, Err(ServiceError::NotModified { .. })));
    let (_, stream) = bed.service.get_object(&get, ReadObject::default()).await.unwrap();
    assert_eq!(collect(stream).await, b"x");
}
