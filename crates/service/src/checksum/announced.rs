//! What a request says of its body's checksum, before or after the body.

#[cfg(test)]
mod tests;

use super::{Checksum, ChecksumAlgorithm, ChecksumType, parse_text};
use crate::ServiceError;
use std::fmt;
use std::sync::Arc;

/// The fields that came after a body, by lower-case name; asked only when the body has ended.
pub type Trailers = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The checksum announced with a body.
#[derive(Clone, Default)]
pub enum AnnouncedChecksum {
    #[default]
    None,
    /// Its value came before the body.
    Value(Checksum),
    /// Its value comes after the body.
    Trailing { algorithm: ChecksumAlgorithm, full_object: bool, trailers: Trailers },
}

impl fmt::Debug for AnnouncedChecksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnnouncedChecksum::None => f.write_str("None"),
            AnnouncedChecksum::Value(checksum) => f.debug_tuple("Value").field(checksum).finish(),
            AnnouncedChecksum::Trailing { algorithm, .. } => f.debug_tuple("Trailing").field(algorithm).finish(),
        }
    }
}

impl AnnouncedChecksum {
    /// From the request's fields. `field` gives a field's value by lower-case name; `trailer_names` are the names
    /// announced to come after the body, `trailers` gives them when it has ended.
    ///
    /// A checksum trailer wins over everything; else `x-amz-checksum-algorithm` selects the value field (without it
    /// there is no checksum); else at most one value field may be there.
    pub fn from_fields<'a>(
        field: impl Fn(&str) -> Option<&'a str>,
        trailer_names: &[&str],
        trailers: Option<Trailers>,
    ) -> Result<Self, ServiceError> {
        let kind = match field("x-amz-checksum-type") {
            None | Some("") => None,
            Some(name) => Some(ChecksumType::from_name(name).ok_or_else(|| invalid("unknown checksum type"))?),
        };
        let trailing = only_one(trailer_names.iter().filter_map(|name| ChecksumAlgorithm::from_field(name.trim())))?;
        if let (Some(algorithm), Some(trailers)) = (trailing, trailers) {
            return Ok(AnnouncedChecksum::Trailing { algorithm, full_object: is_full(algorithm, kind)?, trailers });
        }
        let present = ChecksumAlgorithm::ALL.into_iter().filter(|algorithm| field(algorithm.field()).is_some());
        let algorithm = match field("x-amz-checksum-algorithm") {
            Some(name) => ChecksumAlgorithm::from_name(name).ok_or_else(|| invalid("unknown algorithm")).map(Some)?,
            None => only_one(present)?,
        };
        let Some(algorithm) = algorithm else { return Ok(AnnouncedChecksum::None) };
        let full_object = is_full(algorithm, kind)?;
        match field(algorithm.field()) {
            None => Ok(AnnouncedChecksum::None),
            Some(text) => {
                let value = parse_text(algorithm, text).ok_or(ServiceError::ChecksumMismatch { algorithm })?;
                Ok(AnnouncedChecksum::Value(value.with_full_object(full_object)))
            }
        }
    }

    /// The algorithm, if there is a checksum.
    pub fn algorithm(&self) -> Option<ChecksumAlgorithm> {
        match self {
            AnnouncedChecksum::None => None,
            AnnouncedChecksum::Value(checksum) => Some(checksum.algorithm()),
            AnnouncedChecksum::Trailing { algorithm, .. } => Some(*algorithm),
        }
    }

    /// Refuses a body that is all there unless it has the checksum announced.
    pub fn verify(&self, body: &[u8]) -> Result<(), ServiceError> {
        match self.resolve()? {
            Some(announced) if announced.value() != super::Hasher::once(announced.algorithm(), body) => {
                Err(ServiceError::ChecksumMismatch { algorithm: announced.algorithm() })
            }
            _ => Ok(()),
        }
    }

    /// The value, once the body has ended. A trailer that didn't come is an error: accepting the body would leave
    /// unverified what the client wanted verified.
    pub(crate) fn resolve(&self) -> Result<Option<Checksum>, ServiceError> {
        match self {
            AnnouncedChecksum::None => Ok(None),
            AnnouncedChecksum::Value(checksum) => Ok(Some(checksum.clone())),
            AnnouncedChecksum::Trailing { algorithm, full_object, trailers } => {
                let text = trailers(algorithm.field())
                    .ok_or_else(|| ServiceError::MissingTrailer { name: algorithm.field().to_owned() })?;
                let value = parse_text(*algorithm, text.trim())
                    .ok_or(ServiceError::ChecksumMismatch { algorithm: *algorithm })?;
                Ok(Some(value.with_full_object(*full_object).with_trailing(true)))
            }
        }
    }
}

fn invalid(reason: &'static str) -> ServiceError {
    ServiceError::InvalidChecksum { reason }
}

fn only_one(mut found: impl Iterator<Item = ChecksumAlgorithm>) -> Result<Option<ChecksumAlgorithm>, ServiceError> {
    let first = found.next();
    match found.find(|next| Some(*next) != first) {
        Some(_) => Err(invalid("more than one checksum")),
        None => Ok(first),
    }
}

fn is_full(algorithm: ChecksumAlgorithm, kind: Option<ChecksumType>) -> Result<bool, ServiceError> {
    let asked = kind == Some(ChecksumType::FullObject);
    if asked && !algorithm.is_mergeable() {
        return Err(invalid("this algorithm has no full-object checksums"));
    }
    Ok(asked)
}
