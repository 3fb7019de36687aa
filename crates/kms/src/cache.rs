//! Data keys that were opened a short while ago.
//!
//! Reading an object needs its data key, and reading it again the same one: without a cache every range of every
//! read would be a call to the key service. Keys that were generated are not kept: what is written is seldom read at
//! once. Who is locked out at the key service may read what was open for [`EXPIRY`] longer.

use crate::{Endpoint, KeyDescription, KeyService, KmsError, Operation, Route};
use async_trait::async_trait;
use base::World;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use parking_lot::Mutex;
use seal::{Context, DataKey, Key};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// How long an opened key is kept: key servers keep theirs for about as long.
pub const EXPIRY: Duration = Duration::from_secs(300);

/// Keys kept, of some 150 bytes each with what they are found by: 2.5 MiB.
pub const MAX_KEYS: usize = 16 * 1024;

/// Ciphertext, key id and context, as one hash.
type Fingerprint = [u8; 32];

type Opening = Shared<BoxFuture<'static, Result<Key, KmsError>>>;

/// A key service that remembers what it opened, and asks once where many ask for the same.
pub struct CachedKeys {
    inner: Arc<dyn KeyService>,
    world: World,
    state: Arc<Mutex<State>>,
}

/// Keys are kept in two halves; when the younger is full it becomes the older, whose keys are let go.
#[derive(Default)]
struct State {
    young: HashMap<Fingerprint, Kept>,
    old: HashMap<Fingerprint, Kept>,
    opening: HashMap<Fingerprint, Opening>,
}

#[derive(Clone)]
struct Kept {
    key: Key,
    until: Duration,
}

impl CachedKeys {
    pub fn new(inner: Arc<dyn KeyService>, world: World) -> Self {
        CachedKeys { inner, world, state: Arc::default() }
    }

    /// The key if it is kept, else its opening: under way already, or begun here.
    fn find_or_open(&self, print: Fingerprint, wanted: Wanted) -> Result<Key, Opening> {
        let now = self.world.clock.steady();
        let mut state = self.state.lock();
        if let Some(kept) = state.find(&print).filter(|kept| now < kept.until) {
            return Ok(kept.key);
        }
        Err(state.opening.entry(print).or_insert_with(|| self.open(print, wanted)).clone())
    }

    /// Opens a key, to the end though nobody waits any more: what is under way is never left behind.
    fn open(&self, print: Fingerprint, wanted: Wanted) -> Opening {
        let (inner, state, clock) = (Arc::clone(&self.inner), Arc::clone(&self.state), Arc::clone(&self.world.clock));
        let key = wanted.key_id.clone();
        let opening = self.world.tasks.spawn(async move {
            let opened = inner.decrypt(&wanted.key_id, &wanted.ciphertext, &wanted.context).await;
            let mut state = state.lock();
            state.opening.remove(&print);
            if let Ok(key) = &opened {
                state.keep(print, Kept { key: key.clone(), until: clock.steady() + EXPIRY });
            }
            opened
        });
        let broken = || KmsError::Failed { operation: Operation::Decrypt, key, cause: "it broke off".to_owned() };
        opening.join().map(|opened| opened.unwrap_or_else(|| Err(broken()))).boxed().shared()
    }
}

/// What is to be opened.
struct Wanted {
    key_id: String,
    ciphertext: Vec<u8>,
    context: Context,
}

impl State {
    fn find(&mut self, print: &Fingerprint) -> Option<Kept> {
        if let Some(kept) = self.young.get(print) {
            return Some(kept.clone());
        }
        let kept = self.old.remove(print)?;
        self.keep(*print, kept.clone());
        Some(kept)
    }

    fn keep(&mut self, print: Fingerprint, kept: Kept) {
        if self.young.len() >= MAX_KEYS / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(print, kept);
    }
}

fn fingerprint(key_id: &str, ciphertext: &[u8], context: &str) -> Fingerprint {
    let mut hash = Sha256::new();
    for part in [key_id.as_bytes(), ciphertext, context.as_bytes()] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[async_trait]
impl KeyService for CachedKeys {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn default_key_id(&self) -> &str {
        self.inner.default_key_id()
    }

    async fn generate_data_key(&self, key_id: Option<&str>, context: &Context) -> Result<DataKey, KmsError> {
        self.inner.generate_data_key(key_id, context).await
    }

    async fn decrypt(&self, key_id: &str, ciphertext: &[u8], context: &Context) -> Result<Key, KmsError> {
        let print = fingerprint(key_id, ciphertext, &context.canonical());
        let wanted = Wanted { key_id: key_id.to_owned(), ciphertext: ciphertext.to_vec(), context: context.clone() };
        match self.find_or_open(print, wanted) {
            Ok(key) => Ok(key),
            Err(opening) => opening.await,
        }
    }

    async fn create_key(&self, key_id: &str) -> Result<(), KmsError> {
        self.inner.create_key(key_id).await
    }

    async fn list_keys(&self, prefix: &str) -> Result<Vec<KeyDescription>, KmsError> {
        self.inner.list_keys(prefix).await
    }

    async fn endpoints(&self) -> Vec<Endpoint> {
        self.inner.endpoints().await
    }

    async fn version(&self) -> Result<String, KmsError> {
        self.inner.version().await
    }

    async fn routes(&self) -> Result<Vec<Route>, KmsError> {
        self.inner.routes().await
    }

    async fn keep_alive(&self) -> Result<(), KmsError> {
        self.inner.keep_alive().await
    }

    fn reload(&self) {
        self.inner.reload();
    }
}
