//! The key that a client sends with each request of SSE-C (sections 3.1, 3.10).

use crate::{Key, base64_text};
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// A client's key.
#[derive(Clone)]
pub struct CustomerKey {
    key: Key,
    md5: [u8; 16],
}

/// What is wrong with the three headers of SSE-C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CustomerKeyError {
    #[error("The SSE-C algorithm is not supported")]
    Algorithm,
    #[error("The SSE-C request is missing the customer key")]
    MissingKey,
    #[error("The SSE-C request is missing the customer key MD5")]
    MissingMd5,
    #[error("The SSE-C client key is invalid")]
    InvalidKey,
    #[error("The provided SSE-C key MD5 does not match the computed MD5 of the SSE-C key")]
    Md5Mismatch,
}

impl CustomerKey {
    /// The key of the header values: algorithm, key in base64, MD5 of the key in base64.
    pub fn parse(
        algorithm: Option<&str>,
        key: Option<&str>,
        md5: Option<&str>,
    ) -> Result<CustomerKey, CustomerKeyError> {
        if algorithm != Some("AES256") {
            return Err(CustomerKeyError::Algorithm);
        }
        let key = key.filter(|text| !text.is_empty()).ok_or(CustomerKeyError::MissingKey)?;
        let told = md5.filter(|text| !text.is_empty()).ok_or(CustomerKeyError::MissingMd5)?;
        let bytes = base64_text::decode(key).map(zeroize::Zeroizing::new).ok_or(CustomerKeyError::InvalidKey)?;
        let key = Key::from_slice(&bytes).ok_or(CustomerKeyError::InvalidKey)?;
        let md5: [u8; 16] = Md5::digest(key.expose()).into();
        let told = base64_text::decode(told).ok_or(CustomerKeyError::Md5Mismatch)?;
        if bool::from(told.ct_eq(&md5)) { Ok(CustomerKey { key, md5 }) } else { Err(CustomerKeyError::Md5Mismatch) }
    }

    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The MD5 of the key in base64, as responses repeat it.
    pub fn md5_base64(&self) -> String {
        base64_text::encode(&self.md5)
    }
}
