//! Ranges of one archive, always of the same version of it.

use super::find::Archive;
use crate::request::{ByteRange, ReadObject, Selection};
use crate::{Object, ServiceError};
use archive::zip::ZipError;
use base::{ByteStream, StreamError};
use bytes::{Bytes, BytesMut};
use futures_util::{TryStreamExt, stream};
use std::ops::Range;
use store::StoreError;

impl Archive<'_> {
    /// Bytes of the archive. An error if it has been overwritten since it was opened.
    pub(super) async fn read(&self, range: Range<u64>) -> Result<ByteStream, ServiceError> {
        if range.is_empty() {
            return Ok(Box::pin(stream::empty()));
        }
        let selection = Selection::Range(ByteRange::FromTo { first: range.start, last: range.end - 1 });
        let request = ReadObject { selection, ..self.request.clone() };
        let (reading, body) = self.service.get_object(self.grant, request).await?;
        let now = &reading.object;
        if now.mod_time() != self.object.mod_time() || now.etag() != self.object.etag() {
            return Err(ServiceError::Busy { what: format!("{}/{}", now.bucket(), now.key()) });
        }
        Ok(body)
    }

    /// The same, held in memory.
    pub(super) async fn read_whole(&self, range: Range<u64>) -> Result<Bytes, ServiceError> {
        let mut all = BytesMut::new();
        let mut body = self.read(range).await?;
        while let Some(piece) = body.try_next().await.map_err(|error| self.broken(error))? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// Why a stream of the archive, or of a member, broke off.
    pub(super) fn broken(&self, error: StreamError) -> ServiceError {
        let StreamError::Failed(cause) = error else { return StoreError::Body(error).into() };
        let cause = match cause.downcast::<ZipError>() {
            Ok(error) => return self.refused(&error),
            Err(cause) => cause,
        };
        match cause.downcast::<StoreError>() {
            Ok(error) => (*error).into(),
            Err(cause) => StoreError::Body(StreamError::Failed(cause)).into(),
        }
    }

    pub(super) fn refused(&self, error: &ZipError) -> ServiceError {
        super::refused(&self.object, error)
    }
}

/// A part of an object's name space that is another object.
pub(super) fn member_key(archive: &Object, name: &str) -> String {
    format!("{}/{name}", archive.key())
}
