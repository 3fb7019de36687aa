//! Listing objects and versions.

use crate::limits::MAX_LIST_ENTRIES;
use crate::request::{ListObjects, Position};
use crate::{ListedEntry, Listing, Object, Service, ServiceError, grant};
use futures_util::{StreamExt, TryStreamExt, stream};
use iam::{Action, Grant};
use store::{ListRequest, Listed};

/// Etags of a page that the key service opens at a time: enough to overlap its answers over the network.
const KEYS_AT_ONCE: usize = 32;

impl Service {
    /// A page of a bucket's objects. Grant: [`Action::ListBucket`].
    pub async fn list_objects(&self, grant: &Grant, request: ListObjects) -> Result<Listing, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::ListBucket])?;
        self.list(bucket, request, false).await
    }

    /// A page of a bucket's versions and delete markers. Grant: [`Action::ListBucketVersions`] or
    /// [`Action::ListBucket`].
    pub async fn list_versions(&self, grant: &Grant, request: ListObjects) -> Result<Listing, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::ListBucketVersions, Action::ListBucket])?;
        self.list(bucket, request, true).await
    }

    async fn list(&self, bucket: &str, request: ListObjects, versions: bool) -> Result<Listing, ServiceError> {
        let request = ListRequest {
            bucket: bucket.to_owned(),
            prefix: request.prefix,
            delimiter: request.delimiter,
            after: request.after.key,
            after_version: request.after.version,
            limit: request.limit.min(MAX_LIST_ENTRIES),
            versions,
        };
        let page = self.store.list(request).await?;
        let next = if page.truncated { page.entries.last().map(|last| position_after(last, versions)) } else { None };
        let entries = page.entries.into_iter().map(|entry| match entry {
            Listed::Object(info) => ListedEntry::Object(Object::new(info)),
            Listed::Prefix(prefix) => ListedEntry::Prefix(prefix),
        });
        let mut entries: Vec<ListedEntry> = entries.collect();
        let sealed = |entry: &&mut ListedEntry| matches!(entry, ListedEntry::Object(object) if object.is_etag_sealed());
        let openings = entries.iter_mut().filter(sealed).map(|entry| async move {
            if let ListedEntry::Object(object) = entry {
                *object = self.listed(object.clone()).await?;
            }
            Ok(())
        });
        stream::iter(openings)
            .map(Ok::<_, ServiceError>)
            .try_for_each_concurrent(KEYS_AT_ONCE, |opening| opening)
            .await?;
        Ok(Listing { entries, truncated: page.truncated, next })
    }
}

fn position_after(last: &Listed, versions: bool) -> Position {
    match last {
        Listed::Object(info) => Position { key: info.key.clone(), version: versions.then_some(info.version_id) },
        Listed::Prefix(prefix) => Position { key: prefix.clone(), version: None },
    }
}
