//! From method, sub-resource and a few headers to the operation: one table, first match wins.
//!
//! The order is MinIO's, which clients rely on (copying wins over `?retention`, HEAD ignores every query). Where a
//! sub-resource has no operation of ours, PUT and DELETE answer NotImplemented instead of falling through to the
//! operations that create and delete buckets and objects.

#[cfg(test)]
mod tests;

use crate::query::Query;
use crate::target::Target;
use http::{HeaderMap, Method};
use service::{Configuration, ConfigurationList};

/// What a client may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    ListBuckets,
    // Buckets.
    CreateBucket,
    HeadBucket,
    DeleteBucket,
    GetBucketLocation,
    GetBucketVersioning,
    PutBucketVersioning,
    GetBucketAcl,
    PutBucketAcl,
    GetBucketPolicy,
    PutBucketPolicy,
    DeleteBucketPolicy,
    GetBucketOwnershipControls,
    PutBucketOwnershipControls,
    DeleteBucketOwnershipControls,
    GetPublicAccessBlock,
    PutPublicAccessBlock,
    DeletePublicAccessBlock,
    GetBucketPolicyStatus,
    GetBucketLifecycle,
    PutBucketLifecycle,
    DeleteBucketLifecycle,
    GetBucketEncryption,
    PutBucketEncryption,
    DeleteBucketEncryption,
    GetBucketObjectLock,
    PutBucketObjectLock,
    GetBucketReplication,
    GetBucketNotification,
    GetBucketTagging,
    PutBucketTagging,
    DeleteBucketTagging,
    GetConfiguration(Configuration),
    PutConfiguration(Configuration),
    DeleteConfiguration(Configuration),
    GetListedConfiguration(ConfigurationList),
    PutListedConfiguration(ConfigurationList),
    DeleteListedConfiguration(ConfigurationList),
    ListListedConfigurations(ConfigurationList),
    ListMultipartUploads,
    ListObjectsV1,
    ListObjectsV2,
    ListObjectVersions,
    PostObject,
    DeleteObjects,
    // Objects.
    GetObject,
    HeadObject,
    PutObject,
    PutObjectExtract,
    CopyObject,
    DeleteObject,
    GetObjectAttributes,
    SelectObjectContent,
    GetObjectAcl,
    PutObjectAcl,
    GetObjectTagging,
    PutObjectTagging,
    DeleteObjectTagging,
    GetObjectRetention,
    PutObjectRetention,
    GetObjectLegalHold,
    PutObjectLegalHold,
    CreateMultipartUpload,
    UploadPart,
    UploadPartCopy,
    ListParts,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    /// S3 has it (or MinIO does), this server doesn't.
    NotImplemented,
    /// Nobody has it: 400, as MinIO answers.
    Unsupported,
}

/// What a line of the table asks of a request.
#[derive(Clone, Copy, Debug)]
enum Need {
    /// The query has this name, with any value.
    Query(&'static str),
    /// The query has this name with this value.
    QueryIs(&'static str, &'static str),
    /// The query has one of these names.
    AnyQuery(&'static [&'static str]),
    /// `x-amz-copy-source` names a bucket and a key.
    CopySource,
    /// The header is there.
    Header(&'static str),
    /// The header has this value, exactly.
    HeaderIs(&'static str, &'static str),
    /// A form of a browser.
    Form,
}

use Need::{AnyQuery, CopySource, Form, Header, HeaderIs, Query as Has, QueryIs};
use Operation as Op;

type Route = (Method, &'static [Need], Operation);

/// Sub-resources of objects and buckets. A PUT or DELETE with one of them that no line above took must not become
/// one of the object or bucket itself.
const OBJECT_SUBRESOURCES: &[&str] = &[
    "acl",
    "attributes",
    "encryption",
    "legal-hold",
    "partNumber",
    "renameObject",
    "restore",
    "retention",
    "select",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
];
const BUCKET_SUBRESOURCES: &[&str] = &[
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "delete",
    "encryption",
    "events",
    "intelligent-tiering",
    "inventory",
    "lifecycle",
    "list-type",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "replication-check",
    "replication-metrics",
    "replication-reset",
    "replication-reset-status",
    "requestPayment",
    "session",
    "tagging",
    "uploads",
    "versioning",
    "versions",
    "website",
];

const OBJECT: &[Route] = &[
    (Method::HEAD, &[], Op::HeadObject),
    (Method::GET, &[Has("torrent")], Op::NotImplemented),
    (Method::GET, &[Has("attributes")], Op::GetObjectAttributes),
    (Method::PUT, &[Has("partNumber"), Has("uploadId"), CopySource], Op::UploadPartCopy),
    (Method::PUT, &[Has("partNumber"), Has("uploadId")], Op::UploadPart),
    (Method::GET, &[Has("uploadId")], Op::ListParts),
    (Method::POST, &[Has("uploadId")], Op::CompleteMultipartUpload),
    (Method::POST, &[Has("uploads")], Op::CreateMultipartUpload),
    (Method::DELETE, &[Has("uploadId")], Op::AbortMultipartUpload),
    (Method::GET, &[Has("acl")], Op::GetObjectAcl),
    (Method::PUT, &[Has("acl")], Op::PutObjectAcl),
    (Method::GET, &[Has("tagging")], Op::GetObjectTagging),
    (Method::PUT, &[Has("tagging")], Op::PutObjectTagging),
    (Method::DELETE, &[Has("tagging")], Op::DeleteObjectTagging),
    (Method::POST, &[Has("select"), QueryIs("select-type", "2")], Op::SelectObjectContent),
    (Method::GET, &[Has("retention")], Op::GetObjectRetention),
    (Method::GET, &[Has("legal-hold")], Op::GetObjectLegalHold),
    (Method::GET, &[Has("lambdaArn")], Op::NotImplemented),
    (Method::GET, &[], Op::GetObject),
    (Method::PUT, &[CopySource], Op::CopyObject),
    (Method::PUT, &[Has("retention")], Op::PutObjectRetention),
    (Method::PUT, &[Has("legal-hold")], Op::PutObjectLegalHold),
    (Method::PUT, &[HeaderIs("x-amz-meta-snowball-auto-extract", "true")], Op::PutObjectExtract),
    (Method::PUT, &[Header("x-amz-write-offset-bytes")], Op::Unsupported),
    (Method::PUT, &[AnyQuery(OBJECT_SUBRESOURCES)], Op::NotImplemented),
    (Method::PUT, &[], Op::PutObject),
    (Method::DELETE, &[AnyQuery(OBJECT_SUBRESOURCES)], Op::NotImplemented),
    (Method::DELETE, &[], Op::DeleteObject),
    (Method::POST, &[Has("restore")], Op::NotImplemented),
    (Method::POST, &[Form], Op::Unsupported),
];

const BUCKET: &[Route] = &[
    (Method::GET, &[Has("location")], Op::GetBucketLocation),
    (Method::GET, &[Has("policy")], Op::GetBucketPolicy),
    (Method::GET, &[Has("ownershipControls")], Op::GetBucketOwnershipControls),
    (Method::GET, &[Has("publicAccessBlock")], Op::GetPublicAccessBlock),
    (Method::GET, &[Has("lifecycle")], Op::GetBucketLifecycle),
    (Method::GET, &[Has("encryption")], Op::GetBucketEncryption),
    (Method::GET, &[Has("object-lock")], Op::GetBucketObjectLock),
    (Method::GET, &[Has("replication")], Op::GetBucketReplication),
    (Method::GET, &[Has("versioning")], Op::GetBucketVersioning),
    (Method::GET, &[Has("notification")], Op::GetBucketNotification),
    (Method::GET, &[Has("events")], Op::NotImplemented),
    (Method::GET, &[Has("replication-reset-status")], Op::NotImplemented),
    (Method::GET, &[Has("acl")], Op::GetBucketAcl),
    (Method::PUT, &[Has("acl")], Op::PutBucketAcl),
    (Method::GET, &[Has("cors")], Op::GetConfiguration(Configuration::Cors)),
    (Method::PUT, &[Has("cors")], Op::PutConfiguration(Configuration::Cors)),
    (Method::DELETE, &[Has("cors")], Op::DeleteConfiguration(Configuration::Cors)),
    (Method::GET, &[Has("website")], Op::GetConfiguration(Configuration::Website)),
    (Method::PUT, &[Has("website")], Op::PutConfiguration(Configuration::Website)),
    (Method::DELETE, &[Has("website")], Op::DeleteConfiguration(Configuration::Website)),
    (Method::GET, &[Has("accelerate")], Op::GetConfiguration(Configuration::Accelerate)),
    (Method::PUT, &[Has("accelerate")], Op::PutConfiguration(Configuration::Accelerate)),
    (Method::GET, &[Has("requestPayment")], Op::GetConfiguration(Configuration::RequestPayment)),
    (Method::PUT, &[Has("requestPayment")], Op::PutConfiguration(Configuration::RequestPayment)),
    (Method::GET, &[Has("logging")], Op::GetConfiguration(Configuration::Logging)),
    (Method::PUT, &[Has("logging")], Op::PutConfiguration(Configuration::Logging)),
    (Method::GET, &[Has("analytics"), Has("id")], Op::GetListedConfiguration(ConfigurationList::Analytics)),
    (Method::GET, &[Has("analytics")], Op::ListListedConfigurations(ConfigurationList::Analytics)),
    (Method::PUT, &[Has("analytics")], Op::PutListedConfiguration(ConfigurationList::Analytics)),
    (Method::DELETE, &[Has("analytics")], Op::DeleteListedConfiguration(ConfigurationList::Analytics)),
    (
        Method::GET,
        &[Has("intelligent-tiering"), Has("id")],
        Op::GetListedConfiguration(ConfigurationList::IntelligentTiering),
    ),
    (Method::GET, &[Has("intelligent-tiering")], Op::ListListedConfigurations(ConfigurationList::IntelligentTiering)),
    (Method::PUT, &[Has("intelligent-tiering")], Op::PutListedConfiguration(ConfigurationList::IntelligentTiering)),
    (
        Method::DELETE,
        &[Has("intelligent-tiering")],
        Op::DeleteListedConfiguration(ConfigurationList::IntelligentTiering),
    ),
    (Method::GET, &[Has("inventory"), Has("id")], Op::GetListedConfiguration(ConfigurationList::Inventory)),
    (Method::GET, &[Has("inventory")], Op::ListListedConfigurations(ConfigurationList::Inventory)),
    (Method::PUT, &[Has("inventory")], Op::PutListedConfiguration(ConfigurationList::Inventory)),
    (Method::DELETE, &[Has("inventory")], Op::DeleteListedConfiguration(ConfigurationList::Inventory)),
    (Method::GET, &[Has("metrics"), Has("id")], Op::GetListedConfiguration(ConfigurationList::Metrics)),
    (Method::GET, &[Has("metrics")], Op::ListListedConfigurations(ConfigurationList::Metrics)),
    (Method::PUT, &[Has("metrics")], Op::PutListedConfiguration(ConfigurationList::Metrics)),
    (Method::DELETE, &[Has("metrics")], Op::DeleteListedConfiguration(ConfigurationList::Metrics)),
    (Method::GET, &[Has("tagging")], Op::GetBucketTagging),
    (Method::DELETE, &[Has("lifecycle")], Op::DeleteBucketLifecycle),
    (Method::DELETE, &[Has("policy")], Op::DeleteBucketPolicy),
    (Method::DELETE, &[Has("ownershipControls")], Op::DeleteBucketOwnershipControls),
    (Method::DELETE, &[Has("publicAccessBlock")], Op::DeletePublicAccessBlock),
    (Method::DELETE, &[Has("encryption")], Op::DeleteBucketEncryption),
    (Method::DELETE, &[Has("tagging")], Op::DeleteBucketTagging),
    (Method::GET, &[Has("uploads")], Op::ListMultipartUploads),
    (Method::GET, &[QueryIs("list-type", "2")], Op::ListObjectsV2),
    (Method::GET, &[Has("versions")], Op::ListObjectVersions),
    (Method::GET, &[Has("policyStatus")], Op::GetBucketPolicyStatus),
    (Method::PUT, &[Has("lifecycle")], Op::PutBucketLifecycle),
    (Method::PUT, &[Has("policy")], Op::PutBucketPolicy),
    (Method::PUT, &[Has("ownershipControls")], Op::PutBucketOwnershipControls),
    (Method::PUT, &[Has("publicAccessBlock")], Op::PutPublicAccessBlock),
    (Method::PUT, &[Has("encryption")], Op::PutBucketEncryption),
    (Method::PUT, &[Has("object-lock")], Op::PutBucketObjectLock),
    (Method::PUT, &[Has("tagging")], Op::PutBucketTagging),
    (Method::PUT, &[Has("versioning")], Op::PutBucketVersioning),
    (Method::PUT, &[AnyQuery(BUCKET_SUBRESOURCES)], Op::NotImplemented),
    (Method::PUT, &[], Op::CreateBucket),
    (Method::HEAD, &[], Op::HeadBucket),
    (Method::POST, &[Form], Op::PostObject),
    (Method::POST, &[Has("delete")], Op::DeleteObjects),
    (Method::DELETE, &[AnyQuery(BUCKET_SUBRESOURCES)], Op::NotImplemented),
    (Method::DELETE, &[], Op::DeleteBucket),
    (Method::GET, &[AnyQuery(&["replication-check", "replication-metrics"])], Op::NotImplemented),
    (Method::GET, &[], Op::ListObjectsV1),
];

const SERVICE: &[Route] = &[(Method::GET, &[Has("events")], Op::NotImplemented), (Method::GET, &[], Op::ListBuckets)];

/// The operation that a request asks for.
pub fn operation(method: &Method, target: &Target, query: &Query<'_>, headers: &HeaderMap) -> Operation {
    let table = if target.is_object() {
        OBJECT
    } else if target.is_service() {
        SERVICE
    } else {
        BUCKET
    };
    let fits = |(verb, needs, _): &&Route| verb == method && needs.iter().all(|need| need.is_met(query, headers));
    table.iter().find(fits).map_or(Operation::Unsupported, |(_, _, operation)| *operation)
}

impl Need {
    fn is_met(&self, query: &Query<'_>, headers: &HeaderMap) -> bool {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        match self {
            Need::Query(name) => query.has(name),
            Need::QueryIs(name, value) => query.get(name) == Some(value),
            Need::AnyQuery(names) => !query.is_empty() && names.iter().any(|name| query.has(name)),
            Need::CopySource => header("x-amz-copy-source")
                .is_some_and(|source| source.contains('/') || source.contains("%2F") || source.contains("%2f")),
            Need::Header(name) => headers.contains_key(*name),
            Need::HeaderIs(name, value) => header(name) == Some(value),
            Need::Form => header("content-type").is_some_and(|found| found.starts_with("multipart/form-data")),
        }
    }
}
