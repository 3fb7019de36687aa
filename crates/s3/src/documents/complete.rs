//! `CompleteMultipartUpload`: the parts that are to become an object.

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::xml::{Reader, XmlError};
use service::{ChecksumAlgorithm, ListedPart};

/// More parts than an upload can have.
const MAX_PARTS: usize = 10_000;

/// The parts in the order in which they are listed.
pub fn parse_parts(document: &[u8]) -> S3Result<Vec<ListedPart>> {
    let mut xml = Reader::open(document, "CompleteMultipartUpload")?;
    let mut parts = Vec::new();
    while let Some(name) = xml.child()? {
        if name != "Part" {
            xml.skip()?;
            continue;
        }
        if parts.len() == MAX_PARTS {
            return Err(S3Error::detailed(ErrorCode::MalformedXml, "more than 10000 parts"));
        }
        parts.push(part(&mut xml)?);
    }
    Ok(parts)
}

fn part(xml: &mut Reader<'_>) -> S3Result<ListedPart> {
    let mut part = ListedPart { number: 0, etag: String::new(), checksums: Vec::new() };
    while let Some(name) = xml.child()? {
        let text = xml.text()?;
        match name.as_str() {
            "PartNumber" => part.number = number(text.trim())?,
            "ETag" => part.etag = text.trim().trim_matches('"').to_owned(),
            _ => {
                let algorithm = name.strip_prefix("Checksum").and_then(ChecksumAlgorithm::from_name);
                if let Some(algorithm) = algorithm.filter(|_| !text.is_empty()) {
                    part.checksums.push((algorithm, text.trim().to_owned()));
                }
            }
        }
    }
    Ok(part)
}

fn number(text: &str) -> Result<u32, XmlError> {
    text.parse().map_err(|_| XmlError::Syntax { line: 1, reason: format!("'{text}' is not a part number") })
}
