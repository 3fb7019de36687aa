//! Reading inside zip archives: MinIO's `x-minio-extract` (encryption-compression-checksums.md, 9.1).
//!
//! The archive is read through [`Service::get_object`], so that how it is stored makes no difference. Of a member three
//! ranges of the archive are read: its end, the directory, the member. The directory is looked through as it passes and
//! never held: memory is bounded by a piece, and for listings by the page. MinIO keeps an index of the directory in the
//! archive's metadata; it is left alone and not relied upon.

mod find;
mod list;
mod source;
#[cfg(test)]
mod tests;

use crate::request::{ReadObject, Selection};
use crate::{Object, Service, ServiceError, grant};
use archive::zip::{Member, ZipError};
use base::{ByteStream, StreamError};
use find::Archive;
use futures_util::{StreamExt, stream};
use iam::{Action, Grant};
use seal::through;
use std::future::ready;

/// What an archive's name ends with, before the name of a member.
const ARCHIVE: &str = ".zip/";

/// Cuts a key into the archive's and the member's: at the first `.zip/`, if there is one.
pub fn split_archive(key: &str) -> Option<(&str, &str)> {
    let at = key.find(ARCHIVE)? + ARCHIVE.len();
    Some((&key[..at - 1], &key[at..]))
}

/// A member of an archive.
#[derive(Clone, Debug)]
pub struct ZipMember {
    /// The archive that it is in.
    pub archive: Object,
    /// In the archive.
    pub name: String,
    /// Bytes after decompression.
    pub size: u64,
}

impl ZipMember {
    /// By the extension of its name.
    pub fn content_type(&self) -> String {
        let kind = content_type(&self.name);
        if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind }
    }
}

/// The content type that a name's extension stands for.
pub(crate) fn content_type(name: &str) -> String {
    mime_guess::from_path(name).first_or_octet_stream().essence_str().to_owned()
}

impl Service {
    /// What is known of a member of the archive that `grant` is for; `request` is about the archive. Grant:
    /// [`Action::GetObject`].
    pub async fn head_member(&self, grant: &Grant, request: ReadObject, name: &str) -> Result<ZipMember, ServiceError> {
        let (archive, entry, _) = self.find_member(grant, request, name).await?;
        Ok(ZipMember { archive: archive.object, name: entry.name, size: entry.size })
    }

    /// A member of the archive that `grant` is for, its first bytes decompressed already. The stream ends in an error
    /// unless the whole member is what the directory says. Grant: [`Action::GetObject`].
    pub async fn get_member(
        &self,
        grant: &Grant,
        request: ReadObject,
        name: &str,
    ) -> Result<(ZipMember, ByteStream), ServiceError> {
        let (archive, entry, span) = self.find_member(grant, request, name).await?;
        let told = ZipMember { archive: archive.object.clone(), name: entry.name.clone(), size: entry.size };
        let member = Member::new(entry).map_err(|error| archive.refused(&error))?;
        let mut body = through(archive.read(span).await?, member);
        // What can't be begun is an error while there is no answer yet.
        let first = match body.next().await {
            None => return Ok((told, Box::pin(stream::empty()))),
            Some(Ok(piece)) => piece,
            Some(Err(error)) => return Err(archive.broken(error)),
        };
        Ok((told, Box::pin(stream::once(ready(Ok::<_, StreamError>(first))).chain(body))))
    }

    async fn find_member<'a>(
        &'a self,
        grant: &'a Grant,
        request: ReadObject,
        name: &str,
    ) -> Result<(Archive<'a>, archive::zip::Entry, std::ops::Range<u64>), ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::GetObject])?;
        match request.selection {
            Selection::Whole => {}
            Selection::Range(_) => return Err(ServiceError::UnsatisfiableRange),
            Selection::Part(number) => return Err(ServiceError::InvalidPartNumber { number }),
        }
        let archive = Archive::open(self, grant, request).await?;
        let missing = || ServiceError::NoSuchKey { bucket: bucket.to_owned(), key: key.to_owned() };
        let (entry, span) = archive.find(name).await?.ok_or_else(missing)?;
        Ok((archive, entry, span))
    }
}

/// The error of an archive that can't be read, or of a member.
fn refused(object: &Object, error: &ZipError) -> ServiceError {
    match error {
        ZipError::UnsupportedMethod(_) | ZipError::Encrypted | ZipError::SeveralDisks => {
            ServiceError::UnsupportedArchive { reason: error.to_string() }
        }
        error => ServiceError::BadArchive {
            bucket: object.bucket().to_owned(),
            key: object.key().to_owned(),
            reason: error.to_string(),
        },
    }
}
