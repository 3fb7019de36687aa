//! What happens to a body between the client and the store: hashed, compressed, encrypted, in this order
//! (encryption-and-compression.md 3.8, 6).

use crate::hashing::{BodyCheck, HashedBody};
use crate::request::IncomingBody;
use crate::{Checksum, ChecksumAlgorithm, Service, ServiceError};
use base::{ByteStream, Random};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use seal::s2::{Compress, CompressReport, Padding};
use seal::{Cipher, Kind, Label, ObjectKey, dare, through};
use std::sync::{Arc, OnceLock};
use store::Rejection;

/// Memory of a stream that is being compressed: its tables, the block that is being filled, what becomes of it, and the
/// piece on its way.
const COMPRESSION_MEMORY: usize = (320 << 10) + (3 << 20);
/// Bodies up to this size are compressed before they are stored, so that the store knows their size and can keep what
/// became small inside the metadata: one block of compression, which is in memory anyway.
const COMPRESSED_AT_ONCE: u64 = 1 << 20;

/// What a body is encrypted with.
#[derive(Clone)]
pub(crate) struct Sealing {
    pub kind: Kind,
    /// The object's key: it seals what is known of the body.
    pub object_key: ObjectKey,
    /// The part's number, of a part.
    pub part: Option<u32>,
}

/// How a body is to be stored.
#[derive(Clone, Default)]
pub(crate) struct Treatment {
    pub sealing: Option<Sealing>,
    pub compress: bool,
}

/// A body as it goes to the store.
pub(crate) struct SealedBody {
    pub stream: ByteStream,
    /// Bytes that will be stored, if that is known.
    pub size: Option<u64>,
    pub ending: Ending,
}

/// What is needed when the body has ended.
pub(crate) struct Ending {
    check: BodyCheck,
    sealing: Option<Sealing>,
    report: Option<Arc<OnceLock<CompressReport>>>,
    random: Arc<dyn Random>,
}

/// What only the end of a body tells, as it is stored.
pub(crate) struct Ended {
    pub etag: String,
    /// In clear.
    pub checksum: Option<Checksum>,
    /// Bytes as the client sent them.
    pub plain_size: u64,
    /// Of a compressed body; empty if it is too short to have one.
    pub index: Bytes,
}

impl Treatment {
    /// Whether the body's MD5 is asked for: it is the etag, unless that is hidden from clients anyway.
    fn needs_md5(&self, body: &IncomingBody) -> bool {
        let hidden = self.sealing.as_ref().is_some_and(|sealing| sealing.kind != Kind::SseS3);
        !hidden || body.md5.is_some()
    }
}

impl Service {
    /// Hashes a body as [`crate::hashing::Hashing::hash`] does, and changes it on its way as `treatment` says.
    pub(crate) async fn seal_body(
        &self,
        body: IncomingBody,
        limit: u64,
        compute: Option<ChecksumAlgorithm>,
        treatment: Treatment,
    ) -> Result<SealedBody, ServiceError> {
        let md5 = treatment.needs_md5(&body);
        let HashedBody { mut stream, mut size, check } = self.hashing.hash(body, limit, compute, md5)?;
        let Treatment { sealing, compress } = treatment;
        let random = Arc::clone(&self.world.random);
        let mut report = None;
        if compress {
            let share = self.store.memory_for_change(COMPRESSION_MEMORY).await?;
            let padding = sealing.as_ref().map(|_| Padding::new(&*random));
            let compress = Compress::new(padding);
            report = Some(compress.report());
            stream = through(stream, compress);
            stream = match size.take() {
                Some(small) if small <= COMPRESSED_AT_ONCE => {
                    let pieces: Vec<Bytes> = stream.try_collect().await.map_err(crate::error::body_error)?;
                    size = Some(pieces.iter().map(|piece| piece.len() as u64).sum());
                    stream::iter(pieces.into_iter().map(Ok)).boxed()
                }
                _ => stream.inspect(move |_| _ = &share).boxed(),
            };
        }
        if let Some(Sealing { object_key, part, .. }) = &sealing {
            let key = part.map_or_else(|| object_key.key().clone(), |number| object_key.part_key(number));
            stream = through(stream, dare::Encrypt::new(&key, Cipher::preferred(), &*random));
            let too_large = |_| ServiceError::EntityTooLarge { size: size.unwrap_or_default(), limit };
            size = size.map(dare::sealed_size).transpose().map_err(too_large)?;
        }
        Ok(SealedBody { stream, size, ending: Ending { check, sealing, report, random } })
    }
}

impl Ending {
    /// Judges the body, which has ended. `etag`: instead of the body's MD5.
    pub fn finish(self, etag: Option<String>) -> Result<Ended, ServiceError> {
        let hashes = self.check.finish()?;
        let etag = match (&self.sealing, etag) {
            (None, Some(etag)) => etag,
            (None, None) => hex::encode(hashes.md5.expect("it is the etag")),
            (Some(sealing), forced) => {
                let forced = forced.and_then(|etag| hex::decode(etag).ok()?.try_into().ok());
                let tag = forced.or(hashes.md5).unwrap_or_else(|| {
                    let mut tag = [0; 16];
                    self.random.fill(&mut tag);
                    tag
                });
                sealing.object_key.seal_etag(&*self.random, &tag)
            }
        };
        let report = self.report.as_ref().and_then(|report| report.get());
        let index = report.and_then(|report| report.index.clone()).unwrap_or_default();
        let index = match &self.sealing {
            Some(sealing) => seal_value(sealing, Label::CompressionIndex, &*self.random, &index),
            None => index.into(),
        };
        Ok(Ended { etag, checksum: hashes.checksum, plain_size: hashes.size, index })
    }

    /// The same as the store's callbacks have it.
    pub fn finish_or_reject(self, etag: Option<String>) -> Result<Ended, Rejection> {
        self.finish(etag).map_err(|error| Box::new(error) as Rejection)
    }

    pub fn sealing(&self) -> Option<&Sealing> {
        self.sealing.as_ref()
    }

    pub fn random(&self) -> &Arc<dyn Random> {
        &self.random
    }

    pub fn compresses(&self) -> bool {
        self.report.is_some()
    }
}

fn seal_value(sealing: &Sealing, label: Label, random: &dyn Random, value: &[u8]) -> Bytes {
    sealing.object_key.seal_value(label, random, value).into()
}
