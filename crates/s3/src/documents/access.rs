//! Ownership controls and public access blocks as documents.

use crate::error::{ErrorCode, S3Result};
use crate::xml::{Reader, Writer};
use iam::{ObjectOwnership, PublicAccessBlock};

/// Reads `OwnershipControls`: one rule.
pub fn parse_ownership(document: &[u8]) -> S3Result<ObjectOwnership> {
    let mut xml = Reader::open(document, "OwnershipControls")?;
    let mut found = None;
    while let Some(name) = xml.child()? {
        if name != "Rule" || found.is_some() {
            return Err(ErrorCode::MalformedXml.into());
        }
        while let Some(name) = xml.child()? {
            if name != "ObjectOwnership" || found.is_some() {
                return Err(ErrorCode::MalformedXml.into());
            }
            let text = xml.text()?;
            found = Some(ObjectOwnership::from_name(text.trim()).ok_or(ErrorCode::MalformedXml)?);
        }
    }
    Ok(found.ok_or(ErrorCode::MalformedXml)?)
}

pub fn write_ownership(ownership: ObjectOwnership) -> Vec<u8> {
    let mut xml = Writer::document();
    xml.open_root("OwnershipControls");
    xml.open("Rule");
    xml.text("ObjectOwnership", ownership.name());
    xml.close("Rule");
    xml.close("OwnershipControls");
    xml.finish()
}

/// Reads `PublicAccessBlockConfiguration`; switches that aren't there are off.
pub fn parse_public_access_block(document: &[u8]) -> S3Result<PublicAccessBlock> {
    let mut xml = Reader::open(document, "PublicAccessBlockConfiguration")?;
    let mut block = PublicAccessBlock::default();
    while let Some(name) = xml.child()? {
        let on = match xml.text()?.trim() {
            text if text.eq_ignore_ascii_case("true") || text == "1" => true,
            text if text.eq_ignore_ascii_case("false") || text == "0" => false,
            _ => return Err(ErrorCode::MalformedXml.into()),
        };
        match name.as_str() {
            "BlockPublicAcls" => block.block_public_acls = on,
            "IgnorePublicAcls" => block.ignore_public_acls = on,
            "BlockPublicPolicy" => block.block_public_policy = on,
            "RestrictPublicBuckets" => block.restrict_public_buckets = on,
            _ => return Err(ErrorCode::MalformedXml.into()),
        }
    }
    Ok(block)
}

pub fn write_public_access_block(block: PublicAccessBlock) -> Vec<u8> {
    let mut xml = Writer::document();
    xml.open_root("PublicAccessBlockConfiguration");
    xml.boolean("BlockPublicAcls", block.block_public_acls);
    xml.boolean("IgnorePublicAcls", block.ignore_public_acls);
    xml.boolean("BlockPublicPolicy", block.block_public_policy);
    xml.boolean("RestrictPublicBuckets", block.restrict_public_buckets);
    xml.close("PublicAccessBlockConfiguration");
    xml.finish()
}
