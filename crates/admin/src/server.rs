//! What the server and its drives are doing (spec admin-api.md, section 2.2).

#[cfg(test)]
mod tests;

use crate::api::{AdminResult, Asked, shown};
use iam::Action;
use s3::{Answer, S3Error};
use serde::Serialize;
use service::{DriveState, DriveStatus};
use std::collections::BTreeMap;

/// The release that runs.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    pub version: &'static str,
    pub commit: &'static str,
}

/// What is told in place of numbers that would have to be counted over all objects.
const NOT_COUNTED: &str = "usage is not counted by this server";
/// The server, where it must be named and the request doesn't say how it is called.
const UNNAMED: &str = "127.0.0.1";

/// A drive, in the form that all of its documents share.
#[derive(Debug, Default, Serialize)]
struct Disk {
    endpoint: String,
    path: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    healing: bool,
    state: &'static str,
    uuid: String,
    /// Of the block device; not asked for.
    major: u32,
    minor: u32,
    totalspace: u64,
    usedspace: u64,
    availspace: u64,
    metrics: Nothing,
    used_inodes: u64,
    free_inodes: u64,
    local: bool,
    pool_index: usize,
    set_index: usize,
    disk_index: usize,
}

/// `{}`.
#[derive(Debug, Default, Serialize)]
struct Nothing {}

const OK: &str = "ok";
const OFFLINE: &str = "offline";

impl From<DriveStatus> for Disk {
    fn from(drive: DriveStatus) -> Self {
        let space = drive.space.unwrap_or_default();
        Disk {
            path: drive.name.clone(),
            endpoint: drive.name,
            healing: drive.healing,
            state: if drive.state == DriveState::Online { OK } else { OFFLINE },
            uuid: drive.id.to_string(),
            totalspace: space.total,
            usedspace: space.used,
            availspace: space.free,
            used_inodes: space.used_inodes,
            free_inodes: space.free_inodes.unwrap_or_default(),
            local: true,
            pool_index: drive.pool,
            set_index: drive.set,
            disk_index: drive.position,
            ..Disk::default()
        }
    }
}

impl Disk {
    fn is_online(&self) -> bool {
        self.state == OK
    }
}

fn online_and_offline(disks: &[Disk]) -> (usize, usize) {
    let online = disks.iter().filter(|disk| disk.is_online()).count();
    (online, disks.len() - online)
}

/// Of buckets too: clients that are told a number of buckets show the others as if they were true.
#[derive(Serialize)]
struct Count {
    count: usize,
    error: &'static str,
}

impl Count {
    const UNKNOWN: Count = Count { count: 0, error: NOT_COUNTED };
}

#[derive(Serialize)]
struct Usage {
    size: u64,
    error: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Services<'a> {
    kms: Nothing,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kms_status: Vec<KmsStatus<'a>>,
    ldap: Nothing,
}

#[derive(Serialize)]
struct KmsStatus<'a> {
    status: &'static str,
    endpoint: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErasureBackend<'a> {
    backend_type: &'static str,
    online_disks: usize,
    offline_disks: usize,
    #[serde(rename = "standardSCParity")]
    standard_parity: usize,
    #[serde(rename = "rrSCParity")]
    reduced_parity: usize,
    total_sets: &'a [usize],
    total_drives_per_set: &'a [usize],
}

#[derive(Serialize)]
struct Node<'a> {
    state: &'static str,
    endpoint: &'a str,
    /// Seconds.
    uptime: u64,
    version: &'static str,
    #[serde(rename = "commitID")]
    commit: &'static str,
    network: BTreeMap<&'a str, &'static str>,
    drives: Vec<Disk>,
    #[serde(rename = "poolNumber")]
    pool_number: i64,
    #[serde(rename = "poolNumbers")]
    pool_numbers: Vec<usize>,
    num_cpu: usize,
    edition: &'static str,
}

/// What of a set is told; what is stored in it isn't counted.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct SetDocument {
    id: usize,
    raw_usage: u64,
    raw_capacity: u64,
    usage: u64,
    objects_count: u64,
    versions_count: u64,
    delete_markers_count: u64,
    heal_disks: usize,
}

/// By pool, then by set.
type Pools = BTreeMap<usize, BTreeMap<usize, SetDocument>>;

fn pools(disks: &[Disk]) -> Pools {
    let mut pools = Pools::new();
    for disk in disks {
        let set = pools.entry(disk.pool_index).or_default().entry(disk.set_index).or_default();
        set.id = disk.set_index;
        set.raw_usage += disk.usedspace;
        set.raw_capacity += disk.totalspace;
        set.heal_disks += usize::from(disk.healing);
    }
    pools
}

/// A server that has drives of several pools has no number.
const SEVERAL_POOLS: i64 = i64::MAX;

#[derive(Serialize)]
struct ServerDocument<'a> {
    mode: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    region: &'a str,
    #[serde(rename = "deploymentID")]
    deployment_id: String,
    buckets: Count,
    objects: Count,
    versions: Count,
    deletemarkers: Count,
    usage: Usage,
    services: Services<'a>,
    backend: ErasureBackend<'a>,
    servers: [Node<'a>; 1],
    pools: Pools,
}

/// The server as a whole.
pub async fn info(asked: &Asked<'_>) -> AdminResult<Answer> {
    let grant = asked.visitor.grant(Action::AdminServerInfo, None)?;
    let service = asked.visitor.service();
    let disks: Vec<Disk> = drives(asked, &grant).await?;
    let kms_status = match service.keys() {
        Some(keys) => {
            let status = if keys.version().await.is_ok() { "online" } else { OFFLINE };
            vec![KmsStatus { status, endpoint: asked.host().unwrap_or(UNNAMED) }]
        }
        None => Vec::new(),
    };
    let backend = asked.backend();
    let (online_disks, offline_disks) = online_and_offline(&disks);
    let pool_numbers: Vec<usize> = (1..=backend.sets.len()).collect();
    let host = asked.host().unwrap_or(UNNAMED);
    let release = asked.release();
    shown(&ServerDocument {
        mode: "online",
        region: service.region(),
        deployment_id: service.deployment_id().to_string(),
        buckets: Count::UNKNOWN,
        objects: Count::UNKNOWN,
        versions: Count::UNKNOWN,
        deletemarkers: Count::UNKNOWN,
        usage: Usage { size: 0, error: NOT_COUNTED },
        services: Services { kms: Nothing {}, kms_status, ldap: Nothing {} },
        backend: ErasureBackend {
            backend_type: "Erasure",
            online_disks,
            offline_disks,
            standard_parity: backend.standard_parity,
            reduced_parity: backend.reduced_parity,
            total_sets: &backend.sets,
            total_drives_per_set: &backend.drives_per_set,
        },
        pools: pools(&disks),
        servers: [Node {
            state: "online",
            endpoint: host,
            uptime: asked.uptime().as_secs(),
            version: release.version,
            commit: release.commit,
            network: BTreeMap::from([(host, "online")]),
            drives: disks,
            pool_number: if pool_numbers.len() == 1 { 1 } else { SEVERAL_POOLS },
            pool_numbers,
            num_cpu: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            edition: "",
        }],
    })
}

async fn drives(asked: &Asked<'_>, grant: &iam::Grant) -> AdminResult<Vec<Disk>> {
    let drives = asked.visitor.service().drives(grant).await.map_err(S3Error::from)?;
    Ok(drives.into_iter().map(Disk::from).collect())
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StorageDocument<'a> {
    disks: Vec<Disk>,
    backend: crate::account::BackendDocument<'a>,
}

/// The drives, and how they are used.
pub async fn storage(asked: &Asked<'_>) -> AdminResult<Answer> {
    let grant = asked.visitor.grant(Action::AdminStorageInfo, None)?;
    let disks = drives(asked, &grant).await?;
    let (online, offline) = online_and_offline(&disks);
    let host = asked.host().unwrap_or(UNNAMED);
    let backend = asked.backend().document_with_drives(host, online, offline);
    shown(&StorageDocument { disks, backend })
}
