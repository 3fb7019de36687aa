//! The way in: what every use case shares.

use crate::ServiceError;
use crate::access::ParsedAccesses;
use crate::access_log::AccessLogs;
use crate::documents::encryption::DefaultEncryption;
use crate::documents::object_lock::ObjectLockConfig;
use crate::documents::versioning::VersioningConfig;
use crate::expiration::Lifecycles;
use crate::hashing::Hashing;
use base::{Timestamp, World};
use iam::Iam;
use kms::KeyService;
use seal::compression_rules::CompressionRules;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, Versioning};
use uuid::Uuid;

/// What the configuration says of the use cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Where this server says it is; empty: nowhere in particular.
    pub region: String,
    /// Objects are encrypted with the default key where neither the request nor the bucket says how.
    pub auto_encryption: bool,
    /// Users are accounts of their own, in all buckets: only their own are open to them unless they are let in.
    pub separate_accounts: bool,
    /// How long records of requests wait for more to come before they are delivered.
    pub log_interval: Duration,
    /// Which objects are compressed.
    pub compression: CompressionRules,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    pub(crate) store: Store,
    pub(crate) world: World,
    pub(crate) hashing: Hashing,
    iam: Arc<Iam>,
    pub(crate) rules: Arc<Rules>,
    keys: Option<Arc<dyn KeyService>>,
    pub(crate) accesses: Arc<ParsedAccesses>,
    pub(crate) lifecycles: Arc<Lifecycles>,
    pub(crate) selects: select::Selects,
    pub(crate) logs: Arc<AccessLogs>,
}

impl Service {
    pub fn new(store: Store, iam: Arc<Iam>, rules: Rules, world: World) -> Self {
        let hashing = Hashing::new(world.tasks.clone());
        let (accesses, lifecycles, logs) = (Arc::default(), Arc::default(), Arc::default());
        let selects = select::Selects::new(Arc::clone(&world.clock));
        Service { store, world, hashing, iam, rules: Arc::new(rules), keys: None, accesses, lifecycles, selects, logs }
    }

    /// With a key service; without one only what clients bring keys for is encrypted.
    pub fn with_keys(self, keys: Option<Arc<dyn KeyService>>) -> Self {
        Service { keys, ..self }
    }

    /// The same with other rules; bodies on their way keep theirs.
    pub fn with_rules(self, rules: Rules) -> Self {
        Service { rules: Arc::new(rules), ..self }
    }

    /// The key service, if one is configured.
    pub fn keys(&self) -> Option<&Arc<dyn KeyService>> {
        self.keys.as_ref()
    }

    pub fn iam(&self) -> &Arc<Iam> {
        &self.iam
    }

    /// The server's region; empty if none is configured.
    pub fn region(&self) -> &str {
        &self.rules.region
    }

    /// The id that all drives of the deployment share.
    pub fn deployment_id(&self) -> Uuid {
        self.store.deployment_id()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// The settings of a bucket that decide what happens to its objects. An error if there is no such bucket.
    pub(crate) async fn bucket_rules(&self, bucket: &str) -> Result<BucketRules, ServiceError> {
        let metadata = self.store.bucket_metadata(bucket).await?;
        let mut versioning = VersioningConfig::from_stored(&metadata.versioning_xml)?;
        let lock = ObjectLockConfig::from_stored(&metadata.object_lock_xml)?;
        if metadata.lock_forces_versioning() {
            versioning.status = Versioning::Enabled;
        }
        let encryption = DefaultEncryption::from_stored(&metadata.encryption_xml)?;
        Ok(BucketRules { versioning, lock, encryption })
    }
}

/// The settings of a bucket that decide what happens to its objects.
#[derive(Clone, Debug)]
pub(crate) struct BucketRules {
    pub versioning: VersioningConfig,
    /// Set where object lock is enabled.
    pub lock: Option<ObjectLockConfig>,
    /// Of objects that are written without a word about encryption.
    pub encryption: Option<DefaultEncryption>,
}

impl BucketRules {
    /// The versioning of a key. Directory objects are never versioned. What is excluded from versioning would not
    /// be protected by object lock: with it, nothing is excluded.
    pub fn versioning_of(&self, key: &str) -> Versioning {
        if key.ends_with('/') || (self.lock.is_none() && self.versioning.excludes(key)) {
            Versioning::Off
        } else {
            self.versioning.status
        }
    }
}
