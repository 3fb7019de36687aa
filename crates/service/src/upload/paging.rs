//! Cutting a page out of a bucket's uploads ("ListMultipartUploads").

#[cfg(test)]
mod tests;

use crate::answer::{Upload, UploadListing};
use crate::limits::MAX_LIST_PARTS;
use crate::request::ListUploads;

/// The page that `request` asks for, out of all uploads whose keys begin with its prefix, sorted by key and then by
/// time of beginning.
pub(super) fn page(uploads: impl Iterator<Item = Upload>, request: &ListUploads) -> UploadListing {
    let limit = request.limit.min(MAX_LIST_PARTS);
    let mut page = UploadListing::default();
    let mut past_marker_id = false;
    for upload in uploads {
        if is_before(&upload, request, &mut past_marker_id) {
            continue;
        }
        let prefix = common_prefix(&upload.key, request);
        if prefix.is_some_and(|prefix| page.prefixes.last().is_some_and(|last| last == prefix)) {
            continue;
        }
        if page.uploads.len() + page.prefixes.len() == limit {
            page.truncated = limit > 0;
            break;
        }
        match prefix {
            Some(prefix) => {
                page.next_key = prefix.to_owned();
                page.next_upload_id.clear();
                page.prefixes.push(prefix.to_owned());
            }
            None => {
                page.next_key.clone_from(&upload.key);
                page.next_upload_id.clone_from(&upload.upload_id);
                page.uploads.push(upload);
            }
        }
    }
    if !page.truncated {
        page.next_key.clear();
        page.next_upload_id.clear();
    }
    page
}

/// Whether an upload was on an earlier page. `past_marker_id` remembers that the marker's own upload has gone by.
fn is_before(upload: &Upload, request: &ListUploads, past_marker_id: &mut bool) -> bool {
    let marker = request.key_marker.as_str();
    if marker.is_empty() {
        return false;
    }
    if upload.key == marker && !request.upload_id_marker.is_empty() {
        let before = !*past_marker_id;
        *past_marker_id |= upload.upload_id == request.upload_id_marker;
        return before;
    }
    let grouped = common_prefix(&upload.key, request).is_some_and(|prefix| prefix == marker);
    upload.key.as_str() <= marker || grouped
}

fn common_prefix<'a>(key: &'a str, request: &ListUploads) -> Option<&'a str> {
    if request.delimiter.is_empty() {
        return None;
    }
    let rest = key.strip_prefix(&request.prefix)?;
    let end = rest.find(&request.delimiter)? + request.delimiter.len();
    key.get(..request.prefix.len() + end)
}
