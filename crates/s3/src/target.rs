//! What a request is about: the service, a bucket, or an object, from its path and host.

#[cfg(test)]
mod tests;

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::query::decode_percent;

/// A bucket and key, both decoded; empty where the request names none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    pub bucket: String,
    pub key: String,
}

impl Target {
    /// From the path as received and the `Host` header. With one of `domains` behind it, the host's first part is
    /// the bucket (virtual-host style), else the path's first segment is.
    pub fn of(path: &str, host: &str, domains: &[String]) -> S3Result<Self> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (bucket, key) = match bucket_of_host(host, domains) {
            Some(bucket) => (bucket, path),
            None => path.split_once('/').unwrap_or((path, "")),
        };
        let bad = || S3Error::new(ErrorCode::InvalidObjectName);
        let bucket = decode_percent(bucket).ok_or_else(bad)?;
        let key = decode_percent(key).ok_or_else(bad)?;
        // `/bucket//key` and `/bucket/%2Fkey` name the same object as `/bucket/key`.
        let key = match key.strip_prefix('/') {
            Some("") => return Err(bad()),
            Some(rest) => rest.to_owned(),
            None => key,
        };
        Ok(Target { bucket, key })
    }

    /// Whether the bucket is in the host rather than in the path.
    pub fn is_bucket_in(host: &str, domains: &[String]) -> bool {
        bucket_of_host(host, domains).is_some()
    }

    pub fn is_service(&self) -> bool {
        self.bucket.is_empty() && self.key.is_empty()
    }

    pub fn is_object(&self) -> bool {
        !self.key.is_empty()
    }
}

/// The first part of a host below one of `domains`.
pub fn bucket_of_host<'a>(host: &'a str, domains: &[String]) -> Option<&'a str> {
    if domains.is_empty() {
        return None;
    }
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, port)| if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host });
    domains.iter().find_map(|domain| {
        let cut = name.len().checked_sub(domain.len())?;
        let (rest, end) = (name.get(..cut)?, name.get(cut..)?);
        let bucket = rest.strip_suffix('.')?;
        (end.eq_ignore_ascii_case(domain) && !bucket.is_empty()).then_some(bucket)
    })
}
