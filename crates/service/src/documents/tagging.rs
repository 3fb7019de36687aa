//! A bucket's tags as drives hold them.

#[cfg(test)]
mod tests;

use super::xml::{self, Element};
use crate::{ServiceError, Tags};

/// From what a drive holds.
pub(crate) fn from_stored(document: &[u8]) -> Result<Tags, ServiceError> {
    let root = xml::parse(document, &["Tagging"])?;
    let tags = root.child("TagSet").into_iter().flat_map(|set| set.all("Tag"));
    let text = |tag: &Element, name: &str| tag.child(name).map_or(String::new(), |element| element.text.clone());
    Tags::for_bucket(tags.map(|tag| (text(tag, "Key"), text(tag, "Value"))))
}

/// As drives hold it: without namespace.
pub(crate) fn to_xml(tags: &Tags) -> String {
    let mut set = Element::new("TagSet");
    for (key, value) in tags.iter() {
        let mut tag = Element::new("Tag");
        tag.children = vec![Element::with_text("Key", key), Element::with_text("Value", value)];
        set.children.push(tag);
    }
    let mut root = Element::new("Tagging");
    root.children.push(set);
    root.to_xml()
}
