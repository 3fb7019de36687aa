//! A bucket's versioning document ("PutBucketVersioning"), with MinIO's extensions: prefixes and folders that are
//! kept out of versioning.

#[cfg(test)]
mod tests;

use super::NAMESPACE;
use super::xml::{self, Element, malformed};
use crate::ServiceError;
use format::bucket_metadata::VERSIONING_ENABLED;
use store::Versioning;

/// Most excluded prefixes (MinIO's limit).
const MAX_EXCLUDED_PREFIXES: usize = 10;

/// A bucket's versioning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VersioningConfig {
    pub status: Versioning,
    /// Keys that match one of these (wildcards allowed) as a prefix aren't versioned.
    pub excluded_prefixes: Vec<String>,
    /// Keys that end in `/` aren't versioned.
    pub exclude_folders: bool,
    namespace: String,
}

impl VersioningConfig {
    /// From what a drive holds; empty means that versioning was never set.
    pub fn from_stored(document: &[u8]) -> Result<Self, ServiceError> {
        if document.is_empty() {
            return Ok(VersioningConfig::default());
        }
        if document == VERSIONING_ENABLED.as_bytes() {
            return Ok(VersioningConfig {
                status: Versioning::Enabled,
                namespace: NAMESPACE.to_owned(),
                ..VersioningConfig::default()
            });
        }
        Self::parse(document)
    }

    /// From what a client sends.
    pub fn parse(document: &[u8]) -> Result<Self, ServiceError> {
        let root = xml::parse(document, &["VersioningConfiguration"])?;
        let status = match root.child("Status").map(|status| status.text.as_str()) {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            None if root.children.is_empty() => Versioning::Off,
            Some(other) => return Err(invalid(format!("unsupported Versioning status {other}"))),
            None => return Err(invalid("unsupported Versioning status ")),
        };
        let prefixes: Result<Vec<_>, _> = root
            .all("ExcludedPrefixes")
            .flat_map(|list| list.children.iter())
            .map(|child| match child.name.as_str() {
                "Prefix" => Ok(child.text.clone()),
                other => Err(malformed(format!("unexpected element <{other}>"))),
            })
            .collect();
        let config = VersioningConfig {
            status,
            excluded_prefixes: prefixes?,
            exclude_folders: match root.child("ExcludeFolders").map(|flag| flag.text.as_str()) {
                None | Some("" | "false" | "0" | "False" | "FALSE" | "f" | "F") => false,
                Some("true" | "1" | "True" | "TRUE" | "t" | "T") => true,
                Some(other) => return Err(malformed(format!("'{other}' is not a boolean"))),
            },
            namespace: root.namespace,
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ServiceError> {
        if self.excluded_prefixes.len() > MAX_EXCLUDED_PREFIXES {
            return Err(invalid("too many excluded prefixes"));
        }
        let extended = !self.excluded_prefixes.is_empty() || self.exclude_folders;
        if extended && self.status != Versioning::Enabled {
            return Err(invalid("excluded prefixes extension supported only when versioning is enabled"));
        }
        Ok(())
    }

    /// As drives hold it.
    pub fn to_xml(&self) -> String {
        let mut root = Element { namespace: self.namespace.clone(), ..Element::new("VersioningConfiguration") };
        match self.status {
            Versioning::Off => {}
            Versioning::Enabled => root.children.push(Element::with_text("Status", "Enabled")),
            Versioning::Suspended => root.children.push(Element::with_text("Status", "Suspended")),
        }
        for prefix in &self.excluded_prefixes {
            let mut list = Element::new("ExcludedPrefixes");
            list.children.push(Element::with_text("Prefix", prefix));
            root.children.push(list);
        }
        if self.exclude_folders {
            root.children.push(Element::with_text("ExcludeFolders", "true"));
        }
        root.to_xml()
    }

    /// Whether a key is kept out of the bucket's versioning.
    pub fn excludes(&self, key: &str) -> bool {
        let folder = self.exclude_folders && key.ends_with('/');
        folder || self.excluded_prefixes.iter().any(|prefix| matches_prefix(prefix.as_bytes(), key.as_bytes()))
    }
}

fn invalid(reason: impl Into<String>) -> ServiceError {
    ServiceError::InvalidVersioning { reason: reason.into() }
}

/// Whether `pattern` with a `*` behind it matches `key`; `*` stands for any text, `?` for one byte. Linear in
/// pattern and key: only the last `*` is ever gone back to.
fn matches_prefix(pattern: &[u8], key: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < pattern.len() {
        if pattern[at] == b'*' {
            at += 1;
            retry = Some((at, seen));
        } else if seen < key.len() && (pattern[at] == b'?' || pattern[at] == key[seen]) {
            at += 1;
            seen += 1;
        } else if let Some((after_star, from)) = retry.filter(|(_, from)| *from < key.len()) {
            at = after_star;
            seen = from + 1;
            retry = Some((after_star, seen));
        } else {
            return false;
        }
    }
    true
}
