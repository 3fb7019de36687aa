//! Object lock: what is protected stays.

mod bed;

use base::Timestamp;
use bed::{Bed, far_future};
use iam::Action;
use rustfs_service::{LockSettings, NewObject, Object, Retention, RetentionMode, ServiceError, VersionId};

const B: &str = "locked";

async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.make_locked_bucket(B).await;
    bed
}

fn until(mode: RetentionMode) -> Retention {
    Retention { mode, until: far_future() }
}

async fn put(bed: &Bed, retention: Option<Retention>, legal_hold: Option<bool>) -> Object {
    let lock = LockSettings { retention, legal_hold };
    bed.put_as(B, "k", b"x", NewObject { lock, ..NewObject::default() }).await.unwrap()
}

async fn remove(bed: &Bed, version: VersionId, bypass: bool) -> Result<rustfs_service::Deleted, ServiceError> {
    let bypass = bypass.then(|| bed.grant(Action::BypassGovernanceRetention, B, "k"));
    bed.service
        .delete_object(&bed.grant(Action::DeleteObject, B, "k"), Some(version), bypass.as_ref(), Default::default())
        .await
}

fn is_locked<T>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::ObjectLocked { .. }))
}

#[tokio::test]
async fn locked_versions_stay_and_markers_may_cover_them() {
    let bed = bed().await;
    let governed = put(&bed, Some(until(RetentionMode::Governance)), None).await;
    let bound = put(&bed, Some(until(RetentionMode::Compliance)), None).await;
    let held = put(&bed, None, Some(true)).await;
    let free = put(&bed, None, None).await;
    for object in [&governed, &bound, &held] {
        assert!(is_locked(&remove(&bed, object.version(), false).await));
    }
    let covered = bed
        .service
        .delete_object(&bed.grant(Action::DeleteObject, B, "k"), None, None, Default::default())
        .await
        .unwrap();
    assert!(covered.delete_marker);
    assert!(remove(&bed, free.version(), false).await.is_ok());
    assert!(is_locked(&remove(&bed, bound.version(), true).await));
    assert!(is_locked(&remove(&bed, held.version(), true).await));
    assert!(remove(&bed, governed.version(), true).await.is_ok());
}

#[tokio::test]
async fn a_bypass_is_for_its_own_object_only() {
    let bed = bed().await;
    let governed = put(&bed, Some(until(RetentionMode::Governance)), None).await;
    let other = bed.grant(Action::BypassGovernanceRetention, B, "other");
    let delete = bed.grant(Action::DeleteObject, B, "k");
    let refused = bed.service.delete_object(&delete, Some(governed.version()), Some(&other), Default::default()).await;
    assert!(matches!(refused, Err(ServiceError::Internal { .. })));
    assert!(bed.head(B, "k").await.is_ok());
}

#[tokio::test]
async fn retention_is_extended_but_lessened_only_by_bypass() {
    let bed = bed().await;
    let object = put(&bed, Some(until(RetentionMode::Governance)), None).await;
    let version = Some(object.version());
    let grant = bed.grant(Action::PutObjectRetention, B, "k");
    let bypass = bed.grant(Action::BypassGovernanceRetention, B, "k");
    let sooner = Some(Retention { mode: RetentionMode::Governance, until: Timestamp::from_secs(3_900_000_000) });
    assert!(is_locked(&bed.service.put_retention(&grant, version, sooner, None).await));
    bed.service.put_retention(&grant, version, sooner, Some(&bypass)).await.unwrap();
    let read = bed.grant(Action::GetObjectRetention, B, "k");
    assert_eq!(Some(bed.service.retention(&read, version).await.unwrap()), sooner);
    bed.service.put_retention(&grant, version, Some(until(RetentionMode::Governance)), None).await.unwrap();
    bed.service.put_retention(&grant, version, None, Some(&bypass)).await.unwrap();
    assert!(matches!(bed.service.retention(&read, version).await, Err(ServiceError::NoObjectLock { .. })));
    assert!(remove(&bed, object.version(), false).await.is_ok());
}

#[tokio::test]
async fn a_legal_hold_is_switched() {
    let bed = bed().await;
    let object = put(&bed, None, None).await;
    let read = bed.grant(Action::GetObjectLegalHold, B, "k");
    let write = bed.grant(Action::PutObjectLegalHold, B, "k");
    assert!(matches!(bed.service.legal_hold(&read, None).await, Err(ServiceError::NoObjectLock { .. })));
    bed.service.put_legal_hold(&write, None, true).await.unwrap();
    assert!(bed.service.legal_hold(&read, None).await.unwrap());
    assert!(is_locked(&remove(&bed, object.version(), true).await));
    bed.service.put_legal_hold(&write, None, false).await.unwrap();
    assert!(!bed.service.legal_hold(&read, None).await.unwrap());
    assert!(remove(&bed, object.version(), false).await.is_ok());
}

#[tokio::test]
async fn new_versions_get_the_buckets_default() {
    let bed = bed().await;
    let document = b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>3</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
    let grant = bed.grant(Action::PutBucketObjectLockConfiguration, B, "");
    bed.service.put_object_lock(&grant, document).await.unwrap();
    let object = put(&bed, None, None).await;
    let retention = object.retention().unwrap();
    assert_eq!(retention.mode, RetentionMode::Compliance);
    let days = retention.until.since(object.mod_time()).as_secs() / 86_400;
    assert!((2..=3).contains(&days));
    assert!(is_locked(&remove(&bed, object.version(), true).await));
    let held = put(&bed, None, Some(true)).await;
    assert_eq!(held.retention(), None, "a legal hold of its own replaces the default");
}

#[tokio::test]
async fn without_object_lock_nothing_can_be_locked() {
    let bed = Bed::new().await;
    bed.make_bucket("plain").await;
    let lock = LockSettings { legal_hold: Some(true), retention: None };
    let refused = bed.put_as("plain", "k", b"x", NewObject { lock, ..NewObject::default() }).await;
    assert!(matches!(refused, Err(ServiceError::BucketWithoutLock { .. })));
    bed.put("plain", "k", b"x").await.unwrap();
    let grant = bed.grant(Action::PutObjectLegalHold, "plain", "k");
    let refused = bed.service.put_legal_hold(&grant, None, true).await;
    assert!(matches!(refused, Err(ServiceError::BucketWithoutLock { .. })));
}

#[tokio::test]
async fn a_retention_in_the_past_is_refused() {
    let bed = bed().await;
    let past = Retention { mode: RetentionMode::Governance, until: Timestamp::from_secs(1) };
    let lock = LockSettings { retention: Some(past), legal_hold: None };
    let refused = bed.put_as(B, "k", b"x", NewObject { lock, ..NewObject::default() }).await;
    assert!(matches!(refused, Err(ServiceError::InvalidRequest { .. })));
}

#[tokio::test]
async fn a_forced_delete_is_forbidden() {
    let bed = bed().await;
    let refused = bed.service.delete_prefix(&bed.grant(Action::DeleteObject, B, "k")).await;
    assert!(matches!(refused, Err(ServiceError::ForceDeleteForbidden { bucket_wide: false, .. })));
}
