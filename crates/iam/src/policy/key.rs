//! The keys that conditions and variables can name (spec iam-sts-and-config.md, section 7.6).

use crate::Action;
use std::fmt;

/// Which statements can name a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Every request has it; also a variable. In statements on S3 and administration.
    Common,
    /// Every S3 request has it; also a variable.
    CommonS3,
    /// Some S3 actions.
    S3,
    /// The administration API.
    Admin,
    /// The token service.
    Sts,
}

macro_rules! keys {
    ($($variant:ident = $name:literal, $scope:ident;)*) => {
        /// A condition key without what may stand behind its slash.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum KeyName {
            $(#[doc = $name] $variant,)*
        }

        impl KeyName {
            /// Every key there is.
            pub const ALL: &'static [KeyName] = &[$(KeyName::$variant,)*];

            /// As policies write it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(KeyName::$variant => $name,)*
                }
            }

            const fn scope(self) -> Scope {
                match self {
                    $(KeyName::$variant => Scope::$scope,)*
                }
            }
        }
    };
}

keys! {
    SignatureVersion = "s3:signatureversion", CommonS3;
    AuthType = "s3:authType", CommonS3;
    SignatureAge = "s3:signatureAge", CommonS3;
    ContentSha256 = "s3:x-amz-content-sha256", CommonS3;
    LocationConstraint = "s3:LocationConstraint", CommonS3;
    Referer = "aws:Referer", Common;
    SourceIp = "aws:SourceIp", Common;
    UserAgent = "aws:UserAgent", Common;
    SecureTransport = "aws:SecureTransport", Common;
    CurrentTime = "aws:CurrentTime", Common;
    EpochTime = "aws:EpochTime", Common;
    PrincipalType = "aws:principaltype", Common;
    UserId = "aws:userid", Common;
    UserName = "aws:username", Common;
    Groups = "aws:groups", Common;
    LdapUser = "ldap:user", Common;
    LdapUserName = "ldap:username", Common;
    LdapGroups = "ldap:groups", Common;
    JwtSub = "jwt:sub", Common;
    JwtIss = "jwt:iss", Common;
    JwtAud = "jwt:aud", Common;
    JwtJti = "jwt:jti", Common;
    JwtUpn = "jwt:upn", Common;
    JwtName = "jwt:name", Common;
    JwtGroups = "jwt:groups", Common;
    JwtGivenName = "jwt:given_name", Common;
    JwtFamilyName = "jwt:family_name", Common;
    JwtMiddleName = "jwt:middle_name", Common;
    JwtNickname = "jwt:nickname", Common;
    JwtPreferredUsername = "jwt:preferred_username", Common;
    JwtProfile = "jwt:profile", Common;
    JwtPicture = "jwt:picture", Common;
    JwtWebsite = "jwt:website", Common;
    JwtEmail = "jwt:email", Common;
    JwtGender = "jwt:gender", Common;
    JwtBirthdate = "jwt:birthdate", Common;
    JwtPhoneNumber = "jwt:phone_number", Common;
    JwtAddress = "jwt:address", Common;
    JwtScope = "jwt:scope", Common;
    JwtClientId = "jwt:client_id", Common;
    CopySource = "s3:x-amz-copy-source", S3;
    ServerSideEncryption = "s3:x-amz-server-side-encryption", S3;
    CustomerAlgorithm = "s3:x-amz-server-side-encryption-customer-algorithm", S3;
    KmsKeyId = "s3:x-amz-server-side-encryption-aws-kms-key-id", S3;
    MetadataDirective = "s3:x-amz-metadata-directive", S3;
    StorageClass = "s3:x-amz-storage-class", S3;
    VersionId = "s3:versionid", S3;
    ExistingObjectTag = "s3:ExistingObjectTag", S3;
    RequestObjectTagKeys = "s3:RequestObjectTagKeys", S3;
    RequestObjectTag = "s3:RequestObjectTag", S3;
    LockRemainingDays = "s3:object-lock-remaining-retention-days", S3;
    LockRetainUntil = "s3:object-lock-retain-until-date", S3;
    LockMode = "s3:object-lock-mode", S3;
    LockLegalHold = "s3:object-lock-legal-hold", S3;
    Acl = "s3:x-amz-acl", S3;
    GrantRead = "s3:x-amz-grant-read", S3;
    GrantWrite = "s3:x-amz-grant-write", S3;
    GrantReadAcp = "s3:x-amz-grant-read-acp", S3;
    GrantWriteAcp = "s3:x-amz-grant-write-acp", S3;
    GrantFullControl = "s3:x-amz-grant-full-control", S3;
    ObjectOwnership = "s3:x-amz-object-ownership", S3;
    SourceArn = "aws:SourceArn", S3;
    SourceAccount = "aws:SourceAccount", S3;
    Prefix = "s3:prefix", S3;
    Delimiter = "s3:delimiter", S3;
    MaxKeys = "s3:max-keys", S3;
    ServiceAccountDuration = "svc:DurationSeconds", Admin;
    StsDuration = "sts:DurationSeconds", Sts;
}

impl KeyName {
    /// The name behind the colon.
    pub fn local(self) -> &'static str {
        self.as_str().split_once(':').map_or("", |(_, local)| local)
    }

    /// Whether every S3 request has it, so that every S3 statement may name it.
    fn is_common(self) -> bool {
        matches!(self.scope(), Scope::Common | Scope::CommonS3)
    }

    /// Whether only requests of services have it. Every statement may name it.
    fn is_of_services(self) -> bool {
        matches!(self, KeyName::SourceArn | KeyName::SourceAccount)
    }

    /// Whether it tells who asks, rather than what is asked.
    pub(crate) fn is_of_caller(self) -> bool {
        let name = self.as_str();
        let own = matches!(self, KeyName::PrincipalType | KeyName::UserId | KeyName::UserName | KeyName::Groups);
        own || name.starts_with("jwt:") || name.starts_with("ldap:")
    }

    /// Whether MinIO knows no such key, so that no policy with it may be stored where MinIO reads it.
    pub(crate) fn is_unknown_to_minio(self) -> bool {
        use KeyName as K;
        let grants = [K::GrantRead, K::GrantWrite, K::GrantReadAcp, K::GrantWriteAcp, K::GrantFullControl];
        self.is_of_services() || matches!(self, K::Acl | K::ObjectOwnership) || grants.contains(&self)
    }

    /// Whether a statement on the administration API may name it.
    pub(crate) fn fits_admin(self) -> bool {
        matches!(self.scope(), Scope::Common | Scope::Admin)
    }

    /// Whether a statement on the token service may name it.
    pub(crate) fn fits_sts(self) -> bool {
        self.scope() == Scope::Sts
    }

    /// Whether a statement on this S3 action may name it.
    pub(crate) fn fits_s3(self, action: Action) -> bool {
        self.is_of_services() || self.is_common() || extra_keys(action).contains(&self)
    }
}

/// A condition key as a policy names it: `s3:prefix`, `s3:ExistingObjectTag/dept`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConditionKey {
    name: KeyName,
    suffix: Option<String>,
}

impl ConditionKey {
    pub(crate) fn parse(text: &str) -> Option<ConditionKey> {
        let (name, suffix) = match text.split_once('/') {
            Some((name, suffix)) => (name, Some(suffix.to_owned())),
            None => (text, None),
        };
        let name = KeyName::ALL.iter().find(|known| known.as_str() == name)?;
        Some(ConditionKey { name: *name, suffix })
    }

    /// The key of this name if every request has it: those can be variables.
    pub(crate) fn common(text: &str) -> Option<ConditionKey> {
        ConditionKey::parse(text).filter(|key| key.name.is_common() && key.suffix.is_none())
    }

    /// The key without what stands behind its slash.
    pub fn key(&self) -> KeyName {
        self.name
    }

    /// What stands behind the slash: the name of a tag.
    pub fn suffix(&self) -> Option<&str> {
        self.suffix.as_deref()
    }

    /// The key as text, without what stands behind its slash.
    pub(crate) fn name(&self) -> &'static str {
        self.name.as_str()
    }
}

impl From<KeyName> for ConditionKey {
    fn from(name: KeyName) -> Self {
        ConditionKey { name, suffix: None }
    }
}

impl fmt::Display for ConditionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_str())?;
        match &self.suffix {
            Some(suffix) => write!(f, "/{suffix}"),
            None => Ok(()),
        }
    }
}

/// The keys that an S3 action has beside those that all have.
fn extra_keys(action: Action) -> &'static [KeyName] {
    use Action as A;
    use KeyName as K;
    match action {
        A::GetObject => {
            &[K::ServerSideEncryption, K::CustomerAlgorithm, K::KmsKeyId, K::VersionId, K::ExistingObjectTag]
        }
        A::PutObject => &[
            K::CopySource,
            K::ServerSideEncryption,
            K::CustomerAlgorithm,
            K::KmsKeyId,
            K::MetadataDirective,
            K::StorageClass,
            K::VersionId,
            K::LockRetainUntil,
            K::LockMode,
            K::LockLegalHold,
            K::RequestObjectTagKeys,
            K::RequestObjectTag,
            K::Acl,
            K::GrantRead,
            K::GrantWrite,
            K::GrantReadAcp,
            K::GrantWriteAcp,
            K::GrantFullControl,
        ],
        A::CreateBucket | A::PutBucketAcl | A::PutObjectAcl | A::PutObjectVersionAcl => &[
            K::Acl,
            K::GrantRead,
            K::GrantWrite,
            K::GrantReadAcp,
            K::GrantWriteAcp,
            K::GrantFullControl,
            K::ObjectOwnership,
            K::VersionId,
            K::ExistingObjectTag,
        ],
        A::GetObjectAcl | A::GetObjectVersionAcl => &[K::VersionId, K::ExistingObjectTag],
        A::ListBucket | A::ListBucketVersions => &[K::Prefix, K::Delimiter, K::MaxKeys],
        A::DeleteObject | A::DeleteObjectVersion => &[K::VersionId],
        A::GetObjectVersion
        | A::GetObjectTagging
        | A::DeleteObjectTagging
        | A::GetObjectVersionTagging
        | A::DeleteObjectVersionTagging
        | A::GetObjectVersionAttributes
        | A::ReplicateObject
        | A::ReplicateDelete
        | A::ReplicateTags
        | A::GetObjectVersionForReplication => &[K::VersionId, K::ExistingObjectTag],
        A::GetObjectAttributes => &[K::ExistingObjectTag],
        A::PutObjectTagging | A::PutObjectVersionTagging => {
            &[K::VersionId, K::ExistingObjectTag, K::RequestObjectTagKeys, K::RequestObjectTag]
        }
        A::PutBucketTagging => &[K::RequestObjectTagKeys, K::RequestObjectTag],
        A::PutObjectRetention => &[
            K::ServerSideEncryption,
            K::CustomerAlgorithm,
            K::KmsKeyId,
            K::LockRemainingDays,
            K::LockRetainUntil,
            K::LockMode,
            K::VersionId,
        ],
        A::GetObjectRetention => &[K::ServerSideEncryption, K::CustomerAlgorithm, K::KmsKeyId, K::VersionId],
        A::PutObjectLegalHold => {
            &[K::ServerSideEncryption, K::CustomerAlgorithm, K::KmsKeyId, K::LockLegalHold, K::VersionId]
        }
        A::BypassGovernanceRetention => &[
            K::VersionId,
            K::LockRemainingDays,
            K::LockRetainUntil,
            K::LockMode,
            K::LockLegalHold,
            K::RequestObjectTagKeys,
            K::RequestObjectTag,
        ],
        _ => &[],
    }
}
