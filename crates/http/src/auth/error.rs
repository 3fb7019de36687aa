//! Why a request was not let in.

/// Why a request's sender could not be established. Each variant names the S3 answer it becomes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// 400 InvalidRequest "Invalid Request (request has multiple authentication types, please use one)".
    #[error("request has multiple authentication types, please use one")]
    SeveralKinds,
    /// A scheme that is not known or not offered: Basic, an unparsable query, a form, signed chunks without a
    /// signed header. 400 InvalidRequest "The authorization mechanism you have provided is not supported. ...".
    #[error("the authorization mechanism is not supported")]
    UnsupportedMechanism,
    /// A bearer token where only signatures are taken. 403 AccessDenied.
    #[error("bearer tokens are not accepted here")]
    Bearer,
    /// A session token without an access key. 403 AccessDenied "No AWSAccessKey was presented".
    #[error("a session token without an access key")]
    TokenWithoutKey,

    /// Not `AWS <access key>:<signature>`. 400 InvalidArgument "AWS authorization header is invalid. Expected AwsAccessKeyId:signature".
    #[error("the authorization header of Signature V2 is malformed")]
    MalformedV2,
    /// With Signature V2: no date, or one that can't be read. 403 AccessDenied "AWS authentication requires a valid Date or
    /// x-amz-date header".
    #[error("the request has no date that can be read")]
    BadV2Date,

    /// Neither `x-amz-date` nor `Date`. 400 AccessDenied "AWS authentication requires a valid Date or x-amz-date header".
    #[error("the request has no date")]
    MissingDate,
    /// 400 MalformedDate "Invalid date format header, expected to be in ISO8601, RFC1123 or RFC1123Z time format."
    #[error("the date of the request can't be read")]
    MalformedDate,
    /// More than 15 minutes off. 403 RequestTimeTooSkewed.
    #[error("the request's time is too far from the server's")]
    TimeTooSkewed,

    /// The Authorization header doesn't have its three parts. 400 MissingFields.
    #[error("the authorization header has missing fields")]
    MissingFields,
    /// 400 InvalidRequest "Missing Credential field for this request."
    #[error("the authorization header has no Credential")]
    MissingCredential,
    /// 400 InvalidArgument "Signature header missing SignedHeaders field."
    #[error("the authorization header has no SignedHeaders")]
    MissingSignedHeaders,
    /// 400 AccessDenied "Signature header missing Signature field."
    #[error("the authorization header has no Signature")]
    MissingSignature,

    /// Fewer than five elements. 400 AuthorizationQueryParametersError "Error parsing the X-Amz-Credential parameter; the
    /// Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"."
    #[error("the credential is malformed")]
    MalformedCredential,
    /// 400 AuthorizationQueryParametersError "... incorrect date format. This date in the credential must be in the format
    /// "yyyyMMdd"."
    #[error("the credential's date is malformed")]
    MalformedCredentialDate,
    /// 400 AuthorizationQueryParametersError "... incorrect terminal. This endpoint uses "aws4_request"."
    #[error("the credential has the wrong terminal")]
    WrongTerminal,
    /// 400 AuthorizationParametersError "Error parsing the Credential/X-Amz-Credential parameter; incorrect service. This endpoint
    /// belongs to "<expected>"."
    #[error("the credential is for another service than {expected}")]
    WrongService {
        /// The service of this endpoint: `s3` or `sts`.
        expected: &'static str,
    },
    /// 400 AuthorizationHeaderMalformed "The authorization header is malformed; the region is wrong; expecting '<expected>'."
    #[error("the credential is for another region than {expected}")]
    WrongRegion {
        /// The server's region.
        expected: String,
    },

    /// `host` is not signed, a signed header is not there, or a presigned URL leaves `x-amz-meta-*` unsigned.
    /// 400 AccessDenied "There were headers present in the request which were not signed".
    #[error("a header that must be signed is not signed, or a signed one is missing")]
    UnsignedHeaders,
    /// 403 InvalidAccessKeyId "The Access Key Id you provided does not exist in our records."
    #[error("the access key does not exist")]
    UnknownKey,
    /// 403 InvalidAccessKeyId "Your account is disabled; please contact your administrator."
    #[error("the account is disabled")]
    DisabledKey,
    /// 503 XMinioIAMNotInitialized.
    #[error("the accounts are not loaded yet")]
    KeysNotReady,
    /// A session token with static keys, or none, or a wrong one, with temporary ones. 403 InvalidTokenId.
    #[error("the session token is wrong")]
    InvalidToken,
    /// 403 SignatureDoesNotMatch.
    #[error("the signature does not match")]
    SignatureMismatch,
    /// `x-amz-content-sha256` is neither a hash nor a name that goes with this request. 400 XAmzContentSHA256Mismatch.
    #[error("x-amz-content-sha256 is not usable")]
    BadPayloadHash,

    /// 400 AuthorizationQueryParametersError "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,
    /// X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
    #[error("the presigned URL has missing parameters")]
    MissingParameters,
    /// 400 AuthorizationQueryParametersError "X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"."
    #[error("the presigned URL's algorithm is not supported")]
    WrongAlgorithm,
    /// 400 AuthorizationQueryParametersError "X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"".
    #[error("the presigned URL's date is malformed")]
    MalformedPresignedDate,
    /// 400 AuthorizationQueryParametersError "X-Amz-Expires should be a number".
    #[error("X-Amz-Expires is not a number")]
    ExpiresNotANumber,
    /// 403 AccessDenied "X-Amz-Expires must be non-negative".
    #[error("X-Amz-Expires is negative")]
    ExpiresNegative,
    /// 403 AccessDenied "X-Amz-Expires must be less than a week (in seconds); ...".
    #[error("X-Amz-Expires is more than a week")]
    ExpiresTooLong,
    /// 403 AccessDenied "Request is not valid yet".
    #[error("the presigned URL is not valid yet")]
    NotValidYet,
    /// 403 AccessDenied "Request has expired".
    #[error("the presigned URL has expired")]
    Expired,
}
