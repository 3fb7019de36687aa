//! What policies ask about a request (spec iam-sts-and-config.md, section 8.1).
//!
//! Every key has one source: what the server knows of a request can't be said by a header that is named like the key.

#[cfg(test)]
mod tests;

use crate::call::Call;
use crate::dates::iso8601_text;
use crate::handler::S3Config;
use crate::headers::{CopySource, text, text_or_query, value_text};
use crate::routing::Operation as Op;
use base::Timestamp;
use http::HeaderMap;
use iam::{Acl, Circumstances, ConditionKey, KeyName};
use rustfs_http::ConnInfo;
use rustfs_http::auth::{Identity, PayloadMode, Place, SignatureVersion, Signed};
use service::{ObjectToJudge, Retention, Tags};
use std::borrow::Cow;
use std::net::IpAddr;

const DAY: i64 = 86_400;

/// What is known beside the head of a request.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The tags that the object has; `None` where no policy asks.
    pub existing_tags: Option<Tags>,
    /// The tags in the request's body.
    pub request_tags: Option<Tags>,
    /// The retention in the request's body.
    pub retention: Option<Retention>,
    /// The legal hold in the request's body.
    pub legal_hold: Option<bool>,
    /// The version that one of many keys is about.
    pub version: Option<String>,
    /// The list of the object; `None` where nobody asks.
    pub object_acl: Option<Acl>,
    /// The one key that is asked about, of whoever may list.
    pub listed_key: Option<String>,
    /// A bucket is looked at to see whether it may be listed at all.
    pub as_listing: bool,
}

impl Facts {
    /// What is known of a stored object.
    pub fn of_object(object: ObjectToJudge) -> Facts {
        Facts { existing_tags: Some(object.tags), object_acl: Some(object.acl), ..Facts::default() }
    }
}

/// A request with what is known of it.
pub struct Asking<'a> {
    pub call: &'a Call<'a>,
    pub facts: &'a Facts,
}

type Values<'a> = Vec<Cow<'a, str>>;

impl Circumstances for Asking<'_> {
    fn object_acl(&self) -> Option<&Acl> {
        self.facts.object_acl.as_ref()
    }

    fn values(&self, key: &ConditionKey) -> Values<'_> {
        let call = self.call;
        let one = |text: String| vec![Cow::Owned(text)];
        match (key.key(), key.suffix()) {
            (KeyName::ExistingObjectTag, Some(tag)) => tag_value(self.existing_tags(), tag),
            (KeyName::RequestObjectTag, Some(tag)) => tag_value(self.request_tags(), tag),
            // Only tags have names of their own.
            (_, Some(_)) => Vec::new(),
            (KeyName::RequestObjectTagKeys, _) => {
                let tags = self.request_tags().unwrap_or_default();
                tags.iter().map(|(key, _)| Cow::Owned(key.to_owned())).collect()
            }
            (KeyName::CurrentTime, _) => one(seconds_text(call.now)),
            (KeyName::EpochTime, _) => one(call.now.secs().to_string()),
            (KeyName::SecureTransport, _) => one(call.conn.tls.to_string()),
            (KeyName::SourceIp, _) => one(source_ip(&call.handler.config, call.headers(), call.conn).to_string()),
            (KeyName::UserAgent, _) => vec![text(call.headers(), "user-agent").unwrap_or_default()],
            (KeyName::Referer, _) => vec![text(call.headers(), "referer").unwrap_or_default()],
            (KeyName::VersionId, _) => vec![self.version()],
            (KeyName::SignatureVersion, _) => vec![signature(&call.identity, version)],
            (KeyName::AuthType, _) => vec![signature(&call.identity, |signed| auth_type(signed.place))],
            (KeyName::SignatureAge, _) => signature_age(call).map(one).unwrap_or_default(),
            (KeyName::LocationConstraint, _) if call.caller.is_anonymous() => {
                let region = call.service().region();
                if region.is_empty() { Vec::new() } else { vec![Cow::Borrowed(region)] }
            }
            (KeyName::Prefix, _) => self.listed("prefix", ""),
            (KeyName::Delimiter, _) => self.listed("delimiter", "/"),
            (KeyName::MaxKeys, _) => call.query.get("max-keys").map(Cow::Borrowed).into_iter().collect(),
            (KeyName::CopySource, _) => copy_source(call.headers()),
            (KeyName::LockMode | KeyName::LockRetainUntil | KeyName::LockRemainingDays, _) => self.retention(key.key()),
            (KeyName::LockLegalHold, _) => self.legal_hold(),
            (
                KeyName::ContentSha256
                | KeyName::ServerSideEncryption
                | KeyName::CustomerAlgorithm
                | KeyName::KmsKeyId
                | KeyName::MetadataDirective
                | KeyName::Acl
                | KeyName::GrantRead
                | KeyName::GrantWrite
                | KeyName::GrantReadAcp
                | KeyName::GrantWriteAcp
                | KeyName::GrantFullControl
                | KeyName::ObjectOwnership
                | KeyName::StorageClass,
                _,
            ) => header(call, key.key().local()),
            _ => Vec::new(),
        }
    }
}

impl Asking<'_> {
    fn listed(&self, parameter: &str, as_listing: &'static str) -> Values<'_> {
        if self.facts.as_listing {
            return vec![Cow::Borrowed(as_listing)];
        }
        if let Some(key) = self.facts.listed_key.as_deref().filter(|_| parameter == "prefix") {
            return vec![Cow::Borrowed(key)];
        }
        self.call.query.get(parameter).map(Cow::Borrowed).into_iter().collect()
    }

    fn version(&self) -> Cow<'_, str> {
        let call = self.call;
        if let Some(version) = self.facts.version.as_deref().or_else(|| call.query.non_empty("versionId")) {
            return Cow::Borrowed(version);
        }
        let source = CopySource::of(call.headers()).ok().and_then(|source| source.version);
        source.map_or(Cow::Borrowed(""), |version| Cow::Owned(version.to_string()))
    }

    /// Where an object is made, the tags it is to have are those it has.
    fn existing_tags(&self) -> Option<Tags> {
        self.facts.existing_tags.clone().or_else(|| makes_an_object(self.call.operation).then(|| self.header_tags())?)
    }

    fn request_tags(&self) -> Option<Tags> {
        self.facts.request_tags.clone().or_else(|| self.header_tags())
    }

    fn header_tags(&self) -> Option<Tags> {
        let tags = text_or_query(self.call.headers(), self.call.query, "x-amz-tagging")?;
        Tags::from_query(&tags).ok()
    }

    fn retention(&self, key: KeyName) -> Values<'_> {
        let headers = self.call.headers();
        let in_body = matches!(self.call.operation, Op::PutObjectRetention);
        let text = match (self.facts.retention, key) {
            (Some(retention), KeyName::LockMode) => Some(Cow::Borrowed(retention.mode.name())),
            (Some(retention), KeyName::LockRetainUntil) => Some(Cow::Owned(seconds_text(retention.until))),
            (Some(retention), _) => Some(Cow::Owned(remaining_days(retention.until, self.call.now).to_string())),
            (None, KeyName::LockMode) if !in_body => text(headers, "x-amz-object-lock-mode"),
            (None, KeyName::LockRetainUntil) if !in_body => text(headers, "x-amz-object-lock-retain-until-date"),
            (None, _) => None,
        };
        text.into_iter().collect()
    }

    fn legal_hold(&self) -> Values<'_> {
        let text = match self.facts.legal_hold {
            Some(on) => Some(Cow::Borrowed(if on { "ON" } else { "OFF" })),
            None => text(self.call.headers(), "x-amz-object-lock-legal-hold"),
        };
        text.into_iter().collect()
    }
}

fn makes_an_object(operation: Op) -> bool {
    matches!(operation, Op::PutObject | Op::PutObjectExtract | Op::CopyObject | Op::CreateMultipartUpload)
}

fn tag_value<'a>(tags: Option<Tags>, name: &str) -> Values<'a> {
    let tags = tags.unwrap_or_default();
    tags.iter().find(|(key, _)| *key == name).map(|(_, value)| Cow::Owned(value.to_owned())).into_iter().collect()
}

/// All values of a header, and of the parameter of that name, which presigned requests have instead.
fn header<'a>(call: &'a Call<'_>, name: &str) -> Values<'a> {
    let headers = call.headers().get_all(name).iter().map(value_text);
    let parameters = call.query.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    headers.chain(parameters.map(|(_, value)| Cow::Borrowed(value))).collect()
}

/// `bucket/key`, however it was written.
fn copy_source(headers: &HeaderMap) -> Values<'_> {
    match CopySource::of(headers) {
        Ok(source) => vec![Cow::Owned(format!("{}/{}", source.bucket, source.key))],
        Err(_) => text(headers, "x-amz-copy-source").into_iter().collect(),
    }
}

/// Something of the signature; empty where there is none, and where only chunks or nothing of the body is signed.
fn signature(identity: &Identity, of: impl Fn(&Signed) -> &'static str) -> Cow<'static, str> {
    let by_trailer = matches!(
        identity.payload(),
        PayloadMode::StreamingSigned { trailer: true } | PayloadMode::StreamingUnsignedTrailer
    );
    match identity {
        Identity::Signed(signed) if !by_trailer => Cow::Borrowed(of(signed)),
        _ => Cow::Borrowed(""),
    }
}

fn version(signed: &Signed) -> &'static str {
    match signed.version {
        SignatureVersion::V2 => "AWS",
        SignatureVersion::V4 => "AWS4-HMAC-SHA256",
    }
}

fn auth_type(place: Place) -> &'static str {
    match place {
        Place::Header => "REST-HEADER",
        Place::Query => "REST-QUERY-STRING",
        Place::Form => "POST",
    }
}

/// Milliseconds since a presigned request was signed.
fn signature_age(call: &Call<'_>) -> Option<String> {
    let presigned = matches!(&call.identity, Identity::Signed(signed) if signed.place == Place::Query);
    let text = call.query.get("X-Amz-Date").filter(|_| presigned)?;
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let piece = |text: &'_ str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
    let date = format!("{}-{}-{}", piece(date, 0, 4)?, piece(date, 4, 6)?, piece(date, 6, 8)?);
    let time = format!("{}:{}:{}", piece(time, 0, 2)?, piece(time, 2, 4)?, piece(time, 4, 6)?);
    let signed = crate::dates::parse_iso8601(&format!("{date}T{time}Z"))?;
    Some(call.now.since(signed).as_millis().to_string())
}

fn seconds_text(time: Timestamp) -> String {
    format!("{}Z", &iso8601_text(time)[..19])
}

/// Days that a retention still lasts, the last one begun counted whole.
fn remaining_days(until: Timestamp, now: Timestamp) -> i64 {
    let seconds = i64::try_from(until.since(now).as_secs()).unwrap_or(i64::MAX);
    seconds.div_euclid(DAY) + i64::from(seconds.rem_euclid(DAY) > 0)
}

/// The client's address: the connection's, unless the server was told that proxies stand before it whose word counts.
/// Where a request comes from: what a proxy says counts only where proxies are trusted.
pub fn source_ip(config: &S3Config, headers: &HeaderMap, conn: ConnInfo) -> IpAddr {
    let told = config.trust_forwarded.then(|| forwarded_for(headers)).flatten();
    told.unwrap_or_else(|| conn.peer.ip()).to_canonical()
}

/// The address that a proxy gives: `X-Forwarded-For`, else `X-Real-IP`, else `Forwarded`.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    if let Some(all) = text(headers, "x-forwarded-for") {
        return address(all.split(',').next()?);
    }
    if let Some(one) = text(headers, "x-real-ip") {
        return address(&one);
    }
    let forwarded = text(headers, "forwarded")?;
    let first = forwarded.split(',').next()?;
    let mut pairs = first.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    address(value.trim_matches('"'))
}

/// An address with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = || text.trim_start_matches('[').trim_end_matches(']').parse().ok();
    text.parse::<std::net::SocketAddr>().map(|socket| socket.ip()).ok().or_else(bare)
}
