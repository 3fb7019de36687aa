//! Groups names at the delimiter and cuts the page.

use super::merge::WalkRequest;
use super::resolve::Versions;
use super::{Name, What};
use crate::info::object_info;
use crate::{ListPage, ListRequest, Listed, StoreError, VersionId};
use drive::WalkOptions;
use format::xl::{Kind, VersionEntry};
use std::sync::Arc;

/// Where walks begin.
#[derive(Clone, Debug, Default)]
pub(super) struct Begin {
    after: String,
    inclusive: bool,
}

/// A page being filled.
pub(super) struct Page<'a> {
    request: &'a ListRequest,
    /// The request's: each entry names it.
    bucket: Arc<str>,
    page: ListPage,
    /// The group that was last given, or that the page begins in: the rest of it is passed over.
    group: Option<String>,
}

impl<'a> Page<'a> {
    pub(super) fn new(request: &'a ListRequest) -> Self {
        Page { request, bucket: request.bucket.as_str().into(), page: ListPage::default(), group: None }
    }

    /// Where to begin; `None` if nothing can follow.
    pub(super) fn begin(&mut self) -> Option<Begin> {
        let after = &self.request.after;
        if let Some(group) = self.group_of(after) {
            // A group counts as a name, and this one isn't after the marker.
            self.group = Some(group.to_owned());
            return self.behind_group();
        }
        Some(Begin { after: after.clone(), inclusive: self.request.after_version.is_some() })
    }

    /// Behind the group that is being passed over; `None` if nothing can follow it.
    pub(super) fn behind_group(&self) -> Option<Begin> {
        successor(self.group.as_deref()?).map(|after| Begin { after, inclusive: true })
    }

    pub(super) fn walk(&self, begin: Begin) -> WalkRequest {
        let options = WalkOptions {
            bucket: self.request.bucket.clone(),
            prefix: self.request.prefix.clone(),
            after: begin.after,
            inclusive: begin.inclusive,
            recursive: self.request.delimiter != "/",
            first_batch: self.wanted(),
            anew: false,
        };
        WalkRequest { options, latest_only: !self.request.versions }
    }

    /// How many more names are likely to be looked at: one beyond the page tells whether it is cut.
    pub(super) fn wanted(&self) -> usize {
        (self.request.limit - self.page.entries.len()).saturating_add(1)
    }

    /// Nothing more is to be learnt: the page is cut.
    pub(super) fn is_full(&self) -> bool {
        self.page.truncated
    }

    /// Whether the name belongs to a group that has been given.
    pub(super) fn passes_over(&self, key: &str) -> bool {
        self.group.as_deref().is_some_and(|group| key.starts_with(group))
    }

    /// Takes the next name in order.
    pub(super) fn add(&mut self, name: Name) -> Result<(), StoreError> {
        let Name { key, what } = name;
        if !key.starts_with(&self.request.prefix) {
            // The encoded name began like the prefix.
            return Ok(());
        }
        let is_group = matches!(what, What::Prefix);
        let versions = match what {
            What::Object(versions) if self.is_shown(&versions) => versions,
            What::Object(_) => return Ok(()),
            What::Prefix => Versions::default(),
        };
        match self.group_of(&key).map(str::to_owned) {
            Some(group) => self.add_group(group),
            None if is_group => {}
            None if self.request.versions => self.add_versions(key, &versions),
            None => self.add_latest(key, &versions),
        }
        Ok(())
    }

    pub(super) fn finish(self) -> ListPage {
        self.page
    }

    /// Listings without versions show only what isn't deleted.
    fn is_shown(&self, versions: &[VersionEntry]) -> bool {
        self.request.versions || versions.first().is_some_and(|latest| latest.header.kind != Kind::DeleteMarker)
    }

    /// The beginning of the key up to the first delimiter behind the prefix.
    fn group_of<'k>(&self, key: &'k str) -> Option<&'k str> {
        let (prefix, delimiter) = (&self.request.prefix, &self.request.delimiter);
        if delimiter.is_empty() {
            return None;
        }
        let at = key.strip_prefix(prefix.as_str())?.find(delimiter.as_str())?;
        Some(&key[..prefix.len() + at + delimiter.len()])
    }

    fn add_group(&mut self, group: String) {
        if group <= self.request.after || self.group.as_ref() == Some(&group) {
            return;
        }
        self.push(Listed::Prefix(group.clone()));
        self.group = Some(group);
    }

    fn add_latest(&mut self, key: String, versions: &[VersionEntry]) {
        if key <= self.request.after {
            return;
        }
        if let Some(latest) = versions.first() {
            self.push_version(key, latest, true, versions.len());
        }
    }

    fn add_versions(&mut self, key: String, versions: &[VersionEntry]) {
        let done = match self.request.after_version {
            Some(after) if key == self.request.after => versions_up_to(versions, after),
            _ if key <= self.request.after && !self.request.after.is_empty() => versions.len(),
            _ => 0,
        };
        for (at, version) in versions.iter().enumerate().skip(done) {
            self.push_version(key.clone(), version, at == 0, versions.len());
            if self.page.truncated {
                return;
            }
        }
    }

    fn push_version(&mut self, key: String, entry: &VersionEntry, is_latest: bool, count: usize) {
        if self.page.entries.len() >= self.request.limit {
            self.page.truncated = true;
            return;
        }
        match entry.decode() {
            Ok(version) => {
                let info = object_info(Arc::clone(&self.bucket), key, version, is_latest, count);
                self.push(Listed::Object(Box::new(info)));
            }
            Err(error) => {
                let (bucket, version) = (&self.request.bucket, entry.header.version_id);
                tracing::warn!(%bucket, key, %version, %error, "a version can't be listed");
            }
        }
    }

    fn push(&mut self, entry: Listed) {
        if self.page.entries.len() >= self.request.limit {
            self.page.truncated = true;
        } else {
            self.page.entries.push(entry);
        }
    }
}

/// How many of the versions a page before has given. If its last one is gone by now, where it was can't be told: then
/// they are given again rather than left out, as whoever deletes page by page relies on.
fn versions_up_to(versions: &[VersionEntry], after: VersionId) -> usize {
    versions.iter().position(|entry| entry.header.version_id == after.uuid()).map_or(0, |at| at + 1)
}

/// The least text that is greater than everything which begins with `text`.
fn successor(text: &str) -> Option<String> {
    let mut characters: Vec<char> = text.chars().collect();
    while let Some(last) = characters.pop() {
        // Surrogates are no characters: what follows U+D7FF is U+E000.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::successor;

    #[test]
    fn the_successor_comes_after_everything_with_the_prefix() {
        assert_eq!(successor("a/").as_deref(), Some("a0"));
        assert_eq!(successor("a\u{D7FF}").as_deref(), Some("a\u{E000}"));
        assert_eq!(successor("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(successor("\u{10FFFF}"), None);
    }
}
