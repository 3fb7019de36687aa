//! What a statement is about (spec iam-sts-and-config.md, section 7.4).

use super::PolicyError;
use super::values::Values;
use super::wildcard::Pattern;
use std::borrow::Cow;
use std::fmt;

const S3: &str = "arn:aws:s3:::";
const KMS: &str = "arn:minio:kms:::";
/// Not an ARN: written before the pattern, so that `*` is shown as `**`.
const ALL: &str = "*";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResourceKind {
    S3,
    Kms,
    All,
}

/// A pattern of buckets and objects, of keys, or of anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    kind: ResourceKind,
    pattern: Pattern,
}

impl Resource {
    pub(super) fn parse(text: &str) -> Result<Resource, PolicyError> {
        let named = |prefix: &str| text.strip_prefix(prefix).filter(|pattern| !pattern.is_empty());
        let (kind, pattern) = if let Some(pattern) = named(S3) {
            (ResourceKind::S3, pattern)
        } else if let Some(pattern) = named(KMS) {
            (ResourceKind::Kms, pattern)
        } else if text == ALL || text == S3 || text == KMS {
            // A prefix without a pattern matches nothing, but it is stored, and read again with a `*` before it.
            (ResourceKind::All, text)
        } else if let Some(pattern) = text.strip_prefix(ALL) {
            (ResourceKind::All, pattern)
        } else {
            return Err(PolicyError::Resource(text.to_owned()));
        };
        if pattern.is_empty() || pattern.starts_with('/') {
            return Err(PolicyError::Resource(text.to_owned()));
        }
        Ok(Resource { kind, pattern: Pattern::with_variables(pattern) })
    }

    pub(super) fn kind(&self) -> ResourceKind {
        self.kind
    }

    /// Whether it is a plain name of keys, or of anything: those have no path.
    pub(super) fn has_path(&self) -> bool {
        self.pattern().contains(['/', '\\', '.'])
    }

    /// The pattern as written, without what stands before it.
    pub(super) fn pattern(&self) -> &str {
        self.pattern.as_str()
    }

    /// Whether it matches `resource`: bucket, slash, key.
    pub(super) fn matches(&self, resource: &str, values: &dyn Values) -> bool {
        if self.pattern.matches(resource, values) {
            return true;
        }
        let clean = clean(resource);
        clean != resource && clean != "." && self.pattern.is_text(&clean, values)
    }

    /// Whether it can match the bucket or something in it.
    pub(super) fn reaches_into(&self, bucket: &str) -> bool {
        let pattern = self.pattern.as_str().as_bytes();
        if super::wildcard::fits(self.pattern.as_str(), bucket) {
            return true;
        }
        let wanted = bucket.bytes().chain([b'/']);
        for (at, byte) in wanted.enumerate() {
            match pattern.get(at) {
                Some(b'*') => return true,
                Some(b'?') => {}
                Some(found) if *found == byte => {}
                _ => return false,
            }
        }
        true
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.kind {
            ResourceKind::S3 => S3,
            ResourceKind::Kms => KMS,
            ResourceKind::All => ALL,
        };
        write!(f, "{prefix}{}", self.pattern.as_str())
    }
}

/// The shortest path that means the same: no trailing or doubled slash, `.` and `..` resolved.
fn clean(path: &str) -> Cow<'_, str> {
    let plain = |segment: &str| !matches!(segment, "" | "." | "..");
    if path.split('/').all(plain) {
        return Cow::Borrowed(path);
    }
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => match kept.last() {
                Some(&last) if last != ".." => {
                    kept.pop();
                }
                _ if rooted => {}
                _ => kept.push(".."),
            },
            segment => kept.push(segment),
        }
    }
    let joined = kept.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => Cow::Owned(format!("/{joined}")),
        (false, true) => Cow::Borrowed("."),
        (false, false) => Cow::Owned(joined),
    }
}

#[cfg(test)]
mod tests;
