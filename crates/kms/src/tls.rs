//! TLS to key servers: whom to trust, and how this server shows who it is.

use base::{Clock, World};
use parking_lot::Mutex;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How long what was read is used before it is read again: certificates are renewed while the server runs.
const REREAD: Duration = Duration::from_secs(15 * 60);

/// What connections are made with.
pub struct TlsMaterial {
    /// Who may sign a server's certificate.
    pub roots: Vec<CertificateDer<'static>>,
    /// This server's own certificate, leaf first, and its key.
    pub identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

/// Reads the material, or says what is wrong with which file.
pub type ReadTls = Box<dyn Fn(&dyn Clock) -> Result<TlsMaterial, String> + Send + Sync>;

pub(crate) struct Tls {
    read: ReadTls,
    config: Mutex<Option<(Arc<ClientConfig>, Duration)>>,
}

impl Tls {
    pub fn new(read: ReadTls) -> Self {
        Tls { read, config: Mutex::default() }
    }

    /// Reads the material before the next connection.
    pub fn reload(&self) {
        if let Some((_, read_at)) = &mut *self.config.lock() {
            *read_at = Duration::ZERO;
        }
    }

    /// Begins TLS with the server called `host`.
    pub async fn connect(&self, host: &str, stream: TcpStream, world: &World) -> Result<TlsStream<TcpStream>, String> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
        let config = self.config(&*world.clock)?;
        TlsConnector::from(config).connect(name, stream).await.map_err(|error| format!("TLS: {error}"))
    }

    /// What was read last, if that can't be done again now.
    fn config(&self, clock: &dyn Clock) -> Result<Arc<ClientConfig>, String> {
        let now = clock.steady();
        let mut kept = self.config.lock();
        let due = |read_at: &Duration| *read_at == Duration::ZERO || now.saturating_sub(*read_at) >= REREAD;
        if let Some((config, read_at)) = &*kept
            && !due(read_at)
        {
            return Ok(Arc::clone(config));
        }
        let read = (self.read)(clock).and_then(build).map(Arc::new);
        let config = match (read, &*kept) {
            (Ok(config), _) => config,
            (Err(cause), None) => return Err(cause),
            (Err(cause), Some((old, _))) => {
                tracing::error!(cause, "the new certificates for the key server can't be used, the old ones stay");
                Arc::clone(old)
            }
        };
        *kept = Some((Arc::clone(&config), now.max(Duration::from_nanos(1))));
        Ok(config)
    }
}

fn build(material: TlsMaterial) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    let (_, unusable) = roots.add_parsable_certificates(material.roots);
    if unusable > 0 {
        tracing::debug!(unusable, "certificates of authorities that can't be used");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?.with_root_certificates(roots);
    match material.identity {
        None => Ok(builder.with_no_client_auth()),
        Some((chain, key)) => {
            builder.with_client_auth_cert(chain, key).map_err(|error| format!("the client certificate: {error}"))
        }
    }
}
