//! Who the caller is, and what it may do (spec admin-api.md, section 2.10).

use crate::api::{AdminResult, Asked, shown};
use crate::times;
use iam::Action;
use s3::Answer;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// How the drives are used: erasure coded sets.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Drives of a set, by pool.
    pub drives_per_set: Vec<usize>,
    /// Sets, by pool.
    pub sets: Vec<usize>,
    /// Parity shards of STANDARD objects in the first pool.
    pub standard_parity: usize,
    /// Parity shards of REDUCED_REDUNDANCY objects in the first pool.
    pub reduced_parity: usize,
}

/// The same as clients read it. What changes with time isn't told here.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BackendDocument<'a> {
    r#type: u8,
    gateway_online: bool,
    online_disks: Option<BTreeMap<&'a str, usize>>,
    offline_disks: Option<BTreeMap<&'a str, usize>>,
    #[serde(rename = "StandardSCData")]
    standard_data: Vec<usize>,
    #[serde(rename = "StandardSCParities")]
    standard_parities: Option<Vec<usize>>,
    #[serde(rename = "RRSCData")]
    reduced_data: Vec<usize>,
    #[serde(rename = "RRSCParities")]
    reduced_parities: Option<Vec<usize>>,
    total_sets: &'a [usize],
    drives_per_set: &'a [usize],
    #[serde(rename = "StandardSCParity")]
    standard_parity: usize,
    #[serde(rename = "RRSCParity")]
    reduced_parity: usize,
}

/// What MinIO calls erasure coded drives.
const ERASURE: u8 = 2;

impl Backend {
    /// With how many drives of the server `host` are online and offline.
    pub fn document_with_drives<'a>(&'a self, host: &'a str, online: usize, offline: usize) -> BackendDocument<'a> {
        BackendDocument {
            online_disks: Some(BTreeMap::from([(host, online)])),
            offline_disks: Some(BTreeMap::from([(host, offline)])),
            standard_parities: Some(vec![self.standard_parity; self.sets.len()]),
            reduced_parities: Some(vec![self.reduced_parity; self.sets.len()]),
            ..self.document()
        }
    }

    fn document(&self) -> BackendDocument<'_> {
        let data = |parity: usize| self.drives_per_set.iter().map(|drives| drives.saturating_sub(parity)).collect();
        BackendDocument {
            r#type: ERASURE,
            gateway_online: false,
            online_disks: None,
            offline_disks: None,
            standard_data: data(self.standard_parity),
            standard_parities: None,
            reduced_data: data(self.reduced_parity),
            reduced_parities: None,
            total_sets: &self.sets,
            drives_per_set: &self.drives_per_set,
            standard_parity: self.standard_parity,
            reduced_parity: self.reduced_parity,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountDocument<'a> {
    account_name: &'a str,
    server: BackendDocument<'a>,
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
    object_histogram: Option<Value>,
    objects_versions_histogram: Option<Value>,
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
    let read = |bucket: &str| visitor.grant_listing(bucket).ok().or_else(|| grant(Action::GetBucketLocation, bucket));
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
        object_histogram: None,
        objects_versions_histogram: None,
        details: None,
        prefix_usage: None,
        created: times::text(Some(bucket.created)),
        access: Access { read: read(&bucket.name).is_some(), write: write(&bucket.name).is_some() },
        name: bucket.name,
    };
    let buckets: Vec<_> = buckets.into_iter().map(access).collect();
    shown(&AccountDocument {
        account_name: asked.person(),
        server: asked.backend().document(),
        policy: asked.iam().effective_policy(asked.person()).to_json(),
        buckets: (!buckets.is_empty()).then_some(buckets),
    })
}
