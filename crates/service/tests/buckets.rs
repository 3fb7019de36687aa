//! Buckets and their documents.

mod bed;

use bed::Bed;
use iam::Action;
use rustfs_service::{CreateBucket, DocumentKind, ServiceError, Tags};

#[tokio::test]
async fn buckets_are_made_listed_and_removed() {
    let bed = Bed::new().await;
    for bucket in ["zebra", "alpha"] {
        bed.make_bucket(bucket).await;
    }
    let all = bed.service.list_buckets(&bed.grant(Action::ListAllMyBuckets, "", "")).await.unwrap();
    assert_eq!(all.iter().map(|bucket| bucket.name.as_str()).collect::<Vec<_>>(), ["alpha", "zebra"]);
    let head = bed.grant(Action::HeadBucket, "alpha", "");
    assert_eq!(bed.service.head_bucket(&head).await.unwrap().name, "alpha");
    bed.service.delete_bucket(&bed.grant(Action::DeleteBucket, "alpha", ""), None).await.unwrap();
    assert!(matches!(bed.service.head_bucket(&head).await, Err(ServiceError::NoSuchBucket { .. })));
}

#[tokio::test]
async fn a_bucket_is_made_once_unless_an_existing_one_is_fine() {
    let bed = Bed::new().await;
    bed.make_bucket("bucket").await;
    let grant = bed.grant(Action::CreateBucket, "bucket", "");
    let again = bed.service.create_bucket(&grant, CreateBucket::default()).await;
    assert!(matches!(again, Err(ServiceError::BucketExists { .. })));
    let fine = CreateBucket { existing_is_fine: true, ..CreateBucket::default() };
    assert_eq!(bed.service.create_bucket(&grant, fine).await.unwrap().name, "bucket");
}

#[tokio::test]
async fn names_of_new_buckets_are_checked() {
    let bed = Bed::new().await;
    for name in ["ab", "Upper", "under_score", "a..b", "192.168.0.1", "minio", ".minio.sys", "-a-", &"x".repeat(64)] {
        let result =
            bed.service.create_bucket(&bed.grant(Action::CreateBucket, name, ""), CreateBucket::default()).await;
        assert!(matches!(result, Err(ServiceError::InvalidBucketName { .. })), "{name}: {result:?}");
    }
}

#[tokio::test]
async fn a_region_is_kept_to_where_one_is_configured() {
    let make = async |bed: &Bed, location: &str| {
        let request =
            CreateBucket { location: Some(location.to_owned()), existing_is_fine: true, ..CreateBucket::default() };
        bed.service.create_bucket(&bed.grant(Action::CreateBucket, "bucket", ""), request).await
    };
    let here = Bed::in_region("eu-central-1").await;
    assert!(
        matches!(make(&here, "us-east-1").await, Err(ServiceError::WrongRegion { expected }) if expected == "eu-central-1")
    );
    assert!(make(&here, "eu-central-1").await.is_ok());
    let grant = here.grant(Action::GetBucketLocation, "bucket", "");
    assert_eq!(here.service.bucket_location(&grant).await.unwrap(), "eu-central-1");
    assert!(make(&Bed::new().await, "anywhere").await.is_ok());
}

#[tokio::test]
async fn only_empty_buckets_go_without_force() {
    let bed = Bed::new().await;
    bed.make_bucket("full").await;
    bed.put("full", "a/b", b"x").await.unwrap();
    let grant = bed.grant(Action::DeleteBucket, "full", "");
    let refused = bed.service.delete_bucket(&grant, None).await;
    assert!(matches!(refused, Err(ServiceError::BucketNotEmpty { versioned: false, .. })), "{refused:?}");
    let force = bed.grant(Action::ForceDeleteBucket, "full", "");
    bed.service.delete_bucket(&grant, Some(&force)).await.unwrap();
    bed.service.delete_bucket(&grant, Some(&force)).await.unwrap();
    assert!(matches!(bed.service.delete_bucket(&grant, None).await, Err(ServiceError::NoSuchBucket { .. })));
}

#[tokio::test]
async fn buckets_with_object_lock_are_not_deleted_by_force() {
    let bed = Bed::new().await;
    bed.make_locked_bucket("locked").await;
    let force = bed.grant(Action::ForceDeleteBucket, "locked", "");
    let refused = bed.service.delete_bucket(&bed.grant(Action::DeleteBucket, "locked", ""), Some(&force)).await;
    assert!(matches!(refused, Err(ServiceError::ForceDeleteForbidden { bucket_wide: true, .. })));
}

#[tokio::test]
async fn a_permission_for_one_bucket_is_none_for_another() {
    let bed = Bed::new().await;
    bed.make_bucket("one").await;
    let force = bed.grant(Action::ForceDeleteBucket, "two", "");
    let refused = bed.service.delete_bucket(&bed.grant(Action::DeleteBucket, "one", ""), Some(&force)).await;
    assert!(matches!(refused, Err(ServiceError::Internal { .. })));
    let wrong = bed.service.delete_bucket(&bed.grant(Action::HeadBucket, "one", ""), None).await;
    assert!(matches!(wrong, Err(ServiceError::WrongGrant { .. })));
}

#[tokio::test]
async fn documents_come_back_as_stored() {
    let bed = Bed::new().await;
    bed.make_bucket("bucket").await;
    let versioning = bed.grant(Action::GetBucketVersioning, "bucket", "");
    let read = async || bed.service.bucket_document(&versioning, DocumentKind::Versioning).await;
    assert!(matches!(read().await, Err(ServiceError::NoSuchDocument { kind: DocumentKind::Versioning, .. })));
    bed.set_versioning("bucket", "<Status>Suspended</Status>").await.unwrap();
    assert_eq!(read().await.unwrap(), "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
    let policy = bed.grant(Action::GetBucketPolicy, "bucket", "");
    assert!(bed.service.bucket_document(&policy, DocumentKind::Policy).await.is_err());
    let wrong = bed.service.bucket_document(&policy, DocumentKind::Versioning).await;
    assert!(matches!(wrong, Err(ServiceError::WrongGrant { .. })));
    let elsewhere = bed.grant(Action::GetBucketVersioning, "missing", "");
    let missing = bed.service.bucket_document(&elsewhere, DocumentKind::Versioning).await;
    assert!(matches!(missing, Err(ServiceError::NoSuchBucket { .. })));
}

#[tokio::test]
async fn bucket_tags_are_set_and_removed() {
    let bed = Bed::new().await;
    bed.make_bucket("bucket").await;
    let get = bed.grant(Action::GetBucketTagging, "bucket", "");
    let put = bed.grant(Action::PutBucketTagging, "bucket", "");
    assert!(matches!(bed.service.bucket_tags(&get).await, Err(ServiceError::NoSuchTagSet { .. })));
    let tags = Tags::for_bucket([("team".to_owned(), "storage & more".replace('&', "+"))]).unwrap();
    bed.service.put_bucket_tags(&put, tags.clone()).await.unwrap();
    assert_eq!(bed.service.bucket_tags(&get).await.unwrap(), tags);
    bed.service.delete_bucket_tags(&put).await.unwrap();
    assert!(matches!(bed.service.bucket_tags(&get).await, Err(ServiceError::NoSuchTagSet { .. })));
}

#[tokio::test]
async fn object_lock_is_set_on_versioned_buckets_and_stays() {
    let bed = Bed::new().await;
    bed.make_bucket("plain").await;
    bed.make_locked_bucket("locked").await;
    let document = b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
    let plain = bed.grant(Action::PutBucketObjectLockConfiguration, "plain", "");
    let refused = bed.service.put_object_lock(&plain, document).await;
    assert!(matches!(refused, Err(ServiceError::LockNotEnableable { .. })));
    bed.set_versioning("plain", "<Status>Enabled</Status>").await.unwrap();
    bed.service.put_object_lock(&plain, document).await.unwrap();
    let suspended = bed.set_versioning("plain", "<Status>Suspended</Status>").await;
    assert!(matches!(suspended, Err(ServiceError::InvalidBucketState { .. })));
    let locked = bed.grant(Action::PutBucketObjectLockConfiguration, "locked", "");
    bed.service.put_object_lock(&locked, document).await.unwrap();
    let suspended = bed.set_versioning("locked", "<Status>Suspended</Status>").await;
    assert!(matches!(suspended, Err(ServiceError::InvalidBucketState { .. })));
    bed.set_versioning("locked", "<Status>Enabled</Status>").await.unwrap();
}
