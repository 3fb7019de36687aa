//! A bucket's encryption document ("PutBucketEncryption"): how objects are encrypted whose requests don't say.

#[cfg(test)]
mod tests;

use super::NAMESPACE;
use super::xml::{self, Element, malformed};
use crate::ServiceError;
use crate::request::Encryption;
use seal::Context;

/// A bucket's default encryption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DefaultEncryption {
    /// The key of SSE-KMS, as the user wrote it; `None`: SSE-S3.
    pub key_id: Option<String>,
    namespace: String,
}

impl DefaultEncryption {
    /// From what a drive holds; empty means that none was set.
    pub fn from_stored(document: &[u8]) -> Result<Option<Self>, ServiceError> {
        if document.is_empty() { Ok(None) } else { Self::parse(document).map(Some) }
    }

    /// From what a client sends. Elements that aren't known are left out.
    pub fn parse(document: &[u8]) -> Result<Self, ServiceError> {
        let root = xml::parse(document, &["ServerSideEncryptionConfiguration"])?;
        let mut rules = root.all("Rule");
        let (Some(rule), None) = (rules.next(), rules.next()) else {
            return Err(malformed("only one server-side encryption rule is allowed at a time"));
        };
        let default = rule.child("ApplyServerSideEncryptionByDefault");
        let text = |name: &str| default.and_then(|default| default.child(name)).map_or("", |child| child.text.as_str());
        let key_id = match (text("SSEAlgorithm"), text("KMSMasterKeyID")) {
            ("AES256", "") => None,
            ("AES256", _) => return Err(malformed("MasterKeyID is allowed with aws:kms only")),
            ("aws:kms", "") => return Err(malformed("MasterKeyID is missing with aws:kms")),
            ("aws:kms", key_id) => Some(key_id.to_owned()),
            _ => return Err(malformed("Unknown SSE algorithm")),
        };
        let namespace = if root.namespace.is_empty() { NAMESPACE } else { &root.namespace };
        Ok(DefaultEncryption { key_id, namespace: namespace.to_owned() })
    }

    /// As drives hold it.
    pub fn to_xml(&self) -> String {
        let mut default = Element::new("ApplyServerSideEncryptionByDefault");
        let algorithm = if self.key_id.is_some() { "aws:kms" } else { "AES256" };
        default.children.push(Element::with_text("SSEAlgorithm", algorithm));
        if let Some(key_id) = &self.key_id {
            default.children.push(Element::with_text("KMSMasterKeyID", key_id));
        }
        let mut rule = Element::new("Rule");
        rule.children.push(default);
        let mut root = Element::new("ServerSideEncryptionConfiguration");
        root.namespace = self.namespace.clone();
        root.children.push(rule);
        root.to_xml()
    }

    /// What it means for a write.
    pub fn encryption(&self) -> Encryption {
        match &self.key_id {
            None => Encryption::Server,
            Some(key_id) => Encryption::KeyService {
                key_id: Some(crate::keys::key_name(key_id).to_owned()),
                context: Context::default(),
            },
        }
    }
}
