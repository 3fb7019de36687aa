//! An archive's directory, and looking through it.

use crate::request::{ReadConditions, ReadObject};
use crate::{Object, Service, ServiceError};
use archive::zip::{Directory, Entries, Entry, Located, TAIL, ZIP64_END, locate, locate_zip64};
use base::ByteStream;
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use iam::Grant;
use std::future::ready;
use std::ops::{ControlFlow, Range};

/// An archive whose directory has been found.
pub(super) struct Archive<'a> {
    pub(super) service: &'a Service,
    pub(super) grant: &'a Grant,
    /// For every range: names the version that was opened.
    pub(super) request: ReadObject,
    pub(super) object: Object,
    directory: Directory,
    /// The directory's bytes, where the end of the file has all of them.
    bytes: Option<Bytes>,
}

impl<'a> Archive<'a> {
    /// Finds the directory. Conditions of the request are about the archive, and are judged here.
    pub async fn open(service: &'a Service, grant: &'a Grant, request: ReadObject) -> Result<Self, ServiceError> {
        let object = service.head_object(grant, request.clone()).await?.object;
        let request = ReadObject { version: Some(object.version()), conditions: ReadConditions::default(), ..request };
        let directory = Directory { offset: 0, size: 0, entries: 0 };
        let mut archive = Archive { service, grant, request, object, directory, bytes: None };
        archive.find_directory().await?;
        Ok(archive)
    }

    async fn find_directory(&mut self) -> Result<(), ServiceError> {
        let size = self.object.size();
        let start = size.saturating_sub(TAIL);
        let tail = self.read_whole(start..size).await?;
        let located = locate(&tail, size).map_err(|error| self.refused(&error))?;
        self.directory = match located {
            Located::Directory(directory) => directory,
            Located::Zip64 { at } => {
                let record = self.read_whole(at..at + ZIP64_END).await?;
                locate_zip64(&record, at).map_err(|error| self.refused(&error))?
            }
        };
        let Range { start: first, end } = self.directory_range();
        let at = |offset: u64| usize::try_from(offset.checked_sub(start)?).ok();
        self.bytes = at(first).zip(at(end)).filter(|(_, end)| *end <= tail.len()).map(|(at, end)| tail.slice(at..end));
        Ok(())
    }

    fn directory_range(&self) -> Range<u64> {
        self.directory.offset..self.directory.offset + self.directory.size
    }

    async fn directory_bytes(&self) -> Result<ByteStream, ServiceError> {
        match &self.bytes {
            Some(bytes) => Ok(Box::pin(stream::once(ready(Ok(bytes.clone()))))),
            None => self.read(self.directory_range()).await,
        }
    }

    /// Shows `look` the entries, in the directory's order, until it has seen enough.
    pub async fn look_through<T>(
        &self,
        mut look: impl FnMut(Entry) -> ControlFlow<T>,
    ) -> Result<Option<T>, ServiceError> {
        let mut bytes = self.directory_bytes().await?;
        let mut entries = Entries::default();
        while let Some(piece) = bytes.try_next().await.map_err(|error| self.broken(error))? {
            entries.push(&piece);
            while let Some(entry) = entries.next_entry().map_err(|error| self.refused(&error))? {
                if let ControlFlow::Break(found) = look(entry) {
                    return Ok(Some(found));
                }
            }
        }
        entries.finish().map_err(|error| self.refused(&error))?;
        Ok(None)
    }

    /// The first member of this name, and where its bytes are. Directories are none.
    pub async fn find(&self, name: &str) -> Result<Option<(Entry, Range<u64>)>, ServiceError> {
        let wanted = |entry: Entry| {
            if entry.name == name && !entry.is_directory() {
                ControlFlow::Break(entry)
            } else {
                ControlFlow::Continue(())
            }
        };
        let Some(entry) = self.look_through(wanted).await? else { return Ok(None) };
        entry.check_readable().map_err(|error| self.refused(&error))?;
        let span = entry.fetch_span(&self.directory).map_err(|error| self.refused(&error))?;
        let least = entry.least_span(&self.directory).map_err(|error| self.refused(&error))?;
        let overlap = |other: Entry| {
            if other.overlaps(&least) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        if self.look_through(overlap).await?.is_some() {
            return Err(self.refused(&archive::zip::ZipError::Lying("another member begins within it")));
        }
        Ok(Some((entry, span)))
    }
}
