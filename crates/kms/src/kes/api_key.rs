//! A KES API key, and the certificate that stands for it.
//!
//! `kes:v1:` (optional), then base64 of a type byte, 0 for Ed25519, and the key's 32-byte seed. The server knows the
//! client by the hash of its public key alone, so that the certificate may be signed with the key itself (X.509:
//! RFC 5280; Ed25519 in it: RFC 8410).

use base::{Random, Secret, Timestamp};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use std::time::Duration;
use time::OffsetDateTime;
use time::macros::format_description;
use zeroize::Zeroizing;

/// How long a certificate holds: it is made anew with every read of the client's material.
const VALIDITY: Duration = Duration::from_secs(90 * 24 * 3600);

/// Clocks of the two machines may differ by that much.
const SKEW: Duration = Duration::from_secs(3600);

/// What comes before a seed in PKCS #8.
const PKCS8_HEAD: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// What comes before a public key in a SubjectPublicKeyInfo.
const PUBLIC_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

/// The algorithm identifier of Ed25519.
const ED25519: [u8; 7] = [0x30, 5, 6, 3, 0x2b, 0x65, 0x70];

const COMMON_NAME: [u8; 5] = [6, 3, 0x55, 4, 3];
/// Critical: digitalSignature and nothing else.
const KEY_USAGE: [u8; 16] = [0x30, 14, 6, 3, 0x55, 0x1d, 0x0f, 1, 1, 0xff, 4, 4, 3, 2, 7, 0x80];
/// clientAuth.
const EXTENDED_USAGE: [u8; 21] = [0x30, 19, 6, 3, 0x55, 0x1d, 0x25, 4, 12, 0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 2];

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 2;
const BIT_STRING: u8 = 3;
const UTF8_STRING: u8 = 12;
const UTC_TIME: u8 = 0x17;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

/// The text is no API key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("MINIO_KMS_KES_API_KEY is not a KES API key (kes:v1:BASE64)")]
pub struct ApiKeyError;

/// A KES API key.
pub struct ApiKey {
    pair: Ed25519KeyPair,
    pkcs8: Zeroizing<Vec<u8>>,
}

impl ApiKey {
    pub fn parse(text: &Secret) -> Result<Self, ApiKeyError> {
        let text = text.expose().trim();
        let text = text.strip_prefix("kes:v1:").unwrap_or(text);
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(text).map_err(|_| ApiKeyError)?);
        let seed = match bytes.split_first() {
            Some((0, seed)) if seed.len() == 32 => seed,
            _ => return Err(ApiKeyError),
        };
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| ApiKeyError)?;
        Ok(ApiKey { pair, pkcs8: Zeroizing::new([&PKCS8_HEAD, seed].concat()) })
    }

    /// What the server knows the client by: the hash of its public key.
    pub fn identity(&self) -> String {
        hex::encode(Sha256::digest(self.public_key()))
    }

    /// A certificate that holds from now on, and its key.
    pub fn certificate(
        &self,
        now: Timestamp,
        random: &dyn Random,
    ) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let name = self.identity();
        let name =
            der(SEQUENCE, &[&der(SET, &[&der(SEQUENCE, &[&COMMON_NAME, &der(UTF8_STRING, &[name.as_bytes()])])])]);
        let since = Timestamp::from_nanos(now.nanos() - i64::try_from(SKEW.as_nanos()).unwrap_or(0));
        let mut serial = [0; 16];
        random.fill(&mut serial);
        // A number that is positive and as short as it can be.
        serial[0] = serial[0] & 0x7f | 0x40;
        let signed = der(
            SEQUENCE,
            &[
                &der(VERSION, &[&[INTEGER, 1, 2]]),
                &der(INTEGER, &[&serial]),
                &ED25519,
                &name,
                &der(SEQUENCE, &[&utc_time(since), &utc_time(now.plus(VALIDITY))]),
                &name,
                &self.public_key(),
                &der(EXTENSIONS, &[&der(SEQUENCE, &[&KEY_USAGE, &EXTENDED_USAGE])]),
            ],
        );
        let signature = der(BIT_STRING, &[&[0], self.pair.sign(&signed).as_ref()]);
        let certificate = der(SEQUENCE, &[&signed, &ED25519, &signature]);
        let key = PrivatePkcs8KeyDer::from(self.pkcs8.to_vec());
        (vec![CertificateDer::from(certificate)], PrivateKeyDer::from(key))
    }

    fn public_key(&self) -> Vec<u8> {
        [&PUBLIC_HEAD, self.pair.public_key().as_ref()].concat()
    }
}

/// Tag, length, content.
fn der(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let mut out = vec![tag];
    match (u8::try_from(content.len()), u16::try_from(content.len())) {
        (Ok(short), _) if short < 0x80 => out.push(short),
        (Ok(byte), _) => out.extend([0x81, byte]),
        (_, Ok(two)) => {
            out.push(0x82);
            out.extend(two.to_be_bytes());
        }
        _ => unreachable!("what is written here has a few hundred bytes"),
    }
    out.extend(content);
    out
}

/// A time to the second; the form holds until 2049.
fn utc_time(time: Timestamp) -> Vec<u8> {
    let form = format_description!("[year repr:last_two][month][day][hour][minute][second]Z");
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.nanos()));
    let text = time.ok().and_then(|time| time.format(form).ok()).unwrap_or_default();
    der(UTC_TIME, &[text.as_bytes()])
}
