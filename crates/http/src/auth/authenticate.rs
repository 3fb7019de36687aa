//! From the head of a request to who sent it.

use super::canonical::{self, SignedHeaders};
use super::credential::Credential;
use super::header::Fields;
use super::presigned::Parameters;
use super::{
    AuthError, AuthKind, ChunkSeed, Credentials, EMPTY_SHA256, Hex, Identity, PayloadMode, Place, Query, RequestView,
    SessionToken, SignatureVersion, Signed, SigningKey, SigningKeys, date, sha256_hex, v2,
};
use base::{Secret, Timestamp};
use parking_lot::Mutex;
use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use subtle::ConstantTimeEq;

/// Keys kept in derived form: one for each user, day, region and service in use. More only cost their derivation
/// (four hashes).
const CACHED_KEYS: usize = 256;

/// What a signature must be meant for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The service of the endpoint.
    pub service: Service,
    /// The server's region; `None` or empty if any will do (an operation that tells the region, a server without one).
    pub region: Option<&'a str>,
    /// The bucket that the host names, if it names one: Signature V2 covers it.
    pub host_bucket: Option<&'a str>,
}

/// The services that a signature can be scoped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Object storage, and MinIO's own APIs.
    S3,
    /// The token service.
    Sts,
}

impl Service {
    pub(super) fn name(self) -> &'static str {
        match self {
            Service::S3 => "s3",
            Service::Sts => "sts",
        }
    }
}

impl Expected<'_> {
    pub(super) fn check_region(&self, region: &str) -> Result<(), AuthError> {
        let plain = |name| if name == "US" { "us-east-1" } else { name };
        match self.region {
            None | Some("") => Ok(()),
            Some(expected) if plain(expected) == plain(region) => Ok(()),
            Some(expected) => Err(AuthError::WrongRegion { expected: expected.to_owned() }),
        }
    }
}

/// Checks signatures, and remembers derived keys.
#[derive(Debug)]
pub struct Authenticator {
    /// A key's place is given by the hash of what it was derived from; a newcomer takes the place of who was there.
    cache: Mutex<Vec<Option<CachedKey>>>,
}

#[derive(Debug)]
struct CachedKey {
    access_key: String,
    scope: String,
    secret: Secret,
    key: SigningKey,
}

/// A signature as the request claims it.
struct Claim<'a> {
    place: Place,
    credential: Credential<'a>,
    signed_headers: SignedHeaders<'a>,
    date: Cow<'a, str>,
    signature: &'a str,
    /// The text that stands for the body in the canonical request.
    payload: &'a [u8],
}

impl Default for Authenticator {
    fn default() -> Self {
        Authenticator::new()
    }
}

impl Authenticator {
    pub fn new() -> Self {
        let mut cache = Vec::new();
        cache.resize_with(CACHED_KEYS, || None);
        Authenticator { cache: Mutex::new(cache) }
    }

    /// Who sent `request`, at the time `now`. Nothing but the head is looked at: the body is checked by
    /// [`Identity::open_body`].
    pub fn authenticate(
        &self,
        request: &RequestView<'_>,
        expected: &Expected<'_>,
        now: Timestamp,
        keys: &dyn SigningKeys,
    ) -> Result<Identity, AuthError> {
        let query = Query::parse(request.query).ok_or(AuthError::UnsupportedMechanism)?;
        match AuthKind::of(request, &query)? {
            AuthKind::Anonymous => anonymous(request),
            AuthKind::V4Header => self.verify(request, &query, keys, header_claim(request, expected, now)?),
            AuthKind::V4Presigned => {
                let parameters = Parameters::of(&query)?;
                let claim = presigned_claim(request, &query, &parameters, expected)?;
                parameters.check_time(now)?;
                self.verify(request, &query, keys, claim)
            }
            AuthKind::Bearer => Err(AuthError::Bearer),
            AuthKind::V2Header => verify_v2(request, &query, expected, keys, v2::Claim::of_header(request, now)?),
            AuthKind::V2Presigned => verify_v2(request, &query, expected, keys, v2::Claim::of_query(&query, now)?),
            // The form tells who sent it, once it has been read ([`super::authenticate_form`]).
            AuthKind::PostForm => anonymous(request),
            AuthKind::Sts | AuthKind::Unknown => Err(AuthError::UnsupportedMechanism),
        }
    }

    fn verify(
        &self,
        request: &RequestView<'_>,
        query: &Query<'_>,
        keys: &dyn SigningKeys,
        claim: Claim<'_>,
    ) -> Result<Identity, AuthError> {
        let credential = &claim.credential;
        let credentials = keys.lookup(credential.access_key)?;
        check_token(request, query, &credentials)?;

        let left_out = (claim.place == Place::Query).then_some("X-Amz-Signature");
        let canonical = canonical::request(request, query, left_out, &claim.signed_headers, claim.payload)?;
        let (key, cached) = self.signing_key(credential, &credentials.secret);
        let right = sign_head(&key, &claim.date, credential.scope, sha256_hex(&canonical));
        // The day of the scope and that of the request are signed apart, but must be the same.
        if !right.matches(claim.signature.as_bytes()) || !claim.date.starts_with(credential.date) {
            return Err(AuthError::SignatureMismatch);
        }
        if !cached {
            self.remember(credential, credentials.secret, key.clone());
        }

        let payload = payload_mode(request, &claim)?;
        let seed = matches!(payload, PayloadMode::StreamingSigned { .. })
            .then(|| ChunkSeed::new(key, &claim.date, credential.scope, right));
        let access_key = credential.access_key.to_owned();
        Ok(Identity::Signed(Signed { access_key, version: SignatureVersion::V4, place: claim.place, payload, seed }))
    }

    /// The key for a credential, and whether it was remembered.
    fn signing_key(&self, credential: &Credential<'_>, secret: &Secret) -> (SigningKey, bool) {
        let cache = self.cache.lock();
        let found = cache[place_of(credential)].as_ref().filter(|cached| {
            cached.access_key == credential.access_key
                && cached.scope == credential.scope
                && same(cached.secret.expose(), secret.expose())
        });
        if let Some(cached) = found {
            return (cached.key.clone(), true);
        }
        drop(cache);
        (SigningKey::derive(secret, credential.date, credential.region, credential.service), false)
    }

    /// Only keys that have proved right are remembered: others would push them out.
    fn remember(&self, credential: &Credential<'_>, secret: Secret, key: SigningKey) {
        let cached =
            CachedKey { access_key: credential.access_key.to_owned(), scope: credential.scope.to_owned(), secret, key };
        self.cache.lock()[place_of(credential)] = Some(cached);
    }
}

fn verify_v2(
    request: &RequestView<'_>,
    query: &Query<'_>,
    expected: &Expected<'_>,
    keys: &dyn SigningKeys,
    claim: v2::Claim<'_>,
) -> Result<Identity, AuthError> {
    if expected.service != Service::S3 {
        return Err(AuthError::UnsupportedMechanism);
    }
    let credentials = keys.lookup(claim.access_key)?;
    check_token(request, query, &credentials)?;
    if !claim.is_right(request, query, expected.host_bucket, &credentials.secret) {
        return Err(AuthError::SignatureMismatch);
    }
    let payload = v2::payload_mode(request)?;
    let access_key = claim.access_key.to_owned();
    Ok(Identity::Signed(Signed { access_key, version: SignatureVersion::V2, place: claim.place, payload, seed: None }))
}

fn place_of(credential: &Credential<'_>) -> usize {
    let mut hasher = DefaultHasher::new();
    (credential.access_key, credential.scope).hash(&mut hasher);
    usize::try_from(hasher.finish() % CACHED_KEYS as u64).unwrap_or_default()
}

fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

fn sign_head(key: &SigningKey, date: &str, scope: &str, canonical: Hex) -> Hex {
    let gap = b"\n".as_slice();
    key.sign(&[b"AWS4-HMAC-SHA256\n", date.as_bytes(), gap, scope.as_bytes(), gap, canonical.as_bytes()])
}

fn anonymous(request: &RequestView<'_>) -> Result<Identity, AuthError> {
    if request.header("x-amz-security-token").is_some() {
        return Err(AuthError::TokenWithoutKey);
    }
    let payload = match request.header("x-amz-content-sha256") {
        None => PayloadMode::Unsigned,
        Some(text) => PayloadMode::parse(text, request.method)?,
    };
    // Chunks can only be signed on from the signature of a head.
    if matches!(payload, PayloadMode::StreamingSigned { .. }) {
        return Err(AuthError::UnsupportedMechanism);
    }
    Ok(Identity::Anonymous { payload })
}

fn header_claim<'a>(
    request: &RequestView<'a>,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Claim<'a>, AuthError> {
    let date = date::of_header(request, now)?;
    let fields = Fields::of(request)?;
    Ok(Claim {
        place: Place::Header,
        credential: Credential::parse(fields.credential, expected)?,
        signed_headers: SignedHeaders::parse(fields.signed_headers)?,
        date,
        signature: fields.signature,
        payload: request.header("x-amz-content-sha256").unwrap_or(EMPTY_SHA256.as_bytes()),
    })
}

fn presigned_claim<'a>(
    request: &RequestView<'a>,
    query: &'a Query<'_>,
    parameters: &Parameters<'a>,
    expected: &Expected<'_>,
) -> Result<Claim<'a>, AuthError> {
    let signed_headers = SignedHeaders::parse(parameters.signed_headers)?;
    let metadata = request.headers.keys().filter(|name| name.as_str().starts_with("x-amz-meta-"));
    if metadata.into_iter().any(|name| !signed_headers.contains(name.as_str())) {
        return Err(AuthError::UnsignedHeaders);
    }
    let in_query = query.get("X-Amz-Content-Sha256").map(str::as_bytes);
    let payload = in_query.or_else(|| request.header("x-amz-content-sha256")).unwrap_or(b"UNSIGNED-PAYLOAD");
    Ok(Claim {
        place: Place::Query,
        credential: Credential::parse(parameters.credential, expected)?,
        signed_headers,
        date: parameters.date.into(),
        signature: parameters.signature,
        payload,
    })
}

fn payload_mode(request: &RequestView<'_>, claim: &Claim<'_>) -> Result<PayloadMode, AuthError> {
    let named = claim.place == Place::Query || request.header("x-amz-content-sha256").is_some();
    if !named {
        return Ok(PayloadMode::EmptyAssumed);
    }
    let payload = PayloadMode::parse(claim.payload, request.method)?;
    if claim.place == Place::Query && matches!(payload, PayloadMode::StreamingSigned { .. }) {
        return Err(AuthError::UnsupportedMechanism);
    }
    Ok(payload)
}

fn check_token(request: &RequestView<'_>, query: &Query<'_>, credentials: &Credentials) -> Result<(), AuthError> {
    let in_query = || query.all_ignoring_case("X-Amz-Security-Token").next();
    let shown = request.header("x-amz-security-token").or_else(in_query).filter(|token| !token.is_empty());
    let right = match (&credentials.token, shown) {
        (SessionToken::Absent, None) | (SessionToken::Ignored, _) => true,
        (SessionToken::Exactly(token), Some(shown)) => token.expose().as_bytes().ct_eq(shown).into(),
        _ => false,
    };
    if right { Ok(()) } else { Err(AuthError::InvalidToken) }
}
