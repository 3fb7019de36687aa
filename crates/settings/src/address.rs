//! The address to listen on: `HOST:PORT`, with either side left out.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

/// An address as the operator gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A name or an address without brackets; empty: every address of this machine.
    pub host: String,
    /// Zero: any free port.
    pub port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("Unable to split host port {text}: invalid port number")]
    BadPort { text: String },
    #[error("port must be between 0 to 65535")]
    PortRange,
    #[error("Unable to split host port {text}: {reason}")]
    BadHost { text: String, reason: &'static str },
}

impl Address {
    /// Whether it means every address of this machine.
    pub fn is_everywhere(&self) -> bool {
        matches!(self.host.as_str(), "" | "0.0.0.0" | "::")
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let bad_host = |reason| AddressError::BadHost { text: text.to_owned(), reason };
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, after) = rest.split_once(']').ok_or_else(|| bad_host("missing ']' in address"))?;
            match after.strip_prefix(':') {
                Some(port) => (host, port),
                None if after.is_empty() => (host, ""),
                None => return Err(bad_host("unexpected text after ']'")),
            }
        } else {
            match text.rsplit_once(':') {
                None => (text, ""),
                Some((host, _)) if host.contains(':') => return Err(bad_host("too many colons in address")),
                Some(split) => split,
            }
        };
        let port = match port {
            "" => 0,
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| AddressError::PortRange)?
            }
            _ => return Err(AddressError::BadPort { text: text.to_owned() }),
        };
        Ok(Address { host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}
