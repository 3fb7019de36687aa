//! Forms of browsers: the signature is in fields of the form, and covers the policy that the form must keep to.

use super::credential::Credential;
use super::v2::is_signature_of;
use super::{
    AuthError, Expected, Identity, PayloadMode, Place, SessionToken, SignatureVersion, Signed, SigningKey, SigningKeys,
};
use subtle::ConstantTimeEq;

/// What of a form is about its signature. Names are in lower case.
pub trait FormFields {
    /// The value of a field.
    fn field(&self, name: &str) -> Option<&str>;
}

/// Who signed the policy of a form; nobody, where it has none. The policy itself isn't looked at.
pub fn authenticate_form(
    form: &dyn FormFields,
    expected: &Expected<'_>,
    keys: &dyn SigningKeys,
) -> Result<Identity, AuthError> {
    let field = |name| form.field(name);
    let claims = ["awsaccesskeyid", "signature", "x-amz-credential", "x-amz-signature"];
    let Some(policy) = field("policy") else {
        let claimed = claims.into_iter().any(|name| field(name).is_some());
        return if claimed {
            Err(AuthError::MissingFields)
        } else {
            Ok(Identity::Anonymous { payload: PayloadMode::Unsigned })
        };
    };
    let required = |name| field(name).ok_or(AuthError::MissingFields);
    let v2 = field("awsaccesskeyid").is_some();
    let (access_key, version) = if v2 {
        (required("awsaccesskeyid")?, SignatureVersion::V2)
    } else {
        if required("x-amz-algorithm")? != "AWS4-HMAC-SHA256" {
            return Err(AuthError::WrongAlgorithm);
        }
        (Credential::parse(required("x-amz-credential")?, expected)?.access_key, SignatureVersion::V4)
    };
    let signature = required(if v2 { "signature" } else { "x-amz-signature" })?;
    let credentials = keys.lookup(access_key)?;
    let right_token = match (&credentials.token, field("x-amz-security-token")) {
        (SessionToken::Absent, None) | (SessionToken::Ignored, _) => true,
        (SessionToken::Exactly(token), Some(shown)) => token.expose().as_bytes().ct_eq(shown.as_bytes()).into(),
        _ => false,
    };
    if !right_token {
        return Err(AuthError::InvalidToken);
    }
    let right = if v2 {
        is_signature_of(&credentials.secret, policy.as_bytes(), signature)
    } else {
        let credential = Credential::parse(required("x-amz-credential")?, expected)?;
        let key = SigningKey::derive(&credentials.secret, credential.date, credential.region, credential.service);
        key.sign(&[policy.as_bytes()]).matches(signature.as_bytes())
    };
    if !right {
        return Err(AuthError::SignatureMismatch);
    }
    let access_key = access_key.to_owned();
    Ok(Identity::Signed(Signed { access_key, version, place: Place::Form, payload: PayloadMode::Unsigned, seed: None }))
}
