//! Lifecycle documents from clients: every form that the S3 reference documents ("PutBucketLifecycleConfiguration"), and
//! MinIO's extensions, checked and brought into the form in which drives hold them.
//!
//! Storage classes of transitions may have any name: whoever moves objects knows what tiers there are.

#[cfg(test)]
mod tests;

use crate::ServiceError;
use crate::documents::xml::{self, Element, malformed};
use base::{Random, Timestamp};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Most rules of a document, and longest id in characters (S3 reference).
const MAX_RULES: usize = 1000;
const MAX_ID: usize = 255;
/// Most noncurrent versions that a rule may keep (S3 reference, NewerNoncurrentVersions).
const MAX_NEWER: u64 = 100;

/// What is to be stored of a client's document. Rules without an id get one. `locked`: the bucket has object lock.
pub(crate) fn stored(
    document: &[u8],
    locked: bool,
    now: Timestamp,
    random: &dyn Random,
) -> Result<String, ServiceError> {
    let sent = xml::parse(document, &["LifecycleConfiguration", "BucketLifecycleConfiguration"])?;
    let mut root = Element::new("LifecycleConfiguration");
    for rule in &sent.children {
        if rule.name != "Rule" {
            return Err(unexpected(rule));
        }
        root.children.push(checked_rule(rule, locked)?);
    }
    match root.children.len() {
        0 => return Err(invalid("Lifecycle configuration should have at least one rule")),
        count if count > MAX_RULES => {
            return Err(invalid("Lifecycle configuration allows a maximum of 1000 rules"));
        }
        _ => {}
    }
    name_rules(&mut root.children, random)?;
    let expires =
        |rule: &Element| ["Expiration", "NoncurrentVersionExpiration"].iter().any(|n| rule.child(n).is_some());
    if root.children.iter().any(expires) {
        root.children.push(Element::with_text("ExpiryUpdatedAt", &rfc3339(now)));
    }
    Ok(root.to_xml())
}

/// What stays when a document is removed: when expirations were last changed, if there were some.
pub(crate) fn removed(stored: &[u8], now: Timestamp) -> String {
    let expired = String::from_utf8_lossy(stored).contains(super::EXPIRY_UPDATED.0);
    if !expired {
        return String::new();
    }
    let mut root = Element::new("LifecycleConfiguration");
    root.children.push(Element::with_text("ExpiryUpdatedAt", &rfc3339(now)));
    root.to_xml()
}

/// Ids are unique; rules that were sent without one are named at random.
fn name_rules(rules: &mut [Element], random: &dyn Random) -> Result<(), ServiceError> {
    let mut ids = BTreeSet::new();
    for rule in rules {
        let mut id = rule.child("ID").map_or(String::new(), |id| id.text.clone());
        if id.chars().count() > MAX_ID {
            return Err(invalid("ID length is limited to 255 characters"));
        }
        if id.is_empty() {
            let mut bytes = [0; 10];
            random.fill(&mut bytes);
            id = hex::encode(bytes);
            rule.children.retain(|child| child.name != "ID");
            rule.children.insert(0, Element::with_text("ID", &id));
        }
        if !ids.insert(id) {
            return Err(invalid("Rule ID must be unique. Found same ID for more than one rule"));
        }
    }
    Ok(())
}

fn checked_rule(rule: &Element, locked: bool) -> Result<Element, ServiceError> {
    let mut out = Element::new("Rule");
    let mut acts = false;
    for child in &rule.children {
        let repeatable = matches!(child.name.as_str(), "Transition" | "NoncurrentVersionTransition");
        if !repeatable && out.child(&child.name).is_some() {
            return Err(malformed(format!("more than one <{}>", child.name)));
        }
        out.children.push(match child.name.as_str() {
            "ID" | "Prefix" => leaf(child)?,
            "Status" => status(child)?,
            "Filter" => filter(child)?,
            "Expiration" => expiration(child, locked)?,
            "DelMarkerExpiration" if locked => return Err(locked_bucket()),
            "DelMarkerExpiration" => marker_expiration(child)?,
            "Transition" => transition(child)?,
            "NoncurrentVersionExpiration" => noncurrent(child, false)?,
            "NoncurrentVersionTransition" => noncurrent(child, true)?,
            "AbortIncompleteMultipartUpload" => abort(child)?,
            _ => return Err(unexpected(child)),
        });
        acts |= !matches!(child.name.as_str(), "ID" | "Prefix" | "Status" | "Filter");
    }
    if out.child("Status").is_none() {
        return Err(malformed("a rule without Status"));
    }
    if out.child("Filter").is_some() && out.child("Prefix").is_some() {
        return Err(malformed("a rule with both Filter and Prefix"));
    }
    if !acts {
        return Err(invalid("At least one action needs to be specified in a rule"));
    }
    check_tags(&out)?;
    Ok(out)
}

/// What can't be done to the objects that tags choose.
fn check_tags(rule: &Element) -> Result<(), ServiceError> {
    let Some(filter) = rule.child("Filter") else { return Ok(()) };
    let tagged = filter.child("Tag").is_some() || filter.child("And").is_some_and(|and| and.child("Tag").is_some());
    let markers = rule.child("Expiration").is_some_and(|e| e.child("ExpiredObjectDeleteMarker").is_some());
    match tagged {
        true if rule.child("DelMarkerExpiration").is_some() || markers => {
            Err(invalid("Rule with DelMarkerExpiration cannot have tags based filtering"))
        }
        true if rule.child("AbortIncompleteMultipartUpload").is_some() => {
            Err(invalid("AbortIncompleteMultipartUpload cannot be specified with Tags."))
        }
        _ => Ok(()),
    }
}

fn status(element: &Element) -> Result<Element, ServiceError> {
    match element.text.as_str() {
        "Enabled" | "Disabled" => leaf(element),
        _ => Err(malformed("Status must be set to either Enabled or Disabled")),
    }
}

fn filter(element: &Element) -> Result<Element, ServiceError> {
    if element.children.len() > 1 {
        return Err(malformed("Filter must have exactly one of Prefix, Tag, or And specified"));
    }
    let mut out = Element::new("Filter");
    for child in &element.children {
        out.children.push(if child.name == "And" { all_of(child)? } else { condition(child)? });
    }
    Ok(out)
}

fn all_of(element: &Element) -> Result<Element, ServiceError> {
    let mut out = Element::new("And");
    for child in &element.children {
        let child = condition(child)?;
        if child.name != "Tag" && out.child(&child.name).is_some() {
            return Err(malformed(format!("more than one <{}>", child.name)));
        }
        out.children.push(child);
    }
    let mut keys = BTreeSet::new();
    if !out.all("Tag").all(|tag| keys.insert(tag.child("Key").map(|key| &key.text))) {
        return Err(invalid("Duplicate Tag Keys are not allowed"));
    }
    let size = |name: &str| out.child(name).and_then(|size| size.text.parse::<u64>().ok());
    match (size("ObjectSizeGreaterThan"), size("ObjectSizeLessThan")) {
        (Some(above), Some(below)) if above >= below => {
            Err(invalid("ObjectSizeLessThan has to be a value greater than ObjectSizeGreaterThan"))
        }
        _ => Ok(out),
    }
}

fn condition(element: &Element) -> Result<Element, ServiceError> {
    match element.name.as_str() {
        "Prefix" => leaf(element),
        "Tag" => tag(element),
        "ObjectSizeGreaterThan" | "ObjectSizeLessThan" => {
            number(element, 0, u64::MAX, "must be a number of bytes")?;
            leaf(element)
        }
        _ => Err(unexpected(element)),
    }
}

fn tag(element: &Element) -> Result<Element, ServiceError> {
    let mut out = Element::new("Tag");
    for child in &element.children {
        let known = matches!(child.name.as_str(), "Key" | "Value") && out.child(&child.name).is_none();
        out.children.push(if known { leaf(child)? } else { return Err(unexpected(child)) });
    }
    let length = |name: &str| out.child(name).map_or(0, |child| child.text.chars().count());
    match (length("Key"), length("Value")) {
        (1..=128, 0..=256) => Ok(out),
        _ => Err(invalid("The TagKey you have provided is invalid")),
    }
}

fn expiration(element: &Element, locked: bool) -> Result<Element, ServiceError> {
    let mut out = Element::new("Expiration");
    for child in &element.children {
        out.children.push(match child.name.as_str() {
            "Days" => {
                number(child, 1, u64::MAX, "must be positive integer when used with Expiration")?;
                leaf(child)?
            }
            "Date" => midnight(child)?,
            "ExpiredObjectAllVersions" if locked => return Err(locked_bucket()),
            "ExpiredObjectDeleteMarker" | "ExpiredObjectAllVersions" => boolean(child)?,
            _ => return Err(unexpected(child)),
        });
    }
    let has = |name: &str| out.child(name).is_some();
    match [has("Days"), has("Date"), has("ExpiredObjectDeleteMarker")] {
        [true, false, false] => Ok(out),
        _ if has("ExpiredObjectAllVersions") => {
            Err(invalid("Days (positive integer) should be present inside Expiration with ExpiredObjectAllVersions."))
        }
        [false, true, false] | [false, false, true] => Ok(out),
        [_, _, true] => {
            Err(malformed("Delete marker cannot be specified with Days or Date in a Lifecycle Expiration Policy"))
        }
        _ => Err(malformed(
            "Exactly one of Days (positive integer) or Date (positive ISO 8601 format) should be present inside Expiration.",
        )),
    }
}

fn marker_expiration(element: &Element) -> Result<Element, ServiceError> {
    only(element, &["Days"], |child| number(child, 1, u64::MAX, "must be a positive integer with DelMarkerExpiration"))
}

fn abort(element: &Element) -> Result<Element, ServiceError> {
    only(element, &["DaysAfterInitiation"], |child| number(child, 1, u64::MAX, "must be a positive integer"))
}

fn transition(element: &Element) -> Result<Element, ServiceError> {
    let mut out = Element::new("Transition");
    for child in &element.children {
        out.children.push(match child.name.as_str() {
            "Days" => {
                number(child, 0, u64::MAX, "must be 0 or greater when used with Transition")?;
                leaf(child)?
            }
            "Date" => midnight(child)?,
            "StorageClass" => storage_class(child)?,
            _ => return Err(unexpected(child)),
        });
    }
    let has = |name: &str| out.child(name).is_some();
    if has("Days") && has("Date") {
        return Err(malformed(
            "Exactly one of Days (0 or greater) or Date (positive ISO 8601 format) should be present in Transition.",
        ));
    }
    if has("StorageClass") { Ok(out) } else { Err(malformed("a Transition without StorageClass")) }
}

fn noncurrent(element: &Element, moves: bool) -> Result<Element, ServiceError> {
    let mut out = Element::new(&element.name);
    for child in &element.children {
        // MinIO's clients once had another name for it.
        let name = if child.name == "MaxNoncurrentVersions" { "NewerNoncurrentVersions" } else { child.name.as_str() };
        let child = match name {
            "NoncurrentDays" => {
                number(child, u64::from(!moves), u64::MAX, "must be a positive integer")?;
                leaf(child)?
            }
            "NewerNoncurrentVersions" => {
                number(child, 1, MAX_NEWER, "must be between 1 and 100")?;
                Element::with_text(name, &child.text)
            }
            "StorageClass" if moves => storage_class(child)?,
            _ => return Err(unexpected(child)),
        };
        if out.child(name).is_some() {
            return Err(malformed(format!("more than one <{name}>")));
        }
        out.children.push(child);
    }
    let complete = if moves { out.child("StorageClass").is_some() } else { !out.children.is_empty() };
    if complete { Ok(out) } else { Err(malformed(format!("an incomplete <{}>", element.name))) }
}

fn storage_class(element: &Element) -> Result<Element, ServiceError> {
    if element.text.is_empty() { Err(malformed("an empty StorageClass")) } else { leaf(element) }
}

/// A date without time, UTC: the form in which drives hold it.
fn midnight(element: &Element) -> Result<Element, ServiceError> {
    let parsed = OffsetDateTime::parse(&element.text, &Rfc3339).ok();
    let date = parsed.ok_or_else(|| invalid("Date must be provided in ISO 8601 format"))?;
    let date = date.to_offset(time::UtcOffset::UTC);
    if date.time() != time::Time::MIDNIGHT {
        return Err(invalid("'Date' must be at midnight GMT"));
    }
    let text = date.format(&Rfc3339).map_err(|_| invalid("Date must be provided in ISO 8601 format"))?;
    Ok(Element::with_text("Date", &text))
}

fn boolean(element: &Element) -> Result<Element, ServiceError> {
    match element.text.as_str() {
        "true" | "false" => leaf(element),
        other => Err(malformed(format!("'{other}' is not a boolean"))),
    }
}

/// An element that has children of these names only, each once, at least one.
fn only(
    element: &Element,
    names: &[&str],
    check: impl Fn(&Element) -> Result<u64, ServiceError>,
) -> Result<Element, ServiceError> {
    let mut out = Element::new(&element.name);
    for child in &element.children {
        if !names.contains(&child.name.as_str()) || out.child(&child.name).is_some() {
            return Err(unexpected(child));
        }
        check(child)?;
        out.children.push(leaf(child)?);
    }
    if out.children.is_empty() { Err(malformed(format!("an empty <{}>", element.name))) } else { Ok(out) }
}

fn number(element: &Element, least: u64, most: u64, otherwise: &str) -> Result<u64, ServiceError> {
    // Drives hold numbers of 32 bits with a sign, but for sizes.
    let limit = if element.name.starts_with("ObjectSize") { u64::MAX } else { i32::MAX.unsigned_abs().into() };
    match element.text.parse::<i64>().map(u64::try_from) {
        Ok(Ok(value)) if (least..=most.min(limit)).contains(&value) => Ok(value),
        Ok(_) => Err(invalid(format!("{} {otherwise}", element.name))),
        Err(_) => Err(malformed(format!("'{}' is not a number", element.text))),
    }
}

/// An element that has a text and no children.
fn leaf(element: &Element) -> Result<Element, ServiceError> {
    match element.children.first() {
        Some(child) => Err(unexpected(child)),
        None => Ok(Element::with_text(&element.name, &element.text)),
    }
}

fn rfc3339(time: Timestamp) -> String {
    let date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.nanos()));
    date.ok().and_then(|date| date.format(&Rfc3339).ok()).unwrap_or_default()
}

fn unexpected(element: &Element) -> ServiceError {
    malformed(format!("unexpected element <{}>", element.name))
}

fn locked_bucket() -> ServiceError {
    invalid(
        "ExpiredObjectAllVersions element and DelMarkerExpiration action cannot be used on an object locked bucket.",
    )
}

fn invalid(reason: impl Into<String>) -> ServiceError {
    ServiceError::InvalidArgument { reason: reason.into() }
}
