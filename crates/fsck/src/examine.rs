//! All of it, in order.

use crate::deployment::{Deployment, SetView};
use crate::finding::{Finding, Severity};
use crate::scan::Walk;
use crate::{buckets, standing, uploads};
use format::drive_format::DistributionAlgorithm;
use format::names::SYSTEM_BUCKET;
use futures_util::future::join_all;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// Takes findings as they come.
pub type Sink = Box<dyn Fn(Finding) + Send + Sync>;

/// How far an examination has come; read while it goes on.
#[derive(Debug, Default)]
pub struct Counters {
    pub names: AtomicU64,
    pub versions: AtomicU64,
    pub uploads: AtomicU64,
    /// Bytes of shards read and verified.
    pub bytes: AtomicU64,
    /// Entries of the drives' trash.
    pub trash: AtomicU64,
}

/// How a pool spreads its names.
pub(crate) struct Spread {
    pub(crate) algorithm: DistributionAlgorithm,
    pub(crate) deployment: Uuid,
    pub(crate) sets: usize,
}

/// What all parts of an examination share.
pub(crate) struct Context {
    pub(crate) counters: Arc<Counters>,
    pub(crate) pools: Vec<Spread>,
    sink: Sink,
    kinds: Mutex<BTreeMap<(Severity, &'static str), u64>>,
}

impl Context {
    pub(crate) fn tell(&self, finding: Finding) {
        if let Ok(mut kinds) = self.kinds.lock() {
            *kinds.entry((finding.severity, finding.kind.name())).or_default() += 1;
        }
        (self.sink)(finding);
    }
}

/// What an examination came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub drives: usize,
    pub drives_missing: usize,
    pub buckets: usize,
    pub names: u64,
    pub versions: u64,
    pub uploads: u64,
    /// Bytes of shards read and verified.
    pub bytes: u64,
    /// Entries of the drives' trash, which a server empties.
    pub trash: u64,
    /// How many findings of each severity and kind.
    pub findings: BTreeMap<(Severity, &'static str), u64>,
}

/// How an examination ended, as a process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Examined {
    Sound,
    Repairable,
    Lost,
    Unchecked,
}

impl Examined {
    /// 0 sound, 1 damage that can be repaired, 2 data lost, 3 something couldn't be checked.
    pub fn exit_code(self) -> u8 {
        match self {
            Examined::Sound => 0,
            Examined::Repairable => 1,
            Examined::Lost => 2,
            Examined::Unchecked => 3,
        }
    }
}

impl Summary {
    /// How many findings are of a severity.
    pub fn count(&self, severity: Severity) -> u64 {
        self.findings.iter().filter(|((of, _), _)| *of == severity).map(|(_, count)| count).sum()
    }

    /// The worst of it. Harmless remains are sound.
    pub fn outcome(&self) -> Examined {
        [
            (Severity::Lost, Examined::Lost),
            (Severity::Unchecked, Examined::Unchecked),
            (Severity::Repairable, Examined::Repairable),
        ]
        .into_iter()
        .find(|(severity, _)| self.count(*severity) > 0)
        .map_or(Examined::Sound, |(_, outcome)| outcome)
    }

    /// As JSON: docs/fsck.md has the fields.
    pub fn to_json(&self) -> serde_json::Value {
        let findings: Vec<_> = self
            .findings
            .iter()
            .map(|((severity, kind), count)| json!({"severity": severity.name(), "kind": kind, "count": count}))
            .collect();
        let outcome = match self.outcome() {
            Examined::Sound => "sound",
            Examined::Repairable => "repairable",
            Examined::Lost => "lost",
            Examined::Unchecked => "unchecked",
        };
        json!({
            "type": "summary", "outcome": outcome, "drives": self.drives, "drivesMissing": self.drives_missing,
            "buckets": self.buckets, "names": self.names, "versions": self.versions, "uploads": self.uploads,
            "bytesVerified": self.bytes, "trash": self.trash, "findings": findings,
        })
    }
}

/// Looks at everything on the drives of a deployment. `opening` are the findings of its opening, told with the rest.
pub async fn examine(deployment: &Deployment, opening: Vec<Finding>, counters: Arc<Counters>, sink: Sink) -> Summary {
    let spread = |pool: &crate::deployment::PoolView| Spread {
        algorithm: pool.format.algorithm,
        deployment: pool.format.deployment_id,
        sets: pool.sets.len(),
    };
    let pools = deployment.pools.iter().map(spread).collect();
    let context = Context { counters, pools, sink, kinds: Mutex::default() };
    opening.into_iter().for_each(|finding| context.tell(finding));
    let sets = deployment.sets().map(|set| examine_set(&context, deployment, set));
    let buckets: BTreeSet<String> = join_all(sets).await.into_iter().flatten().collect();
    buckets::configurations(&context, deployment, &buckets).await;
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let drives = || deployment.sets().flat_map(|set| &set.drives);
    let counters = &context.counters;
    Summary {
        drives: drives().count(),
        drives_missing: drives().filter(|drive| drive.is_none()).count(),
        buckets: buckets.len(),
        names: count(&counters.names),
        versions: count(&counters.versions),
        uploads: count(&counters.uploads),
        bytes: count(&counters.bytes),
        trash: count(&counters.trash),
        findings: context.kinds.into_inner().unwrap_or_default(),
    }
}

/// Gives the buckets that most drives of the set have.
async fn examine_set(context: &Context, deployment: &Deployment, set: &SetView) -> Vec<String> {
    let format = &deployment.pools[set.pool].format;
    for (position, view) in set.drives.iter().enumerate() {
        if let Some(view) = view {
            standing::examine(context, view, format.sets[set.index][position]).await;
        }
    }
    Walk { context, set, bucket: SYSTEM_BUCKET, no_bucket: vec![false; set.drives.len()] }.run("").await;
    uploads::examine(context, set).await;
    let there = set.drives.iter().flatten().count();
    let mut buckets = Vec::new();
    for (bucket, holders) in buckets::list(context, set).await {
        let no_bucket = buckets::compare(context, set, &bucket, &holders);
        Walk { context, set, bucket: &bucket, no_bucket }.run("").await;
        if holders.len() * 2 >= there {
            buckets.push(bucket);
        }
    }
    buckets
}
