//! Which objects are compressed (encryption reference, section 6.1).

#[cfg(test)]
mod tests;

use crate::{Environment, parse_bool};

const ENABLE: [&str; 3] = ["MINIO_COMPRESSION_ENABLE", "MINIO_COMPRESS_ENABLE", "MINIO_COMPRESS"];
const ALLOW_ENCRYPTION: [&str; 2] = ["MINIO_COMPRESSION_ALLOW_ENCRYPTION", "MINIO_COMPRESS_ALLOW_ENCRYPTION"];
const EXTENSIONS: &str = "MINIO_COMPRESSION_EXTENSIONS";
/// The first two are of old releases and override the third.
const MIME_TYPES: [&str; 3] = ["MINIO_COMPRESS_MIMETYPES", "MINIO_COMPRESS_MIME_TYPES", "MINIO_COMPRESSION_MIME_TYPES"];
const DEFAULT_EXTENSIONS: &str = ".txt,.log,.csv,.json,.tar,.xml,.bin";
const DEFAULT_MIME_TYPES: &str = "text/*,application/json,application/xml,binary/octet-stream";

/// Compression of objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompressionSettings {
    pub enabled: bool,
    /// Also of what is encrypted.
    pub allow_encryption: bool,
    /// Endings of names.
    pub extensions: Vec<String>,
    /// Patterns of content types.
    pub mime_types: Vec<String>,
}

/// A value that can't be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid compression value: {name}: '{value}' {reason}")]
pub struct CompressionSettingsError {
    pub name: &'static str,
    pub value: String,
    pub reason: &'static str,
}

impl CompressionSettings {
    pub fn from_environment(environment: &Environment) -> Result<Self, CompressionSettingsError> {
        Ok(CompressionSettings {
            enabled: switch(environment, &ENABLE)?,
            allow_encryption: switch(environment, &ALLOW_ENCRYPTION)?,
            extensions: list(EXTENSIONS, environment.get(EXTENSIONS).unwrap_or(DEFAULT_EXTENSIONS))?,
            mime_types: list(MIME_TYPES[2], environment.first(&MIME_TYPES).unwrap_or(DEFAULT_MIME_TYPES))?,
        })
    }
}

fn switch(environment: &Environment, names: &[&'static str]) -> Result<bool, CompressionSettingsError> {
    let Some(value) = environment.first(names) else { return Ok(false) };
    let wrong = || CompressionSettingsError { name: names[0], value: value.to_owned(), reason: "is not on or off" };
    parse_bool(value).ok_or_else(wrong)
}

fn list(name: &'static str, value: &str) -> Result<Vec<String>, CompressionSettingsError> {
    let items: Vec<String> = value.split(',').map(str::to_owned).collect();
    if items.iter().any(|item| item.is_empty() || item == "/") {
        let reason = "has an item that is empty or '/'";
        return Err(CompressionSettingsError { name, value: value.to_owned(), reason });
    }
    Ok(items)
}
