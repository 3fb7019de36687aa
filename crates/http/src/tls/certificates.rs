//! Loaded certificates, and which one a client gets.

use super::TlsError;
use super::files::{PairFiles, digest};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use std::sync::Arc;

/// All certificates of the directory.
#[derive(Debug)]
pub(super) struct Certificates {
    /// The default first. Never empty.
    all: Vec<Arc<CertifiedKey>>,
    default: Arc<CertifiedKey>,
    /// Of the files they were loaded from.
    pub(super) digest: [u8; 32],
}

impl Certificates {
    pub(super) fn load(files: Vec<PairFiles>) -> Result<Certificates, TlsError> {
        let digest = digest(&files);
        let all = files.iter().map(load).collect::<Result<Vec<_>, _>>()?;
        let default = all.first().cloned();
        let default = default.ok_or_else(|| TlsError::NoCertificate("public.crt".into()))?;
        Ok(Certificates { all, default, digest })
    }

    /// The first certificate that is valid for the name a client asks for, else the default one.
    pub(super) fn choose(&self, name: Option<&str>) -> Arc<CertifiedKey> {
        let name = name.filter(|_| self.all.len() > 1).and_then(|name| ServerName::try_from(name).ok());
        let named = name.and_then(|name| self.all.iter().find(|certificate| is_valid_for(certificate, &name)));
        Arc::clone(named.unwrap_or(&self.default))
    }
}

fn is_valid_for(certificate: &CertifiedKey, name: &ServerName<'_>) -> bool {
    let leaf = certificate.cert.first().and_then(|leaf| ParsedCertificate::try_from(leaf).ok());
    leaf.is_some_and(|leaf| rustls::client::verify_server_name(&leaf, name).is_ok())
}

fn load(files: &PairFiles) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&files.certificate).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| TlsError::NoCertificate(files.certificate_path.clone()))?;
    let key = load_key(files)?;
    CertifiedKey::from_der(chain, key, &rustls::crypto::ring::default_provider())
        .map(Arc::new)
        .map_err(|cause| TlsError::Unusable { path: files.certificate_path.clone(), cause })
}

fn load_key(files: &PairFiles) -> Result<PrivateKeyDer<'static>, TlsError> {
    let begins = |needle: &[u8]| files.key.windows(needle.len()).filter(|window| *window == needle).count();
    if begins(b"ENCRYPTED") > 0 {
        return Err(TlsError::Encrypted(files.key_path.clone()));
    }
    if begins(b"-----BEGIN ") > 1 {
        return Err(TlsError::AdditionalData(files.key_path.clone()));
    }
    PrivateKeyDer::from_pem_slice(&files.key).map_err(|_| TlsError::NoKey(files.key_path.clone()))
}
