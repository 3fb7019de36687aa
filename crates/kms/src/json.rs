//! Bodies of calls: JSON with bytes in base64, wiped where they may be keys.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use seal::Key;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// Bytes, base64 in JSON.
#[derive(Default)]
pub(crate) struct Base64(Zeroizing<Vec<u8>>);

impl Base64 {
    pub fn of(bytes: &[u8]) -> Self {
        Base64(Zeroizing::new(bytes.to_vec()))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As a data key; the error says why it is none.
    pub fn key(&self) -> Result<Key, String> {
        Key::from_slice(&self.0).ok_or_else(|| format!("a data key of {} bytes", self.0.len()))
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(BASE64_STANDARD.encode(&**self.0)))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = BASE64_STANDARD.decode(text.as_bytes()).map_err(|_| D::Error::custom("not base64"))?;
        Ok(Base64(Zeroizing::new(bytes)))
    }
}

pub(crate) fn to_body(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value).expect("names and text are always JSON").into()
}

/// What an answer holds. The error never quotes it: it may hold a key.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body)
        .map_err(|error| format!("an answer that can't be read (line {}, column {})", error.line(), error.column()))
}
