//! MinIO's admin, metrics and STS endpoints: what isn't S3 but comes through the same door.
//!
//! [`KmsApi`] is `/minio/kms/v1`. Requests are signed as for S3, and each asks `iam` for the action it needs.
//! It must not know how anything lies on drives.

mod kms;

pub use kms::KmsApi;
