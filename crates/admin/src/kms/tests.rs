use super::*;
use base::{Secret, SeededRandom};
use kms::{KeyDescription, StaticKeyService};

fn routed(method: Method, path: &str, query: &str) -> Option<Endpoint> {
    route(&method, path, &Query::parse(query).unwrap()).map(|(endpoint, _)| endpoint)
}

fn keys() -> StaticKeyService {
    let text = Secret::new("my-key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    StaticKeyService::parse(&text, Arc::new(SeededRandom::new(1))).unwrap()
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

#[test]
fn routes_need_their_method_and_their_query() {
    assert_eq!(routed(Method::GET, "/minio/kms/v1/status", ""), Some(Endpoint::Status));
    assert_eq!(routed(Method::POST, "/minio/kms/v1/status", ""), None);
    assert_eq!(routed(Method::POST, "/minio/kms/v1/key/create", "key-id=a"), Some(Endpoint::CreateKey));
    assert_eq!(routed(Method::POST, "/minio/kms/v1/key/create", ""), None);
    assert_eq!(routed(Method::GET, "/minio/kms/v1/key/list", ""), None);
    assert_eq!(routed(Method::GET, "/minio/kms/v1/key/list", "pattern=*"), Some(Endpoint::ListKeys));
    assert_eq!(routed(Method::GET, "/minio/kms/v1/key/status", ""), Some(Endpoint::KeyStatus));
    assert_eq!(routed(Method::GET, "/minio/kms/v2/status", ""), None);
    assert_eq!(routed(Method::POST, "/minio/admin/v3/kms/status", ""), Some(Endpoint::Status));
    assert_eq!(routed(Method::GET, "/minio/admin/v3/kms/status", ""), None);
}

#[tokio::test]
async fn documents_read_as_minio_writes_them() {
    let status = concat!(
        r#"{"name":"MinIO builtin","default-key-id":"my-key","endpoints":{"127.0.0.1":"online"},"state":{"Version":"","#,
        r#""KeyStoreLatency":0,"KeyStoreReachable":false,"KeystoreAvailable":false,"OS":"","Arch":"","UpTime":0,"#,
        r#""CPUs":0,"UsableCPUs":0,"HeapAlloc":0,"StackAlloc":0}}"#
    );
    assert_eq!(text(&Status::of(&keys()).await), status);
    let metrics = text(&Metrics::from(Meter::default().read()));
    assert!(metrics.starts_with(r#"{"kms_req_success":0,"kms_req_error":0,"kms_req_failure":0,"kms_resp_time":{"#));
    let order = [r#"{"10000000":0,"#, r#","1000000000":0,"#, r#","10000000000":0,"#, r#","100000000":0,"#];
    assert!(order.iter().all(|piece| metrics.contains(&piece[1..])), "{metrics}");
    let key = KeyDescription { key_id: "my-key".to_owned(), created_at: None, created_by: String::new() };
    assert_eq!(text(&KeyItem::from(key)), r#"{"createdAt":"0001-01-01T00:00:00Z","createdBy":"","name":"my-key"}"#);
}

#[tokio::test]
async fn the_state_of_a_key_says_what_fails() {
    assert_eq!(text(&key_state(&keys(), "my-key").await), r#"{"key-id":"my-key"}"#);
    let missing = r#"{"key-id":"x","encryption-error":"key with given key ID does not exist"}"#;
    assert_eq!(text(&key_state(&keys(), "x").await), missing);
}

#[test]
fn failures_are_the_servers_and_say_why_in_parentheses() {
    let error = flatten(KmsError::KeyExists { key: "my-key".to_owned() });
    assert_eq!(error.status().as_u16(), 500);
    let message = "We encountered an internal error, please try again. (key with given key ID already exits)";
    assert_eq!((error.code().name(), error.message()), ("InternalError", message));
}
