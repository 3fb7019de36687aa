//! The files of a certificate directory.

use super::TlsError;
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Chains of certificates have some KiB.
const MAX_FILE: u64 = 1 << 20;

/// A certificate's file and its key's, as read.
pub(super) struct PairFiles {
    pub(super) certificate_path: PathBuf,
    pub(super) certificate: Vec<u8>,
    pub(super) key_path: PathBuf,
    pub(super) key: Zeroizing<Vec<u8>>,
}

impl PairFiles {
    /// The default pair and then those of the sub-directories by name; `None` if there is no default pair.
    pub(super) fn read_all(directory: &Path) -> Result<Option<Vec<PairFiles>>, TlsError> {
        let Some(default) = PairFiles::read(directory)? else {
            return Ok(None);
        };
        let mut pairs = vec![default];
        for name in sub_directories(directory)? {
            pairs.extend(PairFiles::read(&directory.join(name))?);
        }
        Ok(Some(pairs))
    }

    fn read(directory: &Path) -> Result<Option<PairFiles>, TlsError> {
        let [certificate_path, key_path] = [directory.join("public.crt"), directory.join("private.key")];
        let Some(certificate) = read(&certificate_path)? else { return Ok(None) };
        let Some(key) = read(&key_path)? else { return Ok(None) };
        Ok(Some(PairFiles { certificate_path, certificate, key_path, key: Zeroizing::new(key) }))
    }
}

/// What tells one state of the directory from another, without keeping keys.
pub(super) fn digest(pairs: &[PairFiles]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for pair in pairs {
        let path = pair.certificate_path.as_os_str().as_encoded_bytes();
        for part in [path, &pair.certificate, &pair.key] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    hasher.finalize().into()
}

fn sub_directories(directory: &Path) -> Result<Vec<std::ffi::OsString>, TlsError> {
    let unreadable = |cause| TlsError::Unreadable { path: directory.to_owned(), cause };
    let mut names = Vec::new();
    for entry in directory.read_dir().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        // Names that begin with two dots are how Kubernetes exchanges secrets.
        let skipped = name == "CAs" || name.as_encoded_bytes().starts_with(b"..");
        if !skipped && entry.path().is_dir() {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// A file's bytes; `None` if it doesn't exist.
#[expect(clippy::disallowed_methods, reason = "certificates are on no drive of the store, and nothing else reads them")]
fn read(path: &Path) -> Result<Option<Vec<u8>>, TlsError> {
    let unreadable = |cause| TlsError::Unreadable { path: path.to_owned(), cause };
    let file = match std::fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(unreadable)?,
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE { Err(TlsError::TooLarge(path.to_owned())) } else { Ok(Some(bytes)) }
}
