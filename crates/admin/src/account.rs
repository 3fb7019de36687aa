//! Who the caller is, and what it may do (spec admin-api.md, section 2.10).

use crate::api::{AdminResult, Asked, shown};
use crate::times;
use iam::Action;
use s3::Answer;
use serde::Serialize;
use serde_json::{Value, json};

/// The kind of backend that clients know: erasure coded drives.
const ERASURE: u8 = 2;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountDocument {
    account_name: String,
    server: Value,
    policy: Value,
    buckets: Option<Vec<BucketAccess>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BucketAccess {
    name: String,
    /// Usage isn't counted.
    size: u64,
    objects: u64,
    object_histogram: Value,
    objects_versions_histogram: Value,
    details: Option<Value>,
    prefix_usage: Option<Value>,
    created: String,
    access: Access,
}

#[derive(Serialize)]
struct Access {
    read: bool,
    write: bool,
}

/// The caller's name, policy, and the buckets that it may read or write.
pub async fn info(asked: &Asked<'_>) -> AdminResult<Answer> {
    let visitor = asked.visitor;
    let grant = |action, bucket: &str| visitor.grant(action, Some(bucket)).ok();
    let read = |bucket: &str| grant(Action::ListBucket, bucket).or_else(|| grant(Action::GetBucketLocation, bucket));
    let write = |bucket: &str| grant(Action::PutObject, bucket);
    let ask = |bucket: &str| read(bucket).or_else(|| write(bucket));
    let buckets = visitor.service().list_granted_buckets(visitor.caller(), ask).await;
    let buckets = match buckets {
        Ok(buckets) => buckets,
        Err(service::ServiceError::Denied(_)) => Vec::new(),
        Err(error) => return Err(s3::S3Error::from(error).into()),
    };
    let access = |bucket: service::BucketInfo| BucketAccess {
        size: 0,
        objects: 0,
        object_histogram: json!({}),
        objects_versions_histogram: json!({}),
        details: None,
        prefix_usage: None,
        created: times::text(Some(bucket.created)),
        access: Access { read: read(&bucket.name).is_some(), write: write(&bucket.name).is_some() },
        name: bucket.name,
    };
    let buckets: Vec<_> = buckets.into_iter().map(access).collect();
    shown(&AccountDocument {
        account_name: asked.person().to_owned(),
        server: json!({"Backend": {"Type": ERASURE}}),
        policy: asked.iam().effective_policy(asked.access_key()).to_json(),
        buckets: (!buckets.is_empty()).then_some(buckets),
    })
}
