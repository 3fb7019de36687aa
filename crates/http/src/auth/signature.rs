//! Keys and signatures: HMAC-SHA256 as Signature V4 chains it.

use base::Secret;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// SHA-256 of nothing, in hex.
pub(crate) const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// 32 bytes as lower-case hex text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hex([u8; Hex::LEN]);

impl Hex {
    pub(crate) const LEN: usize = 64;

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Compares without telling by its time how much was equal.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        self.0.as_slice().ct_eq(text).into()
    }
}

impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

pub(crate) fn hex_of(bytes: impl Into<[u8; 32]>) -> Hex {
    let mut text = [0; Hex::LEN];
    hex::encode_to_slice(bytes.into(), &mut text).expect("64 digits hold 32 bytes");
    Hex(text)
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> Hex {
    hex_of(Sha256::digest(bytes))
}

/// The key derived from a secret for one day, region and service.
#[derive(Clone)]
pub struct SigningKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[signing key]")
    }
}

impl SigningKey {
    /// Derives the key. `date` is `yyyyMMdd`.
    pub fn derive(secret: &Secret, date: &str, region: &str, service: &str) -> SigningKey {
        let mut first = Zeroizing::new(Vec::with_capacity(4 + secret.expose().len()));
        first.extend_from_slice(b"AWS4");
        first.extend_from_slice(secret.expose().as_bytes());
        let day = Zeroizing::new(hmac(&first, &[date.as_bytes()]));
        let region = Zeroizing::new(hmac(day.as_slice(), &[region.as_bytes()]));
        let service = Zeroizing::new(hmac(region.as_slice(), &[service.as_bytes()]));
        SigningKey(Zeroizing::new(hmac(service.as_slice(), &[b"aws4_request"])))
    }

    /// Signs the concatenation of `parts`.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> Hex {
        hex_of(hmac(self.0.as_slice(), parts))
    }
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// What the chunks of a signed stream are signed with: each signature covers the one before it, the first covers that of the
/// head.
#[derive(Clone, Debug)]
pub struct ChunkSeed {
    key: SigningKey,
    /// `yyyyMMddTHHmmssZ`.
    date: String,
    /// `yyyyMMdd/region/service/aws4_request`.
    scope: String,
    previous: Hex,
}

impl ChunkSeed {
    pub(crate) fn new(key: SigningKey, date: &str, scope: &str, head: Hex) -> Self {
        ChunkSeed { key, date: date.to_owned(), scope: scope.to_owned(), previous: head }
    }

    /// Checks the signature of the next chunk, of which `sha256` is the hash of the data.
    pub(crate) fn chunk_matches(&mut self, sha256: Hex, signature: &[u8]) -> bool {
        let [empty, gap, data] = [EMPTY_SHA256.as_bytes(), b"\n", sha256.as_bytes()];
        self.next_matches(b"AWS4-HMAC-SHA256-PAYLOAD\n", &[empty, gap, data], signature)
    }

    /// Checks the signature of the trailer, of which `sha256` is the hash of its `name:value\n` lines.
    pub(crate) fn trailer_matches(&mut self, sha256: Hex, signature: &[u8]) -> bool {
        self.next_matches(b"AWS4-HMAC-SHA256-TRAILER\n", &[sha256.as_bytes()], signature)
    }

    fn next_matches(&mut self, algorithm: &[u8], hashes: &[&[u8]], signature: &[u8]) -> bool {
        let [date, scope, gap] = [self.date.as_bytes(), self.scope.as_bytes(), b"\n".as_slice()];
        let mut parts = vec![algorithm, date, gap, scope, gap, self.previous.as_bytes(), gap];
        parts.extend_from_slice(hashes);
        let right = self.key.sign(&parts);
        self.previous = right;
        right.matches(signature)
    }
}
