//! The package stream in which objects, sealed keys and sealed etags are stored (section 1).
//!
//! A stream is cut into packages of 64 KiB, each with its own header and tag. The package's number is part of its
//! nonce and the last one is marked, so packages can't be exchanged, left out or added. Version 2.0 is written and
//! read; version 1.0, which marks no last package, is read.

mod decrypt;
mod encrypt;
mod header;
mod size;

#[cfg(test)]
mod tests;

pub use decrypt::{DareError, Decrypt, DecryptParts, SealedPart, Versions};
pub use encrypt::Encrypt;
pub use size::{SizeError, plain_size, sealed_size};

use crate::aead::TAG;
use crate::{Cipher, Key, Transform};
use base::Random;
use bytes::Bytes;
use zeroize::Zeroize;

/// Plaintext bytes of every package but the last.
pub const PAYLOAD: usize = 64 << 10;
/// Bytes that a package adds to its payload.
pub const OVERHEAD: usize = HEADER + TAG;
/// Bytes of a full package.
pub const PACKAGE: usize = PAYLOAD + OVERHEAD;
/// Bytes of a package's header.
pub(crate) const HEADER: usize = 16;

/// Encrypts a value that is small enough to be held whole. An empty value stays empty. No copy of it is left behind.
pub fn seal(key: &Key, cipher: Cipher, random: &dyn Random, plain: &[u8]) -> Vec<u8> {
    let input = Bytes::copy_from_slice(plain);
    let mut stream = Encrypt::new(key, cipher, random);
    stream.push(input.clone());
    stream.end();
    let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD);
    while let Ok(Some(package)) = stream.pull() {
        sealed.extend_from_slice(&package);
    }
    drop(stream);
    wipe(input);
    sealed
}

/// Decrypts a value that was sealed whole. No other copy of it is left behind.
pub fn open(key: &Key, versions: Versions, sealed: &[u8]) -> Result<Vec<u8>, DareError> {
    let mut stream = Decrypt::new(key, versions);
    stream.push(Bytes::copy_from_slice(sealed));
    stream.end();
    let mut payloads = Vec::new();
    while let Some(payload) = stream.pull()? {
        payloads.push(payload);
    }
    // Payloads can be wiped when nothing else holds what they are part of.
    drop(stream);
    let plain = payloads.concat();
    payloads.into_iter().for_each(wipe);
    Ok(plain)
}

/// Overwrites bytes that nobody else holds.
fn wipe(bytes: Bytes) {
    if let Ok(mut bytes) = bytes.try_into_mut() {
        bytes.zeroize();
    }
}
