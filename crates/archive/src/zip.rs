//! Zip files: where the directory is, what it lists, and a member's bytes.
//!
//! A reader needs three places of the file: its end ([`locate`]), the directory ([`Entries`]), and the bytes of one member
//! ([`Member`]). It fetches them as it likes; nothing here needs the whole file.

mod directory;
mod end;
mod member;
#[cfg(test)]
mod tests;

pub use directory::{Entries, Entry, Method};
pub use end::{Directory, Located, TAIL, ZIP64_END, locate, locate_zip64};
pub use member::Member;

use crate::decompress::CodecError;

/// The longest directory that is read, in bytes: MinIO's limit.
pub const MAX_DIRECTORY: u64 = 100 * 1024 * 1024;

/// Why a zip file can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZipError {
    /// No directory at the end, or not where the end says.
    #[error("not a valid zip file: {0}")]
    Invalid(&'static str),
    #[error("the directory has {0} bytes, more than {MAX_DIRECTORY}")]
    DirectoryTooLong(u64),
    #[error("archives of several files are not supported")]
    SeveralDisks,
    /// A member that can't be decompressed here.
    #[error("compression method {0} is not supported")]
    UnsupportedMethod(u16),
    #[error("the member is encrypted")]
    Encrypted,
    /// The directory contradicts the member itself, or other members.
    #[error("the directory is wrong about the member: {0}")]
    Lying(&'static str),
    #[error("the member's bytes are not what the directory says: {0}")]
    Damaged(&'static str),
    #[error("the member can't be decompressed: {0}")]
    Codec(#[from] CodecError),
}

fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn le64(bytes: &[u8], at: usize) -> u64 {
    u64::from(le32(bytes, at)) | u64::from(le32(bytes, at + 4)) << 32
}
