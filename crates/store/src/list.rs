//! Pages of a listing (s3-api.md 6, on-disk-format.md 11.2).
//!
//! Every drive of every set walks its names in order; [`merge`] brings the walks together, [`resolve`] says what a
//! set holds under a name, [`page`] groups names and cuts the page. What is kept in memory is a batch or two of each
//! walk and the page itself; where in the bucket the page begins makes no difference, since walks begin there.
//!
//! A name is listed if half of its set's drives hold it, whichever of them are online: what can be read is always
//! listed, what was deleted never comes back. With fewer than half of a set's drives there is no listing.

mod merge;
mod page;
mod resolve;

use crate::{ListPage, ListRequest, Listed, Store, StoreError};
use format::names::{NameError, check_prefix};
use merge::Merge;
use page::{Begin, Page};
use resolve::Versions;

/// Names within a group that are passed over one by one before the walks are begun anew behind the group: about
/// what that costs, each drive's batch being as long.
const SKIPS_BEFORE_SEEK: usize = 512;

/// A name as a listing meets it.
#[derive(Debug)]
struct Name {
    /// As clients name it; prefixes end in `/`.
    key: String,
    what: What,
}

#[derive(Debug)]
enum What {
    /// A directory that holds names; only from walks that don't recurse.
    Prefix,
    /// At least one version.
    Object(Versions),
}

impl Store {
    /// A page of a bucket's names. [`StoreError::BucketNotFound`]; [`StoreError::BadKey`] for a prefix that no key
    /// can have.
    pub async fn list(&self, request: ListRequest) -> Result<ListPage, StoreError> {
        self.inner.check_open()?;
        self.bucket(&request.bucket).await?;
        if request.limit == 0 || request.prefix.starts_with('/') {
            return Ok(ListPage::default());
        }
        match check_prefix(&request.prefix) {
            Ok(()) => {}
            // No key is that long: there is nothing to list, and nothing wrong with asking.
            Err(NameError::TooLong | NameError::ElementTooLong) => return Ok(ListPage::default()),
            Err(error) => return Err(StoreError::bad_key(&request.prefix, error)),
        }
        let mut page = Page::new(&request);
        let Some(begin) = page.begin() else { return Ok(ListPage::default()) };
        self.fill(&mut page, begin).await?;
        Ok(page.finish())
    }

    /// Whether any name in the bucket has a version or marker.
    pub(crate) async fn holds_anything(&self, bucket: &str) -> Result<bool, StoreError> {
        let request = ListRequest { bucket: bucket.to_owned(), limit: 1, versions: true, ..ListRequest::default() };
        let mut page = Page::new(&request);
        self.fill(&mut page, Begin::default()).await?;
        Ok(!page.finish().entries.is_empty())
    }

    async fn fill(&self, page: &mut Page<'_>, begin: Begin) -> Result<(), StoreError> {
        let sets: Vec<_> = self.inner.sets().cloned().collect();
        let mut merge = Merge::open(&sets, page.walk(begin));
        let mut skipped = 0;
        while !page.is_full() {
            let Some(name) = merge.next(page.wanted()).await? else { break };
            if !page.passes_over(&name.key) {
                skipped = 0;
                page.add(name)?;
                continue;
            }
            skipped += 1;
            if skipped == SKIPS_BEFORE_SEEK {
                skipped = 0;
                match page.behind_group() {
                    Some(begin) => merge = Merge::open(&sets, page.walk(begin)),
                    None => break,
                }
            }
        }
        Ok(())
    }
}

/// All keys of a bucket that begin with `prefix`, in byte order: for the server's own documents, of which there are
/// few.
pub(crate) async fn names_below(store: &Store, bucket: &str, prefix: &str) -> Result<Vec<String>, StoreError> {
    let request = ListRequest {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        limit: usize::MAX,
        ..ListRequest::default()
    };
    let mut page = Page::new(&request);
    store.fill(&mut page, Begin::default()).await?;
    let key = |entry| match entry {
        Listed::Object(info) => info.key,
        Listed::Prefix(prefix) => prefix,
    };
    Ok(page.finish().entries.into_iter().map(key).collect())
}
