//! What can be done, by the names that policies use (spec iam-sts-and-config.md, section 11).

#[cfg(test)]
mod tests;

use std::fmt;

/// What an action is about, and by which class of statement it is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// S3, on the server or a bucket.
    Bucket,
    /// S3, on an object.
    Object,
    /// The administration API.
    Admin,
    /// The administration API, but no policy can name it: only `admin:*` grants it.
    AdminByWildcard,
    /// The key management API.
    Kms,
    /// The token service.
    Sts,
}

macro_rules! actions {
    ($($variant:ident = $name:literal, $kind:ident;)*) => {
        /// An action as policies name it.
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

            /// What it is about.
            pub const fn kind(self) -> Kind {
                match self {
                    $(Action::$variant => Kind::$kind,)*
                }
            }
        }
    };
}

actions! {
AbortMultipartUpload = "s3:AbortMultipartUpload", Object;
BypassGovernanceRetention = "s3:BypassGovernanceRetention", Object;
CreateBucket = "s3:CreateBucket", Bucket;
DeleteBucket = "s3:DeleteBucket", Bucket;
DeleteBucketCors = "s3:DeleteBucketCors", Bucket;
DeleteBucketPolicy = "s3:DeleteBucketPolicy", Bucket;
DeleteBucketWebsite = "s3:DeleteBucketWebsite", Bucket;
DeleteObject = "s3:DeleteObject", Object;
DeleteObjectTagging = "s3:DeleteObjectTagging", Object;
DeleteObjectVersion = "s3:DeleteObjectVersion", Object;
DeleteObjectVersionTagging = "s3:DeleteObjectVersionTagging", Object;
ForceDeleteBucket = "s3:ForceDeleteBucket", Bucket;
GetAccelerateConfiguration = "s3:GetAccelerateConfiguration", Bucket;
GetAnalyticsConfiguration = "s3:GetAnalyticsConfiguration", Bucket;
GetBucketAcl = "s3:GetBucketAcl", Bucket;
GetBucketCors = "s3:GetBucketCors", Bucket;
GetBucketLocation = "s3:GetBucketLocation", Bucket;
GetBucketLogging = "s3:GetBucketLogging", Bucket;
GetBucketNotification = "s3:GetBucketNotification", Bucket;
GetBucketObjectLockConfiguration = "s3:GetBucketObjectLockConfiguration", Bucket;
GetBucketOwnershipControls = "s3:GetBucketOwnershipControls", Bucket;
GetBucketPolicy = "s3:GetBucketPolicy", Bucket;
GetBucketPolicyStatus = "s3:GetBucketPolicyStatus", Bucket;
GetBucketPublicAccessBlock = "s3:GetBucketPublicAccessBlock", Bucket;
GetBucketRequestPayment = "s3:GetBucketRequestPayment", Bucket;
GetBucketTagging = "s3:GetBucketTagging", Bucket;
GetBucketVersioning = "s3:GetBucketVersioning", Bucket;
GetBucketWebsite = "s3:GetBucketWebsite", Bucket;
GetEncryptionConfiguration = "s3:GetEncryptionConfiguration", Bucket;
GetIntelligentTieringConfiguration = "s3:GetIntelligentTieringConfiguration", Bucket;
GetInventoryConfiguration = "s3:GetInventoryConfiguration", Bucket;
GetLifecycleConfiguration = "s3:GetLifecycleConfiguration", Bucket;
GetMetricsConfiguration = "s3:GetMetricsConfiguration", Bucket;
GetObject = "s3:GetObject", Object;
GetObjectAcl = "s3:GetObjectAcl", Object;
GetObjectAttributes = "s3:GetObjectAttributes", Object;
GetObjectLegalHold = "s3:GetObjectLegalHold", Object;
GetObjectRetention = "s3:GetObjectRetention", Object;
GetObjectTagging = "s3:GetObjectTagging", Object;
GetObjectVersion = "s3:GetObjectVersion", Object;
GetObjectVersionAcl = "s3:GetObjectVersionAcl", Object;
GetObjectVersionAttributes = "s3:GetObjectVersionAttributes", Object;
GetObjectVersionForReplication = "s3:GetObjectVersionForReplication", Object;
GetObjectVersionTagging = "s3:GetObjectVersionTagging", Object;
GetReplicationConfiguration = "s3:GetReplicationConfiguration", Bucket;
HeadBucket = "s3:HeadBucket", Bucket;
ListAllMyBuckets = "s3:ListAllMyBuckets", Bucket;
ListBucket = "s3:ListBucket", Bucket;
ListBucketMultipartUploads = "s3:ListBucketMultipartUploads", Bucket;
ListBucketVersions = "s3:ListBucketVersions", Bucket;
ListMultipartUploadParts = "s3:ListMultipartUploadParts", Object;
ListenBucketNotification = "s3:ListenBucketNotification", Bucket;
ListenNotification = "s3:ListenNotification", Bucket;
PutAccelerateConfiguration = "s3:PutAccelerateConfiguration", Bucket;
PutAnalyticsConfiguration = "s3:PutAnalyticsConfiguration", Bucket;
PutBucketAcl = "s3:PutBucketAcl", Bucket;
PutBucketCors = "s3:PutBucketCors", Bucket;
PutBucketLogging = "s3:PutBucketLogging", Bucket;
PutBucketNotification = "s3:PutBucketNotification", Bucket;
PutBucketObjectLockConfiguration = "s3:PutBucketObjectLockConfiguration", Bucket;
PutBucketOwnershipControls = "s3:PutBucketOwnershipControls", Bucket;
PutBucketPolicy = "s3:PutBucketPolicy", Bucket;
PutBucketPublicAccessBlock = "s3:PutBucketPublicAccessBlock", Bucket;
PutBucketRequestPayment = "s3:PutBucketRequestPayment", Bucket;
PutBucketTagging = "s3:PutBucketTagging", Bucket;
PutBucketVersioning = "s3:PutBucketVersioning", Bucket;
PutBucketWebsite = "s3:PutBucketWebsite", Bucket;
PutEncryptionConfiguration = "s3:PutEncryptionConfiguration", Bucket;
PutIntelligentTieringConfiguration = "s3:PutIntelligentTieringConfiguration", Bucket;
PutInventoryConfiguration = "s3:PutInventoryConfiguration", Bucket;
PutLifecycleConfiguration = "s3:PutLifecycleConfiguration", Bucket;
PutMetricsConfiguration = "s3:PutMetricsConfiguration", Bucket;
PutObject = "s3:PutObject", Object;
PutObjectAcl = "s3:PutObjectAcl", Object;
PutObjectFanOut = "s3:PutObjectFanOut", Object;
PutObjectLegalHold = "s3:PutObjectLegalHold", Object;
PutObjectRetention = "s3:PutObjectRetention", Object;
PutObjectTagging = "s3:PutObjectTagging", Object;
PutObjectVersionAcl = "s3:PutObjectVersionAcl", Object;
PutObjectVersionTagging = "s3:PutObjectVersionTagging", Object;
PutReplicationConfiguration = "s3:PutReplicationConfiguration", Bucket;
ReplicateDelete = "s3:ReplicateDelete", Object;
ReplicateObject = "s3:ReplicateObject", Object;
ReplicateTags = "s3:ReplicateTags", Object;
ResetBucketReplicationState = "s3:ResetBucketReplicationState", Object;
RestoreObject = "s3:RestoreObject", Object;
AdminAddUserToGroup = "admin:AddUserToGroup", Admin;
AdminAttachUserOrGroupPolicy = "admin:AttachUserOrGroupPolicy", Admin;
AdminBandwidthMonitor = "admin:BandwidthMonitor", Admin;
AdminCancelBatchJob = "admin:CancelBatchJob", Admin;
AdminConfigUpdate = "admin:ConfigUpdate", Admin;
AdminConsoleLog = "admin:ConsoleLog", Admin;
AdminCreatePolicy = "admin:CreatePolicy", Admin;
AdminCreateServiceAccount = "admin:CreateServiceAccount", Admin;
AdminCreateUser = "admin:CreateUser", Admin;
AdminDataUsageInfo = "admin:DataUsageInfo", Admin;
AdminDecommission = "admin:Decommission", Admin;
AdminDeletePolicy = "admin:DeletePolicy", Admin;
AdminDeleteUser = "admin:DeleteUser", Admin;
AdminDescribeBatchJob = "admin:DescribeBatchJob", Admin;
AdminDisableGroup = "admin:DisableGroup", Admin;
AdminDisableUser = "admin:DisableUser", Admin;
AdminEnableGroup = "admin:EnableGroup", Admin;
AdminEnableUser = "admin:EnableUser", Admin;
AdminExportBucketMetadata = "admin:ExportBucketMetadata", Admin;
AdminExportIam = "admin:ExportIAM", Admin;
AdminGetBucketQuota = "admin:GetBucketQuota", Admin;
AdminGetBucketTarget = "admin:GetBucketTarget", Admin;
AdminGetGroup = "admin:GetGroup", Admin;
AdminGetPolicy = "admin:GetPolicy", Admin;
AdminGetUser = "admin:GetUser", Admin;
AdminHeal = "admin:Heal", Admin;
AdminImportBucketMetadata = "admin:ImportBucketMetadata", Admin;
AdminImportIam = "admin:ImportIAM", Admin;
AdminKmsCreateKey = "admin:KMSCreateKey", Admin;
AdminKmsKeyStatus = "admin:KMSKeyStatus", Admin;
AdminListBatchJobs = "admin:ListBatchJobs", Admin;
AdminListGroups = "admin:ListGroups", Admin;
AdminListServiceAccounts = "admin:ListServiceAccounts", Admin;
AdminListTemporaryAccounts = "admin:ListTemporaryAccounts", Admin;
AdminListTier = "admin:ListTier", Admin;
AdminListUserPolicies = "admin:ListUserPolicies", Admin;
AdminListUsers = "admin:ListUsers", Admin;
AdminObdInfo = "admin:OBDInfo", Admin;
AdminProfiling = "admin:Profiling", Admin;
AdminPrometheus = "admin:Prometheus", Admin;
AdminRebalance = "admin:Rebalance", Admin;
AdminRemoveServiceAccount = "admin:RemoveServiceAccount", Admin;
AdminRemoveUserFromGroup = "admin:RemoveUserFromGroup", Admin;
AdminReplicationDiff = "admin:ReplicationDiff", Admin;
AdminServerInfo = "admin:ServerInfo", Admin;
AdminServerTrace = "admin:ServerTrace", Admin;
AdminServerUpdate = "admin:ServerUpdate", Admin;
AdminServiceFreeze = "admin:ServiceFreeze", Admin;
AdminServiceRestart = "admin:ServiceRestart", Admin;
AdminServiceStop = "admin:ServiceStop", Admin;
AdminSetBucketQuota = "admin:SetBucketQuota", Admin;
AdminSetBucketTarget = "admin:SetBucketTarget", Admin;
AdminSetTier = "admin:SetTier", Admin;
AdminSiteReplicationAdd = "admin:SiteReplicationAdd", Admin;
AdminSiteReplicationDisable = "admin:SiteReplicationDisable", Admin;
AdminSiteReplicationInfo = "admin:SiteReplicationInfo", Admin;
AdminSiteReplicationOperation = "admin:SiteReplicationOperation", Admin;
AdminSiteReplicationRemove = "admin:SiteReplicationRemove", Admin;
AdminSiteReplicationResync = "admin:SiteReplicationResync", Admin;
AdminStartBatchJob = "admin:StartBatchJob", Admin;
AdminStorageInfo = "admin:StorageInfo", Admin;
AdminTopLocksInfo = "admin:TopLocksInfo", Admin;
AdminUpdatePolicyAssociation = "admin:UpdatePolicyAssociation", Admin;
AdminUpdateServiceAccount = "admin:UpdateServiceAccount", Admin;
AdminForceUnlock = "admin:ForceUnlock", AdminByWildcard;
AdminInspectData = "admin:InspectData", AdminByWildcard;
KmsApi = "kms:API", Kms;
KmsAssignPolicy = "kms:AssignPolicy", Kms;
KmsAuditLog = "kms:AuditLog", Kms;
KmsCreateKey = "kms:CreateKey", Kms;
KmsDeleteIdentity = "kms:DeleteIdentity", Kms;
KmsDeleteKey = "kms:DeleteKey", Kms;
KmsDeletePolicy = "kms:DeletePolicy", Kms;
KmsDescribeIdentity = "kms:DescribeIdentity", Kms;
KmsDescribePolicy = "kms:DescribePolicy", Kms;
KmsDescribeSelfIdentity = "kms:DescribeSelfIdentity", Kms;
KmsErrorLog = "kms:ErrorLog", Kms;
KmsGetPolicy = "kms:GetPolicy", Kms;
KmsImportKey = "kms:ImportKey", Kms;
KmsKeyStatus = "kms:KeyStatus", Kms;
KmsListIdentities = "kms:ListIdentities", Kms;
KmsListKeys = "kms:ListKeys", Kms;
KmsListPolicies = "kms:ListPolicies", Kms;
KmsMetrics = "kms:Metrics", Kms;
KmsSetPolicy = "kms:SetPolicy", Kms;
KmsStatus = "kms:Status", Kms;
KmsVersion = "kms:Version", Kms;
StsAssumeRoleWithWebIdentity = "sts:AssumeRoleWithWebIdentity", Sts;}

impl Action {
    /// Whether it is one of S3's.
    pub const fn is_s3(self) -> bool {
        matches!(self.kind(), Kind::Bucket | Kind::Object)
    }

    /// Whether MinIO knows no such action: no identity's policy can name it, since MinIO has to read those, but patterns
    /// stand for it.
    pub const fn is_unknown_to_minio(self) -> bool {
        use Action as A;
        matches!(
            self,
            A::GetBucketAcl
                | A::PutBucketAcl
                | A::GetObjectAcl
                | A::GetObjectVersionAcl
                | A::PutObjectAcl
                | A::PutObjectVersionAcl
                | A::GetBucketOwnershipControls
                | A::PutBucketOwnershipControls
                | A::GetBucketPublicAccessBlock
                | A::PutBucketPublicAccessBlock
                | A::DeleteBucketWebsite
                | A::GetAccelerateConfiguration
                | A::GetAnalyticsConfiguration
                | A::GetBucketLogging
                | A::GetBucketRequestPayment
                | A::GetBucketWebsite
                | A::GetIntelligentTieringConfiguration
                | A::GetInventoryConfiguration
                | A::GetMetricsConfiguration
                | A::PutAccelerateConfiguration
                | A::PutAnalyticsConfiguration
                | A::PutBucketLogging
                | A::PutBucketRequestPayment
                | A::PutBucketWebsite
                | A::PutIntelligentTieringConfiguration
                | A::PutInventoryConfiguration
                | A::PutMetricsConfiguration
        )
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const WORDS: usize = Action::ALL.len().div_ceil(64);

/// A set of actions: a bit for each, so that asking costs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ActionSet([u64; WORDS]);

impl ActionSet {
    pub(crate) fn insert(&mut self, action: Action) {
        let at = action as usize;
        self.0[at / 64] |= 1 << (at % 64);
    }

    pub(crate) fn contains(&self, action: Action) -> bool {
        let at = action as usize;
        self.0[at / 64] & (1 << (at % 64)) != 0
    }

    pub(crate) fn union(&mut self, other: &ActionSet) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Action> + '_ {
        Action::ALL.iter().copied().filter(|action| self.contains(*action))
    }
}
