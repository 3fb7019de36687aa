use super::*;
use base::SeededRandom;

fn master() -> StaticKey {
    StaticKey::parse(&Secret::new("my-key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")).unwrap()
}

fn context() -> Context {
    Context::of([("bucket", "bucket/object")])
}

fn vector() -> DataKey {
    let iv: [u8; 16] = std::array::from_fn(|at| 0x40 + at as u8);
    let nonce: [u8; 12] = std::array::from_fn(|at| 0x50 + at as u8);
    master().seal(Key::new([0xff; 32]), &context(), iv, nonce)
}

const LEGACY_AES: &str = r#"{"aead":"AES-256-GCM-HMAC-SHA-256","iv":"QEFCQ0RFRkdISUpLTE1OTw==","nonce":"UFFSU1RVVldYWVpb","bytes":"dh4xscGwKYVsrEuM3M1odq9EuBtXhUJsmxs5eJmCk+hPqAUZw06JBM94nKpDO0Bt"}"#;
const LEGACY_CHACHA: &str = r#"{"aead":"ChaCha20Poly1305","iv":"QEFCQ0RFRkdISUpLTE1OTw==","nonce":"UFFSU1RVVldYWVpb","bytes":"/im8rdd+mzan3wLhFgdbxGlMFolWeQ0T+E87YihIG42r9BnFQTPhueGSUmnFmh6b"}"#;

#[test]
fn a_data_key_is_sealed_as_the_vector() {
    assert_eq!(
        hex::encode(vector().sealed),
        "761e31b1c1b029856cac4b8cdccd6876af44b81b5785426c9b1b3978998293e84fa80519c34e8904cf789caa433b406d\
         404142434445464748494a4b4c4d4e4f505152535455565758595a5b"
    );
}

#[test]
fn every_form_of_ciphertext_opens() {
    for sealed in [&vector().sealed[..], LEGACY_AES.as_bytes(), LEGACY_CHACHA.as_bytes()] {
        let key = master().decrypt("my-key", sealed, &context()).unwrap();
        assert!(key == Key::new([0xff; 32]));
    }
}

#[test]
fn another_context_name_key_or_any_flipped_byte_is_refused() {
    let sealed = vector().sealed;
    let refused =
        |key: &StaticKey, name: &str, sealed: &[u8], context: &Context| key.decrypt(name, sealed, context).err();
    assert_eq!(
        refused(&master(), "my-key", &sealed, &Context::of([("bucket", "bucket/other")])),
        Some(KmsError::InvalidCiphertext)
    );
    assert_eq!(refused(&master(), "", &sealed, &context()), Some(KmsError::KeyNotFound(String::new())));
    let other = StaticKey::parse(&Secret::new("my-key:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")).unwrap();
    assert_eq!(refused(&other, "my-key", &sealed, &context()), Some(KmsError::InvalidCiphertext));
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(refused(&master(), "my-key", &changed, &context()), Some(KmsError::InvalidCiphertext), "byte {at}");
        assert_eq!(refused(&master(), "my-key", &sealed[..at], &context()), Some(KmsError::InvalidCiphertext));
    }
}

#[test]
fn fresh_data_keys_open_and_differ() {
    let random = SeededRandom::new(1);
    let first = master().generate("", &context(), &random).unwrap();
    let second = master().generate("my-key", &context(), &random).unwrap();
    assert!(first.plain != second.plain && first.key_id == "my-key" && first.sealed.len() == 76);
    assert!(master().decrypt("my-key", &first.sealed, &context()).unwrap() == first.plain);
    assert_eq!(master().generate("x", &context(), &random).err(), Some(KmsError::KeyNotFound("x".into())));
}

#[test]
fn the_text_of_a_key_is_a_name_and_32_bytes() {
    let parse = |text: &str| StaticKey::parse(&Secret::new(text)).map(|key| key.name).err();
    assert_eq!(parse("no colon"), Some(KmsError::Format));
    assert_eq!(parse("a:not base64!"), Some(KmsError::Format));
    assert_eq!(parse("a:AAAA"), Some(KmsError::KeyLength(3)));
    // A file often ends with a line end.
    assert_eq!(parse("a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"), None);
}

#[test]
fn root_credentials_are_derived_from_the_key() {
    let (access, secret) = master().root_credentials();
    assert_eq!((access.as_str(), secret.expose()), ("P6VM5SX0G768ZAGRZY6B", "uNaJ0GHHIBzF6ebeKSsrXnSvLFoQnZoV"));
}

#[test]
fn contexts_are_written_sorted_and_escaped() {
    let context = Context::of([("zeta", "<a&b>"), ("dept", "fin\u{e9}")]);
    assert_eq!(context.canonical(), "{\"dept\":\"fin\u{e9}\",\"zeta\":\"\\u003ca\\u0026b\\u003e\"}");
    let context = Context::of([("a\"\\", "\n\r\t\u{1}\u{7f}\u{2028}")]);
    assert_eq!(context.canonical(), "{\"a\\\"\\\\\":\"\\n\\r\\t\\u0001\u{7f}\\u2028\"}");
    assert_eq!(Context::default().canonical(), "{}");
    assert_eq!(Context::from_base64(b"bnVsbA==").unwrap(), Context::default());
    assert!(Context::from_base64(b"%").is_err() && Context::from_base64(b"WzFd").is_err());
    assert_eq!(Context::from_base64(context.to_base64().as_bytes()).unwrap(), context);
    assert_eq!(Context::of_object("b", "d//e/").canonical(), r#"{"b":"b/d/e"}"#);
}
