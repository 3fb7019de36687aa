use super::*;
use crate::testing::{Asked, FakeServer, no_tls};
use base::Secret;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const MISSING: &str = r#"{"errors":["encryption key not found"]}"#;

async fn vault(
    login: VaultLogin,
    answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static,
) -> (VaultService, FakeServer) {
    let world = World::system();
    let server = FakeServer::start(&world, answer).await;
    let config = VaultConfig {
        endpoints: vec![server.url.clone()],
        default_key: "mine".to_owned(),
        mount: "some/transit".to_owned(),
        namespace: Some("ns".to_owned()),
        login,
        tls: no_tls(),
    };
    (VaultService::new(config, world).unwrap(), server)
}

fn token() -> VaultLogin {
    VaultLogin::Token(Secret::new("t0"))
}

/// As OpenBao answers; `bound`: whether the context counts. A ciphertext is the plaintext and the context, readable.
fn engine(asked: &Asked, bound: bool) -> (u16, String) {
    let path = asked.path.as_str();
    let text = |name: &str| asked.body[name].as_str().unwrap_or_default().to_owned();
    match path.strip_prefix("/v1/some/transit/") {
        _ if path == "/v1/auth/token/lookup-self" => (200, r#"{"data":{"ttl":0,"renewable":false}}"#.to_owned()),
        Some("keys/mine") => (200, r#"{"data":{"name":"mine"}}"#.to_owned()),
        Some("keys?list=true") => (200, r#"{"data":{"keys":["zed","mine","more"]}}"#.to_owned()),
        Some("encrypt/mine") => {
            let sealed = format!("vault:v1:{}:{}", text("plaintext"), text("associated_data"));
            (200, format!("{{\"data\":{{\"ciphertext\":\"{sealed}\"}}}}"))
        }
        Some("decrypt/mine") => {
            let sealed = text("ciphertext");
            let mut fields = sealed.split(':').skip(2);
            let (plain, context) = (fields.next().unwrap(), fields.next().unwrap());
            if bound && context != text("associated_data") {
                return (400, r#"{"errors":["cipher: message authentication failed"]}"#.to_owned());
            }
            (200, format!("{{\"data\":{{\"plaintext\":\"{plain}\"}}}}"))
        }
        Some(other) if other.starts_with("keys/") => (404, r#"{"errors":[]}"#.to_owned()),
        Some(other) if other.starts_with("decrypt/") => (400, MISSING.to_owned()),
        _ => (404, r#"{"errors":["no handler for route"]}"#.to_owned()),
    }
}

#[tokio::test]
async fn a_data_key_opens_again_and_only_with_its_context() {
    let (vault, server) = vault(token(), |asked| engine(asked, true)).await;
    let context = Context::of_object("bucket", "object");
    let made = vault.generate_data_key(None, &context).await.ok().unwrap();
    assert!(made.sealed.starts_with(b"vault:v1:"));
    assert!(vault.decrypt("mine", &made.sealed, &context).await.is_ok_and(|key| key == made.plain));
    let other = vault.decrypt("mine", &made.sealed, &Context::default()).await.err();
    assert_eq!(other, Some(KmsError::InvalidCiphertext { key: "mine".to_owned() }));
    for asked in &*server.asked.lock() {
        assert_eq!(asked.headers["x-vault-token"], "t0");
        assert_eq!(asked.headers["x-vault-namespace"], "ns");
    }
    vault.check_binding().await.unwrap();
}

#[tokio::test]
async fn an_engine_that_ignores_the_context_is_refused() {
    let (vault, _server) = vault(token(), |asked| engine(asked, false)).await;
    assert_eq!(vault.check_binding().await, Err(VaultCheckError::NotBound));
}

#[tokio::test]
async fn a_mistyped_key_is_not_made_by_encrypting_with_it() {
    let (vault, server) = vault(token(), |asked| engine(asked, true)).await;
    let context = Context::default();
    for name in ["mein", "../../sys/seal", "", "a b"] {
        let name = if name.is_empty() { "x?y" } else { name };
        let missing = vault.generate_data_key(Some(name), &context).await.err();
        assert_eq!(missing, Some(KmsError::KeyNotFound { key: name.to_owned() }));
    }
    assert!(!server.asked.lock().iter().any(|asked| asked.path.contains("encrypt") || asked.path.contains("sys")));
    let sealed_elsewhere = vault.decrypt("mine", &[0xff, 1], &context).await.err();
    assert_eq!(sealed_elsewhere, Some(KmsError::InvalidCiphertext { key: "mine".to_owned() }));
    let unknown = vault.decrypt("mein", b"vault:v1:x:y", &context).await.err();
    assert_eq!(unknown, Some(KmsError::KeyNotFound { key: "mein".to_owned() }));
}

#[tokio::test]
async fn keys_are_listed_by_prefix_and_made_once() {
    let (vault, _server) = vault(token(), |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", "/v1/some/transit/keys/fresh") if asked.body["type"] == "aes256-gcm96" => (200, "{}".to_owned()),
        _ => engine(asked, true),
    })
    .await;
    let names: Vec<_> = vault.list_keys("m").await.unwrap().into_iter().map(|key| key.key_id).collect();
    assert_eq!(names, ["mine", "more"]);
    assert_eq!(vault.create_key("mine").await, Err(KmsError::KeyExists { key: "mine".to_owned() }));
    assert_eq!(vault.create_key("fresh").await, Ok(()));
}

#[tokio::test]
async fn a_role_logs_in_and_again_when_its_token_has_ended() {
    let logins = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&logins);
    let login = VaultLogin::AppRole { mount: "ap".to_owned(), role_id: "r".to_owned(), secret_id: Secret::new("s") };
    let (vault, _server) = vault(login, move |asked| {
        if asked.path == "/v1/auth/ap/login" {
            assert_eq!((&asked.body["role_id"], &asked.body["secret_id"]), (&"r".into(), &"s".into()));
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            return (200, format!("{{\"auth\":{{\"client_token\":\"t{number}\",\"lease_duration\":600}}}}"));
        }
        // The first token ends at once.
        if asked.headers["x-vault-token"] == "t1" { (403, "{}".to_owned()) } else { engine(asked, true) }
    })
    .await;
    vault.generate_data_key(None, &Context::default()).await.ok().unwrap();
    assert_eq!(logins.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_that_may_not_is_not_permitted_and_tried_no_more_than_twice() {
    let login = VaultLogin::Kubernetes {
        mount: "k8s".to_owned(),
        role: "r".to_owned(),
        token: Box::new(|| Ok(Secret::new("jwt\n"))),
    };
    let (vault, server) = vault(login, |asked| {
        if asked.path == "/v1/auth/k8s/login" && asked.body["jwt"] == "jwt" {
            return (200, r#"{"auth":{"client_token":"t"}}"#.to_owned());
        }
        (403, r#"{"errors":["permission denied"]}"#.to_owned())
    })
    .await;
    let denied = vault.generate_data_key(None, &Context::default()).await.err();
    assert_eq!(denied, Some(KmsError::NotPermitted { key: "mine".to_owned() }));
    assert_eq!(server.asked(), 4);
}

#[tokio::test]
async fn a_sealed_vault_is_an_outage() {
    let (vault, _server) = vault(token(), |asked| match asked.path.as_str() {
        "/v1/auth/token/lookup-self" => engine(asked, true),
        _ => (503, r#"{"errors":["Vault is sealed"]}"#.to_owned()),
    })
    .await;
    let error = vault.generate_data_key(None, &Context::default()).await.err().unwrap();
    assert!(error.is_outage() && error.to_string().contains("sealed"), "{error}");
    assert!(vault.endpoints().await.iter().all(|endpoint| !endpoint.online));
}

#[tokio::test]
async fn a_name_that_would_be_another_path_is_not_asked_for() {
    let (vault, server) = vault(token(), |asked| engine(asked, true)).await;
    for name in [".", "..", "a/../b", "a?b", "a%2Fb"] {
        let missing = Some(KmsError::KeyNotFound { key: name.to_owned() });
        assert_eq!(vault.generate_data_key(Some(name), &Context::default()).await.err(), missing);
        assert_eq!(vault.decrypt(name, b"vault:v1:AAAA", &Context::default()).await.err(), missing);
    }
    assert_eq!(server.asked(), 0);
}
