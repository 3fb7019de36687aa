//! Configuration and IAM files at rest (sections 4.1, 4.5).
//!
//! With a key service every such file is written encrypted under a data key of its own. Files in clear, from
//! before there was a key service, stay readable.

use crate::fragments::{self, FragmentError, STREAM_NONCE};
use crate::{Cipher, DataKey, Key, base64_text};
use base::Random;
use chacha20::cipher::consts::U10;
use chacha20::hchacha;
use serde::{Deserialize, Serialize};

const VERSION: u8 = 1;
/// The longest description of an encrypted file that is read.
const MAX_DESCRIPTION: usize = 1 << 20;

const AES_256_GCM: &str = "AES-256-GCM";
const CHACHA20_POLY1305: &str = "ChaCha20-Poly1305";
const XCHACHA20_POLY1305: &str = "XChaCha20-Poly1305";

/// What a stored file is.
pub enum Stored<'a> {
    /// In clear.
    Plain(&'a str),
    /// Encrypted under a data key.
    Sealed(SealedFile<'a>),
    /// Neither: the files of old releases were encrypted with the root credentials, as [`crate::admin_body`]
    /// encrypts, the password being `ACCESS-KEY:SECRET-KEY`.
    Other(&'a [u8]),
}

/// An encrypted file: its data key, sealed, and the ciphertext.
pub struct SealedFile<'a> {
    /// The name of the key that seals the data key.
    pub key_id: String,
    /// The sealed data key. What it is bound to: [`crate::Context::of_config_file`].
    pub data_key: Vec<u8>,
    algorithm: String,
    nonce: Vec<u8>,
    body: &'a [u8],
}

/// Why a file can't be decrypted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFileError {
    #[error("the file is encrypted in an unknown way: {0:?}")]
    Algorithm(String),
    #[error(transparent)]
    Fragment(#[from] FragmentError),
}

#[derive(Serialize, Deserialize)]
struct Description {
    keyid: String,
    kmskey: String,
    algorithm: String,
    nonce: String,
}

impl Stored<'_> {
    /// What the bytes of a file are.
    pub fn of(file: &[u8]) -> Stored<'_> {
        match std::str::from_utf8(file) {
            Ok(text) => Stored::Plain(text),
            Err(_) => SealedFile::parse(file).map_or(Stored::Other(file), Stored::Sealed),
        }
    }
}

impl SealedFile<'_> {
    /// Reads an encrypted file's description; `None` if it isn't one.
    pub fn parse(file: &[u8]) -> Option<SealedFile<'_>> {
        let (&[version, ref len @ ..], rest) = file.split_first_chunk::<5>()?;
        let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
        if version != VERSION || len > MAX_DESCRIPTION {
            return None;
        }
        let (description, body) = rest.split_at_checked(len)?;
        let description: Description = serde_json::from_slice(description).ok()?;
        Some(SealedFile {
            key_id: description.keyid,
            data_key: base64_text::decode(description.kmskey)?,
            algorithm: description.algorithm,
            nonce: base64_text::decode(description.nonce)?,
            body,
        })
    }

    /// The file in clear, given its data key.
    pub fn open(&self, data_key: &Key) -> Result<Vec<u8>, ConfigFileError> {
        let unknown = || ConfigFileError::Algorithm(self.algorithm.clone());
        let (cipher, key, nonce) = match self.algorithm.as_str() {
            AES_256_GCM => (Cipher::Aes256Gcm, data_key.clone(), &self.nonce[..]),
            CHACHA20_POLY1305 => (Cipher::ChaCha20Poly1305, data_key.clone(), &self.nonce[..]),
            XCHACHA20_POLY1305 => {
                // XChaCha20 is ChaCha20 under a key that is derived from the first half of the nonce; four zero
                // bytes stand before what is left of it.
                let (first, rest) = self.nonce.split_first_chunk::<16>().ok_or_else(unknown)?;
                let key = Key::new(hchacha::<U10>(data_key.expose().into(), first.into()).into());
                let nonce = [&[0; 4][..], rest].concat();
                return self.open_with(Cipher::ChaCha20Poly1305, &key, &nonce);
            }
            _ => return Err(unknown()),
        };
        self.open_with(cipher, &key, nonce)
    }

    fn open_with(&self, cipher: Cipher, key: &Key, nonce: &[u8]) -> Result<Vec<u8>, ConfigFileError> {
        let nonce = nonce.try_into().map_err(|_| ConfigFileError::Algorithm(self.algorithm.clone()))?;
        Ok(fragments::open(cipher, key, nonce, self.body)?)
    }
}

/// Encrypts a file under a data key that nothing else is encrypted with.
pub fn seal(data_key: &DataKey, random: &dyn Random, plain: &[u8]) -> Vec<u8> {
    let cipher = Cipher::preferred();
    let mut nonce = [0; STREAM_NONCE];
    random.fill(&mut nonce);
    let description = Description {
        keyid: data_key.key_id.clone(),
        kmskey: base64_text::encode(&data_key.sealed),
        algorithm: match cipher {
            Cipher::Aes256Gcm => AES_256_GCM.to_owned(),
            Cipher::ChaCha20Poly1305 => CHACHA20_POLY1305.to_owned(),
        },
        nonce: base64_text::encode(&nonce),
    };
    let description = serde_json::to_vec(&description).expect("four strings are valid JSON");
    let len = u32::try_from(description.len()).expect("a key's name and its ciphertext are short");
    let mut file = vec![VERSION];
    file.extend_from_slice(&len.to_le_bytes());
    file.extend_from_slice(&description);
    file.extend_from_slice(&fragments::seal(cipher, &data_key.plain, nonce, plain));
    file
}

#[cfg(test)]
mod tests;
