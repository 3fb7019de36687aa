use super::*;
use base::SeededRandom;

/// The key `mine`: bytes 0 to 31.
fn service() -> StaticKeyService {
    let text = Secret::new("mine:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    StaticKeyService::parse(&text, Arc::new(SeededRandom::new(1))).unwrap()
}

#[tokio::test]
async fn a_data_key_opens_with_its_key_and_context_only() {
    let service = service();
    let context = Context::of_object("bucket", "object");
    let made = service.generate_data_key(None, &context).await.unwrap();
    assert_eq!(made.key_id, "mine");
    assert!(service.decrypt("mine", &made.sealed, &context).await.unwrap() == made.plain);
    let other_context = service.decrypt("mine", &made.sealed, &Context::of_object("bucket", "other")).await;
    assert_eq!(other_context.err(), Some(KmsError::InvalidCiphertext { key: "mine".to_owned() }));
    let other_key = service.decrypt("theirs", &made.sealed, &context).await;
    assert_eq!(other_key.err(), Some(KmsError::KeyNotFound { key: "theirs".to_owned() }));
    let cut = service.decrypt("mine", &made.sealed[..20], &context).await;
    assert_eq!(cut.err(), Some(KmsError::InvalidCiphertext { key: "mine".to_owned() }));
}

#[tokio::test]
async fn there_is_one_key_and_no_other_can_be_made() {
    let service = service();
    let missing = service.generate_data_key(Some("theirs"), &Context::default()).await;
    assert_eq!(missing.err(), Some(KmsError::KeyNotFound { key: "theirs".to_owned() }));
    assert_eq!(service.create_key("mine").await, Err(KmsError::KeyExists { key: "mine".to_owned() }));
    assert_eq!(service.create_key("x").await, Err(KmsError::NotSupported { operation: Operation::Create }));
    assert_eq!(service.list_keys("mi").await.unwrap().len(), 1);
    assert_eq!(service.list_keys("theirs").await.unwrap(), []);
}
