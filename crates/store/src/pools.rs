//! `pool.bin`: which pools the deployment has, known by their arguments on the command line, and which of them are
//! being emptied (on-disk-format.md 1). A copy is in every pool; it is written at the first start and when the
//! pools or their order change. MinIO needs a write quorum to start where it is missing.

use crate::set::Redundancy;
use crate::{PutRequest, Store, StoreError};
use bytes::Bytes;
use format::pool_meta::{POOL_META, PoolMeta, PoolStatus};
use std::sync::atomic::Ordering;

impl Store {
    /// Compares `pool.bin` with the command line, writes it anew if need be, and takes pools that are being emptied
    /// out of the choice for writes. What can't be read is left alone.
    pub(crate) async fn look_at_pools(&self) -> Result<(), StoreError> {
        let stored = match self.read_internal(POOL_META).await {
            Ok(document) => PoolMeta::parse(&document)
                .map_err(|error| StoreError::Damaged { what: POOL_META.to_owned(), reason: error.to_string() })?,
            Err(StoreError::KeyNotFound { .. }) => PoolMeta::default(),
            Err(error) => return Err(error),
        };
        let arguments = self.inner.pools.iter().map(|pool| &pool.argument);
        let now = self.inner.world().clock.now();
        let current = PoolMeta {
            pools: (0..).zip(arguments).map(|(id, argument)| status(&stored, id, argument, now)).collect(),
            unknown: stored.unknown.clone(),
        };
        for (pool, status) in self.inner.pools.iter().zip(&current.pools) {
            pool.suspended.store(status.decommission.is_some(), Ordering::Relaxed);
        }
        let known = |meta: &PoolMeta| meta.pools.iter().map(|pool| pool.command_line.clone()).collect::<Vec<_>>();
        if known(&stored) == known(&current) {
            return Ok(());
        }
        let document = Bytes::from(current.encode());
        for pool in 0..self.inner.pools.len() {
            let (request, body, seal) = PutRequest::document(POOL_META, document.clone());
            self.put(request, Redundancy::Highest, Some(pool), body, seal).await?;
        }
        Ok(())
    }
}

/// A pool's entry: what is stored for its argument, at its present place.
fn status(stored: &PoolMeta, id: i64, argument: &str, now: base::Timestamp) -> PoolStatus {
    let known = stored.pools.iter().find(|pool| pool.command_line == argument);
    let new = || PoolStatus { command_line: argument.to_owned(), last_update: now, ..PoolStatus::default() };
    PoolStatus { id, ..known.cloned().unwrap_or_else(new) }
}
