//! When an object will expire.

use crate::documents::lifecycle::{Expiration, LifecycleConfig, Subject};
use crate::{Object, Service};
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Buckets whose lifecycle is kept as read: documents have up to a thousand rules, and every read of an object asks.
const MOST_KEPT: usize = 1024;

/// Lifecycles as read, each with the document it was read from.
#[derive(Default)]
pub(crate) struct Lifecycles(Mutex<HashMap<String, (Bytes, Arc<LifecycleConfig>)>>);

impl Lifecycles {
    /// What a bucket's document says; nothing, if it can't be read.
    fn of(&self, bucket: &str, document: &Bytes) -> Arc<LifecycleConfig> {
        let mut kept = self.0.lock();
        if let Some((_, config)) = kept.get(bucket).filter(|(known, _)| known == document) {
            return Arc::clone(config);
        }
        let read = LifecycleConfig::from_stored(document).unwrap_or_else(|error| {
            tracing::warn!(bucket, %error, "the lifecycle document can't be read");
            LifecycleConfig::default()
        });
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        let read = Arc::new(read);
        kept.insert(bucket.to_owned(), (document.clone(), Arc::clone(&read)));
        read
    }
}

impl Service {
    /// When an object that was read or written will expire; `None` if never, or if it isn't the latest version.
    pub async fn expiration(&self, object: &Object) -> Option<Expiration> {
        let metadata = self.store.bucket_metadata(object.bucket()).await.ok()?;
        if metadata.lifecycle_xml.is_empty() || !object.is_latest() || object.is_delete_marker() {
            return None;
        }
        let tags = object.tags();
        let subject = Subject { key: object.key(), tags: &tags, size: object.size(), mod_time: object.mod_time() };
        self.lifecycles.of(object.bucket(), &metadata.lifecycle_xml).expiration(&subject)
    }
}
