//! The examples that AWS publishes for Signature V4, and each way in which a request is turned away.

mod presigned;
mod refusals;
mod v2;
mod vectors;

use super::*;
use base::{Secret, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

pub(crate) const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// 2013-05-24T00:00:00Z.
pub(crate) const THEN: Timestamp = Timestamp::from_secs(1_369_353_600);
pub(crate) const ANY_REGION: Expected<'static> = Expected { service: Service::S3, region: None, host_bucket: None };

/// One static key, and one temporary one.
struct Accounts;

impl SigningKeys for Accounts {
    fn lookup(&self, access_key: &str) -> Result<Credentials, KeyError> {
        let secret = Secret::new(SECRET_KEY);
        match access_key {
            ACCESS_KEY | "with/slash" => Ok(Credentials { secret, token: SessionToken::Absent }),
            "TEMPORARY" => Ok(Credentials { secret, token: SessionToken::Exactly(Secret::new("the-token")) }),
            "EXPIRING" => Ok(Credentials { secret, token: SessionToken::Ignored }),
            "DISABLED" => Err(KeyError::Disabled),
            "LOADING" => Err(KeyError::NotReady),
            _ => Err(KeyError::Unknown),
        }
    }
}

/// A head that a test can change before it is looked at.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) host: String,
    pub(crate) headers: HeaderMap,
}

impl Head {
    pub(crate) fn new(method: Method, path: &str, headers: &[(&str, &str)]) -> Head {
        let mut head = Head {
            method,
            path: path.to_owned(),
            query: String::new(),
            host: "examplebucket.s3.amazonaws.com".to_owned(),
            headers: HeaderMap::new(),
        };
        for (name, value) in headers {
            head = head.with(name, value);
        }
        head
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Head {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.append(name, HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Head {
        self.headers.remove(name).expect("a header that is there");
        self
    }

    pub(crate) fn query(mut self, query: &str) -> Head {
        self.query = query.to_owned();
        self
    }

    pub(crate) fn view(&self) -> RequestView<'_> {
        RequestView {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            host: &self.host,
        }
    }

    pub(crate) fn authenticate(&self) -> Result<Identity, AuthError> {
        self.authenticate_at(&ANY_REGION, THEN)
    }

    fn authenticate_at(&self, expected: &Expected<'_>, now: Timestamp) -> Result<Identity, AuthError> {
        Authenticator::new().authenticate(&self.view(), expected, now, &Accounts)
    }

    fn refusal(&self) -> AuthError {
        self.authenticate().expect_err("must be refused")
    }

    /// Signs the head with the pieces that `authenticate` is made of, for what the published examples don't cover.
    pub(crate) fn sign(self, access_key: &str, signed_headers: &str) -> Head {
        let dated = ["x-amz-date", "date"].iter().any(|name| self.headers.contains_key(*name));
        let head = if dated { self } else { self.with("x-amz-date", "20130524T000000Z") };
        let payload =
            head.headers.get("x-amz-content-sha256").map_or(EMPTY_SHA256.as_bytes(), |value| value.as_bytes());
        let signed = canonical::SignedHeaders::parse(signed_headers).expect("a list with host");
        let query = Query::parse(&head.query).expect("a query");
        let canonical = canonical::request(&head.view(), &query, None, &signed, payload).expect("all headers there");
        let scope = "20130524/us-east-1/s3/aws4_request";
        let key = SigningKey::derive(&Secret::new(SECRET_KEY), "20130524", "us-east-1", "s3");
        let hash = sha256_hex(&canonical);
        let signature = key.sign(&[b"AWS4-HMAC-SHA256\n20130524T000000Z\n", scope.as_bytes(), b"\n", hash.as_bytes()]);
        let credential = format!("Credential={access_key}/{scope}");
        let value = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders={signed_headers}, Signature={signature:?}");
        head.with("authorization", &value)
    }
}

/// A signed GET without anything special.
fn plain() -> Head {
    Head::new(Method::GET, "/bucket/key", &[("x-amz-content-sha256", EMPTY_SHA256)])
}

const PLAIN: &str = "host;x-amz-content-sha256;x-amz-date";
