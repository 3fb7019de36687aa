//! From the errors of the floors below to S3's.

use super::{ErrorCode, S3Error};
use crate::dates;
use crate::encode;
use crate::xml::XmlError;
use base::StreamError;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, ETAG, EXPIRES, HeaderName, LAST_MODIFIED, RETRY_AFTER};
use rustfs_http::auth::AuthError;
use rustfs_http::{BodyError, CollectError};
use service::{Configuration, DocumentKind, Object, ServiceError, VersionId};

/// When a client may try again what the server couldn't do for now, in seconds.
const TRY_AGAIN: HeaderValue = HeaderValue::from_static("60");
const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");
const VERSION_ID: HeaderName = HeaderName::from_static("x-amz-version-id");

impl From<ServiceError> for S3Error {
    fn from(error: ServiceError) -> Self {
        use ServiceError as E;
        match error {
            E::Denied(_) => ErrorCode::AccessDenied.into(),
            E::NoSuchBucket { .. } => ErrorCode::NoSuchBucket.into(),
            E::BucketTaken { .. } => ErrorCode::BucketAlreadyExists.into(),
            E::MalformedPolicy { reason } => S3Error::with(ErrorCode::MalformedPolicy, reason),
            E::MalformedAcl { reason } => S3Error::detailed(ErrorCode::MalformedAcl, reason),
            E::AclNotSupported { .. } => ErrorCode::AclNotSupported.into(),
            E::AclInUse { .. } => ErrorCode::InvalidBucketAclWithObjectOwnership.into(),
            E::UnknownEmailAddress { .. } => ErrorCode::UnresolvableEmailAddress.into(),
            E::NoOwnershipControls { .. } => ErrorCode::OwnershipControlsNotFound.into(),
            E::NoPublicAccessBlock { .. } => ErrorCode::NoSuchPublicAccessBlock.into(),
            E::BucketExists { .. } => ErrorCode::BucketAlreadyOwnedByYou.into(),
            E::BucketNotEmpty { versioned: false, .. } => ErrorCode::BucketNotEmpty.into(),
            E::BucketNotEmpty { versioned: true, .. } => {
                let message =
                    "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
                S3Error::with(ErrorCode::BucketNotEmpty, message)
            }
            E::InvalidBucketName { .. } => ErrorCode::InvalidBucketName.into(),
            E::WrongRegion { expected } => {
                S3Error::with(ErrorCode::InvalidRegion, format!("Region does not match; expecting '{expected}'."))
            }
            E::NoSuchDocument { kind, .. } => missing_document(kind).into(),
            E::NoSuchConfiguration { kind: Configuration::Cors, .. } => ErrorCode::NoSuchCorsConfiguration.into(),
            E::NoSuchConfiguration { .. } => ErrorCode::NoSuchWebsiteConfiguration.into(),
            E::NoSuchListedConfiguration { .. } => ErrorCode::NoSuchListedConfiguration.into(),
            E::TooManyConfigurations { reason } => S3Error::with(ErrorCode::TooManyConfigurations, reason),
            E::InvalidLogTarget { reason, .. } => S3Error::detailed(ErrorCode::InvalidTargetBucketForLogging, reason),
            E::MalformedDocument { reason } => S3Error::detailed(ErrorCode::MalformedXml, reason),
            E::InvalidVersioning { reason } => S3Error::detailed(ErrorCode::IllegalVersioningConfiguration, reason),
            E::InvalidBucketState { reason, .. } => S3Error::with(ErrorCode::InvalidBucketState, reason),
            E::InvalidRetentionPeriod { reason } => S3Error::with(ErrorCode::InvalidRetentionPeriod, reason),
            E::LockNotEnableable { .. } => ErrorCode::ObjectLockNotEnableable.into(),
            E::BucketWithoutLock { .. } => ErrorCode::BucketWithoutLock.into(),
            E::ForceDeleteForbidden { bucket_wide: true, .. } => ErrorCode::MethodNotAllowed.into(),
            E::ForceDeleteForbidden { bucket_wide: false, .. } => S3Error::with(
                ErrorCode::AdminInvalidArgument,
                "force-delete is forbidden on Object Locking enabled buckets",
            ),
            E::NoSuchTagSet { .. } => ErrorCode::NoSuchTagSet.into(),
            object => of_object(object),
        }
    }
}

fn of_object(error: ServiceError) -> S3Error {
    use ServiceError as E;
    match error {
        E::NoSuchKey { bucket, key } => S3Error::new(ErrorCode::NoSuchKey).about(&bucket, &key),
        E::NoSuchVersion { bucket, key, .. } => S3Error::new(ErrorCode::NoSuchVersion).about(&bucket, &key),
        E::DeleteMarker { version, by_id, mod_time, .. } => {
            let code = if by_id { ErrorCode::MethodNotAllowed } else { ErrorCode::NoSuchKey };
            let error = S3Error::new(code)
                .header(DELETE_MARKER, HeaderValue::from_static("true"))
                .header(VERSION_ID, version_value(version));
            if by_id { error.header(LAST_MODIFIED, http_date(mod_time)) } else { error }
        }
        E::InvalidKey { .. } => ErrorCode::InvalidObjectName.into(),
        E::KeyTooLong { .. } => ErrorCode::KeyTooLong.into(),
        E::Blocked { .. } => ErrorCode::ObjectExistsAsDirectory.into(),
        E::PreconditionFailed { object, .. } => {
            let error = S3Error::new(ErrorCode::PreconditionFailed).silent_on_head();
            match object {
                Some(object) => with_validators(error, &object),
                None => error,
            }
        }
        E::NotModified { object } => with_validators(S3Error::new(ErrorCode::NotModified).silent_on_head(), &object),
        E::InvalidRange { asked, size } => S3Error::unsatisfiable(asked, size),
        E::UnsatisfiableRange => ErrorCode::InvalidRange.into(),
        E::InvalidPartNumber { .. } => S3Error::new(ErrorCode::InvalidPartNumber).silent_on_head(),
        E::ObjectLocked { .. } => ErrorCode::ObjectLocked.into(),
        E::NoObjectLock { .. } => ErrorCode::NoSuchObjectLockConfiguration.into(),
        E::BadArchive { bucket, key, reason } => {
            // MinIO's words.
            let message = format!("{}: cause(zip: {reason})", ErrorCode::InternalError.message());
            S3Error::with(ErrorCode::InternalError, message).about(&bucket, &key)
        }
        E::Select(error) => of_select(error),
        error @ E::BadTar { .. } => S3Error::with(ErrorCode::BadRequest, error.to_string()),
        E::UnsupportedArchive { reason } => S3Error::detailed(ErrorCode::NotImplemented, reason),
        E::IllegalCopy => ErrorCode::IllegalCopy.into(),
        E::InvalidStorageClass { .. } => ErrorCode::InvalidStorageClass.into(),
        E::TooManyVersions { .. } => ErrorCode::MaxVersionsExceeded.into(),
        E::InvalidTag { reason } => S3Error::with(ErrorCode::InvalidTag, reason),
        E::TooManyTags { limit, bucket } => {
            let code = if bucket { ErrorCode::MalformedXml } else { ErrorCode::InvalidTag };
            S3Error::with(code, format!("Tags cannot be more than {limit}"))
        }
        E::NoSuchUpload { .. } => ErrorCode::NoSuchUpload.into(),
        E::InvalidPart { .. } => ErrorCode::InvalidPart.into(),
        E::InvalidPartOrder => ErrorCode::InvalidPartOrder.into(),
        E::EntityTooSmall { .. } => ErrorCode::EntityTooSmall.into(),
        E::NoParts => ErrorCode::NoParts.into(),
        encryption => of_encryption(encryption),
    }
}

/// Each has a code of its own, and all but one the same status.
fn of_select(error: service::select::SelectError) -> S3Error {
    match error.code {
        service::select::Code::InternalError => S3Error::with(ErrorCode::InternalError, error.message),
        code => S3Error::with(ErrorCode::SelectRefused, error.message).named(code.name()),
    }
}

fn of_encryption(error: ServiceError) -> S3Error {
    use ServiceError as E;
    match error {
        E::NoKeyService => {
            S3Error::detailed(ErrorCode::KmsNotConfigured, "KMS not configured for a server side encrypted objects")
        }
        E::NoKeyServiceForBucket { .. } => ErrorCode::KmsNotConfigured.into(),
        E::NoKeyServiceForListing { .. } => S3Error::with(ErrorCode::EncryptionError, "KMS not configured"),
        E::Keys(error) => of_keys(&error),
        E::WrongKey { bucket, key } => S3Error::new(ErrorCode::AccessDenied).about(&bucket, &key),
        E::EncryptionMetadata { bucket, key, reason } => {
            tracing::warn!(bucket, key, reason, "an object's encryption can't be read");
            S3Error::with(ErrorCode::EncryptionError, reason).about(&bucket, &key)
        }
        // MinIO answers 206, which clients take for a piece of the object.
        E::ObjectTampered { bucket, key, reason } => {
            tracing::error!(bucket, key, reason, "an object was changed on the drives");
            S3Error::new(ErrorCode::ObjectTampered).about(&bucket, &key)
        }
        E::Decompression { bucket, key, reason } => {
            tracing::error!(bucket, key, reason, "an object can't be decompressed");
            S3Error::new(ErrorCode::InvalidDecompressedSize).about(&bucket, &key)
        }
        E::Undecodable { bucket, key, cause } => {
            tracing::error!(bucket, key, cause, "an object can't be decrypted or decompressed");
            S3Error::new(ErrorCode::InternalError).about(&bucket, &key)
        }
        body => of_body(body),
    }
}

fn of_keys(error: &service::KmsError) -> S3Error {
    use service::KmsError as E;
    use service::KmsOperation as Operation;
    tracing::warn!(%error, "the key service");
    let code = match error {
        E::NotPermitted { .. } => ErrorCode::KmsNotAuthorized,
        E::KeyExists { .. } => ErrorCode::KmsKeyExists,
        E::KeyNotFound { .. } => ErrorCode::KmsKeyNotFound,
        E::InvalidCiphertext { .. } => ErrorCode::KmsInvalidCiphertext,
        E::NotSupported { .. } => ErrorCode::KmsNotSupported,
        E::Failed { operation: Operation::Create, .. } => ErrorCode::KmsKeyCreationFailed,
        E::Failed { operation: Operation::List, .. } => ErrorCode::KmsKeyListingFailed,
        E::Failed { operation: Operation::Generate, .. } => ErrorCode::KmsKeyGenerationFailed,
        E::Failed { operation: Operation::Decrypt | Operation::Describe, .. } => ErrorCode::KmsDecryptionFailed,
    };
    code.into()
}

fn of_body(error: ServiceError) -> S3Error {
    use ServiceError as E;
    match error {
        E::BadDigest => ErrorCode::BadDigest.into(),
        E::ChecksumMismatch { algorithm } => {
            let name = algorithm.name();
            S3Error::with(
                ErrorCode::ChecksumMismatch,
                format!("The {name} you specified did not match what we received."),
            )
        }
        E::InvalidChecksum { .. } => ErrorCode::InvalidChecksum.into(),
        E::MissingTrailer { .. } => ErrorCode::MalformedTrailer.into(),
        E::IncompleteBody { .. } => ErrorCode::IncompleteBody.into(),
        E::ExcessData { .. } => ErrorCode::ExcessData.into(),
        E::EntityTooLarge { .. } => ErrorCode::EntityTooLarge.into(),
        E::Body(cause) => cause.into(),
        E::InvalidArgument { reason } => S3Error::with(ErrorCode::InvalidArgument, reason),
        E::InvalidRequest { reason } => S3Error::with(ErrorCode::InvalidRequest, reason),
        E::NotImplemented { detail } => S3Error::detailed(ErrorCode::NotImplemented, detail),
        E::SlowDownRead { cause } => later(ErrorCode::SlowDownRead, &cause),
        E::SlowDownWrite { cause } => later(ErrorCode::SlowDownWrite, &cause),
        E::Busy { what } => later(ErrorCode::RequestTimeout, &what),
        E::Stopping => later(ErrorCode::ServerNotInitialized, "the server is stopping"),
        E::StorageFull { what } => {
            tracing::warn!(what, "no space left");
            ErrorCode::StorageFull.into()
        }
        other => {
            tracing::error!(error = %other, "internal error");
            ErrorCode::InternalError.into()
        }
    }
}

fn later(code: ErrorCode, cause: &str) -> S3Error {
    tracing::warn!(cause, code = code.name(), "can't be done for now");
    S3Error::new(code).header(RETRY_AFTER, TRY_AGAIN)
}

fn missing_document(kind: DocumentKind) -> ErrorCode {
    match kind {
        DocumentKind::Policy => ErrorCode::NoSuchBucketPolicy,
        DocumentKind::Lifecycle => ErrorCode::NoSuchLifecycleConfiguration,
        DocumentKind::Encryption => ErrorCode::EncryptionConfigurationNotFound,
        DocumentKind::ObjectLock => ErrorCode::ObjectLockConfigurationNotFound,
        DocumentKind::Replication => ErrorCode::ReplicationConfigurationNotFound,
        DocumentKind::Tagging => ErrorCode::NoSuchTagSet,
        _ => ErrorCode::InternalError,
    }
}

/// What a client needs to go on with the copy that it has.
fn with_validators(mut error: S3Error, object: &Object) -> S3Error {
    error = error.header(LAST_MODIFIED, http_date(object.mod_time()));
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", object.etag())) {
        error = error.header(ETAG, etag);
    }
    if object.version() != VersionId::Null {
        error = error.header(VERSION_ID, version_value(object.version()));
    }
    for (header, name) in [(EXPIRES, "expires"), (CACHE_CONTROL, "cache-control")] {
        let stored = object.header(name).map(|value| HeaderValue::from_str(&encode::header_value(value)));
        if let Some(Ok(value)) = stored {
            error = error.header(header, value);
        }
    }
    error
}

fn version_value(version: VersionId) -> HeaderValue {
    // A UUID or `null` is header text.
    HeaderValue::from_str(&version.to_string()).unwrap_or(HeaderValue::from_static("null"))
}

fn http_date(time: base::Timestamp) -> HeaderValue {
    // An HTTP date is header text.
    HeaderValue::from_bytes(&dates::http_date(time)).unwrap_or(HeaderValue::from_static(""))
}

impl From<StreamError> for S3Error {
    fn from(error: StreamError) -> Self {
        match BodyError::of(&error) {
            Some(refused) => refused.clone().into(),
            None => match error {
                StreamError::Gone => ErrorCode::IncompleteBody.into(),
                StreamError::TimedOut => ErrorCode::SlowClient.into(),
                other => {
                    tracing::error!(error = %other, "a body broke off");
                    ErrorCode::InternalError.into()
                }
            },
        }
    }
}

impl From<BodyError> for S3Error {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Malformed | BodyError::ChunkTooBig => S3Error::with(ErrorCode::BadRequest, error.to_string()),
            BodyError::Signature => ErrorCode::SignatureDoesNotMatch.into(),
            BodyError::Sha256Mismatch => ErrorCode::ContentSha256Mismatch.into(),
            BodyError::ExcessData => ErrorCode::ExcessData.into(),
            BodyError::IncompleteBody => ErrorCode::IncompleteBody.into(),
            BodyError::TrailerMissing(_) => ErrorCode::MalformedTrailer.into(),
        }
    }
}

impl From<CollectError> for S3Error {
    fn from(error: CollectError) -> Self {
        match error {
            CollectError::TooLong(_) => ErrorCode::EntityTooLarge.into(),
            CollectError::Broken(cause) => cause.into(),
        }
    }
}

impl From<XmlError> for S3Error {
    fn from(error: XmlError) -> Self {
        S3Error::detailed(ErrorCode::MalformedXml, error)
    }
}

impl From<AuthError> for S3Error {
    fn from(error: AuthError) -> Self {
        use AuthError as E;
        use ErrorCode as C;
        let credential = |what: &str| format!("Error parsing the X-Amz-Credential parameter; {what}");
        let parameters = |message: String| S3Error::with(C::AuthorizationQueryParametersError, message);
        match error {
            E::SeveralKinds => S3Error::detailed(C::InvalidRequest, error),
            E::UnsupportedMechanism => C::AuthMechanismUnsupported.into(),
            E::Bearer => C::AccessDenied.into(),
            E::TokenWithoutKey => S3Error::with(C::AccessDenied, "No AWSAccessKey was presented"),
            E::MalformedV2 => S3Error::with(
                C::InvalidArgument,
                "AWS authorization header is invalid. Expected AwsAccessKeyId:signature",
            ),
            E::BadV2Date => S3Error::with(C::AccessDenied, C::AccessDeniedNoDate.message()),
            E::MissingDate => C::AccessDeniedNoDate.into(),
            E::MalformedDate => C::MalformedDate.into(),
            E::TimeTooSkewed => C::RequestTimeTooSkewed.into(),
            E::MissingFields => C::MissingFields.into(),
            E::MissingCredential => S3Error::with(C::InvalidRequest, "Missing Credential field for this request."),
            E::MissingSignedHeaders => {
                S3Error::with(C::InvalidArgument, "Signature header missing SignedHeaders field.")
            }
            E::MissingSignature => C::AccessDeniedNoSignature.into(),
            E::MalformedCredential => parameters(credential(
                "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
            )),
            E::MalformedCredentialDate => parameters(credential(
                "incorrect date format. This date in the credential must be in the format \"yyyyMMdd\".",
            )),
            E::WrongTerminal => parameters(credential("incorrect terminal. This endpoint uses \"aws4_request\".")),
            E::WrongService { expected } => S3Error::with(
                C::AuthorizationParametersError,
                format!(
                    "Error parsing the Credential/X-Amz-Credential parameter; incorrect service. \
                     This endpoint belongs to \"{expected}\"."
                ),
            ),
            E::WrongRegion { expected } => S3Error::with(
                C::AuthorizationHeaderMalformed,
                format!("The authorization header is malformed; the region is wrong; expecting '{expected}'."),
            ),
            E::UnsignedHeaders => C::AccessDeniedUnsignedHeaders.into(),
            E::UnknownKey => C::InvalidAccessKeyId.into(),
            E::DisabledKey => {
                S3Error::with(C::InvalidAccessKeyId, "Your account is disabled; please contact your administrator.")
            }
            E::KeysNotReady => C::IamNotInitialized.into(),
            E::InvalidToken => C::InvalidTokenId.into(),
            E::SignatureMismatch => C::SignatureDoesNotMatch.into(),
            E::BadPayloadHash => C::ContentSha256Mismatch.into(),
            E::MissingParameters => C::AuthorizationQueryParametersError.into(),
            E::WrongAlgorithm => parameters("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\".".to_owned()),
            E::MalformedPresignedDate => {
                parameters("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"".to_owned())
            }
            E::ExpiresNotANumber => parameters("X-Amz-Expires should be a number".to_owned()),
            // A URL that was never good is refused as one that no longer is.
            E::ExpiresNegative => S3Error::with(C::AccessDenied, "X-Amz-Expires must be non-negative"),
            E::ExpiresTooLong => S3Error::with(
                C::AccessDenied,
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less \
                 than 604800 seconds",
            ),
            E::NotValidYet => C::RequestNotValidYet.into(),
            E::Expired => C::RequestExpired.into(),
        }
    }
}
