//! Hashing a body while it passes: its MD5 (the etag), its announced checksum, its length limit.
//!
//! The stream and the check share what was found: the stream puts it there at its end, the check, which the store calls
//! when the body has ended and before anything is visible, compares it with what was announced. MD5 is the slowest
//! of all that happens to a body: it is left to [`lanes`], beside the task that reads the body.

mod lanes;
#[cfg(test)]
mod tests;

use crate::checksum::{Checksum, ChecksumAlgorithm, Hasher};
use crate::request::IncomingBody;
use crate::{AnnouncedChecksum, ServiceError};
use base::{ByteStream, StreamError, Tasks};
use bytes::Bytes;
use futures_util::Stream;
use lanes::{BodyMd5, Lanes};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

/// What all bodies share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Hashing(Lanes);

/// A body on its way to the store.
pub(crate) struct HashedBody {
    pub stream: ByteStream,
    pub size: Option<u64>,
    pub check: BodyCheck,
}

/// What is needed to judge a body at its end.
pub(crate) struct BodyCheck {
    found: Arc<Mutex<Option<Found>>>,
    md5: Option<[u8; 16]>,
    size: Option<u64>,
    announced: AnnouncedChecksum,
}

/// What a body turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BodyHashes {
    /// Bytes in all.
    pub size: u64,
    /// `None` if nobody asked for it.
    pub md5: Option<[u8; 16]>,
    pub checksum: Option<Checksum>,
}

/// The hashes of a whole body.
struct Found {
    size: u64,
    md5: Option<[u8; 16]>,
    checksum: Option<(ChecksumAlgorithm, Vec<u8>)>,
}

impl Hashing {
    /// `tasks`: for hashing beside the tasks that read bodies.
    pub fn new(tasks: Tasks) -> Self {
        Hashing(Lanes::new(tasks))
    }

    /// Hashes what passes. `limit`: most bytes; a longer body is refused. `compute`: a checksum to make when none was
    /// announced. `md5`: whether to make one; an announced one must be.
    pub fn hash(
        &self,
        body: IncomingBody,
        limit: u64,
        compute: Option<ChecksumAlgorithm>,
        md5: bool,
    ) -> Result<HashedBody, ServiceError> {
        if let Some(size) = body.size.filter(|size| *size > limit) {
            return Err(ServiceError::EntityTooLarge { size, limit });
        }
        let algorithm = body.checksum.algorithm().or(compute);
        let found = Arc::default();
        let stream = Hashed {
            body: Some(body.stream),
            limit,
            passed: 0,
            checksum: algorithm.map(|algorithm| (algorithm, Hasher::new(algorithm))),
            md5: (md5 || body.md5.is_some()).then(|| self.0.body()),
            found: Arc::clone(&found),
        };
        let check = BodyCheck { found, md5: body.md5, size: body.size, announced: body.checksum };
        Ok(HashedBody { stream: Box::pin(stream), size: body.size, check })
    }
}

/// A body that is hashed as it is read. It ends when its hashes are known.
struct Hashed {
    /// `None` once it has ended.
    body: Option<ByteStream>,
    limit: u64,
    passed: u64,
    checksum: Option<(ChecksumAlgorithm, Hasher)>,
    md5: Option<BodyMd5>,
    found: Arc<Mutex<Option<Found>>>,
}

impl Hashed {
    fn take_in(&mut self, piece: &Bytes) -> Result<(), StreamError> {
        self.passed = self.passed.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if self.passed > self.limit {
            let error = ServiceError::EntityTooLarge { size: self.passed, limit: self.limit };
            return Err(StreamError::Refused(Box::new(error)));
        }
        if let Some((_, checksum)) = &mut self.checksum {
            checksum.update(piece);
        }
        if let Some(md5) = &self.md5 {
            md5.update(piece.clone());
        }
        Ok(())
    }
}

impl Stream for Hashed {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(body) = &mut this.body {
            if let Some(md5) = &this.md5 {
                ready!(md5.poll_room(context));
            }
            match ready!(body.as_mut().poll_next(context)) {
                Some(Ok(piece)) => return Poll::Ready(Some(this.take_in(&piece).map(|()| piece))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => this.body = None,
            }
        }
        let md5 = match &this.md5 {
            Some(md5) => Some(ready!(md5.poll_finish(context))),
            None => None,
        };
        let checksum = this.checksum.take().map(|(algorithm, hasher)| (algorithm, hasher.finish()));
        let mut found = this.found.lock().unwrap_or_else(PoisonError::into_inner);
        // Once: whoever asks again after the end finds nothing new.
        found.get_or_insert(Found { size: this.passed, md5, checksum });
        Poll::Ready(None)
    }
}

impl BodyCheck {
    /// Call when the body has ended: what it is, or how it differs from what was announced.
    pub fn finish(self) -> Result<BodyHashes, ServiceError> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Found { size, md5, checksum } = found.ok_or(ServiceError::Body(StreamError::Gone))?;
        // The store only knows the sizes of bodies that it gets as they are.
        match self.size {
            Some(expected) if size < expected => return Err(ServiceError::IncompleteBody { expected, got: size }),
            Some(expected) if size > expected => return Err(ServiceError::ExcessData { expected }),
            _ => {}
        }
        let checksum = match checksum {
            None => None,
            Some((algorithm, computed)) => match self.announced.resolve()? {
                Some(announced) if announced.value() == computed => Some(announced),
                Some(_) => return Err(ServiceError::ChecksumMismatch { algorithm }),
                None => Some(Checksum::of_body(algorithm, computed)),
            },
        };
        if self.md5.is_some() && self.md5 != md5 {
            return Err(ServiceError::BadDigest);
        }
        Ok(BodyHashes { size, md5, checksum })
    }
}
