//! Headers of server-side encryption (S3 reference, "Protecting data with server-side encryption"; what is wrong is told
//! as MinIO tells it: encryption reference, sections 3.1 and 3.10).

use super::text;
use crate::call::Call;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::routing::Operation;
use http::{HeaderMap, Method};
use service::{CustomerKey, CustomerKeyError, Encryption, EncryptionContext};

const METHOD: &str = "x-amz-server-side-encryption";
const KEY_ID: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const CONTEXT: &str = "x-amz-server-side-encryption-context";
/// Algorithm, key and MD5 of the key that the client keeps.
const CUSTOMER: [&str; 3] = [
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-server-side-encryption-customer-key-md5",
];
/// The same of the source of a copy.
const SOURCE: [&str; 3] = [
    "x-amz-copy-source-server-side-encryption-customer-algorithm",
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-copy-source-server-side-encryption-customer-key-md5",
];
/// What KMS key ids may begin with, as AWS has it.
const ARN: &str = "arn:aws:kms:";

/// Refuses keys of clients on connections that others can read.
pub fn check_customer_keys(headers: &HeaderMap, tls: bool) -> S3Result<()> {
    let has_key = || CUSTOMER.iter().chain(&SOURCE).any(|name| headers.contains_key(*name));
    if !tls && has_key() { Err(ErrorCode::InsecureCustomerKey.into()) } else { Ok(()) }
}

/// The encryption that a write asks for.
pub fn encryption(call: &Call<'_>) -> S3Result<Encryption> {
    let headers = call.headers();
    let method = text(headers, METHOD);
    let by_service = is_kms(headers);
    let by_server = method.as_ref().is_some_and(|method| !method.eq_ignore_ascii_case("aws:kms"));
    if !matches!(call.operation, Operation::CopyObject | Operation::UploadPartCopy)
        && SOURCE.iter().any(|name| headers.contains_key(*name))
    {
        let message = "The encryption parameters are not applicable to this object.";
        return Err(S3Error::with(ErrorCode::InvalidRequest, message));
    }
    match (by_server || by_service, upload_key(call)?) {
        (true, Some(_)) => Err(ErrorCode::IncompatibleEncryption.into()),
        (false, Some(key)) => Ok(Encryption::Customer(key)),
        (false, None) => Ok(Encryption::Unsaid),
        (true, None) if by_service => by_key_service(call, method.as_deref()),
        (true, None) => Ok(Encryption::Server),
    }
}

/// Whether SSE-KMS is asked for, or something that is neither it nor SSE-S3.
pub fn is_kms(headers: &HeaderMap) -> bool {
    let other = text(headers, METHOD).is_some_and(|method| !method.eq_ignore_ascii_case("AES256"));
    other || headers.contains_key(KEY_ID) || headers.contains_key(CONTEXT)
}

fn by_key_service(call: &Call<'_>, method: Option<&str>) -> S3Result<Encryption> {
    let headers = call.headers();
    if method != Some("aws:kms") {
        return Err(invalid(call, "The encryption method is not supported"));
    }
    let key_id = text(headers, KEY_ID).map(|id| id.strip_prefix(ARN).unwrap_or(&id).to_owned());
    if key_id.as_ref().is_some_and(|id| id.trim() != id.as_str()) {
        return Err(invalid(call, "The key ID contains unsupported characters"));
    }
    let context = match text(headers, CONTEXT).filter(|context| !context.is_empty()) {
        None => EncryptionContext::default(),
        Some(context) => EncryptionContext::from_base64(context.as_bytes())
            .map_err(|error| S3Error::with(ErrorCode::InvalidArgument, error.to_string()))?,
    };
    Ok(Encryption::KeyService { key_id: key_id.filter(|id| !id.is_empty()), context })
}

/// The client's key of what a write goes to.
pub fn upload_key(call: &Call<'_>) -> S3Result<Option<CustomerKey>> {
    let parsed = parse(call.headers(), &CUSTOMER);
    parsed.map_err(|error| invalid(call, &error.to_string()))
}

/// The client's key of what is read. Other encryption headers have no place there.
pub fn read_key(call: &Call<'_>) -> S3Result<Option<CustomerKey>> {
    let headers = call.headers();
    let reads = call.parts.method == Method::GET || call.parts.method == Method::HEAD;
    if reads && [METHOD, KEY_ID, CONTEXT].iter().any(|name| headers.contains_key(*name)) {
        return Err(ErrorCode::BadRequest.into());
    }
    parse(headers, &CUSTOMER).map_err(read_error)
}

/// The client's key of the source of a copy.
pub fn source_key(headers: &HeaderMap) -> S3Result<Option<CustomerKey>> {
    parse(headers, &SOURCE).map_err(read_error)
}

/// Read from the three headers if any of them is there.
fn parse(headers: &HeaderMap, names: &[&str; 3]) -> Result<Option<CustomerKey>, CustomerKeyError> {
    let [algorithm, key, md5] = names.map(|name| text(headers, name));
    if algorithm.is_none() && key.is_none() && md5.is_none() {
        return Ok(None);
    }
    CustomerKey::parse(algorithm.as_deref(), key.as_deref(), md5.as_deref()).map(Some)
}

fn read_error(error: CustomerKeyError) -> S3Error {
    const SUBJECT: &str = "Requests specifying Server Side Encryption with Customer provided keys must provide";
    let must = |what: &str| S3Error::with(ErrorCode::InvalidArgument, format!("{SUBJECT} {what}"));
    match error {
        CustomerKeyError::Algorithm => must("a valid encryption algorithm."),
        CustomerKeyError::MissingKey => must("an appropriate secret key."),
        CustomerKeyError::MissingMd5 => must("the client calculated MD5 of the secret key."),
        CustomerKeyError::InvalidKey => ErrorCode::AccessDenied.into(),
        CustomerKeyError::Md5Mismatch => S3Error::with(
            ErrorCode::InvalidArgument,
            "The calculated MD5 hash of the key did not match the hash that was provided.",
        ),
    }
}

fn invalid(call: &Call<'_>, reason: &str) -> S3Error {
    let (bucket, key) = (&call.target.bucket, &call.target.key);
    S3Error::with(ErrorCode::InvalidArgument, format!("Invalid arguments provided for {bucket}/{key}: ({reason})"))
}
