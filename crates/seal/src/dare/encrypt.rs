//! Plaintext to packages.

use super::header::{Header, Version};
use super::{HEADER, OVERHEAD, PACKAGE, PAYLOAD, SizeError};
use crate::aead::{Aead, NONCE};
use crate::{Cipher, Key, Transform};
use base::Random;
use bytes::{Bytes, BytesMut};

/// Encrypts a stream into packages of version 2.0. Each plaintext byte is moved once, to where its package
/// is sealed in place.
pub struct Encrypt {
    aead: Aead,
    cipher: Cipher,
    nonce: [u8; NONCE],
    sequence: u32,
    input: Bytes,
    ended: bool,
    /// Room for the header, and the payload so far.
    package: BytesMut,
}

impl Encrypt {
    /// A stream under a key of its own, or at least with a nonce that no other stream under the key has: it is
    /// random.
    pub fn new(key: &Key, cipher: Cipher, random: &dyn Random) -> Self {
        let mut nonce = [0; NONCE];
        random.fill(&mut nonce);
        Encrypt::with_nonce(key, cipher, nonce)
    }

    /// For test vectors: the nonce must be unique to the stream.
    pub(super) fn with_nonce(key: &Key, cipher: Cipher, nonce: [u8; NONCE]) -> Self {
        Encrypt {
            aead: Aead::new(cipher, key),
            cipher,
            nonce,
            sequence: 0,
            input: Bytes::new(),
            ended: false,
            package: BytesMut::new(),
        }
    }

    fn payload(&self) -> usize {
        self.package.len().saturating_sub(HEADER)
    }

    /// Moves input into the package that is being filled.
    fn fill(&mut self) {
        if self.package.is_empty() {
            // Small values and last packages get what they need.
            let more = if self.ended || self.sequence == 0 { self.input.len() } else { PAYLOAD };
            self.package.reserve(PACKAGE.min(more + OVERHEAD));
            self.package.extend_from_slice(&[0; HEADER]);
        }
        let taken = self.input.split_to(self.input.len().min(PAYLOAD - self.payload()));
        self.package.extend_from_slice(&taken);
    }

    fn seal(&mut self, last: bool) -> Result<Bytes, SizeError> {
        let header = Header::write(self.cipher, self.payload(), self.nonce, last);
        let nonce = header.package_nonce(Version::V2, self.sequence);
        let (head, payload) = self.package.split_at_mut(HEADER);
        head.copy_from_slice(header.bytes());
        let tag = self.aead.seal(nonce, header.authenticated(), payload);
        self.package.extend_from_slice(&tag);
        if !last {
            self.sequence = self.sequence.checked_add(1).ok_or(SizeError(u64::MAX))?;
        }
        Ok(self.package.split().freeze())
    }
}

impl Transform for Encrypt {
    /// More than 2^32 packages.
    type Error = SizeError;

    fn push(&mut self, piece: Bytes) {
        self.input = piece;
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn pull(&mut self) -> Result<Option<Bytes>, SizeError> {
        if !self.input.is_empty() && self.payload() < PAYLOAD {
            self.fill();
        }
        // A full package waits until it is known whether another follows it.
        if !self.input.is_empty() {
            self.seal(false).map(Some)
        } else if self.ended && !self.package.is_empty() {
            self.seal(true).map(Some)
        } else {
            Ok(None)
        }
    }
}
