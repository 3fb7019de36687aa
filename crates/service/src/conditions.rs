//! Conditions on reads (RFC 9110 section 13.2.2, which the S3 reference follows).

#[cfg(test)]
mod tests;

use crate::request::ReadConditions;
use base::Timestamp;

/// What the conditions say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Go,
    /// The client's copy is good.
    NotModified,
    Failed,
}

/// Judges conditions in the order of the RFC: If-Match, without it If-Unmodified-Since; then If-None-Match, without
/// it If-Modified-Since. Times count in whole seconds.
pub(crate) fn judge(conditions: &ReadConditions, etag: &str, modified: Timestamp) -> Verdict {
    if let Some(wanted) = &conditions.if_match {
        if !matches_any(wanted, etag) {
            return Verdict::Failed;
        }
    } else if conditions.if_unmodified_since.is_some_and(|since| modified.secs() > since.secs()) {
        return Verdict::Failed;
    }
    if let Some(unwanted) = &conditions.if_none_match {
        if matches_any(unwanted, etag) {
            return Verdict::NotModified;
        }
    } else if conditions.if_modified_since.is_some_and(|since| modified.secs() <= since.secs()) {
        return Verdict::NotModified;
    }
    Verdict::Go
}

fn matches_any(etags: &[String], etag: &str) -> bool {
    etags.iter().any(|wanted| wanted == "*" || wanted == etag)
}
