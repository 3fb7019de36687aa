//! Bodies of admin requests and answers, encrypted with the caller's secret key (section 5).

use crate::fragments::{self, FragmentError, STREAM_NONCE};
use crate::{Cipher, Key};
use argon2::{Algorithm, Argon2, Block, Params};
use base::{Random, Secret};
use std::num::NonZeroU32;

const SALT: usize = 32;
const PREFIX: usize = SALT + 1 + STREAM_NONCE;

/// Memory in KiB, passes, lanes: fixed by the format.
const ARGON2: (u32, u32, u32) = (64 << 10, 1, 4);
/// Fixed by the format.
const PBKDF2_ITERATIONS: NonZeroU32 = NonZeroU32::new(8192).expect("not zero");

/// How a body was encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Argon2Aes,
    Argon2ChaCha,
    Pbkdf2Aes,
}

/// Why a body can't be decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("the body is too short to be an encrypted one")]
    Short,
    #[error("the body is encrypted in an unknown way: {0:#04x}")]
    Scheme(u8),
    #[error(transparent)]
    Fragment(#[from] FragmentError),
}

impl Scheme {
    fn preferred() -> Scheme {
        match Cipher::preferred() {
            Cipher::Aes256Gcm => Scheme::Argon2Aes,
            Cipher::ChaCha20Poly1305 => Scheme::Argon2ChaCha,
        }
    }

    fn id(self) -> u8 {
        match self {
            Scheme::Argon2Aes => 0,
            Scheme::Argon2ChaCha => 1,
            Scheme::Pbkdf2Aes => 2,
        }
    }

    fn of_id(id: u8) -> Option<Scheme> {
        [Scheme::Argon2Aes, Scheme::Argon2ChaCha, Scheme::Pbkdf2Aes].into_iter().find(|scheme| scheme.id() == id)
    }

    fn cipher(self) -> Cipher {
        match self {
            Scheme::Argon2Aes | Scheme::Pbkdf2Aes => Cipher::Aes256Gcm,
            Scheme::Argon2ChaCha => Cipher::ChaCha20Poly1305,
        }
    }

    fn key(self, password: &Secret, salt: &[u8]) -> Key {
        let password = password.expose().as_bytes();
        let mut key = zeroize::Zeroizing::new([0; Key::LEN]);
        match self {
            Scheme::Argon2Aes | Scheme::Argon2ChaCha => {
                let (memory, passes, lanes) = ARGON2;
                let params = Params::new(memory, passes, lanes, Some(Key::LEN)).expect("fixed and valid");
                let argon2 = Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, params);
                let mut memory = vec![Block::default(); argon2.params().block_count()];
                let hashed = argon2.hash_password_into_with_memory(password, salt, &mut key[..], &mut memory);
                hashed.expect("a salt of 32 bytes is valid");
            }
            Scheme::Pbkdf2Aes => {
                let hash = ring::pbkdf2::PBKDF2_HMAC_SHA256;
                ring::pbkdf2::derive(hash, PBKDF2_ITERATIONS, salt, password, &mut key[..]);
            }
        }
        Key::new(*key)
    }
}

/// Encrypts a body. It takes 64 MiB and tens of milliseconds.
pub fn seal(password: &Secret, random: &dyn Random, plain: &[u8]) -> Vec<u8> {
    let mut salt = [0; SALT];
    random.fill(&mut salt);
    let mut nonce = [0; STREAM_NONCE];
    random.fill(&mut nonce);
    seal_with(Scheme::preferred(), password, salt, nonce, plain)
}

fn seal_with(scheme: Scheme, password: &Secret, salt: [u8; SALT], nonce: [u8; STREAM_NONCE], plain: &[u8]) -> Vec<u8> {
    let key = scheme.key(password, &salt);
    let mut body = salt.to_vec();
    body.push(scheme.id());
    body.extend_from_slice(&nonce);
    body.extend_from_slice(&fragments::seal(scheme.cipher(), &key, nonce, plain));
    body
}

/// Decrypts a body. It takes 64 MiB and tens of milliseconds: bound how many are done at once.
pub fn open(password: &Secret, body: &[u8]) -> Result<Vec<u8>, BodyError> {
    let (prefix, sealed) = body.split_first_chunk::<PREFIX>().ok_or(BodyError::Short)?;
    let (salt, rest) = prefix.split_at(SALT);
    let scheme = Scheme::of_id(rest[0]).ok_or(BodyError::Scheme(rest[0]))?;
    let nonce = rest[1..].try_into().expect("the prefix ends with the nonce");
    let key = scheme.key(password, salt);
    Ok(fragments::open(scheme.cipher(), &key, nonce, sealed)?)
}

#[cfg(test)]
mod tests;
