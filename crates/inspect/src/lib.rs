//! What the files on a drive say: metadata, formats, records, journals, configuration, identities, as values that can be shown.
//!
//! Bytes to values, no I/O. It takes any bytes, gives a value or an error that names what is wrong, and hides what is secret
//! unless it is told otherwise. It must not know where the bytes come from, nor which drives there are.

mod document;
mod journal;
mod meta;
mod records;
mod secrets;
mod text;

pub use meta::{meta_value, version_summary};
pub use text::to_text;

use bytes::Bytes;
use seal::config_file::SealedFile;
use serde_json::Value;

/// Opens an encrypted document; says why it can't.
pub type Opener<'a> = &'a dyn Fn(&SealedFile<'_>) -> Result<Vec<u8>, String>;

/// How to look.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Show passwords, keys and tokens.
    pub secrets: bool,
    pub opener: Opener<'a>,
}

/// What a file is and says.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// `xl.meta`, `format.json`, ...
    pub what: &'static str,
    pub value: Value,
}

/// Why a file can't be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    #[error("the file is empty")]
    Empty,
    #[error("it is not a {what}: {reason}")]
    Broken { what: &'static str, reason: String },
    #[error("it is no file that is known here: neither its name nor its first bytes tell")]
    Unknown,
}

impl InspectError {
    pub(crate) fn broken(what: &'static str, reason: impl ToString) -> Self {
        InspectError::Broken { what, reason: reason.to_string() }
    }
}

/// Describes a file. Its name helps where the bytes don't tell: `part.1.meta`, `.healing.bin`, `.metadata.bin`, `segment-0`.
pub fn describe(path: &str, bytes: &Bytes, look: Look<'_>) -> Result<Described, InspectError> {
    if bytes.is_empty() {
        return Err(InspectError::Empty);
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let described = |what, value: Result<Value, InspectError>| value.map(|value| Described { what, value });
    if bytes.starts_with(b"XL2 ") || name == format::xl::XL_META {
        return described("xl.meta", meta::describe(bytes, look.secrets));
    }
    if bytes.starts_with(b"RFSDOUBT") {
        return described("doubt record", journal::doubt(bytes));
    }
    if journal::is_segment(bytes) {
        return described("journal segment", journal::segment(bytes));
    }
    if name == "closed" && bytes.starts_with(b"rustfs journal ") {
        return described("mark of a clean stop", Ok(Value::from(String::from_utf8_lossy(bytes).trim_end())));
    }
    match name {
        ".healing.bin" => return described("healing tracker", records::healing(bytes)),
        ".metadata.bin" => return described("bucket metadata", records::bucket(bytes, look)),
        "pool.bin" => return described("list of pools", records::pools(bytes)),
        "list.bin" => return described("list of names to heal", records::to_heal(bytes)),
        _ if name.starts_with("part.") && name.ends_with(".meta") => {
            return described("part record", records::part(bytes));
        }
        _ => {}
    }
    if let Some(described) = document::describe(bytes, look) {
        return described;
    }
    // A copy under another name.
    let guesses: [(&'static str, Result<Value, InspectError>); 3] = [
        ("part record", records::part(bytes)),
        ("bucket metadata", records::bucket(bytes, look)),
        ("list of pools", records::pools(bytes)),
    ];
    let known = guesses.into_iter().find_map(|(what, value)| value.ok().map(|value| Described { what, value }));
    known.ok_or(InspectError::Unknown)
}

#[cfg(test)]
mod tests;
