//! SelectObjectContent.

use crate::call::Call;
use crate::documents::{MAX_SELECT, parse_select};
use crate::error::{ErrorCode, S3Result};
use crate::headers;
use crate::response::{self, Answer};
use http::header::{CONTENT_TYPE, RANGE};
use http::{HeaderValue, StatusCode};
use iam::Action;
use rustfs_http::{RequestBody, ResponseBody};
use service::ReadObject;

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("application/vnd.amazon.eventstream");

/// The messages that answer a request on an object.
pub async fn object(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_object_given(Action::GetObject, &call.stored_facts().await?)?;
    if call.headers().contains_key(RANGE) {
        return Err(ErrorCode::UnsupportedRangeHeader.into());
    }
    let customer_key = headers::read_key(call)?;
    let document = call.document(body, MAX_SELECT).await?;
    if document.is_empty() {
        return Err(ErrorCode::EmptyRequestBody.into());
    }
    let request = parse_select(&document)?;
    let read = ReadObject { version: call.version()?, customer_key, ..ReadObject::default() };
    let (object, stream) = call.service().select_object(&grant, read, request).await?;
    let mut answer = response::empty(StatusCode::OK);
    answer.headers_mut().insert(CONTENT_TYPE, EVENT_STREAM);
    response::set_encryption(answer.headers_mut(), object.encryption().as_ref());
    *answer.body_mut() = ResponseBody::unmeasured(stream);
    Ok(answer)
}
