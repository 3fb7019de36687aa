//! DELETE: removing versions, and delete markers (on-disk-format.md 10.3, s3-api.md 7.6).

use crate::StoreError;
use crate::commit::{Proposal, commit};
use crate::find::{Found, Thoroughness};
use crate::layout::delete_quorum;
use crate::lock::NameGuard;
use crate::quorum::{ReadFailure, Wanted, write_error};
use crate::set::Set;
use crate::store::{Inner, Store};
use crate::types::{DeleteRequest, Deleted, ObjectInfo, Protect, VersionId, Versioning};
use base::Timestamp;
use drive::{Change, DataSource, DriveError, Inline};
use format::names::{DIR_SUFFIX, ObjectName};
use format::xl::{DeleteMarker, Version, VersionEntry};
use std::sync::Arc;
use uuid::Uuid;

/// Nothing there, nothing done.
const NOTHING: Deleted = Deleted { version_id: None, delete_marker: false, removed: None };

impl Store {
    /// Removes a version for good, or deletes as the versioning says. A key or version that doesn't exist is no error.
    pub async fn delete_object(&self, request: DeleteRequest) -> Result<Deleted, StoreError> {
        let inner = &*self.inner;
        let name = inner.name(&request.key)?;
        let guard = inner.lock(&request.bucket, name.as_str()).await?;
        let versioning = if name.is_dir() { Versioning::Off } else { request.versioning };
        match (request.version_id, versioning) {
            (Some(version), _) => inner.remove_version(&request, &name, version, guard).await,
            (None, Versioning::Off) => inner.remove_version(&request, &name, VersionId::Null, guard).await,
            (None, versioning) => inner.mark_deleted(&request, &name, versioning, guard).await,
        }
    }

    /// Removes everything below a path: the object of that name, and all whose keys have it as a directory, in all
    /// their versions.
    pub async fn delete_prefix(&self, bucket: &str, prefix: &str) -> Result<(), StoreError> {
        let path = prefix.strip_suffix('/').unwrap_or(prefix);
        let name = self.inner.name(path)?;
        let _guard = self.inner.lock(bucket, name.as_str()).await?;
        let mut trees = vec![path.to_owned()];
        if prefix.ends_with('/') {
            trees.push(format!("{path}{DIR_SUFFIX}"));
        }
        for set in self.inner.sets() {
            for tree in &trees {
                remove_tree(set, bucket, tree).await?;
            }
        }
        Ok(())
    }
}

async fn remove_tree(set: &Set, bucket: &str, path: &str) -> Result<(), StoreError> {
    let drives = set.drives();
    let questions = drives.iter().enumerate();
    let questions = questions.filter_map(|(at, drive)| Some((at, drive.as_ref()?.remove_tree(bucket, path))));
    let answers = crate::gather::Gather::new(questions).all(set.size()).await;
    let errors: Vec<&DriveError> = answers.iter().flatten().filter_map(|answer| answer.as_ref().err()).collect();
    let done = answers.iter().flatten().filter(|answer| answer.is_ok()).count();
    let quorum = delete_quorum(set.size());
    if done < quorum {
        return Err(write_error(&errors, done, quorum, bucket, path));
    }
    Ok(())
}

impl Inner {
    /// Removes one version wherever it is: by its id the first pool that has it, without versioning from all pools.
    async fn remove_version(
        &self,
        request: &DeleteRequest,
        name: &ObjectName,
        version: VersionId,
        guard: NameGuard,
    ) -> Result<Deleted, StoreError> {
        let wanted = Wanted::Version(version.uuid());
        let found = self.find(&request.bucket, name.as_str(), wanted, Thoroughness::Quick).await;
        self.check_bucket(&found, &request.bucket)?;
        let removed = found.info(&request.bucket, &request.key);
        match &removed {
            Some(info) => {
                ask(&request.condition, info)?;
                ask(&request.protect, info)?;
            }
            // It may be protected, or not be what the client thinks it is.
            None if (request.protect.is_some() || request.condition.is_some()) && !found.failure().is_absence() => {
                return Err(found.failure().into_error(&request.bucket, &request.key, wanted));
            }
            None => {}
        }
        // What can't be read is removed all the same: its remains would block the name for ever.
        let has = |pool: &usize| match &found.lookups[*pool].found {
            Ok(_) => true,
            Err(failure) => !failure.is_absence(),
        };
        let mut pools: Vec<usize> = (0..self.pools.len()).filter(has).collect();
        if request.version_id.is_some() {
            pools.truncate(1);
        }
        if pools.is_empty() {
            return Ok(NOTHING);
        }
        let mut guard = Some(guard);
        for (nth, &pool) in pools.iter().enumerate() {
            let set = self.set_of(pool, name.as_str());
            let change = Change::Remove { version_id: version.uuid(), mod_time: None };
            let guard = match guard.take() {
                Some(guard) => guard,
                // Between two pools the name is free for a moment; each removal stands by itself.
                None => self.lock(&request.bucket, name.as_str()).await?,
            };
            let outcome = commit_everywhere(set, &request.bucket, name, change, version.uuid(), guard).await;
            match outcome {
                Err(error) if nth == 0 || removed.is_none() => return Err(error),
                Err(error) => tracing::warn!(%error, pool, "an older copy stays in another pool"),
                Ok(()) => {}
            }
        }
        let delete_marker = removed.as_ref().is_some_and(|info| info.delete_marker);
        Ok(Deleted { version_id: Some(version), delete_marker, removed })
    }

    /// Puts a delete marker on top, or in the place of the null version where versioning is suspended.
    async fn mark_deleted(
        &self,
        request: &DeleteRequest,
        name: &ObjectName,
        versioning: Versioning,
        guard: NameGuard,
    ) -> Result<Deleted, StoreError> {
        let found = self.find(&request.bucket, name.as_str(), Wanted::Latest, Thoroughness::Quick).await;
        self.check_bucket(&found, &request.bucket)?;
        let latest = found.info(&request.bucket, &request.key);
        if let Some(info) = &latest {
            ask(&request.condition, info)?;
        }
        match &latest {
            None if !found.failure().is_absence() => {
                return Err(found.failure().into_error(&request.bucket, &request.key, Wanted::Latest));
            }
            None if !request.always_mark => return Ok(NOTHING),
            Some(info) if info.delete_marker && !request.always_mark => {
                return Ok(Deleted { version_id: Some(info.version_id), delete_marker: true, removed: None });
            }
            _ => {}
        }
        let set = match found.winner {
            Some(pool) => self.set_of(pool, name.as_str()),
            None => self.set_for_marker(name),
        };
        let version_id = self.new_version_id(versioning);
        let removed = self.replaced_null_version(request, name, version_id).await?;
        if let Some(info) = &removed {
            ask(&request.protect, info)?;
        }
        let change = self.marker(version_id, self.time_after(found.newest));
        commit_everywhere(set, &request.bucket, name, change, version_id, guard).await?;
        Ok(Deleted { version_id: Some(VersionId::from_uuid(version_id)), delete_marker: true, removed })
    }

    fn marker(&self, version_id: Uuid, mod_time: Timestamp) -> Change {
        let marker = DeleteMarker { version_id, mod_time, writer_version: self.release, ..DeleteMarker::default() };
        let version = VersionEntry::from_version(&Version::DeleteMarker(marker));
        Change::Write { version, inline: Inline::Remove, data: DataSource::None, heal: false }
    }

    /// What a null delete marker takes the place of.
    async fn replaced_null_version(
        &self,
        request: &DeleteRequest,
        name: &ObjectName,
        version_id: Uuid,
    ) -> Result<Option<ObjectInfo>, StoreError> {
        if !version_id.is_nil() {
            return Ok(None);
        }
        let wanted = Wanted::Version(Uuid::nil());
        let found = self.find(&request.bucket, name.as_str(), wanted, Thoroughness::Quick).await;
        match found.info(&request.bucket, &request.key) {
            None if !found.failure().is_absence() => {
                Err(found.failure().into_error(&request.bucket, &request.key, wanted))
            }
            info => Ok(info),
        }
    }

    /// A marker takes no room: the first pool will do.
    fn set_for_marker(&self, name: &ObjectName) -> &Arc<Set> {
        self.set_of(0, name.as_str())
    }

    fn check_bucket(&self, found: &Found, bucket: &str) -> Result<(), StoreError> {
        match found.agreed() {
            None if matches!(found.failure(), ReadFailure::BucketNotFound) => {
                Err(StoreError::BucketNotFound { bucket: bucket.to_owned() })
            }
            _ => Ok(()),
        }
    }
}

/// Asks the layer above about a version, where it wants to be asked.
fn ask(judge: &Option<Protect>, version: &ObjectInfo) -> Result<(), StoreError> {
    match judge {
        Some(judge) => judge.0(version).map_err(StoreError::Rejected),
        None => Ok(()),
    }
}

/// Makes a change that is the same for every drive, with the quorum of deletions.
async fn commit_everywhere(
    set: &Arc<Set>,
    bucket: &str,
    name: &ObjectName,
    change: Change,
    version_id: Uuid,
    guard: NameGuard,
) -> Result<(), StoreError> {
    let proposal = Proposal {
        bucket: bucket.to_owned(),
        object: name.as_str().to_owned(),
        changes: vec![Some(change); set.size()],
        drives: set.drives(),
        quorum: delete_quorum(set.size()),
        version: Some(version_id),
        staged: None,
        guard,
    };
    commit(set, proposal).await
}
