//! CompleteMultipartUpload: the parts become a version.

use super::records::AgreedPart;
use super::{Address, Found, Record};
use crate::commit::{Proposal, commit};
use crate::find::{Found as Present, Thoroughness};
use crate::heal::heal_upload;
use crate::info::{check_conditions, object_info};
use crate::lock::NameGuard;
use crate::quorum::{ReadFailure, Wanted};
use crate::set::Drives;
use crate::write::entry_for;
use crate::{
    CompletedPart, Metadata, ObjectInfo, SealUpload, Store, StoreError, UploadedPart, Versioning, WriteConditions,
};
use bytes::Bytes;
use drive::{Change, DataSource, Inline};
use format::names::SYSTEM_BUCKET;
use format::object_meta_keys::user;
use format::xl::{ObjectVersion, Part, Version};

/// What a completion asks for.
struct Completion {
    address: Address,
    parts: Vec<CompletedPart>,
    versioning: Versioning,
    conditions: WriteConditions,
    seal: SealUpload,
}

/// An upload whose listed parts are there.
struct Ready {
    /// Keeps parts from changing and others from ending the upload.
    guard: NameGuard,
    found: Found,
    drives: Drives,
    parts: Vec<AgreedPart>,
}

impl Ready {
    /// Drives that have all of the parts.
    fn holders(&self) -> usize {
        holders_of_all(&self.parts, self.drives.len()).iter().filter(|has| **has).count()
    }
}

impl Store {
    /// Makes a version of the listed parts, in ascending order. `seal` sees them as they are recorded and gives the
    /// object's etag and checksums. Once begun it runs to its end though the caller's future is dropped.
    /// [`StoreError::UploadNotFound`], [`StoreError::BadPart`].
    #[expect(clippy::too_many_arguments, reason = "an upload's address and a completion's terms, all needed")]
    pub async fn complete_upload(
        &self,
        bucket: &str,
        key: &str,
        upload_id: &str,
        parts: Vec<CompletedPart>,
        versioning: Versioning,
        conditions: WriteConditions,
        seal: SealUpload,
    ) -> Result<ObjectInfo, StoreError> {
        self.bucket(bucket).await?;
        let address = Address::new(self, bucket, key, upload_id)?;
        check_ascending(&parts, upload_id)?;
        let completion = Completion { address, parts, versioning, conditions, seal };
        let store = self.clone();
        let completing = self.inner.world().tasks.spawn(async move { store.complete(completion).await });
        completing.join().await.unwrap_or(Err(StoreError::Closing))
    }

    async fn complete(&self, completion: Completion) -> Result<ObjectInfo, StoreError> {
        let Completion { address, parts: listed, versioning, conditions, seal } = completion;
        let mut ready = self.ready(&address, &listed).await?;
        if ready.holders() < ready.found.record.layout.write_quorum() {
            let Record { set, path, .. } = &ready.found.record;
            drop(ready.guard);
            heal_upload(&self.inner, set, path).await?;
            ready = self.ready(&address, &listed).await?;
        }
        let Ready { guard: upload_guard, found, drives, parts } = ready;
        let recorded: Vec<UploadedPart> = parts.iter().map(AgreedPart::info).collect();
        let sealed = seal(&found.info(), &recorded).map_err(StoreError::Rejected)?;

        let (bucket, key) = (&found.address.bucket, &found.address.key);
        let name = found.address.name.as_str();
        let guard = self.inner.lock(bucket, name).await?;
        let present = self.inner.find(bucket, name, Wanted::Latest, Thoroughness::Quick).await;
        self.check_present(&present, &conditions, versioning, bucket, key)?;
        let mut object = version_of(&found, &parts, sealed);
        object.mod_time = self.inner.time_after(present.newest);
        if object.version_id.is_nil() {
            // Versioning may have been enabled since: then the null version must stay.
            object.version_id = self.inner.new_version_id(versioning);
        }
        let mut info = object_info(bucket.as_str(), key, Version::Object(object.clone()), true, 1);
        if let Some(agreed) = present.agreed() {
            let mut holders = agreed.holders.iter().flatten();
            let replaces = holders.any(|meta| meta.find(object.version_id).is_some());
            info.version_count = agreed.version_count + usize::from(!replaces);
        }
        self.commit_upload(&found, object, &parts, drives, guard).await?;
        drop(upload_guard);
        Ok(info)
    }

    /// Looks at an upload and the listed parts under the upload's lock.
    async fn ready(&self, address: &Address, listed: &[CompletedPart]) -> Result<Ready, StoreError> {
        let guard = self.inner.lock(SYSTEM_BUCKET, &address.path).await?;
        let found = self.find_upload(address.clone()).await?;
        let drives = found.record.set.drives();
        let parts = found.listed(&drives, listed).await?;
        Ok(Ready { guard, found, drives, parts })
    }

    fn check_present(
        &self,
        present: &Present,
        conditions: &WriteConditions,
        versioning: Versioning,
        bucket: &str,
        key: &str,
    ) -> Result<(), StoreError> {
        if present.agreed().is_none() {
            match present.failure() {
                ReadFailure::BucketNotFound => {
                    return Err(StoreError::BucketNotFound { bucket: bucket.to_owned() });
                }
                // Conditions can't be weighed; without conditions what can't be read may be overwritten.
                failure if !conditions.is_empty() && !failure.is_absence() => {
                    return Err(failure.into_error(bucket, key, Wanted::Latest));
                }
                _ => {}
            }
        }
        let latest = present.info(bucket, key);
        check_conditions(conditions, latest.as_ref(), bucket, key)?;
        match (self.inner.shared.tuned.get().max_versions, latest) {
            (Some(limit), Some(info)) if versioning == Versioning::Enabled && info.version_count >= limit => {
                Err(StoreError::TooManyVersions { bucket: bucket.to_owned(), key: key.to_owned(), limit })
            }
            _ => Ok(()),
        }
    }

    async fn commit_upload(
        &self,
        found: &Found,
        object: ObjectVersion,
        parts: &[AgreedPart],
        drives: Drives,
        guard: NameGuard,
    ) -> Result<(), StoreError> {
        let Found { address, record: Record { set, layout, .. } } = found;
        let (version_id, is_empty) = (object.version_id, object.size == 0);
        let mut version = Version::Object(object);
        let takes_part = holders_of_all(parts, drives.len());
        let mut change = |position: usize| {
            let version = entry_for(&mut version, layout.distribution[position]);
            // Nothing of an empty object is outside of its metadata.
            let (inline, data) = match is_empty {
                true => (Inline::Set(Bytes::new()), DataSource::None),
                false => (Inline::Remove, DataSource::Upload { path: address.path.clone() }),
            };
            Change::Write { version, inline, data, heal: false }
        };
        let changes = takes_part.iter().enumerate().map(|(at, takes)| takes.then(|| change(at))).collect();
        let proposal = Proposal {
            bucket: address.bucket.clone(),
            object: address.name.as_str().to_owned(),
            changes,
            drives,
            quorum: layout.write_quorum(),
            version: Some(version_id),
            staged: None,
            guard,
        };
        commit(set, proposal).await?;
        self.inner.uploads.end(&address.path);
        // The drives throw the upload away as they settle, but those that had no part in the commit don't know.
        let left: Vec<bool> = takes_part.iter().map(|takes| is_empty || !takes).collect();
        self.discard_upload(set, address, &left).await;
        Ok(())
    }
}

impl Found {
    /// The parts that the client lists; [`StoreError::BadPart`] for the first that isn't there as listed.
    async fn listed(&self, drives: &Drives, listed: &[CompletedPart]) -> Result<Vec<AgreedPart>, StoreError> {
        let numbers: Vec<u32> = listed.iter().map(|part| part.number).collect();
        let parts = self.record.parts(drives, &numbers).await?;
        let checked = parts.into_iter().zip(listed).map(|(part, wanted)| {
            part.filter(|part| part.record.etag == wanted.etag)
                .ok_or_else(|| StoreError::BadPart { upload_id: self.address.upload_id.clone(), number: wanted.number })
        });
        checked.collect()
    }
}

/// A part listed twice would be in the object twice.
fn check_ascending(parts: &[CompletedPart], upload_id: &str) -> Result<(), StoreError> {
    let bad = |number: u32| StoreError::BadPart { upload_id: upload_id.to_owned(), number };
    if parts.is_empty() {
        return Err(bad(0));
    }
    match parts.windows(2).find(|pair| pair[0].number >= pair[1].number) {
        Some(pair) => Err(bad(pair[1].number)),
        None => Ok(()),
    }
}

/// By position: whether the drive has all parts.
fn holders_of_all(parts: &[AgreedPart], drives: usize) -> Vec<bool> {
    (0..drives).map(|at| parts.iter().all(|part| part.holders[at])).collect()
}

/// The version, but for its time.
fn version_of(found: &Found, parts: &[AgreedPart], sealed: Metadata) -> ObjectVersion {
    let mut object = found.record.object.clone();
    object.meta_user.remove(user::MULTIPART_CHECKSUM);
    object.meta_user.remove(user::MULTIPART_CHECKSUM_TYPE);
    object.meta_user.extend(sealed.user);
    let actual: i64 = parts.iter().map(|part| part.record.actual_size.max(0)).sum();
    object.meta_sys.insert(format::object_meta_keys::sys::ACTUAL_SIZE.to_owned(), actual.to_string().into());
    object.meta_sys.extend(sealed.system);
    let part = |part: &AgreedPart| Part {
        number: part.record.number,
        size: part.record.size,
        actual_size: part.record.actual_size,
        etag: String::new(),
        index: part.record.index.clone(),
    };
    object.parts = parts.iter().map(part).collect();
    object.size = parts.iter().map(|part| part.record.size).sum();
    object
}
