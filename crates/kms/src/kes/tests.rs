use super::*;
use crate::testing::{Asked, FakeServer, no_tls};
use base::Secret;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// A throw-away key and what `kes identity of` says of it.
const API_KEY: &str = "kes:v1:AIGI8BYf2EcszQfOgdNbTZPcKGC6wiRC2JVWWzlCu9da";
const IDENTITY: &str = "61ea2d6da8ef8d4d66a2e76e3ed95b49734fc904c4411dc91378eaea0e18eec9";

async fn kes(answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> (KesService, FakeServer) {
    let world = World::system();
    let server = FakeServer::start(&world, answer).await;
    let service = KesService::new(std::slice::from_ref(&server.url), "my key", no_tls(), world).unwrap();
    (service, server)
}

fn message(text: &str) -> String {
    format!("{{\"message\":\"{text}\"}}\n")
}

#[test]
fn an_api_key_has_the_identity_that_its_server_knows() {
    let key = ApiKey::parse(&Secret::new(API_KEY)).unwrap();
    assert_eq!(key.identity(), IDENTITY);
    assert!(ApiKey::parse(&Secret::new(&API_KEY["kes:v1:".len()..])).is_ok());
    let other_type = BASE64_STANDARD.encode([1; 33]);
    let short = BASE64_STANDARD.encode([0; 32]);
    for wrong in ["", "kes:v1:", "kes:v1:!!!!", &other_type, &short] {
        assert!(ApiKey::parse(&Secret::new(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn its_certificate_is_one_that_others_can_read() {
    let key = ApiKey::parse(&Secret::new(API_KEY)).unwrap();
    let now = Timestamp::from_nanos(1_800_000_000_000_000_000);
    let (chain, private) = key.certificate(now, &base::SeededRandom::new(1));
    let provider = rustls::crypto::ring::default_provider();
    let certified = rustls::sign::CertifiedKey::from_der(chain.clone(), private, &provider).unwrap();
    certified.keys_match().unwrap();
    // Signed by itself: the check of a certificate against itself as the authority is the whole of it.
    let (_, rest) = chain[0].split_at(4);
    let signed_len = 4 + usize::from(u16::from_be_bytes([rest[2], rest[3]]));
    let public = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, chain_public(&chain[0]));
    public.verify(&rest[..signed_len], &chain[0][chain[0].len() - 64..]).unwrap();
}

/// The public key of a certificate: what follows the head of its SubjectPublicKeyInfo.
fn chain_public(certificate: &[u8]) -> Vec<u8> {
    let head = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
    let at = certificate.windows(head.len()).position(|window| window == head).unwrap() + head.len();
    certificate[at..at + 32].to_vec()
}

#[tokio::test]
async fn a_data_key_is_asked_for_with_its_context() {
    let answer = format!("{{\"plaintext\":\"{}\",\"ciphertext\":\"AAEC\"}}", BASE64_STANDARD.encode([7; 32]));
    let (kes, server) = kes(move |_| (200, answer.clone())).await;
    let made = kes.generate_data_key(None, &Context::default()).await.ok().unwrap();
    assert_eq!(
        (made.key_id.as_str(), made.plain.expose(), made.sealed.as_slice()),
        ("my key", &[7; 32], &[0, 1, 2][..])
    );
    let asked = server.asked.lock()[0].clone();
    assert_eq!((asked.method, asked.path.as_str()), (Method::POST, "/v1/key/generate/my%20key"));
    assert_eq!(asked.headers[CONTENT_TYPE], "application/json");
    assert_eq!(asked.body["context"], "e30=");
    let opened = kes.decrypt("other/../key", &[9, 9], &Context::of([("b", "b/o")])).await.ok().unwrap();
    assert_eq!(opened.expose(), &[7; 32]);
    let asked = server.asked.lock()[1].clone();
    assert_eq!(asked.path, "/v1/key/decrypt/other%2F..%2Fkey");
    assert_eq!((&asked.body["ciphertext"], &asked.body["context"]), (&"CQk=".into(), &"eyJiIjoiYi9vIn0=".into()));
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let (kes, _server) = kes(|asked| match asked.path.as_str() {
        "/v1/key/create/denied" => (403, message("not authorized: insufficient permissions")),
        "/v1/key/create/there" => (400, message("key already exists")),
        "/v1/key/create/old" => (400, r#"{"message":"x","error":"key does already exist"}"#.to_owned()),
        "/v1/key/create/hm" => (400, message("something else")),
        "/v1/key/decrypt/forged" => (400, message("decryption failed: ciphertext is not authentic")),
        "/v1/key/decrypt/short" => (200, r#"{"plaintext":"AAAA"}"#.to_owned()),
        "/v1/key/decrypt/nonsense" => (200, "<html>".to_owned()),
        _ => (404, message("key does not exist")),
    })
    .await;
    let key = |name: &str| name.to_owned();
    assert_eq!(kes.create_key("denied").await, Err(KmsError::NotPermitted { key: key("denied") }));
    assert_eq!(kes.create_key("there").await, Err(KmsError::KeyExists { key: key("there") }));
    assert_eq!(kes.create_key("old").await, Err(KmsError::KeyExists { key: key("old") }));
    assert!(kes.create_key("hm").await.is_err_and(|error| error.is_outage()));
    let context = Context::default();
    let missing = kes.generate_data_key(Some("nope"), &context).await.err();
    assert_eq!(missing, Some(KmsError::KeyNotFound { key: key("nope") }));
    let forged = kes.decrypt("forged", &[1], &context).await.err();
    assert_eq!(forged, Some(KmsError::InvalidCiphertext { key: key("forged") }));
    for broken in ["short", "nonsense"] {
        assert!(kes.decrypt(broken, &[1], &context).await.is_err_and(|error| error.is_outage()), "{broken}");
    }
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let (kes, _server) = kes(|asked| match asked.path.as_str() {
        "/v1/key/list/a" => (200, r#"{"names":["a1","a2"],"continue_at":"a3"}"#.to_owned()),
        "/v1/key/list/a3" => (200, r#"{"names":["a3","b"],"continue_at":"a3"}"#.to_owned()),
        _ => (200, r#"{"names":null}"#.to_owned()),
    })
    .await;
    let names = |keys: Vec<KeyDescription>| keys.into_iter().map(|key| key.key_id).collect::<Vec<_>>();
    assert_eq!(names(kes.list_keys("a").await.unwrap()), ["a1", "a2", "a3"]);
    assert!(kes.list_keys("a-").await.unwrap().is_empty(), "what is asked for is cut, what is given is not");
    assert!(kes.list_keys("").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_is_away_is_an_outage_of_what_was_asked() {
    let (kes, server) = kes(|_| (200, String::new())).await;
    server.stop();
    let error = kes.create_key("x").await.unwrap_err();
    assert_eq!(error.message(), "failed to create KMS key");
    assert!(error.is_outage());
    assert!(kes.endpoints().await.iter().all(|endpoint| !endpoint.online));
}
