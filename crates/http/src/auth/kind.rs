//! What kind of authentication a request carries.

use super::{AuthError, Query, RequestView};
use http::header::{AUTHORIZATION, CONTENT_TYPE};

/// The kinds of authentication, told apart by where they leave their traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthKind {
    /// No trace of any.
    Anonymous,
    /// `Authorization: AWS4-HMAC-SHA256 ...`.
    V4Header,
    /// `X-Amz-Credential` in the query.
    V4Presigned,
    /// `Authorization: AWS ...`.
    V2Header,
    /// `AWSAccessKeyId` in the query.
    V2Presigned,
    /// `Authorization: Bearer ...`.
    Bearer,
    /// A POST of `multipart/form-data`: the signature is in the form.
    PostForm,
    /// An `Action` in the query: a request to the token service.
    Sts,
    /// Another Authorization header.
    Unknown,
}

/// More than one kind at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeveralKinds;

impl From<SeveralKinds> for AuthError {
    fn from(_: SeveralKinds) -> Self {
        AuthError::SeveralKinds
    }
}

impl AuthKind {
    /// The kind of a request with this head and parsed query.
    pub fn of(request: &RequestView<'_>, query: &Query<'_>) -> Result<AuthKind, SeveralKinds> {
        let mut authorizations = request.headers.get_all(AUTHORIZATION).iter();
        let authorization = authorizations.next().map(|value| value.as_bytes());
        if authorizations.next().is_some() {
            return Err(SeveralKinds);
        }
        let header = authorization.map(kind_of_header);
        let candidates = [
            header.filter(|kind| *kind != AuthKind::Unknown),
            query.get("AWSAccessKeyId").map(|_| AuthKind::V2Presigned),
            query.get("X-Amz-Credential").map(|_| AuthKind::V4Presigned),
            is_form(request).then_some(AuthKind::PostForm),
        ];
        let mut found = candidates.into_iter().flatten();
        match (found.next(), found.next()) {
            (Some(kind), None) => Ok(kind),
            (Some(_), Some(_)) => Err(SeveralKinds),
            (None, _) if query.get("Action").is_some() && header.is_none() => Ok(AuthKind::Sts),
            (None, _) => Ok(header.unwrap_or(AuthKind::Anonymous)),
        }
    }
}

fn kind_of_header(value: &[u8]) -> AuthKind {
    if value.starts_with(b"AWS4-HMAC-SHA256") {
        AuthKind::V4Header
    } else if value.starts_with(b"AWS ") {
        AuthKind::V2Header
    } else if value.starts_with(b"Bearer") {
        AuthKind::Bearer
    } else {
        AuthKind::Unknown
    }
}

fn is_form(request: &RequestView<'_>) -> bool {
    let content_type = request.headers.get(CONTENT_TYPE).map(|value| value.as_bytes()).unwrap_or_default();
    request.method == http::Method::POST
        && content_type.get(..19).is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/form-data"))
}
