//! The files that clients of key servers need: certificates, keys, tokens.

use base::{Clock, Random, Secret};
use kms::{ApiKey, ReadTls, ReadToken, TlsMaterial};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where systems keep the certificates of public authorities: the first that is there counts.
const SYSTEM_ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Whose signature on a server's certificate counts.
pub struct TlsFiles {
    /// A file, or a directory of files.
    authorities: PathBuf,
    /// Whether it was named: else it need not be there, and the system's count too.
    named: bool,
}

impl TlsFiles {
    /// The authorities at `named`, else those of the server's directory `CAs` and the system's.
    pub fn new(named: Option<&Path>, certs_dir: &Path) -> Self {
        let authorities = named.map_or_else(|| certs_dir.join("CAs"), Path::to_owned);
        TlsFiles { authorities, named: named.is_some() }
    }

    pub fn without_identity(self) -> ReadTls {
        Box::new(move |_: &dyn Clock| Ok(TlsMaterial { roots: self.roots()?, identity: None }))
    }

    pub fn with_certificate(self, certificate: PathBuf, key: PathBuf) -> ReadTls {
        Box::new(move |_: &dyn Clock| {
            let chain = certificates(&certificate, &text(&certificate)?)?;
            let pem = Secret::new(text(&key)?);
            let key = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes())
                .map_err(|error| format!("{}: {error}", key.display()))?;
            Ok(TlsMaterial { roots: self.roots()?, identity: Some((chain, key)) })
        })
    }

    pub fn with_api_key(self, key: ApiKey, random: Arc<dyn Random>) -> ReadTls {
        Box::new(move |clock: &dyn Clock| {
            let identity = Some(key.certificate(clock.now(), &*random));
            Ok(TlsMaterial { roots: self.roots()?, identity })
        })
    }

    fn roots(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let mut roots = Vec::new();
        for file in self.files()? {
            match certificates(&file, &text(&file)?) {
                Ok(found) => roots.extend(found),
                Err(error) if self.named => return Err(error),
                // Whatever else lies in the server's directory.
                Err(error) => tracing::debug!(error, "no certificate of an authority"),
            }
        }
        if !self.named
            && let Some(system) = SYSTEM_ROOTS.iter().map(Path::new).find(|path| path.is_file())
        {
            roots.extend(certificates(system, &text(system)?)?);
        }
        if roots.is_empty() {
            return Err(format!("{}: no certificate of an authority is there", self.authorities.display()));
        }
        Ok(roots)
    }

    fn files(&self) -> Result<Vec<PathBuf>, String> {
        let place = &self.authorities;
        if place.is_file() {
            return Ok(vec![place.clone()]);
        }
        let unreadable = |error: std::io::Error| format!("{}: {error}", place.display());
        let mut files = match place.read_dir() {
            Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !self.named => Vec::new(),
            Err(error) => return Err(unreadable(error)),
        };
        files.retain(|path| path.is_file());
        files.sort();
        Ok(files)
    }
}

/// A service account's token, read anew for each login.
pub fn token(path: PathBuf) -> ReadToken {
    Box::new(move || text(&path).map(Secret::new))
}

fn text(path: &Path) -> Result<String, String> {
    let read = settings::files::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    read.ok_or_else(|| format!("{}: no such file", path.display()))
}

fn certificates(path: &Path, pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let found = found.map_err(|error| format!("{}: {error}", path.display()))?;
    if found.is_empty() {
        return Err(format!("{}: no certificate is there", path.display()));
    }
    Ok(found)
}
