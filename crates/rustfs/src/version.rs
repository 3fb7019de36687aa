//! What `--version` says.

/// The release's tag.
pub const TAG: &str = concat!("v", env!("CARGO_PKG_VERSION"));

/// The commit that the release was built from; the release script sets it.
const COMMIT: &str = match option_env!("RUSTFS_COMMIT") {
    Some(commit) => commit,
    None => "development",
};

/// The same for whoever administers the server.
pub const RELEASE: admin::Release = admin::Release { version: TAG, commit: COMMIT };

/// Four lines. Scripts read the first: its shape is MinIO's.
pub fn text(program: &str) -> String {
    format!(
        "{program} version {TAG} (commit-id={})\n\
         Runtime: rust {}/{}\n\
         License: Apache-2.0 - https://www.apache.org/licenses/LICENSE-2.0\n\
         RustFS, an independent implementation; not affiliated with MinIO, Inc.\n",
        COMMIT,
        std::env::consts::OS,
        std::env::consts::ARCH,
    )
}
