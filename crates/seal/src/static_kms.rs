//! Key management with one key from the configuration (section 2.3), as pure functions.

use crate::aead::{Aead, NONCE};
use crate::{Cipher, Context, Key, base64_text};
use base::{Random, Secret};
use chacha20::cipher::consts::U10;
use chacha20::hchacha;
use serde::Deserialize;
use zeroize::Zeroizing;

/// Bytes of the value from which a data key's sealing key is derived.
const IV: usize = 16;

/// The one key.
#[derive(Clone)]
pub struct StaticKey {
    name: String,
    key: Key,
}

/// A data key, for whoever encrypts with it, and sealed, for storing.
pub struct DataKey {
    /// The name of the key that it was sealed with.
    pub key_id: String,
    pub plain: Key,
    pub sealed: Vec<u8>,
}

/// Why key management failed. The first two are errors of configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KmsError {
    #[error("kms: invalid secret key format")]
    Format,
    #[error("kms: invalid key length {0}")]
    KeyLength(usize),
    #[error("key with given key ID does not exist: {0}")]
    KeyNotFound(String),
    #[error("failed to decrypt ciphertext")]
    InvalidCiphertext,
}

/// A sealed data key, taken apart.
struct Ciphertext {
    cipher: Cipher,
    sealing_key: Key,
    nonce: [u8; NONCE],
    body: Zeroizing<Vec<u8>>,
}

/// A sealed data key as old releases wrote it.
#[derive(Deserialize)]
struct LegacyCiphertext {
    aead: String,
    iv: String,
    nonce: String,
    bytes: String,
}

impl StaticKey {
    /// Reads `NAME:BASE64`, 32 bytes in base64.
    pub fn parse(text: &Secret) -> Result<StaticKey, KmsError> {
        let (name, key) = text.expose().split_once(':').ok_or(KmsError::Format)?;
        let key = Zeroizing::new(base64_text::decode(key).ok_or(KmsError::Format)?);
        let key = Key::from_slice(&key).ok_or(KmsError::KeyLength(key.len()))?;
        Ok(StaticKey { name: name.to_owned(), key })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// A fresh data key bound to a context. An empty name asks for the one key there is.
    pub fn generate(&self, name: &str, context: &Context, random: &dyn Random) -> Result<DataKey, KmsError> {
        if !name.is_empty() {
            self.check_name(name)?;
        }
        let mut iv = [0; IV];
        random.fill(&mut iv);
        let mut nonce = [0; NONCE];
        random.fill(&mut nonce);
        Ok(self.seal(Key::random(random), context, iv, nonce))
    }

    fn seal(&self, plain: Key, context: &Context, iv: [u8; IV], nonce: [u8; NONCE]) -> DataKey {
        let mut sealed = plain.expose().to_vec();
        let aead = Aead::new(Cipher::Aes256Gcm, &self.key.derive(&[&iv]));
        let tag = aead.seal(nonce, context.canonical().as_bytes(), &mut sealed);
        sealed.extend_from_slice(&tag);
        sealed.extend_from_slice(&iv);
        sealed.extend_from_slice(&nonce);
        DataKey { key_id: self.name.clone(), plain, sealed }
    }

    /// The data key of a ciphertext made with the same context, by this release or an old one.
    pub fn decrypt(&self, name: &str, sealed: &[u8], context: &Context) -> Result<Key, KmsError> {
        self.check_name(name)?;
        let mut parsed = self.parse_ciphertext(sealed).ok_or(KmsError::InvalidCiphertext)?;
        let aead = Aead::new(parsed.cipher, &parsed.sealing_key);
        let opened = aead.open(parsed.nonce, context.canonical().as_bytes(), &mut parsed.body);
        let plain = opened.map_err(|_| KmsError::InvalidCiphertext)?;
        Key::from_slice(plain).ok_or(KmsError::InvalidCiphertext)
    }

    fn parse_ciphertext(&self, sealed: &[u8]) -> Option<Ciphertext> {
        if let Some(legacy) = self.parse_legacy(sealed) {
            return Some(legacy);
        }
        let (body, iv_and_nonce) = sealed.split_at_checked(sealed.len().checked_sub(IV + NONCE)?)?;
        let (iv, nonce) = iv_and_nonce.split_at(IV);
        let sealing_key = self.key.derive(&[iv]);
        Some(Ciphertext {
            cipher: Cipher::Aes256Gcm,
            sealing_key,
            nonce: nonce.try_into().ok()?,
            body: Zeroizing::new(body.to_vec()),
        })
    }

    fn parse_legacy(&self, sealed: &[u8]) -> Option<Ciphertext> {
        if !(sealed.starts_with(b"{") && sealed.ends_with(b"}")) {
            return None;
        }
        let legacy: LegacyCiphertext = serde_json::from_slice(sealed).ok()?;
        let iv: [u8; IV] = base64_text::decode(legacy.iv)?.try_into().ok()?;
        let nonce = base64_text::decode(legacy.nonce)?.try_into().ok()?;
        let body = Zeroizing::new(base64_text::decode(legacy.bytes)?);
        let (cipher, sealing_key) = match legacy.aead.as_str() {
            "AES-256-GCM-HMAC-SHA-256" => (Cipher::Aes256Gcm, self.key.derive(&[&iv])),
            "ChaCha20Poly1305" => {
                let key = hchacha::<U10>(self.key.expose().into(), &iv.into());
                (Cipher::ChaCha20Poly1305, Key::new(key.into()))
            }
            _ => return None,
        };
        Some(Ciphertext { cipher, sealing_key, nonce, body })
    }

    /// HMAC-SHA256 under the key, whatever its name.
    pub fn mac(&self, message: &[u8]) -> [u8; 32] {
        self.key.mac(&[message])
    }

    /// The root credentials of a deployment that was given none: access key and secret key.
    pub fn root_credentials(&self) -> (String, Secret) {
        const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        const ACCESS_KEY_CHARS: usize = 20;
        const SECRET_KEY_BYTES: usize = 24;
        let access = self.mac(b"root access key");
        let access = access[..ACCESS_KEY_CHARS].iter().map(|byte| char::from(ALPHABET[usize::from(byte % 36)]));
        let secret = Zeroizing::new(self.mac(b"root secret key"));
        let secret = Zeroizing::new(base64_text::encode(&secret[..SECRET_KEY_BYTES]));
        (access.collect(), Secret::new(secret.replace('/', "+")))
    }

    fn check_name(&self, name: &str) -> Result<(), KmsError> {
        if name == self.name { Ok(()) } else { Err(KmsError::KeyNotFound(name.to_owned())) }
    }
}

#[cfg(test)]
mod tests;
