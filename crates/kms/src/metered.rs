//! Counts what is asked of a key service, and how long it takes.

use crate::{Endpoint, KeyDescription, KeyService, KmsError, Route};
use async_trait::async_trait;
use base::Clock;
use seal::{Context, DataKey, Key};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the histogram's buckets, in milliseconds (section 2.7).
const BOUNDS_MS: [u64; 10] = [10, 50, 100, 250, 500, 1_000, 1_500, 3_000, 5_000, 10_000];

/// Counts since the server's start.
#[derive(Default)]
pub struct Meter {
    success: AtomicU64,
    error: AtomicU64,
    failure: AtomicU64,
    /// Not cumulative; what took longer than the last bound is counted in none.
    times: [AtomicU64; BOUNDS_MS.len()],
}

/// A [`Meter`]'s state at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Calls that were answered as asked.
    pub success: u64,
    /// Calls that the service refused.
    pub error: u64,
    /// Calls that it didn't answer.
    pub failure: u64,
    /// How many calls took at most so long, for growing bounds.
    pub times: Vec<(Duration, u64)>,
}

impl Meter {
    pub fn read(&self) -> Metrics {
        let mut total = 0;
        let times = BOUNDS_MS.iter().zip(&self.times).map(|(bound, count)| {
            total += count.load(Ordering::Relaxed);
            (Duration::from_millis(*bound), total)
        });
        Metrics {
            times: times.collect(),
            success: self.success.load(Ordering::Relaxed),
            error: self.error.load(Ordering::Relaxed),
            failure: self.failure.load(Ordering::Relaxed),
        }
    }

    fn count<T>(&self, outcome: &Result<T, KmsError>, took: Duration) {
        let counter = match outcome {
            Ok(_) => &self.success,
            Err(error) if error.is_outage() => &self.failure,
            Err(_) => &self.error,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        let bucket = BOUNDS_MS.iter().position(|bound| took <= Duration::from_millis(*bound));
        if let Some(bucket) = bucket {
            self.times[bucket].fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A key service whose calls are counted.
pub struct MeteredKeys<K> {
    inner: K,
    meter: Arc<Meter>,
    clock: Arc<dyn Clock>,
}

impl<K: KeyService> MeteredKeys<K> {
    pub fn new(inner: K, meter: Arc<Meter>, clock: Arc<dyn Clock>) -> Self {
        MeteredKeys { inner, meter, clock }
    }

    async fn count<T>(&self, call: impl Future<Output = Result<T, KmsError>>) -> Result<T, KmsError> {
        let begun = self.clock.steady();
        let outcome = call.await;
        self.meter.count(&outcome, self.clock.steady().saturating_sub(begun));
        outcome
    }
}

#[async_trait]
impl<K: KeyService> KeyService for MeteredKeys<K> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn default_key_id(&self) -> &str {
        self.inner.default_key_id()
    }

    async fn generate_data_key(&self, key_id: Option<&str>, context: &Context) -> Result<DataKey, KmsError> {
        self.count(self.inner.generate_data_key(key_id, context)).await
    }

    async fn decrypt(&self, key_id: &str, ciphertext: &[u8], context: &Context) -> Result<Key, KmsError> {
        self.count(self.inner.decrypt(key_id, ciphertext, context)).await
    }

    async fn create_key(&self, key_id: &str) -> Result<(), KmsError> {
        self.count(self.inner.create_key(key_id)).await
    }

    async fn list_keys(&self, prefix: &str) -> Result<Vec<KeyDescription>, KmsError> {
        self.count(self.inner.list_keys(prefix)).await
    }

    async fn endpoints(&self) -> Vec<Endpoint> {
        self.inner.endpoints().await
    }

    async fn version(&self) -> Result<String, KmsError> {
        self.count(self.inner.version()).await
    }

    async fn routes(&self) -> Result<Vec<Route>, KmsError> {
        self.count(self.inner.routes()).await
    }

    async fn keep_alive(&self) -> Result<(), KmsError> {
        self.inner.keep_alive().await
    }

    fn reload(&self) {
        self.inner.reload();
    }
}
