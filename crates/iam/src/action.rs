//! What can be done, by the names that AWS and MinIO policies use.

use std::fmt;

macro_rules! actions {
    ($($variant:ident = $name:literal,)*) => {
        /// An action as policies name it (AWS "Actions, resources, and condition keys for Amazon S3", and MinIO's own).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $(#[doc = $name] $variant,)*
        }

        impl Action {
            /// Every action there is.
            pub const ALL: &'static [Action] = &[$(Action::$variant,)*];

            /// The name in policies.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Action::$variant => $name,)*
                }
            }
        }
    };
}

actions! {
    AdminKmsCreateKey = "admin:KMSCreateKey",
    AdminKmsKeyStatus = "admin:KMSKeyStatus",
    KmsApi = "kms:API",
    KmsCreateKey = "kms:CreateKey",
    KmsKeyStatus = "kms:KeyStatus",
    KmsListKeys = "kms:ListKeys",
    KmsMetrics = "kms:Metrics",
    KmsStatus = "kms:Status",
    KmsVersion = "kms:Version",
    AbortMultipartUpload = "s3:AbortMultipartUpload",
    BypassGovernanceRetention = "s3:BypassGovernanceRetention",
    CreateBucket = "s3:CreateBucket",
    DeleteBucket = "s3:DeleteBucket",
    DeleteBucketCors = "s3:DeleteBucketCORS",
    DeleteBucketPolicy = "s3:DeleteBucketPolicy",
    DeleteObject = "s3:DeleteObject",
    DeleteObjectTagging = "s3:DeleteObjectTagging",
    DeleteObjectVersion = "s3:DeleteObjectVersion",
    DeleteObjectVersionTagging = "s3:DeleteObjectVersionTagging",
    ForceDeleteBucket = "s3:ForceDeleteBucket",
    GetBucketCors = "s3:GetBucketCORS",
    GetBucketLocation = "s3:GetBucketLocation",
    GetBucketNotification = "s3:GetBucketNotification",
    GetBucketObjectLockConfiguration = "s3:GetBucketObjectLockConfiguration",
    GetBucketPolicy = "s3:GetBucketPolicy",
    GetBucketPolicyStatus = "s3:GetBucketPolicyStatus",
    GetBucketTagging = "s3:GetBucketTagging",
    GetBucketVersioning = "s3:GetBucketVersioning",
    GetEncryptionConfiguration = "s3:GetEncryptionConfiguration",
    GetLifecycleConfiguration = "s3:GetLifecycleConfiguration",
    GetObject = "s3:GetObject",
    GetObjectAttributes = "s3:GetObjectAttributes",
    GetObjectLegalHold = "s3:GetObjectLegalHold",
    GetObjectRetention = "s3:GetObjectRetention",
    GetObjectTagging = "s3:GetObjectTagging",
    GetObjectVersion = "s3:GetObjectVersion",
    GetObjectVersionAttributes = "s3:GetObjectVersionAttributes",
    GetObjectVersionTagging = "s3:GetObjectVersionTagging",
    GetReplicationConfiguration = "s3:GetReplicationConfiguration",
    HeadBucket = "s3:HeadBucket",
    ListAllMyBuckets = "s3:ListAllMyBuckets",
    ListBucket = "s3:ListBucket",
    ListBucketMultipartUploads = "s3:ListBucketMultipartUploads",
    ListBucketVersions = "s3:ListBucketVersions",
    ListMultipartUploadParts = "s3:ListMultipartUploadParts",
    PutBucketCors = "s3:PutBucketCORS",
    PutBucketNotification = "s3:PutBucketNotification",
    PutBucketObjectLockConfiguration = "s3:PutBucketObjectLockConfiguration",
    PutBucketPolicy = "s3:PutBucketPolicy",
    PutBucketTagging = "s3:PutBucketTagging",
    PutBucketVersioning = "s3:PutBucketVersioning",
    PutEncryptionConfiguration = "s3:PutEncryptionConfiguration",
    PutLifecycleConfiguration = "s3:PutLifecycleConfiguration",
    PutObject = "s3:PutObject",
    PutObjectLegalHold = "s3:PutObjectLegalHold",
    PutObjectRetention = "s3:PutObjectRetention",
    PutObjectTagging = "s3:PutObjectTagging",
    PutObjectVersionTagging = "s3:PutObjectVersionTagging",
    PutReplicationConfiguration = "s3:PutReplicationConfiguration",
    RestoreObject = "s3:RestoreObject",
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
