//! MinIO's admin, metrics and STS endpoints: what isn't S3 but comes through the same door.
//!
//! [`AdminApi`] is `/minio/admin/v3`, [`KmsApi`] is `/minio/kms/v1`. Requests are signed as for S3, and each asks `iam`
//! for the action it needs. It must not know how anything lies on drives.

mod access_keys;
mod account;
mod api;
mod error;
mod groups;
mod kms;
mod policies;
mod route;
mod server;
#[cfg(test)]
mod tests;
mod times;
mod users;

pub use account::Backend;
pub use api::AdminApi;
pub use kms::KmsApi;
pub use server::Release;
