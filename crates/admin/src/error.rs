//! Errors of the administration interface: codes, statuses and messages (spec admin-api.md, section 1.7), and how
//! they are told (section 1.3).

use http::StatusCode;
use iam::ChangeError;
use s3::error::ErrorContext;
use s3::{Answer, ErrorCode, S3Error, json};
use serde::Serialize;
use std::borrow::Cow;

/// Why a request was not carried out.
#[derive(Debug)]
pub struct AdminError {
    pub status: StatusCode,
    pub code: Cow<'static, str>,
    pub message: Cow<'static, str>,
}

/// An error as clients read it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    code: &'a str,
    message: &'a str,
    resource: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    region: &'a str,
    request_id: &'a str,
    host_id: &'a str,
}

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $status:ident $code:literal $message:literal;)*) => {
        impl AdminError {
            $($(#[$doc])* pub fn $name() -> Self {
                AdminError { status: StatusCode::$status, code: Cow::Borrowed($code), message: Cow::Borrowed($message) }
            })*
        }
    };
}

errors! {
    /// Of the caller's own credentials.
    access_denied = FORBIDDEN "AccessDenied" "Access Denied. (Authentication failed, check your access credentials)";
    invalid_argument = BAD_REQUEST "XMinioAdminInvalidArgument" "Invalid arguments specified.";
    invalid_request = BAD_REQUEST "InvalidRequest" "Invalid Request";
    no_such_user = NOT_FOUND "XMinioAdminNoSuchUser" "The specified user does not exist. (Specified user does not exist)";
    no_such_group = NOT_FOUND "XMinioAdminNoSuchGroup" "The specified group does not exist. (Specified group does not exist)";
    no_such_policy = NOT_FOUND "XMinioAdminNoSuchPolicy" "The canned policy does not exist. (Specified canned policy does not exist)";
    no_such_access_key = NOT_FOUND "XMinioAdminNoSuchAccessKey" "The specified access key does not exist. (Specified access key does not exist)";
    no_such_service_account = NOT_FOUND "XMinioInvalidIAMCredentials" "The specified service account is not found (Specified service account does not exist)";
    group_not_empty = BAD_REQUEST "XMinioAdminGroupNotEmpty" "The specified group is not empty - cannot remove it. (Specified group is not empty)";
    group_disabled = BAD_REQUEST "XMinioAdminGroupDisabled" "The specified group is disabled.";
    invalid_group_name = BAD_REQUEST "XMinioInvalidGroupName" "The group name is invalid.";
    policy_in_use = BAD_REQUEST "XMinioIAMPolicyInUse" "The policy cannot be removed, as it is in use";
    no_change = BAD_REQUEST "XMinioAdminPolicyChangeAlreadyApplied" "The specified policy change is already in effect. (Specified policy update has no net effect)";
    malformed_policy = BAD_REQUEST "XMinioMalformedIAMPolicy" "Policy has invalid resource.";
    no_policy_version = BAD_REQUEST "MalformedPolicy" "The policy must contain a valid version string";
    policy_name = BAD_REQUEST "PolicyInvalidName" "Policy name may not contain comma";
    not_allowed = FORBIDDEN "XMinioIAMActionNotAllowed" "Specified IAM action is not allowed";
    service_account_not_allowed = BAD_REQUEST "XMinioIAMServiceAccountNotAllowed" "Specified service account action is not allowed";
    session_policy_too_large = BAD_REQUEST "XMinioIAMServiceAccountSessionPolicyTooLarge" "Session policy should not exceed 4096 characters";
    not_initialized = SERVICE_UNAVAILABLE "XMinioIAMNotInitialized" "IAM sub-system not initialized yet, please try again.";
    is_root = FORBIDDEN "XMinioInvalidIAMCredentials" "Credential is not allowed to be same as admin access key";
    invalid_resource = BAD_REQUEST "XMinioInvalidResource" "Policy, user or group names are not allowed to begin or end with space characters";
    invalid_access_key = BAD_REQUEST "XMinioAdminInvalidAccessKey" "The access key is invalid. (access key length should be between 3 and 20)";
    invalid_secret_key = BAD_REQUEST "XMinioAdminInvalidSecretKey" "The secret key is invalid. (secret key length should be between 8 and 40)";
    no_access_key = BAD_REQUEST "XMinioAdminNoAccessKey" "No access key was provided.";
    no_secret_key = BAD_REQUEST "XMinioAdminNoSecretKey" "No secret key was provided.";
    bad_json = BAD_REQUEST "XMinioAdminConfigBadJSON" "JSON configuration provided is of incorrect format";
    too_large = BAD_REQUEST "XMinioAdminConfigTooLarge" "Configuration data provided exceeds the allowed maximum of 262272 bytes";
    bad_request = BAD_REQUEST "BadRequest" "400 BadRequest";
    no_length = LENGTH_REQUIRED "MissingContentLength" "You must provide the Content-Length HTTP header.";
    no_quorum = SERVICE_UNAVAILABLE "XMinioAdminConfigNoQuorum" "Configuration update failed because server quorum was not met";
    internal = INTERNAL_SERVER_ERROR "InternalError" "We encountered an internal error, please try again.";
    no_temporary_account = INTERNAL_SERVER_ERROR "InternalError" "We encountered an internal error, please try again.: cause(Specified temporary account does not exist)";
}

impl AdminError {
    /// With another message.
    pub fn saying(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }

    /// With a cause behind the message.
    pub fn because(self, cause: impl std::fmt::Display) -> Self {
        let message = format!("{} ({cause})", self.message);
        self.saying(message)
    }

    /// Something that isn't offered under `/minio/admin`.
    pub fn unknown_route(path: &str, mode: &str) -> Self {
        let version = path.strip_prefix("/minio/admin/").and_then(|rest| rest.split('/').next()).unwrap_or("unknown");
        let below = path.strip_prefix("/minio/admin/v3/").is_some();
        let message = match version {
            "v3" if below => format!("This 'admin' API is not supported by server in '{mode}'"),
            "v1" | "v2" => format!(
                "Server expects client requests with 'admin' API version 'v3', found '{version}', please upgrade the \
                 client to latest releases"
            ),
            _ => {
                let version = if below || version != "v3" { version } else { "unknown" };
                format!(
                    "Unexpected client 'admin' API version found '{version}', expected 'v3', please downgrade the \
                     client to older releases"
                )
            }
        };
        AdminError {
            status: StatusCode::UPGRADE_REQUIRED,
            code: Cow::Borrowed("XMinioAdminVersionMismatch"),
            message: Cow::Owned(message),
        }
    }

    /// The answer that tells of it.
    pub fn answer(&self, context: &ErrorContext<'_>) -> Answer {
        let document = Document {
            code: &self.code,
            message: &self.message,
            resource: context.resource,
            region: context.region,
            request_id: context.request_id,
            host_id: context.host_id,
        };
        let mut answer = json(serde_json::to_vec(&document).unwrap_or_default());
        *answer.status_mut() = self.status;
        answer
    }
}

impl From<S3Error> for AdminError {
    fn from(error: S3Error) -> Self {
        let code = Cow::Borrowed(error.code().name());
        AdminError { status: error.status(), code, message: Cow::Owned(error.message().to_owned()) }
    }
}

impl From<ErrorCode> for AdminError {
    fn from(code: ErrorCode) -> Self {
        S3Error::new(code).into()
    }
}

impl From<ChangeError> for AdminError {
    fn from(error: ChangeError) -> Self {
        let internal = |error: &ChangeError| {
            let message = format!("We encountered an internal error, please try again.: cause({error})");
            AdminError::internal().saying(message)
        };
        match &error {
            ChangeError::OfDirectory => AdminError::not_allowed(),
            ChangeError::NoSuchUser(_) => AdminError::no_such_user(),
            ChangeError::NoSuchGroup(_) => AdminError::no_such_group(),
            ChangeError::GroupNotEmpty(_) => AdminError::group_not_empty(),
            ChangeError::GroupDisabled(_) => AdminError::group_disabled(),
            ChangeError::NoSuchPolicy(_) => AdminError::no_such_policy(),
            ChangeError::PolicyInUse(_) => AdminError::policy_in_use(),
            ChangeError::NoSuchServiceAccount(_) => AdminError::no_such_service_account(),
            ChangeError::AccessKeyTaken(_) => AdminError::service_account_not_allowed().because(&error),
            ChangeError::BadName(..) => AdminError::invalid_resource(),
            ChangeError::BadAccessKey(_) => AdminError::invalid_access_key(),
            ChangeError::BadSecretKey(_) => AdminError::invalid_secret_key(),
            ChangeError::BadExpiry(_) => AdminError::invalid_resource().saying(error.to_string()),
            ChangeError::PolicyTooLong { .. } => AdminError::session_policy_too_large(),
            ChangeError::Policy(reason) => AdminError::malformed_policy().saying(reason.to_string()),
            ChangeError::NothingChanges => AdminError::no_change(),
            ChangeError::NotLoaded => AdminError::not_initialized(),
            ChangeError::Document(_) => {
                tracing::error!(%error, "an identity could not be stored");
                AdminError::no_quorum()
            }
            ChangeError::NowhereToKeep
            | ChangeError::Stopping
            | ChangeError::CannedPolicy(_)
            | ChangeError::Unreadable(_)
            | ChangeError::Token(_) => internal(&error),
        }
    }
}
