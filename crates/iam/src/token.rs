//! Session tokens: what a service account or a temporary credential was made with, signed (spec
//! iam-sts-and-config.md, section 4).

#[cfg(test)]
mod tests;

use base::{Secret, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::{Map, Value};
use sha2::{Sha256, Sha384, Sha512};
use std::collections::BTreeMap;

const HEADER: &str = r#"{"alg":"HS512","typ":"JWT"}"#;
/// Longer tokens are none.
pub const MAX_TOKEN: usize = 64 << 10;

/// Who the token is for.
pub(crate) const ACCESS_KEY: &str = "accessKey";
/// Whose rights it has.
pub(crate) const PARENT: &str = "parent";
/// A policy that narrows them, in base64.
pub(crate) const SESSION_POLICY: &str = "sessionPolicy";
/// Marks service accounts, and says whether they have a policy of their own.
pub(crate) const SERVICE_ACCOUNT: &str = "sa-policy";
pub(crate) const INHERITED: &str = "inherited-policy";
pub(crate) const EMBEDDED: &str = "embedded-policy";
/// The role that OpenID or a plugin gave.
pub(crate) const ROLE: &str = "roleArn";
/// Only tokens that come from a directory have it.
pub(crate) const LDAP_USER: &str = "ldapUser";

/// Why a token is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token is malformed")]
    Malformed,
    #[error("the token is signed in a way that isn't accepted")]
    Algorithm,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token has expired")]
    Expired,
    #[error("the token isn't valid yet")]
    NotYet,
    #[error("the token has no access key")]
    NoAccessKey,
}

/// What a token says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    pub fn new(claims: Map<String, Value>) -> Self {
        Claims(claims)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A claim that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(crate) fn insert(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// A text claim by the name that conditions use: in lower case, without the `ldap` before it.
    pub(crate) fn by_condition_name(&self, name: &str) -> Option<&str> {
        let is_meant = |claim: &str| {
            let lower = claim.to_ascii_lowercase();
            claim.strip_prefix("ldap").map_or(lower.as_str() == name, |rest| rest.eq_ignore_ascii_case(name))
        };
        self.0.iter().find(|(claim, value)| value.is_string() && is_meant(claim)).and_then(|(_, value)| value.as_str())
    }

    /// A claim that is a list of texts.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let all = self.0.get(name)?.as_array()?;
        all.iter().map(|value| value.as_str().map(str::to_owned)).collect()
    }

    /// The policy in the token; an error if it isn't base64.
    pub(crate) fn session_policy(&self) -> Result<Option<Vec<u8>>, TokenError> {
        match self.0.get(SESSION_POLICY) {
            None => Ok(None),
            Some(Value::String(text)) => STANDARD.decode(text).map(Some).map_err(|_| TokenError::Malformed),
            Some(_) => Err(TokenError::Malformed),
        }
    }

    pub(crate) fn set_session_policy(&mut self, policy: &str) {
        self.insert(SESSION_POLICY, STANDARD.encode(policy).into());
    }

    /// The signed token.
    pub fn sign(&self, secret: &Secret) -> Secret {
        // In byte order, whatever the order of the map.
        let sorted: BTreeMap<&String, &Value> = self.0.iter().collect();
        let payload = serde_json::to_string(&sorted).expect("names and values are valid JSON");
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(payload));
        let mut mac =
            Hmac::<Sha512>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes keys of any length");
        mac.update(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        Secret::new(format!("{signed}.{signature}"))
    }

    /// What a token says, if one of `secrets` signed it and it is valid at `now`.
    pub fn verify(token: &Secret, secrets: &[&Secret], now: Timestamp) -> Result<Claims, TokenError> {
        let token = token.expose();
        if token.len() > MAX_TOKEN {
            return Err(TokenError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Malformed)?;
        let algorithm = object(header)?.get("alg").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut right = false;
        for secret in secrets {
            right |= is_signed(&algorithm, secret, signed, &signature)?;
        }
        if !right {
            return Err(TokenError::Signature);
        }
        let claims = Claims(object(payload)?);
        claims.check_times(now)?;
        let named = [ACCESS_KEY, "sub"].iter().any(|name| claims.text(name).is_some_and(|text| !text.is_empty()));
        if named { Ok(claims) } else { Err(TokenError::NoAccessKey) }
    }

    fn check_times(&self, now: Timestamp) -> Result<(), TokenError> {
        let seconds = |name: &str| match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or(TokenError::Malformed),
        };
        #[expect(clippy::cast_precision_loss, reason = "seconds of this age are far below what a double holds")]
        let now = now.secs() as f64;
        if seconds("exp")?.is_some_and(|end| now >= end) {
            return Err(TokenError::Expired);
        }
        let later = |name| seconds(name).map(|begin| begin.is_some_and(|begin| begin > now));
        if later("nbf")? || later("iat")? { Err(TokenError::NotYet) } else { Ok(()) }
    }
}

fn object(part: &str) -> Result<Map<String, Value>, TokenError> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)
}

/// Whether the signature is right; compared in constant time.
fn is_signed(algorithm: &str, secret: &Secret, signed: &str, signature: &[u8]) -> Result<bool, TokenError> {
    macro_rules! check {
        ($hash:ty) => {{
            let key = secret.expose().as_bytes();
            let mut mac = Hmac::<$hash>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.update(signed.as_bytes());
            Ok(mac.verify_slice(signature).is_ok())
        }};
    }
    match algorithm {
        "HS256" => check!(Sha256),
        "HS384" => check!(Sha384),
        "HS512" => check!(Sha512),
        _ => Err(TokenError::Algorithm),
    }
}
