//! What is checked of every request before anyone looks at what it asks for: sizes and names.

#[cfg(test)]
mod tests;

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::query::Query;
use crate::target::Target;
use base::KIB;
use http::uri::Authority;
use http::{HeaderMap, Method};

/// All headers together: S3's limit for PUT requests ("Amazon S3 limits").
const MAX_HEADERS: usize = 8 * KIB as usize;
/// User metadata together: S3's limit.
const MAX_USER_METADATA: usize = 2 * KIB as usize;
/// Longest path: a key of 1,024 bytes, every one escaped, is a tenth of it.
const MAX_PATH: usize = 32 * KIB as usize;
/// The bucket that drives keep the server's own data in, and the path of its APIs.
const RESERVED: &str = "minio";
const RESERVED_PREFIX: &str = ".minio.sys";

/// Names below the reserved prefix that clients of MinIO send: they are ignored, as are all others beside them.
const IGNORED_INTERNAL: [&str; 5] = [
    "x-minio-internal-server-side-encryption-sealed-key",
    "x-minio-internal-server-side-encryption-seal-algorithm",
    "x-minio-internal-server-side-encryption-iv",
    "x-minio-internal-encrypted-multipart",
    "x-minio-internal-actual-object-size",
];

/// Refuses headers that are too long altogether, and those that only servers send to themselves.
pub fn check_headers(headers: &HeaderMap) -> S3Result<()> {
    let (mut all, mut user) = (0, 0);
    let ignored = || IGNORED_INTERNAL.iter().any(|name| headers.contains_key(*name));
    for name in headers.keys() {
        let text = name.as_str();
        if text.starts_with("x-minio-internal-") && !ignored() {
            return Err(ErrorCode::InvalidInternalHeaders.into());
        }
        let size = text.len() + headers.get(name).map_or(0, |value| value.len());
        all += size;
        if text.starts_with("x-amz-meta-") || text.starts_with("x-minio-meta-") {
            user += size;
        }
    }
    if all > MAX_HEADERS || user > MAX_USER_METADATA {
        return Err(ErrorCode::MetadataTooLarge.into());
    }
    Ok(())
}

/// Refuses a host that is none: the bucket may be in it, and whoever stands before this server may read it otherwise.
pub fn check_host(host: &str) -> S3Result<()> {
    // Requests of HTTP/1.0 need none.
    if host.is_empty() {
        return Ok(());
    }
    let bad = |reason: &str| S3Error::with(ErrorCode::InvalidRequest, format!("Invalid Request ({reason})"));
    let authority: Authority = host.parse().map_err(|_| bad("malformed Host header"))?;
    match host.strip_prefix(authority.host()) {
        Some("") => Ok(()),
        Some(port) if port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok()) => Ok(()),
        Some(_) => Err(bad("invalid port number")),
        // There is a user in front of it.
        None => Err(bad("malformed Host header")),
    }
}

/// Refuses paths and parameters that try to climb, and names that no bucket can have.
pub fn check_names(method: &Method, path: &str, query: &Query<'_>, target: &Target) -> S3Result<()> {
    let climbs = |text: &str| text.split(['/', '\\']).any(|segment| matches!(segment.trim(), "." | ".."));
    let climbing_query = query.iter().any(|(name, value)| name != "delimiter" && climbs(value));
    if path.len() > MAX_PATH || climbs(&target.bucket) || climbs(&target.key) || climbing_query {
        return Err(ErrorCode::InvalidResourceName.into());
    }
    let bucket = target.bucket.as_str();
    if bucket.is_empty() {
        return if target.is_service() { Ok(()) } else { Err(ErrorCode::InvalidBucketName.into()) };
    }
    let below_reserved = bucket == RESERVED && target.is_object() && (method == Method::GET || method == Method::POST);
    if (bucket == RESERVED && !below_reserved) || bucket.starts_with(RESERVED_PREFIX) {
        return Err(ErrorCode::AllAccessDisabled.into());
    }
    if is_bucket_name(bucket) { Ok(()) } else { Err(ErrorCode::InvalidBucketName.into()) }
}

/// Whether a bucket can have this name: 3 to 63 of `a-z0-9.-`, beginning and ending with a letter or digit, no two
/// marks side by side but `--`, and not shaped like an IPv4 address.
pub fn is_bucket_name(name: &str) -> bool {
    let letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    (3..=63).contains(&bytes.len())
        && letter(first)
        && letter(last)
        && bytes.iter().all(|byte| letter(byte) || matches!(byte, b'.' | b'-'))
        && !["..", ".-", "-."].iter().any(|pair| name.contains(pair))
        && name.parse::<std::net::Ipv4Addr>().is_err()
}
