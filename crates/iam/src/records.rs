//! What is stored of identities: the documents' shapes, byte for byte as MinIO reads them (spec
//! iam-sts-and-config.md, section 1.1).
//!
//! Names of members are read in any case; members that aren't known are kept and written again.

mod fields;
mod group;
mod identity;
mod mapping;
pub(crate) mod names;
mod policy;
#[cfg(test)]
mod tests;
mod times;

pub use fields::Unknown;
pub use group::GroupRecord;
pub use identity::IdentityRecord;
pub use mapping::MappingRecord;
pub(crate) use mapping::split as split_names;
pub use policy::PolicyRecord;
pub use times::Expiry;

/// The document that says which layout the others have.
pub(crate) const FORMAT: &[u8] = br#"{"version":1}"#;

/// Most bytes of a record that is parsed: a group of a hundred thousand members fits.
pub(crate) const MAX_RECORD: usize = 8 << 20;

/// Why a document isn't what its name says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("not JSON: {0}")]
    Json(String),
    #[error("{0} has the wrong type")]
    Shape(&'static str),
    #[error("{0} is not a time")]
    Time(&'static str),
    #[error("{0}")]
    Policy(#[from] crate::PolicyError),
    #[error("longer than {MAX_RECORD} bytes")]
    TooLong,
}
