//! Uploads in parts (on-disk-format.md 9): begun, filled part by part in any order, then completed or aborted.
//!
//! An upload is a directory `multipart/<H>/<U>` of the pseudo bucket on every drive of the set that its object will be
//! in: a record (an `xl.meta`), and the parts with a small record each. Invariants:
//! - Whoever puts a part holds the upload's lock for reading and the part's for writing until the last drive has
//!   answered; whoever completes or aborts holds the upload's lock for writing. What a completion has seen on the
//!   drives is therefore what it commits.
//! - A drive takes part in a completion only if it has every part, with the very record that was agreed on.
//! - A drive that was away gets what it missed by healing (`heal::uploads`): the record, then part by part.
//! - An upload that has ended here is over for everybody, though drives may still be throwing it away.
//!
//! Drives don't store the key of an upload, only its hash H. Ours write it beside, in a file that MinIO ignores, so
//! that uploads can be listed: [`index`].

mod begin;
mod complete;
mod end;
mod index;
mod part;
mod records;

pub use end::STALE_UPLOAD;
pub(crate) use end::upload_paths;
pub(crate) use index::heal_note;
pub(crate) use records::{AgreedPart, Record};

use crate::find::Thoroughness;
use crate::info::stored_metadata;
use crate::quorum::{ReadFailure, Wanted};
use crate::{Store, StoreError, UploadInfo};
use format::names::{BucketName, ObjectName, SYSTEM_BUCKET};
use format::upload::{MULTIPART_DIR, UploadDir, object_dir};
use futures_util::future::join_all;
use index::Names;
use parking_lot::Mutex;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// Ended uploads that are remembered: far more than end in the time in which drives throw one away.
const MOST_ENDED: usize = 10_000;

/// What is known of uploads in memory.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    ended: Mutex<Ended>,
    names: Mutex<Names>,
}

#[derive(Debug, Default)]
struct Ended {
    paths: HashSet<String>,
    order: VecDeque<String>,
}

impl Uploads {
    fn end(&self, path: &str) {
        let mut ended = self.ended.lock();
        if !ended.paths.insert(path.to_owned()) {
            return;
        }
        ended.order.push_back(path.to_owned());
        if ended.order.len() > MOST_ENDED
            && let Some(oldest) = ended.order.pop_front()
        {
            ended.paths.remove(&oldest);
        }
    }

    pub(crate) fn has_ended(&self, path: &str) -> bool {
        self.ended.lock().paths.contains(path)
    }
}

/// Which upload of which object.
#[derive(Clone, Debug)]
struct Address {
    bucket: String,
    key: String,
    name: ObjectName,
    upload_id: String,
    /// The object's directory below `multipart`: H.
    hash: String,
    /// `multipart/<H>/<U>`.
    path: String,
}

/// An upload, and who asks for it.
#[derive(Debug)]
struct Found {
    address: Address,
    record: Record,
}

impl Address {
    fn new(store: &Store, bucket: &str, key: &str, upload_id: &str) -> Result<Self, StoreError> {
        let name = store.inner.name(key)?;
        let not_found = || StoreError::UploadNotFound {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            upload_id: upload_id.to_owned(),
        };
        let dir = UploadDir::from_upload_id(upload_id).map_err(|_| not_found())?;
        let hash = hash_of(bucket, &name)?;
        let path = upload_path(&hash, &dir);
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        Ok(Address { bucket, key, name, upload_id: upload_id.to_owned(), hash, path })
    }

    fn not_found(&self) -> StoreError {
        let (bucket, key) = (self.bucket.clone(), self.key.clone());
        StoreError::UploadNotFound { bucket, key, upload_id: self.upload_id.clone() }
    }
}

impl Found {
    fn info(&self) -> UploadInfo {
        let Address { bucket, key, upload_id, .. } = self.address.clone();
        let metadata = stored_metadata(&self.record.object);
        UploadInfo { bucket, key, upload_id, initiated: self.record.object.mod_time, metadata }
    }
}

impl Store {
    /// An upload in progress. [`StoreError::UploadNotFound`].
    pub async fn upload(&self, bucket: &str, key: &str, upload_id: &str) -> Result<UploadInfo, StoreError> {
        self.bucket(bucket).await?;
        let address = Address::new(self, bucket, key, upload_id)?;
        Ok(self.find_upload(address).await?.info())
    }

    /// Asks all pools for the upload's record.
    async fn find_upload(&self, address: Address) -> Result<Found, StoreError> {
        self.inner.check_open()?;
        if self.inner.uploads.has_ended(&address.path) {
            return Err(address.not_found());
        }
        let ask = |pool: &crate::pool::Pool| {
            let (set, path) = (Arc::clone(pool.set_of(address.name.as_str())), address.path.clone());
            async move {
                let lookup = set.lookup(SYSTEM_BUCKET, &path, Wanted::Latest, Thoroughness::Quick).await;
                (set, lookup.found)
            }
        };
        let mut failure = None;
        for (set, found) in join_all(self.inner.pools.iter().map(ask)).await {
            match found {
                Ok(agreed) => {
                    let record = Record::new(set, address.path.clone(), agreed)?;
                    return Ok(Found { address, record });
                }
                Err(why @ ReadFailure::Quorum { .. }) => failure = Some(why),
                Err(_) => {}
            }
        }
        Err(match failure {
            Some(why) => why.into_error(&address.bucket, &address.key, Wanted::Latest),
            None => address.not_found(),
        })
    }
}

/// H of an object.
fn hash_of(bucket: &str, name: &ObjectName) -> Result<String, StoreError> {
    let bucket = BucketName::relaxed(bucket).map_err(|_| StoreError::BucketNotFound { bucket: bucket.to_owned() })?;
    Ok(object_dir(&bucket, name))
}

/// The directory of all uploads of an object.
fn hash_path(hash: &str) -> String {
    format!("{MULTIPART_DIR}/{hash}")
}

/// Whether a name of the pseudo bucket is an upload's.
pub(crate) fn is_upload(bucket: &str, object: &str) -> bool {
    bucket == SYSTEM_BUCKET && object.strip_prefix(MULTIPART_DIR).is_some_and(|rest| rest.starts_with('/'))
}

fn upload_path(hash: &str, dir: &UploadDir) -> String {
    format!("{MULTIPART_DIR}/{hash}/{dir}")
}
