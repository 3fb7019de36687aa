//! The two authenticated ciphers, as the formats here use them: 12-byte nonces, 16-byte tags, in place.

use crate::Key;
use ring::aead::{AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

/// Bytes that authentication adds.
pub(crate) const TAG: usize = 16;
/// Bytes of a nonce.
pub(crate) const NONCE: usize = 12;

/// An authenticated cipher with a 256-bit key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    Aes256Gcm,
    ChaCha20Poly1305,
}

impl Cipher {
    /// AES-GCM where the processor has instructions for it, ChaCha20-Poly1305 elsewhere. Readers accept both.
    pub fn preferred() -> Cipher {
        if has_aes_instructions() { Cipher::Aes256Gcm } else { Cipher::ChaCha20Poly1305 }
    }
}

#[cfg(target_arch = "x86_64")]
fn has_aes_instructions() -> bool {
    std::arch::is_x86_feature_detected!("aes") && std::arch::is_x86_feature_detected!("pclmulqdq")
}

#[cfg(target_arch = "aarch64")]
fn has_aes_instructions() -> bool {
    std::arch::is_aarch64_feature_detected!("aes")
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn has_aes_instructions() -> bool {
    false
}

/// Why a ciphertext was not opened: it, its tag, what it belongs to or the key is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAuthentic;

/// A key scheduled for one cipher. The library that does it doesn't wipe it.
pub(crate) struct Aead(LessSafeKey);

impl Aead {
    pub fn new(cipher: Cipher, key: &Key) -> Aead {
        let algorithm = match cipher {
            Cipher::Aes256Gcm => &AES_256_GCM,
            Cipher::ChaCha20Poly1305 => &CHACHA20_POLY1305,
        };
        let key = UnboundKey::new(algorithm, key.expose()).expect("both ciphers take keys of this length");
        Aead(LessSafeKey::new(key))
    }

    /// Encrypts `text` in place and gives its tag. The caller never repeats a nonce under one key.
    pub fn seal(&self, nonce: [u8; NONCE], aad: &[u8], text: &mut [u8]) -> [u8; TAG] {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let sealed = self.0.seal_in_place_separate_tag(nonce, Aad::from(aad), text);
        let mut tag = [0; TAG];
        tag.copy_from_slice(sealed.expect("no text here is longer than a cipher allows").as_ref());
        tag
    }

    /// Decrypts `sealed`, which is a ciphertext and its tag, in place. What it gives is the plaintext, `sealed`
    /// without the tag; after an error its content means nothing.
    pub fn open<'a>(&self, nonce: [u8; NONCE], aad: &[u8], sealed: &'a mut [u8]) -> Result<&'a mut [u8], NotAuthentic> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0.open_in_place(nonce, Aad::from(aad), sealed).map_err(|_| NotAuthentic)
    }
}
