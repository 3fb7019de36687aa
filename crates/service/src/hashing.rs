//! Hashing a body while it passes: its MD5 (the etag), its announced checksum, its length limit.
//!
//! The stream and the seal share the hashers: the stream feeds them, the seal, which the store calls when the body
//! has ended and before anything is visible, compares them with what was announced.

#[cfg(test)]
mod tests;

use crate::checksum::{Checksum, ChecksumAlgorithm, Hasher};
use crate::request::IncomingBody;
use crate::{AnnouncedChecksum, ServiceError};
use base::{ByteStream, StreamError};
use futures_util::StreamExt;
use md5::{Digest, Md5};
use std::sync::{Arc, Mutex, PoisonError};

/// A body on its way to the store.
pub(crate) struct HashedBody {
    pub stream: ByteStream,
    pub size: Option<u64>,
    pub check: BodyCheck,
}

/// What is needed to judge a body at its end.
pub(crate) struct BodyCheck {
    hashers: Arc<Mutex<Hashers>>,
    md5: Option<[u8; 16]>,
    announced: AnnouncedChecksum,
}

/// What a body turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BodyHashes {
    pub md5: [u8; 16],
    pub checksum: Option<Checksum>,
}

struct Hashers {
    md5: Md5,
    checksum: Option<(ChecksumAlgorithm, Hasher)>,
}

impl Hashers {
    fn new(algorithm: Option<ChecksumAlgorithm>) -> Self {
        Hashers { md5: Md5::new(), checksum: algorithm.map(|algorithm| (algorithm, Hasher::new(algorithm))) }
    }
}

/// Hashes what passes. `limit`: most bytes; a longer body is refused. `compute`: a checksum to make when none was
/// announced.
pub(crate) fn hash(
    body: IncomingBody,
    limit: u64,
    compute: Option<ChecksumAlgorithm>,
) -> Result<HashedBody, ServiceError> {
    if let Some(size) = body.size.filter(|size| *size > limit) {
        return Err(ServiceError::EntityTooLarge { size, limit });
    }
    let algorithm = body.checksum.algorithm().or(compute);
    let hashers = Arc::new(Mutex::new(Hashers::new(algorithm)));
    let feed = Arc::clone(&hashers);
    let mut passed: u64 = 0;
    let stream = body.stream.map(move |piece| {
        let piece = piece?;
        passed = passed.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if passed > limit {
            return Err(StreamError::Refused(Box::new(ServiceError::EntityTooLarge { size: passed, limit })));
        }
        let mut hashers = feed.lock().unwrap_or_else(PoisonError::into_inner);
        hashers.md5.update(&piece);
        if let Some((_, checksum)) = &mut hashers.checksum {
            checksum.update(&piece);
        }
        Ok(piece)
    });
    let check = BodyCheck { hashers, md5: body.md5, announced: body.checksum };
    Ok(HashedBody { stream: Box::pin(stream), size: body.size, check })
}

impl BodyCheck {
    /// Call when the body has ended: what it is, or how it differs from what was announced.
    pub fn finish(self) -> Result<BodyHashes, ServiceError> {
        let hashers = {
            let mut shared = self.hashers.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *shared, Hashers::new(None))
        };
        let checksum = match hashers.checksum {
            None => None,
            Some((algorithm, hasher)) => {
                let computed = hasher.finish();
                match self.announced.resolve()? {
                    Some(announced) if announced.value() == computed => Some(announced),
                    Some(_) => return Err(ServiceError::ChecksumMismatch { algorithm }),
                    None => Some(Checksum::of_body(algorithm, computed)),
                }
            }
        };
        let md5: [u8; 16] = hashers.md5.finalize().into();
        if self.md5.is_some_and(|announced| announced != md5) {
            return Err(ServiceError::BadDigest);
        }
        Ok(BodyHashes { md5, checksum })
    }
}
