//! Configurations of which a bucket can have many: analytics, intelligent tiering, inventory, metrics.

#[cfg(test)]
mod tests;

use super::NAMESPACE;
use super::schema::{Field, Holds, check};
use super::xml::{self, Element, malformed};
use crate::{ConfigurationList, ServiceError};

/// Most configurations of a kind: S3's limit of each.
const MOST: usize = 1000;
/// Longest id, as S3 has it.
const MAX_ID: usize = 64;
/// The root of what a drive holds.
const STORED: &str = "Configurations";

const TAG: Holds = Holds::All(&[Field::one("Key", Holds::Text), Field::one("Value", Holds::AnyText)]);
/// More tags than an object has.
const MANY_TAGS: usize = 50;

const FILTER: Holds = Holds::One(&[
    Field::one("Prefix", Holds::AnyText),
    Field::one("Tag", TAG),
    Field::one("And", Holds::All(&[Field::maybe("Prefix", Holds::AnyText), Field::many("Tag", TAG, 0..=MANY_TAGS)])),
]);

const METRICS_FILTER: Holds = Holds::One(&[
    Field::one("Prefix", Holds::AnyText),
    Field::one("Tag", TAG),
    Field::one("AccessPointArn", Holds::Text),
    Field::one(
        "And",
        Holds::All(&[
            Field::maybe("Prefix", Holds::AnyText),
            Field::many("Tag", TAG, 0..=MANY_TAGS),
            Field::maybe("AccessPointArn", Holds::Text),
        ]),
    ),
]);

const METRICS: Holds = Holds::All(&[Field::one("Id", Holds::Text), Field::maybe("Filter", METRICS_FILTER)]);

const ANALYTICS: Holds = Holds::All(&[
    Field::one("Id", Holds::Text),
    Field::maybe("Filter", FILTER),
    Field::one("StorageClassAnalysis", Holds::All(&[Field::maybe("DataExport", ANALYTICS_EXPORT)])),
]);

const ANALYTICS_EXPORT: Holds = Holds::All(&[
    Field::one("OutputSchemaVersion", Holds::Word(&["V_1"])),
    Field::one("Destination", Holds::All(&[Field::one("S3BucketDestination", ANALYTICS_DESTINATION)])),
]);

const ANALYTICS_DESTINATION: Holds = Holds::All(&[
    Field::one("Format", Holds::Word(&["CSV"])),
    Field::maybe("BucketAccountId", Holds::Text),
    Field::one("Bucket", Holds::Text),
    Field::maybe("Prefix", Holds::AnyText),
]);

/// Most fields of an inventory: more than there are.
const MANY_FIELDS: usize = 50;

const INVENTORY: Holds = Holds::All(&[
    Field::one("Destination", Holds::All(&[Field::one("S3BucketDestination", INVENTORY_DESTINATION)])),
    Field::one("IsEnabled", Holds::Word(&["true", "false"])),
    Field::maybe("Filter", Holds::All(&[Field::one("Prefix", Holds::AnyText)])),
    Field::one("Id", Holds::Text),
    Field::one("IncludedObjectVersions", Holds::Word(&["All", "Current"])),
    Field::maybe("OptionalFields", Holds::All(&[Field::many("Field", INVENTORY_FIELD, 0..=MANY_FIELDS)])),
    Field::one("Schedule", Holds::All(&[Field::one("Frequency", Holds::Word(&["Daily", "Weekly"]))])),
]);

const INVENTORY_FIELD: Holds = Holds::Word(&[
    "Size",
    "LastModifiedDate",
    "StorageClass",
    "ETag",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "EncryptionStatus",
    "ObjectLockRetainUntilDate",
    "ObjectLockMode",
    "ObjectLockLegalHoldStatus",
    "IntelligentTieringAccessTier",
    "BucketKeyStatus",
    "ChecksumAlgorithm",
    "ObjectAccessControlList",
    "ObjectOwner",
    "LifecycleExpirationDate",
]);

const INVENTORY_DESTINATION: Holds = Holds::All(&[
    Field::maybe("AccountId", Holds::Text),
    Field::one("Bucket", Holds::Text),
    Field::one("Format", Holds::Word(&["CSV", "ORC", "Parquet"])),
    Field::maybe("Prefix", Holds::AnyText),
    Field::maybe(
        "Encryption",
        Holds::One(&[
            Field::one("SSE-S3", Holds::All(&[])),
            Field::one("SSE-KMS", Holds::All(&[Field::one("KeyId", Holds::Text)])),
        ]),
    ),
]);

/// Days after which the two tiers of archives can be reached, as S3 has them.
const TIERING: Holds = Holds::All(&[
    Field::one("Days", Holds::Number(90, 730)),
    Field::one("AccessTier", Holds::Word(&["ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"])),
]);

const INTELLIGENT_TIERING: Holds = Holds::All(&[
    Field::one("Id", Holds::Text),
    Field::maybe("Filter", FILTER),
    Field::one("Status", Holds::Word(&["Enabled", "Disabled"])),
    Field::many("Tiering", TIERING, 1..=2),
]);

fn holds(list: ConfigurationList) -> Holds {
    match list {
        ConfigurationList::Analytics => ANALYTICS,
        ConfigurationList::IntelligentTiering => INTELLIGENT_TIERING,
        ConfigurationList::Inventory => INVENTORY,
        ConfigurationList::Metrics => METRICS,
    }
}

/// One configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedConfig {
    /// Without namespace.
    element: Element,
}

impl ListedConfig {
    /// Reads and checks what a client sent.
    pub fn parse(document: &[u8], list: ConfigurationList) -> Result<Self, ServiceError> {
        let mut element = xml::parse(document, &[list.element()])?;
        check(&element, holds(list))?;
        element.namespace.clear();
        let config = ListedConfig { element };
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if config.id().len() > MAX_ID || !config.id().bytes().all(fine) {
            return Err(malformed("an Id has up to 64 letters, digits, -, _ and ."));
        }
        Ok(config)
    }

    pub fn id(&self) -> &str {
        self.element.child("Id").map_or("", |id| &id.text)
    }

    /// As a document of its own.
    pub fn to_xml(&self) -> String {
        Element { namespace: NAMESPACE.to_owned(), ..self.element.clone() }.to_xml()
    }

    /// As an element of a list.
    pub fn to_inner_xml(&self) -> String {
        self.element.to_xml()
    }
}

/// Puts a configuration in the place of that of the same id, else behind the others in the order of ids.
pub(crate) fn put(all: &mut Vec<ListedConfig>, config: ListedConfig) -> Result<(), ServiceError> {
    match all.binary_search_by(|known| known.id().cmp(config.id())) {
        Ok(at) => all[at] = config,
        Err(_) if all.len() >= MOST => {
            let reason = format!("a bucket can have {MOST} configurations of a kind");
            return Err(ServiceError::TooManyConfigurations { reason });
        }
        Err(at) => all.insert(at, config),
    }
    Ok(())
}

/// All configurations of what a drive holds.
pub(crate) fn from_stored(document: &[u8], list: ConfigurationList) -> Result<Vec<ListedConfig>, ServiceError> {
    if document.is_empty() {
        return Ok(Vec::new());
    }
    let root = xml::parse(document, &[STORED])?;
    let all = root.children.into_iter().filter(|element| element.name == list.element());
    Ok(all.map(|element| ListedConfig { element }).collect())
}

/// What a drive holds; empty if there is nothing.
pub(crate) fn to_stored(all: &[ListedConfig]) -> String {
    let children: Vec<Element> = all.iter().map(|config| config.element.clone()).collect();
    if children.is_empty() { String::new() } else { Element { children, ..Element::new(STORED) }.to_xml() }
}
