//! `Tagging`: the tags of an object or bucket.

use crate::error::S3Result;
use crate::xml::{Reader, Writer};
use service::Tags;

/// The pairs of a document, not checked yet.
pub fn parse_tagging(document: &[u8]) -> S3Result<Vec<(String, String)>> {
    let mut xml = Reader::open(document, "Tagging")?;
    let mut pairs = Vec::new();
    while let Some(name) = xml.child()? {
        if name != "TagSet" {
            xml.skip()?;
            continue;
        }
        while let Some(name) = xml.child()? {
            match name.as_str() {
                "Tag" => pairs.push(tag(&mut xml)?),
                _ => xml.skip()?,
            }
        }
    }
    Ok(pairs)
}

fn tag(xml: &mut Reader<'_>) -> S3Result<(String, String)> {
    let (mut key, mut value) = (String::new(), String::new());
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "Key" => key = xml.text()?,
            "Value" => value = xml.text()?,
            _ => xml.skip()?,
        }
    }
    Ok((key, value))
}

/// Tags as a document, in the order of their keys.
pub fn write_tagging(tags: &Tags) -> Vec<u8> {
    let mut xml = Writer::document();
    xml.open("Tagging");
    xml.open("TagSet");
    for (key, value) in tags.iter() {
        xml.open("Tag");
        xml.text("Key", key);
        xml.text("Value", value);
        xml.close("Tag");
    }
    xml.close("TagSet");
    xml.close("Tagging");
    xml.finish()
}
