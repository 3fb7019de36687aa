//! Listing the members of an archive.

use super::find::Archive;
use super::source::member_key;
use super::split_archive;
use crate::limits::MAX_LIST_ENTRIES;
use crate::request::{ListObjects, Position, ReadConditions, ReadObject, Selection};
use crate::{ListedEntry, Listing, Object, Service, ServiceError, grant};
use iam::{Action, Grant};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

impl Service {
    /// A page of the members of the archive that the prefix names, in the order of their names. An archive that isn't
    /// there has none. Grant: [`Action::GetObject`], for the archive.
    pub async fn list_members(
        &self,
        grant: &Grant,
        read: ReadObject,
        request: ListObjects,
    ) -> Result<Listing, ServiceError> {
        let (_, key) = grant::object(grant, &[Action::GetObject])?;
        if split_archive(&request.prefix).is_none_or(|(archive, _)| archive != key) {
            return Err(ServiceError::Internal { what: format!("a grant for '{key}' was shown for another archive") });
        }
        let read = ReadObject { selection: Selection::Whole, conditions: ReadConditions::default(), ..read };
        let archive = match Archive::open(self, grant, read).await {
            Ok(archive) => archive,
            Err(
                ServiceError::NoSuchKey { .. } | ServiceError::DeleteMarker { .. } | ServiceError::NoSuchBucket { .. },
            ) => return Ok(Listing::default()),
            Err(error) => return Err(error),
        };
        let mut page = Page::new(&request);
        archive
            .look_through(|entry| {
                if !entry.is_directory() && entry.method().is_ok() {
                    page.add(member_key(&archive.object, &entry.name), entry.size);
                }
                ControlFlow::<()>::Continue(())
            })
            .await?;
        Ok(page.finish(&archive.object))
    }
}

/// The first lines, by name, of those that fit; one more tells whether there are others.
struct Page<'a> {
    request: &'a ListObjects,
    limit: usize,
    /// Sizes of members; `None`: a common prefix.
    lines: BTreeMap<String, Option<u64>>,
}

impl<'a> Page<'a> {
    fn new(request: &'a ListObjects) -> Self {
        Page { request, limit: request.limit.min(MAX_LIST_ENTRIES), lines: BTreeMap::new() }
    }

    fn add(&mut self, key: String, size: u64) {
        let ListObjects { prefix, delimiter, after, .. } = self.request;
        if !key.starts_with(prefix.as_str()) {
            return;
        }
        let cut = key[prefix.len()..].find(delimiter.as_str()).filter(|_| !delimiter.is_empty());
        let (line, size) = match cut {
            Some(at) => (key[..prefix.len() + at + delimiter.len()].to_owned(), None),
            None => (key, Some(size)),
        };
        if line <= after.key {
            return;
        }
        // Of several members of one name the first is the one that can be read.
        self.lines.entry(line).or_insert(size);
        if self.lines.len() > self.limit + 1 {
            self.lines.pop_last();
        }
    }

    fn finish(mut self, archive: &Object) -> Listing {
        let truncated = self.lines.len() > self.limit && self.limit > 0;
        while self.lines.len() > self.limit {
            self.lines.pop_last();
        }
        let last = self.lines.last_key_value().map(|(key, _)| key.clone());
        let next = last.filter(|_| truncated).map(|key| Position { key, version: None });
        let entries = self.lines.into_iter().map(|(line, size)| match size {
            Some(size) => ListedEntry::Object(Object::member(archive, line, size)),
            None => ListedEntry::Prefix(line),
        });
        Listing { entries: entries.collect(), truncated, next }
    }
}
