//! Snowball uploads: a tar, compressed or not, whose entries become objects (encryption-compression-checksums.md, 9.2).
//!
//! Entries are stored like PUTs of their own, each with its own permission, in the order of the tar: small ones several
//! at a time, larger ones as they come. What was stored before an error stays. Memory is bounded by the small entries
//! under way and a piece of the others, whatever the tar claims.

mod entry;
mod source;
#[cfg(test)]
mod tests;

use crate::checksum::Checksum;
use crate::limits::MAX_OBJECT_SIZE;
use crate::request::{IncomingBody, NewObject};
use crate::{AnnouncedChecksum, PutObject, Service, ServiceError};
use base::{ByteStream, StreamError, Timestamp};
use bytes::{Bytes, BytesMut};
use entry::{Fate, Names, fate};
use futures_util::future::{BoxFuture, join};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt, stream};
use iam::Grant;
use source::{Tar, TarPiece};
use std::collections::HashSet;
use tokio::sync::mpsc;

/// Entries up to this many bytes wait in memory, so that several can be stored at a time. MinIO's limit.
const SMALL: u64 = 128 * base::KIB;
/// Small entries being stored at a time: enough to share the drives' syncs, and 2 MiB at most. MinIO's limit.
const AT_ONCE: usize = 16;
/// Entries of one tar: a compressed tar names a thousand empty objects in a kilobyte, each of which costs a commit.
const MAX_ENTRIES: u64 = 1_000_000;

/// Gives the permission to store an object under a key.
pub type Permit<'a> = dyn Fn(&str) -> Result<Grant, ServiceError> + Send + Sync + 'a;

/// A tar to store the entries of.
pub struct Snowball {
    /// What entries are described by that say nothing themselves: storage class, object lock, encryption. Its metadata is
    /// that of the tar, and goes to none of them.
    pub object: NewObject,
    pub body: IncomingBody,
    /// Before each name; empty: none.
    pub prefix: String,
    /// Directories become no objects.
    pub ignore_dirs: bool,
    /// Go on after an entry that couldn't be stored.
    pub ignore_errors: bool,
}

/// What became of a tar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// The MD5 of the body, as hex.
    pub etag: String,
    pub checksum: Option<Checksum>,
    /// Objects stored.
    pub stored: u64,
    /// Entries that couldn't be, where that was to be ignored.
    pub failed: u64,
}

impl Service {
    /// Stores the entries of a tar as objects of `bucket`. `permit` is asked for each key: its grants are for
    /// [`iam::Action::PutObject`].
    pub async fn put_snowball(
        &self,
        bucket: &str,
        request: Snowball,
        permit: &Permit<'_>,
    ) -> Result<Unpacked, ServiceError> {
        let names = Names::new(&request.prefix, request.ignore_dirs)?;
        // That the bucket is there, and takes what the request says of all entries.
        let rules = self.bucket_rules(bucket).await?;
        crate::put::storage_class(request.object.storage_class.as_deref())?;
        if rules.lock.is_none() && !request.object.lock.is_empty() {
            return Err(ServiceError::BucketWithoutLock { bucket: bucket.to_owned() });
        }
        let body = self.hashing.hash(request.body, MAX_OBJECT_SIZE, None, true)?;
        let mut tar = Tar::new(body.stream);
        let mut unpacking = Unpacking {
            service: self,
            object: request.object,
            names,
            ignore_errors: request.ignore_errors,
            permit,
            entries: 0,
            stored: 0,
            failed: 0,
            waiting: FuturesUnordered::new(),
            keys: HashSet::new(),
        };
        let read = unpacking.run(&mut tar).await;
        // What was begun is finished, also after an error.
        let finished = unpacking.finish().await;
        read.map_err(|error| error.after(unpacking.stored))?;
        finished?;
        tar.drain().await?;
        let hashes = body.check.finish()?;
        Ok(Unpacked {
            etag: hex::encode(hashes.md5.expect("it was asked for")),
            checksum: hashes.checksum,
            stored: unpacking.stored,
            failed: unpacking.failed,
        })
    }
}

/// A tar on its way.
struct Unpacking<'a> {
    service: &'a Service,
    object: NewObject,
    names: Names,
    ignore_errors: bool,
    permit: &'a Permit<'a>,
    entries: u64,
    stored: u64,
    failed: u64,
    /// Small entries being stored, with their keys.
    waiting: FuturesUnordered<BoxFuture<'a, (String, Result<(), ServiceError>)>>,
    keys: HashSet<String>,
}

impl Unpacking<'_> {
    async fn run(&mut self, tar: &mut Tar) -> Result<(), ServiceError> {
        while let Some(piece) = tar.next().await? {
            // Data of entries that aren't stored passes by.
            let TarPiece::Entry(head) = piece else { continue };
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(ServiceError::BadTar { reason: format!("it has more than {MAX_ENTRIES} entries") });
            }
            let size = head.size;
            let (key, object, mod_time) = match fate(head, &self.names, &self.object) {
                Ok(Fate::Stored { key, object, mod_time }) => (key, *object, mod_time),
                Ok(Fate::PassedOver) => continue,
                Err(error) => {
                    self.note(Err(error))?;
                    continue;
                }
            };
            let grant = match (self.permit)(&key) {
                Ok(grant) => grant,
                Err(error) => {
                    self.note(Err(error))?;
                    continue;
                }
            };
            if size <= SMALL {
                let bytes = collect(tar, size).await?;
                self.store_small(key, grant, object, mod_time, bytes).await?;
            } else {
                self.settle_all().await?;
                self.store_large(tar, size, &grant, object, mod_time).await?;
            }
        }
        Ok(())
    }

    async fn store_small(
        &mut self,
        key: String,
        grant: Grant,
        object: NewObject,
        mod_time: Option<Timestamp>,
        bytes: Bytes,
    ) -> Result<(), ServiceError> {
        if self.keys.contains(&key) {
            // The later of two entries of one name is the one that stays.
            self.settle_all().await?;
        }
        while self.waiting.len() >= AT_ONCE {
            self.settle_one().await?;
        }
        let size = bytes.len() as u64;
        let pieces = (size > 0).then_some(Ok(bytes));
        let put = put(object, mod_time, size, stream::iter(pieces).boxed());
        self.keys.insert(key.clone());
        let service = self.service;
        let storing = async move { (key, service.put_object(&grant, put).await.map(|_| ())) };
        self.waiting.push(storing.boxed());
        Ok(())
    }

    async fn store_large(
        &mut self,
        tar: &mut Tar,
        size: u64,
        grant: &Grant,
        object: NewObject,
        mod_time: Option<Timestamp>,
    ) -> Result<(), ServiceError> {
        let (give, mut take) = mpsc::channel(1);
        let body = stream::poll_fn(move |context| take.poll_recv(context)).boxed();
        let storing = self.service.put_object(grant, put(object, mod_time, size, body));
        let (stored, fed) = join(storing, feed(tar, give)).await;
        fed?;
        self.note(stored.map(|_| ()))
    }

    async fn settle_one(&mut self) -> Result<(), ServiceError> {
        let Some((key, stored)) = self.waiting.next().await else { return Ok(()) };
        self.keys.remove(&key);
        self.note(stored)
    }

    async fn settle_all(&mut self) -> Result<(), ServiceError> {
        while !self.waiting.is_empty() {
            self.settle_one().await?;
        }
        Ok(())
    }

    /// Waits for all that was begun; the first error of them.
    async fn finish(&mut self) -> Result<(), ServiceError> {
        let mut result = Ok(());
        while !self.waiting.is_empty() {
            let settled = self.settle_one().await;
            result = result.and(settled);
        }
        result
    }

    /// Counts what became of an entry. A body that breaks off is never ignored.
    fn note(&mut self, stored: Result<(), ServiceError>) -> Result<(), ServiceError> {
        match stored {
            Ok(()) => self.stored += 1,
            Err(error @ (ServiceError::Body(_) | ServiceError::BadTar { .. } | ServiceError::Stopping)) => {
                return Err(error);
            }
            Err(_) if self.ignore_errors => {
                self.failed += 1;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn put(object: NewObject, mod_time: Option<Timestamp>, size: u64, stream: ByteStream) -> PutObject {
    let body = IncomingBody { stream, size: Some(size), md5: None, checksum: AnnouncedChecksum::None };
    PutObject { object, body, mod_time, etag: None }
}

/// The bytes of a small entry.
async fn collect(tar: &mut Tar, size: u64) -> Result<Bytes, ServiceError> {
    let mut bytes = BytesMut::with_capacity(usize::try_from(size).unwrap_or(0));
    loop {
        match tar.next().await? {
            Some(TarPiece::Data(piece)) => bytes.extend_from_slice(&piece),
            _ => return Ok(bytes.freeze()),
        }
    }
}

/// Hands an entry's bytes over. When nobody takes them any more they pass by.
async fn feed(tar: &mut Tar, give: mpsc::Sender<Result<Bytes, StreamError>>) -> Result<(), ServiceError> {
    loop {
        match tar.next().await {
            Ok(Some(TarPiece::Data(piece))) => {
                let _ = give.send(Ok(piece)).await;
            }
            Ok(_) => return Ok(()),
            Err(error) => {
                let _ = give.send(Err(StreamError::Gone)).await;
                return Err(error);
            }
        }
    }
}

impl ServiceError {
    /// Tells how much was stored before a tar turned out to be damaged.
    fn after(self, stored: u64) -> Self {
        match self {
            ServiceError::BadTar { reason } if stored > 0 => {
                ServiceError::BadTar { reason: format!("{reason} after {stored} successful object(s)") }
            }
            other => other,
        }
    }
}
