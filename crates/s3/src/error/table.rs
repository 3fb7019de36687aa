//! The table of S3 errors. A code occurs more than once where it has more than one message or status.

use http::StatusCode;

macro_rules! errors {
    ($($variant:ident $code:literal $status:ident $message:literal;)*) => {
        /// An error as the table has it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($variant,)* }

        impl ErrorCode {
            /// Every line of the table.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The code as clients see it.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorCode::$variant => $code,)* }
            }

            /// The HTTP status it comes with.
            pub const fn status(self) -> StatusCode {
                match self { $(ErrorCode::$variant => StatusCode::$status,)* }
            }

            /// The message, where nothing more exact is known.
            pub const fn message(self) -> &'static str {
                match self { $(ErrorCode::$variant => $message,)* }
            }
        }
    };
}

errors! {
    AccessDenied "AccessDenied" FORBIDDEN "Access Denied.";
    AccessForbidden "AccessForbidden" FORBIDDEN "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";
    AccessDeniedNoDate "AccessDenied" BAD_REQUEST "AWS authentication requires a valid Date or x-amz-date header";
    AccessDeniedUnsignedHeaders "AccessDenied" BAD_REQUEST "There were headers present in the request which were not signed";
    AccessDeniedNoSignature "AccessDenied" BAD_REQUEST "Signature header missing Signature field.";
    RequestExpired "AccessDenied" FORBIDDEN "Request has expired";
    RequestNotValidYet "AccessDenied" FORBIDDEN "Request is not valid yet";
    AllAccessDisabled "AllAccessDisabled" FORBIDDEN "All access to this resource has been disabled.";
    AuthorizationHeaderMalformed "AuthorizationHeaderMalformed" BAD_REQUEST "The authorization header is malformed; the region is wrong; expecting 'us-east-1'.";
    AuthorizationParametersError "AuthorizationParametersError" BAD_REQUEST "Error parsing the Credential/X-Amz-Credential parameter; incorrect service. This endpoint belongs to \"s3\".";
    AuthorizationQueryParametersError "AuthorizationQueryParametersError" BAD_REQUEST "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
    AclNotSupported "AccessControlListNotSupported" BAD_REQUEST "The bucket does not allow ACLs.";
    BadDigest "BadDigest" BAD_REQUEST "The Content-Md5 you specified did not match what we received.";
    BadRequest "BadRequest" BAD_REQUEST "400 BadRequest";
    BucketAlreadyExists "BucketAlreadyExists" CONFLICT "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
    BucketAlreadyOwnedByYou "BucketAlreadyOwnedByYou" CONFLICT "Your previous request to create the named bucket succeeded and you already own it.";
    BucketNotEmpty "BucketNotEmpty" CONFLICT "The bucket you tried to delete is not empty";
    EmptyRequestBody "EmptyRequestBody" BAD_REQUEST "Request body cannot be empty.";
    EntityTooLarge "EntityTooLarge" BAD_REQUEST "Your proposed upload exceeds the maximum allowed object size.";
    EntityTooSmall "EntityTooSmall" BAD_REQUEST "Your proposed upload is smaller than the minimum allowed object size.";
    ExcessData "ExcessData" BAD_REQUEST "More data provided than indicated content length";
    IllegalVersioningConfiguration "IllegalVersioningConfigurationException" BAD_REQUEST "Versioning configuration specified in the request is invalid.";
    IncompleteBody "IncompleteBody" BAD_REQUEST "You did not provide the number of bytes specified by the Content-Length HTTP header.";
    InternalError "InternalError" INTERNAL_SERVER_ERROR "We encountered an internal error, please try again.";
    InvalidAccessKeyId "InvalidAccessKeyId" FORBIDDEN "The Access Key Id you provided does not exist in our records.";
    InvalidArgument "InvalidArgument" BAD_REQUEST "Invalid argument";
    InvalidAttributeName "InvalidArgument" BAD_REQUEST "Invalid attribute name specified.";
    InvalidChecksum "InvalidArgument" BAD_REQUEST "Invalid checksum provided.";
    InvalidContinuationToken "InvalidArgument" BAD_REQUEST "The continuation token provided is incorrect";
    InvalidCopyPartRange "InvalidArgument" BAD_REQUEST "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy";
    InvalidCopySource "InvalidArgument" BAD_REQUEST "Copy Source must mention the source bucket and key: sourcebucket/sourcekey.";
    InvalidEncodingMethod "InvalidArgument" BAD_REQUEST "Invalid Encoding Method specified in Request";
    InvalidInternalHeaders "InvalidArgument" BAD_REQUEST "Your metadata headers are not supported.";
    InvalidMaxBuckets "InvalidArgument" BAD_REQUEST "Argument max-buckets must be an integer between 1 and 10000";
    InvalidMaxKeys "InvalidArgument" BAD_REQUEST "Argument maxKeys must be an integer between 0 and 2147483647";
    InvalidMaxParts "InvalidArgument" BAD_REQUEST "Part number must be an integer between 1 and 10000, inclusive";
    InvalidMaxUploads "InvalidArgument" BAD_REQUEST "Argument max-uploads must be an integer between 0 and 2147483647";
    InvalidMetadataDirective "InvalidArgument" BAD_REQUEST "Unknown metadata directive.";
    InvalidPartNumberMarker "InvalidArgument" BAD_REQUEST "Argument partNumberMarker must be an integer.";
    InvalidTagDirective "InvalidArgument" BAD_REQUEST "Unknown tag directive.";
    InvalidVersionId "InvalidArgument" BAD_REQUEST "Invalid version id specified";
    InvalidBucketAclWithObjectOwnership "InvalidBucketAclWithObjectOwnership" BAD_REQUEST "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting.";
    InvalidBucketName "InvalidBucketName" BAD_REQUEST "The specified bucket is not valid.";
    InvalidBucketState "InvalidBucketState" CONFLICT "The request is not valid with the current state of the bucket.";
    ObjectLockNotEnableable "InvalidBucketState" CONFLICT "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
    InvalidDigest "InvalidDigest" BAD_REQUEST "The Content-Md5 you specified is not valid.";
    InvalidPart "InvalidPart" BAD_REQUEST "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    InvalidPartNumber "InvalidPartNumber" RANGE_NOT_SATISFIABLE "The requested partnumber is not satisfiable";
    InvalidPartOrder "InvalidPartOrder" BAD_REQUEST "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
    InvalidRange "InvalidRange" RANGE_NOT_SATISFIABLE "The requested range is not satisfiable";
    InvalidRegion "InvalidRegion" BAD_REQUEST "Region does not match.";
    InvalidRequest "InvalidRequest" BAD_REQUEST "Invalid Request";
    IllegalCopy "InvalidRequest" BAD_REQUEST "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
    RangeWithPartNumber "InvalidRequest" BAD_REQUEST "Cannot specify both Range header and partNumber query parameter";
    NoParts "InvalidRequest" BAD_REQUEST "You must specify at least one part";
    AuthMechanismUnsupported "InvalidRequest" BAD_REQUEST "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    BucketWithoutLock "InvalidRequest" BAD_REQUEST "Bucket is missing ObjectLockConfiguration";
    ObjectLocked "AccessDenied" FORBIDDEN "Access Denied because object protected by object lock.";
    LockDateMalformed "InvalidRequest" BAD_REQUEST "Date must be provided in ISO 8601 format";
    LockDatePast "InvalidRequest" BAD_REQUEST "the retain until date must be in the future";
    LockModeUnknown "InvalidRequest" BAD_REQUEST "unknown wormMode directive";
    LockHeadersIncomplete "InvalidRequest" BAD_REQUEST "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
    IncompatibleEncryption "InvalidArgument" BAD_REQUEST "Server Side Encryption with Customer provided key is incompatible with the encryption method specified";
    InsecureCustomerKey "InvalidRequest" BAD_REQUEST "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.";
    InvalidRedirectLocation "InvalidRedirectLocation" BAD_REQUEST "The website redirect location must be a path or URL: '/', 'http://' or 'https://', up to 2 KB.";
    InvalidRetentionPeriod "InvalidRetentionPeriod" BAD_REQUEST "The retention period is not valid. It must be a positive number of days, or of years.";
    InvalidStorageClass "InvalidStorageClass" BAD_REQUEST "Invalid storage class.";
    InvalidTag "InvalidTag" BAD_REQUEST "The TagKey you have provided is invalid";
    InvalidTokenId "InvalidTokenId" FORBIDDEN "The security token included in the request is invalid";
    KeyTooLong "KeyTooLongError" BAD_REQUEST "Your key is too long";
    MalformedAcl "MalformedACLError" BAD_REQUEST "The ACL that you provided was not well formed or did not validate against our published schema.";
    MalformedDate "MalformedDate" BAD_REQUEST "Invalid date format header, expected to be in ISO8601, RFC1123 or RFC1123Z time format.";
    MalformedPolicy "MalformedPolicy" BAD_REQUEST "Policy has invalid resource.";
    MalformedPostRequest "MalformedPOSTRequest" BAD_REQUEST "The body of your POST request is not well-formed multipart/form-data.";
    MaxPostPreDataLengthExceeded "MaxPostPreDataLengthExceeded" BAD_REQUEST "Your POST request fields preceding the upload file were too large.";
    InvalidPolicyDocument "InvalidPolicyDocument" BAD_REQUEST "The content of the form does not meet the conditions specified in the policy document.";
    MalformedTrailer "MalformedTrailerError" BAD_REQUEST "The request contained trailing data that was not well-formed or did not conform to our published schema.";
    MalformedXml "MalformedXML" BAD_REQUEST "The XML you provided was not well-formed or did not validate against our published schema.";
    MaxVersionsExceeded "MaxVersionsExceeded" BAD_REQUEST "You've exceeded the limit on the number of versions you can create on this object";
    MetadataTooLarge "MetadataTooLarge" BAD_REQUEST "Your metadata headers exceed the maximum allowed metadata size.";
    MethodNotAllowed "MethodNotAllowed" METHOD_NOT_ALLOWED "The specified method is not allowed against this resource.";
    MissingContentLength "MissingContentLength" LENGTH_REQUIRED "You must provide the Content-Length HTTP header.";
    MissingContentMd5 "MissingContentMD5" BAD_REQUEST "Missing or invalid required header for this request: Content-Md5 or Amz-Content-Checksum";
    MissingSecurityHeader "MissingSecurityHeader" BAD_REQUEST "Your request was missing a required header.";
    MissingFields "MissingFields" BAD_REQUEST "Missing fields in request.";
    NoSuchBucket "NoSuchBucket" NOT_FOUND "The specified bucket does not exist";
    NoSuchBucketPolicy "NoSuchBucketPolicy" NOT_FOUND "The bucket policy does not exist";
    NoSuchCorsConfiguration "NoSuchCORSConfiguration" NOT_FOUND "The CORS configuration does not exist";
    NoSuchKey "NoSuchKey" NOT_FOUND "The specified key does not exist.";
    NoSuchLifecycleConfiguration "NoSuchLifecycleConfiguration" NOT_FOUND "The lifecycle configuration does not exist";
    NoSuchObjectLockConfiguration "NoSuchObjectLockConfiguration" BAD_REQUEST "The specified object does not have a ObjectLock configuration";
    NoSuchPublicAccessBlock "NoSuchPublicAccessBlockConfiguration" NOT_FOUND "The public access block configuration was not found.";
    NoSuchTagSet "NoSuchTagSet" NOT_FOUND "The TagSet does not exist";
    NoSuchUpload "NoSuchUpload" NOT_FOUND "The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    NoSuchVersion "NoSuchVersion" NOT_FOUND "The specified version does not exist.";
    NoSuchListedConfiguration "NoSuchConfiguration" NOT_FOUND "The specified configuration does not exist.";
    TooManyConfigurations "TooManyConfigurations" BAD_REQUEST "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.";
    InvalidTargetBucketForLogging "InvalidTargetBucketForLogging" BAD_REQUEST "The target bucket for logging does not exist, is not owned by you, or does not have the appropriate grants for the log-delivery group.";
    NoSuchWebsiteConfiguration "NoSuchWebsiteConfiguration" NOT_FOUND "The specified bucket does not have a website configuration";
    NotImplemented "NotImplemented" NOT_IMPLEMENTED "A header you provided implies functionality that is not implemented";
    KmsNotConfigured "NotImplemented" NOT_IMPLEMENTED "Server side encryption specified but KMS is not configured";
    NotModified "NotModified" NOT_MODIFIED "Not Modified";
    ObjectLockConfigurationNotFound "ObjectLockConfigurationNotFoundError" NOT_FOUND "Object Lock configuration does not exist for this bucket";
    OwnershipControlsNotFound "OwnershipControlsNotFoundError" NOT_FOUND "The bucket ownership controls were not found.";
    PolicyTooLarge "PolicyTooLarge" BAD_REQUEST "Policy exceeds the maximum allowed document size.";
    UnexpectedContent "UnexpectedContent" BAD_REQUEST "This request contains unsupported content.";
    UnresolvableEmailAddress "UnresolvableGrantByEmailAddress" BAD_REQUEST "The email address you provided does not match any account on record.";
    PreconditionFailed "PreconditionFailed" PRECONDITION_FAILED "At least one of the pre-conditions you specified did not hold";
    ReplicationConfigurationNotFound "ReplicationConfigurationNotFoundError" NOT_FOUND "The replication configuration was not found";
    RequestTimeout "RequestTimeout" SERVICE_UNAVAILABLE "A timeout occurred while trying to lock a resource, please reduce your request rate";
    SlowClient "RequestTimeout" BAD_REQUEST "Your socket connection to the server was not read from or written to within the timeout period.";
    SelectRefused "InvalidRequestParameter" BAD_REQUEST "The value of a parameter in the SelectRequest element is invalid. Check the service API documentation and try again.";
    UnsupportedRangeHeader "UnsupportedRangeHeader" BAD_REQUEST "Range header is not supported for this operation.";
    RequestTimeTooSkewed "RequestTimeTooSkewed" FORBIDDEN "The difference between the request time and the server's time is too large.";
    EncryptionConfigurationNotFound "ServerSideEncryptionConfigurationNotFoundError" NOT_FOUND "The server side encryption configuration was not found";
    SignatureDoesNotMatch "SignatureDoesNotMatch" FORBIDDEN "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
    SlowDownRead "SlowDownRead" SERVICE_UNAVAILABLE "Resource requested is unreadable, please reduce your request rate";
    SlowDownWrite "SlowDownWrite" SERVICE_UNAVAILABLE "Resource requested is unwritable, please reduce your request rate";
    TooManyRequests "TooManyRequests" TOO_MANY_REQUESTS "Please reduce your request rate";
    ChecksumMismatch "BadDigest" BAD_REQUEST "The checksum you specified did not match what we received.";
    ContentSha256Mismatch "XAmzContentSHA256Mismatch" BAD_REQUEST "The provided 'x-amz-content-sha256' header does not match what was computed.";
    AdminInvalidArgument "XMinioAdminInvalidArgument" BAD_REQUEST "Invalid arguments specified.";
    QuotaExceeded "XMinioAdminBucketQuotaExceeded" BAD_REQUEST "Bucket quota exceeded";
    KmsNotAuthorized "kms:NotAuthorized" FORBIDDEN "insufficient permissions to perform KMS operation";
    KmsKeyExists "kms:KeyAlreadyExists" CONFLICT "key with given key ID already exits";
    KmsKeyNotFound "kms:KeyNotFound" NOT_FOUND "key with given key ID does not exist";
    KmsInvalidCiphertext "kms:InvalidCiphertextException" BAD_REQUEST "failed to decrypt ciphertext";
    KmsNotSupported "kms:NotSupported" NOT_IMPLEMENTED "requested functionality is not supported";
    KmsKeyCreationFailed "kms:KeyCreationFailed" INTERNAL_SERVER_ERROR "failed to create KMS key";
    KmsKeyListingFailed "kms:KeyListingFailed" INTERNAL_SERVER_ERROR "failed to list keys at the KMS";
    KmsKeyGenerationFailed "kms:KeyGenerationFailed" INTERNAL_SERVER_ERROR "failed to generate data key with KMS key";
    KmsDecryptionFailed "kms:DecryptionFailed" INTERNAL_SERVER_ERROR "failed to decrypt ciphertext with KMS key";
    EncryptionError "XMinioEncryptionError" BAD_REQUEST "The encryption of the object can't be read";
    InvalidDecompressedSize "XMinioInvalidDecompressedSize" BAD_REQUEST "The data provided is unfit for decompression";
    ObjectTampered "XMinioObjectTampered" BAD_REQUEST "The requested object was modified and may be compromised";
    InvalidObjectName "XMinioInvalidObjectName" BAD_REQUEST "Object name contains unsupported characters.";
    InvalidResourceName "XMinioInvalidResourceName" BAD_REQUEST "Resource name contains bad components such as \"..\" or \".\".";
    ObjectExistsAsDirectory "XMinioObjectExistsAsDirectory" BAD_REQUEST "Object name already exists as a directory.";
    IamNotInitialized "XMinioIAMNotInitialized" SERVICE_UNAVAILABLE "IAM sub-system not initialized yet, please try again.";
    ServerNotInitialized "XMinioServerNotInitialized" SERVICE_UNAVAILABLE "Server not initialized yet, please try again.";
    StorageFull "XMinioStorageFull" INSUFFICIENT_STORAGE "Storage backend has reached its minimum free drive threshold. Please delete a few objects to proceed.";
}
