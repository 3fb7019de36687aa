//! A bucket's logging document ("PutBucketLogging"): where the records of requests to it go.

#[cfg(test)]
mod tests;

use super::NAMESPACE;
use super::xml::{self, Element, malformed};
use crate::ServiceError;
use iam::{AclGrant, Grantee, MAX_GRANTS, Permission};

/// Longest prefix, in bytes: account, region, bucket, date and a unique part follow it in a key of 1,024.
const MAX_PREFIX: usize = 512;

/// Where records go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LoggingConfig {
    pub target_bucket: String,
    pub target_prefix: String,
    pub key_format: KeyFormat,
    /// Who is given something of each log.
    pub grants: Vec<AclGrant>,
}

/// What follows the prefix in the key of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyFormat {
    Simple,
    /// Account, region, bucket and date as folders; of the requests, or of the delivery.
    Partitioned {
        by_event: bool,
    },
}

impl LoggingConfig {
    /// Reads and checks what a client sent or a drive holds; `None`: nothing is logged.
    pub fn parse(document: &[u8]) -> Result<Option<Self>, ServiceError> {
        let root = xml::parse(document, &["BucketLoggingStatus"])?;
        let enabled = match root.children.as_slice() {
            [] => return Ok(None),
            [enabled] if enabled.name == "LoggingEnabled" => enabled,
            _ => return Err(malformed("BucketLoggingStatus has a LoggingEnabled or nothing")),
        };
        let mut config = LoggingConfig {
            target_bucket: String::new(),
            target_prefix: String::new(),
            key_format: KeyFormat::Simple,
            grants: Vec::new(),
        };
        let mut prefix = None;
        for child in &enabled.children {
            match child.name.as_str() {
                "TargetBucket" if config.target_bucket.is_empty() => config.target_bucket.clone_from(&child.text),
                "TargetPrefix" if prefix.is_none() => prefix = Some(child.text.clone()),
                "TargetObjectKeyFormat" => config.key_format = key_format(child)?,
                "TargetGrants" => config.grants = child.children.iter().map(grant).collect::<Result<_, _>>()?,
                other => return Err(malformed(format!("<{other}> can't be here"))),
            }
        }
        config.target_prefix = prefix.ok_or_else(|| malformed("TargetPrefix is missing"))?;
        if config.target_bucket.is_empty() {
            return Err(malformed("TargetBucket is missing"));
        }
        if config.target_prefix.len() > MAX_PREFIX || config.grants.len() > MAX_GRANTS {
            return Err(malformed("the prefix is too long, or there are too many grants"));
        }
        Ok(Some(config))
    }

    /// As it is kept and shown. `None`: nothing is logged.
    pub fn to_xml(config: Option<&Self>) -> String {
        let mut root = Element { namespace: NAMESPACE.to_owned(), ..Element::new("BucketLoggingStatus") };
        root.children.extend(config.map(LoggingConfig::element));
        root.to_xml()
    }

    fn element(&self) -> Element {
        let mut enabled = Element::new("LoggingEnabled");
        enabled.children.push(Element::with_text("TargetBucket", &self.target_bucket));
        if !self.grants.is_empty() {
            let children = self.grants.iter().map(grant_element).collect();
            enabled.children.push(Element { children, ..Element::new("TargetGrants") });
        }
        enabled.children.push(Element::with_text("TargetPrefix", &self.target_prefix));
        let format = match self.key_format {
            KeyFormat::Simple => Element::new("SimplePrefix"),
            KeyFormat::Partitioned { by_event } => {
                let source = if by_event { "EventTime" } else { "DeliveryTime" };
                let children = vec![Element::with_text("PartitionDateSource", source)];
                Element { children, ..Element::new("PartitionedPrefix") }
            }
        };
        enabled.children.push(Element { children: vec![format], ..Element::new("TargetObjectKeyFormat") });
        enabled
    }
}

fn key_format(element: &Element) -> Result<KeyFormat, ServiceError> {
    let [format] = element.children.as_slice() else {
        return Err(malformed("TargetObjectKeyFormat has a SimplePrefix or a PartitionedPrefix"));
    };
    match (format.name.as_str(), format.child("PartitionDateSource").map(|source| source.text.as_str())) {
        ("SimplePrefix", None) => Ok(KeyFormat::Simple),
        ("PartitionedPrefix", None | Some("DeliveryTime")) => Ok(KeyFormat::Partitioned { by_event: false }),
        ("PartitionedPrefix", Some("EventTime")) => Ok(KeyFormat::Partitioned { by_event: true }),
        _ => Err(malformed("a PartitionDateSource is EventTime or DeliveryTime")),
    }
}

fn grant(element: &Element) -> Result<AclGrant, ServiceError> {
    let wrong = || malformed("a Grant has a Grantee with ID or URI, and a Permission: FULL_CONTROL, READ or WRITE");
    let grantee = element.child("Grantee").filter(|_| element.name == "Grant").ok_or_else(wrong)?;
    let grantee = match (grantee.child("ID"), grantee.child("URI")) {
        (Some(id), None) if !id.text.is_empty() => Grantee::User(id.text.clone()),
        (None, Some(uri)) => Grantee::of_uri(&uri.text).ok_or_else(wrong)?,
        _ => return Err(wrong()),
    };
    let permission = element.child("Permission").and_then(|permission| Permission::from_name(&permission.text));
    let known =
        |permission: &Permission| matches!(permission, Permission::FullControl | Permission::Read | Permission::Write);
    Ok(AclGrant { grantee, permission: permission.filter(known).ok_or_else(wrong)? })
}

fn grant_element(grant: &AclGrant) -> Element {
    const XSI: (&str, &str) = ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    let (kind, who) = match &grant.grantee {
        Grantee::User(id) => ("CanonicalUser", Element::with_text("ID", id)),
        group => ("Group", Element::with_text("URI", group.uri().unwrap_or_default())),
    };
    let attributes = vec![XSI, ("xsi:type", kind)];
    let grantee = Element { attributes, children: vec![who], ..Element::new("Grantee") };
    let children = vec![grantee, Element::with_text("Permission", grant.permission.name())];
    Element { children, ..Element::new("Grant") }
}
