//! What a package says of itself.

use super::HEADER;
use crate::Cipher;
use crate::aead::NONCE;

/// In the first byte of a 2.0 header's nonce: this package is the last.
const FINAL: u8 = 0x80;
/// Bytes of a header that the cipher authenticates; the rest is the nonce.
const AUTHENTICATED: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

/// A package's header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header([u8; HEADER]);

impl Header {
    /// The header of a 2.0 package. `payload` is 1 to 65536 bytes.
    pub fn write(cipher: Cipher, payload: usize, mut nonce: [u8; NONCE], last: bool) -> Header {
        let length = u16::try_from(payload - 1).expect("a payload has 1 to 65536 bytes").to_le_bytes();
        nonce[0] = if last { nonce[0] | FINAL } else { nonce[0] & !FINAL };
        let mut bytes = [0x20, cipher_id(cipher), length[0], length[1], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes[AUTHENTICATED..].copy_from_slice(&nonce);
        Header(bytes)
    }

    pub fn read(bytes: [u8; HEADER]) -> Header {
        Header(bytes)
    }

    pub fn bytes(&self) -> &[u8; HEADER] {
        &self.0
    }

    /// The byte in place of a version if it is none.
    pub fn version(&self) -> Result<Version, u8> {
        match self.0[0] {
            0x10 => Ok(Version::V1),
            0x20 => Ok(Version::V2),
            other => Err(other),
        }
    }

    /// The byte in place of a cipher if it is none.
    pub fn cipher(&self) -> Result<Cipher, u8> {
        match self.0[1] {
            0 => Ok(Cipher::Aes256Gcm),
            1 => Ok(Cipher::ChaCha20Poly1305),
            other => Err(other),
        }
    }

    /// Plaintext bytes in the package.
    pub fn payload(&self) -> usize {
        usize::from(u16::from_le_bytes([self.0[2], self.0[3]])) + 1
    }

    pub fn authenticated(&self) -> &[u8] {
        &self.0[..AUTHENTICATED]
    }

    /// 2.0: the last package of its stream.
    pub fn is_last(&self) -> bool {
        self.0[AUTHENTICATED] & FINAL != 0
    }

    /// 2.0: what all headers of a stream have in common.
    pub fn stream_nonce(&self) -> [u8; NONCE] {
        let mut nonce = self.nonce();
        nonce[0] &= !FINAL;
        nonce
    }

    /// 1.0: the package's number, and what all headers of a stream have in common.
    pub fn sequence_and_random(&self) -> (u32, [u8; 8]) {
        let nonce = self.nonce();
        let (sequence, random) = nonce.split_at(4);
        (u32::from_le_bytes(sequence.try_into().expect("split at 4")), random.try_into().expect("12 bytes less 4"))
    }

    /// The cipher's nonce for a package of this number.
    pub fn package_nonce(&self, version: Version, sequence: u32) -> [u8; NONCE] {
        let mut nonce = self.nonce();
        if version == Version::V2 {
            for (byte, number) in nonce[8..].iter_mut().zip(sequence.to_le_bytes()) {
                *byte ^= number;
            }
        }
        nonce
    }

    fn nonce(&self) -> [u8; NONCE] {
        self.0[AUTHENTICATED..].try_into().expect("a header is 4 and 12 bytes")
    }
}

fn cipher_id(cipher: Cipher) -> u8 {
    match cipher {
        Cipher::Aes256Gcm => 0,
        Cipher::ChaCha20Poly1305 => 1,
    }
}
