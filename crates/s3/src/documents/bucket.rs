//! `CreateBucketConfiguration`: where a bucket is to be.

use crate::xml::{Reader, XmlError};

/// The location asked for; empty if none is. An empty document asks for none.
pub fn location_constraint(document: &[u8]) -> Result<String, XmlError> {
    if document.iter().all(u8::is_ascii_whitespace) {
        return Ok(String::new());
    }
    let mut xml = Reader::open_any(document, &["CreateBucketConfiguration", "CreateBucketRequest"])?;
    let mut location = String::new();
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "LocationConstraint" => location = xml.text()?.trim().to_owned(),
            _ => xml.skip()?,
        }
    }
    Ok(location)
}
