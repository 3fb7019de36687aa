//! The fragment stream in which configuration files and admin bodies are encrypted (section 4.2).
//!
//! Fragments of 16 KiB under nonces that count them. What is authenticated with each fragment is a tag over the
//! whole stream's associated data and whether it is the last.

use crate::aead::{Aead, NONCE, NotAuthentic, TAG};
use crate::{Cipher, Key};

/// Plaintext bytes of every fragment but the last.
const FRAGMENT: usize = 16 << 10;
/// Bytes of a stream's nonce: a counter of four follows.
pub(crate) const STREAM_NONCE: usize = NONCE - 4;

/// A document that can't be decrypted: cut, changed, or sealed with another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("fragment {fragment} of the document is not authentic")]
pub struct FragmentError {
    /// Counted from 1.
    pub fragment: u32,
}

struct Stream {
    aead: Aead,
    nonce: [u8; STREAM_NONCE],
    /// The tag of the empty message numbered 0.
    tag: [u8; TAG],
}

impl Stream {
    fn new(cipher: Cipher, key: &Key, nonce: [u8; STREAM_NONCE]) -> Stream {
        let mut stream = Stream { aead: Aead::new(cipher, key), nonce, tag: [0; TAG] };
        stream.tag = stream.aead.seal(stream.fragment_nonce(0), &[], &mut []);
        stream
    }

    fn fragment_nonce(&self, number: u32) -> [u8; NONCE] {
        let mut nonce = [0; NONCE];
        nonce[..STREAM_NONCE].copy_from_slice(&self.nonce);
        nonce[STREAM_NONCE..].copy_from_slice(&number.to_le_bytes());
        nonce
    }

    fn associated_data(&self, last: bool) -> [u8; 1 + TAG] {
        let mut data = [0; 1 + TAG];
        data[0] = if last { 0x80 } else { 0 };
        data[1..].copy_from_slice(&self.tag);
        data
    }
}

/// Encrypts a document that is held whole, less than 2^32 fragments.
pub(crate) fn seal(cipher: Cipher, key: &Key, nonce: [u8; STREAM_NONCE], plain: &[u8]) -> Vec<u8> {
    let stream = Stream::new(cipher, key, nonce);
    let fragments = plain.len().div_ceil(FRAGMENT).max(1);
    let mut sealed = Vec::with_capacity(plain.len() + fragments * TAG);
    for (number, at) in (1u32..).zip(0..fragments) {
        let start = sealed.len();
        sealed.extend_from_slice(&plain[at * FRAGMENT..plain.len().min((at + 1) * FRAGMENT)]);
        let data = stream.associated_data(at + 1 == fragments);
        let tag = stream.aead.seal(stream.fragment_nonce(number), &data, &mut sealed[start..]);
        sealed.extend_from_slice(&tag);
    }
    sealed
}

/// Decrypts what [`seal`] encrypted.
pub(crate) fn open(
    cipher: Cipher,
    key: &Key,
    nonce: [u8; STREAM_NONCE],
    sealed: &[u8],
) -> Result<Vec<u8>, FragmentError> {
    let stream = Stream::new(cipher, key, nonce);
    let fragments = sealed.len().div_ceil(FRAGMENT + TAG);
    if fragments == 0 {
        return Err(FragmentError { fragment: 1 });
    }
    let mut plain = Vec::with_capacity(sealed.len());
    for (number, fragment) in (1u32..).zip(sealed.chunks(FRAGMENT + TAG)) {
        let start = plain.len();
        plain.extend_from_slice(fragment);
        let data = stream.associated_data(usize::try_from(number) == Ok(fragments));
        let opened = stream.aead.open(stream.fragment_nonce(number), &data, &mut plain[start..]);
        let len = opened.map_err(|NotAuthentic| FragmentError { fragment: number })?.len();
        plain.truncate(start + len);
    }
    Ok(plain)
}
