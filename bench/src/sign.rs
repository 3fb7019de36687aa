//! Signature V4 for requests that are prepared ahead (S3 reference, "Authenticating Requests: Using the Authorization
//! Header").

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use time::OffsetDateTime;
use time::macros::format_description;

/// The payload's hash of a request whose body is not signed.
pub const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

const SIGNED_HEADERS: &str = "host;x-amz-content-sha256;x-amz-date";
/// Of an object that is to be encrypted.
const ENCRYPTION: &str = "x-amz-server-side-encryption";

/// Signs the requests of one moment for one host. A server takes them for 15 minutes.
#[derive(Clone)]
pub struct Signer {
    host: String,
    access_key: String,
    region: String,
    /// `20260131T235959Z`
    date: String,
    key: [u8; 32],
}

/// What a signature is made over.
pub struct Unsigned<'a> {
    /// `GET`
    pub method: &'a str,
    /// Path with its percent escapes.
    pub path: &'a str,
    /// Query with its percent escapes, parameters sorted by name, each with an equals sign.
    pub query: &'a str,
    /// SHA-256 of the body in hex, or [`UNSIGNED`].
    pub payload: &'a str,
    /// How the server is to encrypt the object, if it is.
    pub encryption: Option<&'a str>,
}

impl Unsigned<'_> {
    /// The names of the headers that are signed.
    fn headers(&self) -> String {
        if self.encryption.is_some() { format!("{SIGNED_HEADERS};{ENCRYPTION}") } else { SIGNED_HEADERS.to_owned() }
    }

    /// The header that says how to encrypt, in front of a line end.
    fn encryption_line(&self, line_end: &str) -> String {
        self.encryption.map_or_else(String::new, |value| format!("{ENCRYPTION}:{value}{line_end}"))
    }
}

impl Signer {
    /// A signer for requests sent at about the time given to `host`, as the `Host` header names it.
    pub fn new(host: &str, access_key: &str, secret: &str, region: &str, now: OffsetDateTime) -> Signer {
        let date =
            now.format(format_description!("[year][month][day]T[hour][minute][second]Z")).expect("no part fails");
        let scope = [&date[..8], region, "s3", "aws4_request"];
        let first: [u8; 32] = hmac(format!("AWS4{secret}").as_bytes(), scope[0]);
        let key = scope[1..].iter().fold(first, |key, part| hmac(&key, part));
        Signer { host: host.to_owned(), access_key: access_key.to_owned(), region: region.to_owned(), date, key }
    }

    /// The head of a request that needs no header besides those that are signed and the length of its body.
    pub fn head(&self, request: &Unsigned<'_>, length: usize) -> Vec<u8> {
        let Unsigned { method, path, query, payload, .. } = request;
        let Signer { host, access_key, date, .. } = self;
        let mark = if query.is_empty() { "" } else { "?" };
        let mut head = format!("{method} {path}{mark}{query} HTTP/1.1\r\nHost: {host}\r\n");
        let credential = format!("{access_key}/{}", self.scope());
        let (signature, signed, encryption) =
            (self.signature(request), request.headers(), request.encryption_line("\r\n"));
        let _ = write!(
            head,
            "Authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}\r\n\
             X-Amz-Content-Sha256: {payload}\r\nX-Amz-Date: {date}\r\n{encryption}"
        );
        if length > 0 || *method == "PUT" || *method == "POST" {
            let _ = write!(head, "Content-Length: {length}\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    fn signature(&self, request: &Unsigned<'_>) -> String {
        let Unsigned { method, path, query, payload, .. } = request;
        let Signer { host, date, .. } = self;
        let (signed, encryption) = (request.headers(), request.encryption_line("\n"));
        let canonical = format!(
            "{method}\n{path}\n{query}\nhost:{host}\nx-amz-content-sha256:{payload}\nx-amz-date:{date}\n{encryption}\n{signed}\n{payload}"
        );
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{}\n{}", self.scope(), sha256_hex(canonical.as_bytes()));
        hex::encode(hmac(&self.key, &text))
    }

    fn scope(&self) -> String {
        format!("{}/{}/s3/aws4_request", &self.date[..8], self.region)
    }
}

/// SHA-256 in hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("keys of any length are taken");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
