//! `Retention` and `LegalHold` of an object.

use crate::dates::parse_iso8601;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::xml::{Reader, Writer};
use base::Timestamp;
use service::{Retention, RetentionMode};

/// The retention asked for; `None` (an empty document) takes it off.
pub fn parse_retention(document: &[u8], now: Timestamp) -> S3Result<Option<Retention>> {
    let mut xml = Reader::open(document, "Retention")?;
    let (mut mode, mut until) = (String::new(), String::new());
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "Mode" => mode = xml.text()?.trim().to_owned(),
            "RetainUntilDate" => until = xml.text()?.trim().to_owned(),
            _ => xml.skip()?,
        }
    }
    let wrong = |reason: &'static str| S3Error::detailed(ErrorCode::MalformedXml, reason);
    if mode.is_empty() && until.is_empty() {
        return Ok(None);
    }
    let known = RetentionMode::from_name(&mode).filter(|known| known.name() == mode);
    let mode = known.ok_or_else(|| wrong(ErrorCode::LockModeUnknown.message()))?;
    let until = parse_iso8601(&until).ok_or_else(|| wrong(ErrorCode::LockDateMalformed.message()))?;
    if until <= now {
        return Err(wrong(ErrorCode::LockDatePast.message()));
    }
    Ok(Some(Retention { mode, until }))
}

/// A retention as a document.
pub fn write_retention(retention: Retention) -> Vec<u8> {
    let mut xml = Writer::document();
    xml.open_root("Retention");
    xml.text("Mode", retention.mode.name());
    xml.time("RetainUntilDate", retention.until);
    xml.close("Retention");
    xml.finish()
}

/// Whether the hold is to be on.
pub fn parse_legal_hold(document: &[u8]) -> S3Result<bool> {
    let mut xml = Reader::open(document, "LegalHold")?;
    let mut status = String::new();
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "Status" => status = xml.text()?.trim().to_owned(),
            _ => xml.skip()?,
        }
    }
    match status.as_str() {
        "ON" => Ok(true),
        "OFF" => Ok(false),
        _ => Err(ErrorCode::MalformedXml.into()),
    }
}

/// A legal hold as a document.
pub fn write_legal_hold(on: bool) -> Vec<u8> {
    let mut xml = Writer::document();
    xml.open_root("LegalHold");
    xml.text("Status", if on { "ON" } else { "OFF" });
    xml.close("LegalHold");
    xml.finish()
}
