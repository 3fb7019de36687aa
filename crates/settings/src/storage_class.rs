//! How much redundancy new objects get.

#[cfg(test)]
mod tests;

use crate::layout::Layout;
use crate::{Environment, parse_size};

/// Parity settings; `None` leaves the default of the set size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorageClasses {
    /// Parity shards of STANDARD objects.
    pub standard: Option<u8>,
    /// Parity shards of REDUCED_REDUNDANCY objects.
    pub reduced: Option<u8>,
    /// Keep the parity while drives are offline (`OPTIMIZE=capacity`), rather than raise it.
    pub optimize_capacity: bool,
    /// Bytes of a shard up to which it is kept inside the metadata; `None` for the default.
    pub inline_block: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageClassError {
    #[error("Too many sections in {text}")]
    TooManySections { text: String },
    #[error("Too few sections in {text}")]
    TooFewSections { text: String },
    #[error("Unsupported scheme {scheme}. Supported scheme is EC")]
    Scheme { scheme: String },
    #[error("'{text}' is not a number of parity drives")]
    Number { text: String },
    #[error("Standard storage class parity {parity} should be less than or equal to {max}")]
    Standard { parity: u8, max: usize },
    #[error("Reduced redundancy storage class parity {parity} should be less than or equal to {max}")]
    Reduced { parity: u8, max: usize },
    #[error(
        "Standard storage class parity drives {standard} should be greater than or equal to Reduced redundancy storage \
         class parity drives {reduced}"
    )]
    Order { standard: u8, reduced: u8 },
    #[error(
        "parity validation returned an error: parity {parity} should be less than or equal to {max} <- ({parity}, \
         {drives}), for pool({pool})"
    )]
    Pool { parity: u8, max: usize, drives: usize, pool: String },
    #[error("'{text}' is not availability or capacity")]
    Optimize { text: String },
    #[error("'{text}' is not a size")]
    InlineBlock { text: String },
}

impl StorageClasses {
    pub fn from_environment(environment: &Environment) -> Result<Self, StorageClassError> {
        let parity = |name| environment.get(name).map(parse_parity).transpose();
        let optimize_capacity = match environment.get("MINIO_STORAGE_CLASS_OPTIMIZE") {
            None | Some("availability") => false,
            Some("capacity") => true,
            Some(other) => return Err(StorageClassError::Optimize { text: other.to_owned() }),
        };
        let inline_block = match environment.get("MINIO_STORAGE_CLASS_INLINE_BLOCK") {
            None => None,
            Some(text) => {
                Some(parse_size(text).ok_or_else(|| StorageClassError::InlineBlock { text: text.to_owned() })?)
            }
        };
        Ok(StorageClasses {
            standard: parity("MINIO_STORAGE_CLASS_STANDARD")?,
            reduced: parity("MINIO_STORAGE_CLASS_RRS")?,
            optimize_capacity,
            inline_block,
        })
    }

    /// Against the sets there are. `default_parity` is that of STANDARD by set size.
    pub fn check(&self, layout: &Layout, default_parity: impl Fn(usize) -> u8) -> Result<(), StorageClassError> {
        let Some(first) = layout.pools.first() else { return Ok(()) };
        let standard = self.standard.unwrap_or_else(|| default_parity(first.set_size));
        for (index, pool) in layout.pools.iter().enumerate() {
            let max = pool.set_size / 2;
            if usize::from(standard) > max {
                return Err(match self.standard {
                    Some(parity) if index == 0 => StorageClassError::Standard { parity, max },
                    _ => StorageClassError::Pool {
                        parity: standard,
                        max,
                        drives: pool.set_size,
                        pool: ordinal(index + 1),
                    },
                });
            }
            match self.reduced {
                Some(parity) if usize::from(parity) > max => return Err(StorageClassError::Reduced { parity, max }),
                _ => {}
            }
        }
        match self.reduced {
            Some(reduced) if reduced > standard => Err(StorageClassError::Order { standard, reduced }),
            _ => Ok(()),
        }
    }
}

fn parse_parity(text: &str) -> Result<u8, StorageClassError> {
    let owned = || text.to_owned();
    let mut sections = text.split(':');
    match (sections.next(), sections.next(), sections.next()) {
        (_, _, Some(_)) => Err(StorageClassError::TooManySections { text: owned() }),
        (Some("EC"), Some(number), None) => {
            number.parse().map_err(|_| StorageClassError::Number { text: number.to_owned() })
        }
        (Some(scheme), Some(_), None) => Err(StorageClassError::Scheme { scheme: scheme.to_owned() }),
        _ => Err(StorageClassError::TooFewSections { text: owned() }),
    }
}

/// `1st`, `2nd`, `3rd`, `4th`, ...
fn ordinal(number: usize) -> String {
    let suffix = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}
