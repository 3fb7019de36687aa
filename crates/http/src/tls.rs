//! Certificates: read from a directory, chosen by name, exchanged while the server runs.
//!
//! ```text
//! public.crt  private.key          the default certificate: PEM chain, leaf first; one PEM key
//! <name>/public.crt, private.key   more certificates, chosen by the name a client asks for
//! CAs/                             not read here
//! ```
//! Differs from MinIO in that files replaced by rename are noticed too.

mod certificates;
mod files;
#[cfg(test)]
pub(crate) mod tests;

use base::World;
use certificates::Certificates;
use files::PairFiles;
use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How often the files are looked at: a renewed certificate needs no haste, and reading two small files costs nothing.
const POLL: Duration = Duration::from_secs(5);

/// HTTP/1.1 comes first: a client that offers both gets it, as with MinIO. It is faster for large bodies.
const PROTOCOLS: [&[u8]; 2] = [b"http/1.1", b"h2"];

/// Why certificates could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file is larger than any certificate.
    #[error("{0}: the file is too large")]
    TooLarge(PathBuf),
    /// The file holds no certificate.
    #[error("{0}: no certificate could be read")]
    NoCertificate(PathBuf),
    /// The file holds no private key.
    #[error("{0}: no private key could be read")]
    NoKey(PathBuf),
    /// The key's file holds more than the key.
    #[error("{0}: The private key contains additional data")]
    AdditionalData(PathBuf),
    /// The key is encrypted.
    #[error("{0}: the private key is encrypted, which is not supported: store it decrypted")]
    Encrypted(PathBuf),
    /// The certificate and the key don't belong together, or are of a kind that isn't supported.
    #[error("{path}: {cause}")]
    Unusable {
        /// The certificate's file.
        path: PathBuf,
        /// What is wrong.
        cause: rustls::Error,
    },
}

/// The server's certificates and how TLS is spoken with them. New connections use what was loaded last.
pub struct TlsSource {
    directory: PathBuf,
    config: Arc<ServerConfig>,
    current: Arc<Current>,
}

/// The certificates in use.
#[derive(Debug)]
struct Current(RwLock<Arc<Certificates>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().choose(hello.server_name()))
    }
}

impl fmt::Debug for TlsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSource").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl TlsSource {
    /// Loads the certificates of `directory`. `None` if it has no default pair: the server then speaks plain HTTP.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Option<Arc<TlsSource>>, TlsError> {
        let directory = directory.into();
        let Some(files) = PairFiles::read_all(&directory)? else {
            return Ok(None);
        };
        let current = Arc::new(Current(RwLock::new(Arc::new(Certificates::load(files)?))));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|cause| TlsError::Unusable { path: directory.clone(), cause })?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::clone(&current) as _);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Some(Arc::new(TlsSource { directory, config: Arc::new(config), current })))
    }

    /// Reads the directory again. Whether anything had changed; after an error the old certificates stay in use.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let Some(files) = PairFiles::read_all(&self.directory)? else {
            return Err(TlsError::NoCertificate(self.directory.clone()));
        };
        if self.current.0.read().digest == files::digest(&files) {
            return Ok(false);
        }
        let renewed = Arc::new(Certificates::load(files)?);
        *self.current.0.write() = renewed;
        Ok(true)
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// Looks at the files every few seconds, for ever.
    pub(crate) async fn watch(&self, world: World) {
        let mut last_error = String::new();
        loop {
            world.clock.sleep(POLL).await;
            match self.reload() {
                Ok(changed) => {
                    last_error.clear();
                    if changed {
                        tracing::info!(directory = %self.directory.display(), "certificates reloaded");
                    }
                }
                Err(error) => {
                    let text = error.to_string();
                    if text != last_error {
                        tracing::error!(%error, "certificates not reloaded: the old ones stay in use");
                        last_error = text;
                    }
                }
            }
        }
    }
}
