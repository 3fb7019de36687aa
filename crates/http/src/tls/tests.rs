//! Certificates by name, exchanged on the fly, and what is said about bad ones.

use super::*;
use crate::server::tests::{Running, in_time, rest, start};
use crate::{Limits, TlsSource};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::path::Path;
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsConnector;

const DEFAULT: [&str; 2] = [include_str!("../../testdata/default.crt"), include_str!("../../testdata/default.key")];
const NAMED: [&str; 2] = [include_str!("../../testdata/named.crt"), include_str!("../../testdata/named.key")];
const RENEWED: [&str; 2] = [include_str!("../../testdata/renewed.crt"), include_str!("../../testdata/renewed.key")];

/// A certificate directory.
pub(crate) struct Directory(tempfile::TempDir);

#[expect(clippy::disallowed_methods, reason = "tests prepare certificate directories")]
impl Directory {
    fn empty() -> Self {
        Directory(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn with_default() -> Self {
        let directory = Directory::empty();
        directory.put("", DEFAULT);
        directory
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, [certificate, key]: [&str; 2]) {
        std::fs::create_dir_all(self.path().join(name)).expect("a directory");
        self.write(&format!("{name}/public.crt"), certificate);
        self.write(&format!("{name}/private.key"), key);
    }

    /// Replaces a file by rename, as careful tools do.
    fn write(&self, name: &str, text: &str) {
        let [path, new] = [name, "new"].map(|name| self.path().join(name.trim_start_matches('/')));
        std::fs::write(&new, text).expect("written");
        std::fs::rename(new, path).expect("renamed");
    }
}

/// Takes any certificate, so that tests can look at which one it was.
#[derive(Debug)]
struct TrustAll(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for TrustAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

pub(crate) fn client_config(protocols: &[&[u8]]) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(TrustAll(provider.signature_verification_algorithms));
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("versions").dangerous().with_custom_certificate_verifier(verifier);
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Arc::new(config)
}

fn der([certificate, _]: [&str; 2]) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(certificate.as_bytes()).expect("a certificate")
}

/// The certificate and the protocol that a client gets who asks for `name`.
async fn shown(running: &Running, name: &str, protocols: &[&[u8]]) -> (CertificateDer<'static>, Option<Vec<u8>>) {
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let connector = TlsConnector::from(client_config(protocols));
    let stream = connector.connect(name, running.connect().await).await.expect("a handshake");
    let session = stream.get_ref().1;
    let leaf = session.peer_certificates().expect("certificates")[0].clone().into_owned();
    (leaf, session.alpn_protocol().map(<[u8]>::to_vec))
}

#[tokio::test]
async fn the_certificate_is_chosen_by_the_name_asked_for() {
    let directory = Directory::with_default();
    directory.put("other", NAMED);
    directory.put("CAs", ["no", "certificates"]);
    directory.put("..data", ["no", "certificates"]);
    let running = start(Limits::default(), TlsSource::open(directory.path()).expect("certificates")).await;
    let cases = [
        ("localhost", DEFAULT),
        ("127.0.0.1", DEFAULT),
        ("nobody.test", DEFAULT),
        ("example.test", NAMED),
        ("a.wild.test", NAMED),
    ];
    for (name, pair) in cases {
        assert_eq!(shown(&running, name, &[]).await.0, der(pair), "{name}");
    }
}

#[tokio::test]
async fn a_client_that_speaks_both_gets_http_1() {
    let directory = Directory::with_default();
    let running = start(Limits::default(), TlsSource::open(directory.path()).expect("certificates")).await;
    let spoken = |protocols| shown(&running, "localhost", protocols);
    assert_eq!(spoken(&[b"h2", b"http/1.1"]).await.1.as_deref(), Some(b"http/1.1".as_slice()));
    assert_eq!(spoken(&[b"h2"]).await.1.as_deref(), Some(b"h2".as_slice()));
    assert_eq!(spoken(&[]).await.1, None);
}

#[tokio::test]
async fn requests_are_answered_over_tls_and_plain_ones_are_told() {
    let directory = Directory::with_default();
    let running = start(Limits::default(), TlsSource::open(directory.path()).expect("certificates")).await;
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = TlsConnector::from(client_config(&[]));
    let mut stream = connector.connect(name, running.connect().await).await.expect("a handshake");
    stream.write_all(b"GET /tls HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await.expect("sent");
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("true"), "{answer}");

    let mut plain = running.connect().await;
    plain.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    let answer = rest(&mut plain).await;
    assert!(answer.starts_with("HTTP/1.0 400 Bad Request\r\n"), "{answer}");
    assert!(answer.contains("Client sent an HTTP request to an HTTPS server."), "{answer}");
}

#[tokio::test]
async fn a_handshake_that_is_not_finished_is_cut_off() {
    let directory = Directory::with_default();
    let limits = Limits { handshake: Duration::from_millis(20), ..Limits::default() };
    let running = start(limits, TlsSource::open(directory.path()).expect("certificates")).await;
    let mut silent = running.connect().await;
    assert_eq!(rest(&mut silent).await, "");
    let mut stopped = running.connect().await;
    stopped.write_all(&[22, 3, 1]).await.expect("sent");
    assert_eq!(rest(&mut stopped).await, "");
}

#[tokio::test]
async fn renewed_certificates_are_used_and_broken_ones_are_not() {
    let directory = Directory::with_default();
    let tls = TlsSource::open(directory.path()).expect("certificates").expect("a pair");
    let running = start(Limits::default(), Some(Arc::clone(&tls))).await;
    assert!(!tls.reload().expect("readable"), "nothing has changed");

    directory.put("", RENEWED);
    assert!(tls.reload().expect("readable"));
    assert_eq!(shown(&running, "localhost", &[]).await.0, der(RENEWED));

    directory.write("private.key", DEFAULT[1]);
    assert!(matches!(tls.reload(), Err(TlsError::Unusable { .. })), "the key of another certificate");
    directory.write("public.crt", "nothing");
    assert!(matches!(tls.reload(), Err(TlsError::NoCertificate(_))));
    assert_eq!(shown(&running, "localhost", &[]).await.0, der(RENEWED));
}

#[tokio::test(start_paused = true)]
async fn the_files_are_looked_at_without_being_told() {
    let directory = Directory::with_default();
    let tls = TlsSource::open(directory.path()).expect("certificates").expect("a pair");
    let world = base::World::system();
    let watched = Arc::clone(&tls);
    let watching = world.tasks.spawn({
        let world = world.clone();
        async move { watched.watch(world).await }
    });
    directory.put("", RENEWED);
    in_time(async {
        while tls.current.0.read().choose(None).cert[0] != der(RENEWED) {
            world.clock.sleep(Duration::from_secs(1)).await;
        }
    })
    .await;
    watching.abort();
}

#[test]
fn without_a_pair_there_is_no_tls() {
    let directory = Directory::empty();
    assert!(TlsSource::open(directory.path()).expect("readable").is_none());
    directory.write("public.crt", DEFAULT[0]);
    assert!(TlsSource::open(directory.path()).expect("readable").is_none());
    assert!(TlsSource::open(directory.path().join("missing")).expect("readable").is_none());
}

#[test]
fn each_bad_key_has_its_error() {
    let error = |key: &str| {
        let directory = Directory::with_default();
        directory.write("private.key", key);
        TlsSource::open(directory.path()).expect_err("a bad key").to_string()
    };
    assert!(error("").ends_with("private.key: no private key could be read"));
    assert!(error(&DEFAULT[1].repeat(2)).ends_with("The private key contains additional data"));
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    assert!(error(encrypted).contains("the private key is encrypted"));
    assert!(error(NAMED[1]).contains("public.crt: "), "{}", error(NAMED[1]));
}
