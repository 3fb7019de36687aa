//! The trailer of an `aws-chunked` body: `name:value` lines after the final chunk.

use super::BodyError;
use crate::auth::{ChunkSeed, sha256_hex};

/// Trailers in one body: S3 knows one checksum each, and seven kinds of them.
const MAX_TRAILERS: usize = 16;

/// The trailer being read.
pub(super) struct TrailerBlock {
    announced: Vec<String>,
    found: Vec<(String, String)>,
    signature: Signature,
    /// An empty line stands between the trailers and their signature with some clients, once.
    gap: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Signature {
    None,
    Due,
    Seen,
}

impl TrailerBlock {
    /// A trailer that must have the `announced` names, and a signature if `signed`.
    pub(super) fn new(announced: Vec<String>, signed: bool) -> Self {
        let signature = if signed { Signature::Due } else { Signature::None };
        TrailerBlock { announced, found: Vec::new(), signature, gap: false }
    }

    /// Takes in a line with its line end, LF or CRLF. Whether the trailer has ended with it.
    pub(super) fn line(&mut self, line: &[u8], seed: Option<&mut ChunkSeed>) -> Result<bool, BodyError> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return self.empty_line();
        }
        let text = std::str::from_utf8(line).map_err(|_| BodyError::Malformed)?;
        let (name, value) = text.split_once(':').ok_or(BodyError::Malformed)?;
        if self.signature == Signature::Due && name == "x-amz-trailer-signature" {
            return self.check_signature(value, seed);
        }
        self.trailer(name, value.trim())
    }

    /// The trailers that came.
    pub(super) fn take(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.found)
    }

    fn empty_line(&mut self) -> Result<bool, BodyError> {
        if self.signature == Signature::Due {
            let first = !std::mem::replace(&mut self.gap, true);
            return if first { Ok(false) } else { Err(BodyError::Malformed) };
        }
        let missing = self.announced.iter().find(|name| !self.found.iter().any(|(found, _)| found == *name));
        missing.map_or(Ok(true), |name| Err(BodyError::TrailerMissing(name.clone())))
    }

    fn trailer(&mut self, name: &str, value: &str) -> Result<bool, BodyError> {
        let signed = self.signature != Signature::None;
        if self.signature == Signature::Seen || self.gap || self.found.len() == MAX_TRAILERS {
            return Err(BodyError::Malformed);
        }
        let lower = name.to_ascii_lowercase();
        let again = self.found.iter().any(|(found, _)| *found == lower);
        if again || (signed && lower != name) || !self.announced.contains(&lower) {
            return Err(BodyError::Malformed);
        }
        self.found.push((lower, value.to_owned()));
        Ok(false)
    }

    fn check_signature(&mut self, value: &str, seed: Option<&mut ChunkSeed>) -> Result<bool, BodyError> {
        let lines: String = self.found.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let right =
            seed.is_some_and(|seed| seed.trailer_matches(sha256_hex(lines.as_bytes()), value.trim().as_bytes()));
        self.signature = Signature::Seen;
        if right { Ok(false) } else { Err(BodyError::Signature) }
    }
}
