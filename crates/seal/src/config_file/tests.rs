use super::*;
use crate::{Context, StaticKey};
use base::{Secret, SeededRandom};

fn kms() -> StaticKey {
    StaticKey::parse(&Secret::new("my-key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")).unwrap()
}

fn sealed(stored: Stored<'_>) -> SealedFile<'_> {
    match stored {
        Stored::Sealed(file) => file,
        _ => panic!("it is sealed"),
    }
}

#[test]
fn a_written_file_opens_with_its_data_key_alone() {
    let random = SeededRandom::new(8);
    let [context, old_context] = Context::of_config_file("config/iam/users/alice/identity.json");
    assert_eq!(context.canonical(), r#"{".minio.sys":".minio.sys/config/iam/users/alice/identity.json"}"#);
    assert_eq!(old_context.canonical(), r#"{".minio.sys":"config/iam/users/alice/identity.json"}"#);
    let data_key = kms().generate("", &context, &random).unwrap();
    let text = "{\"a\":1}".repeat(5000);
    let file = seal(&data_key, &random, text.as_bytes());
    let stored = sealed(Stored::of(&file));
    assert_eq!((stored.key_id.as_str(), &stored.data_key), ("my-key", &data_key.sealed));
    assert_eq!(stored.open(&kms().decrypt("my-key", &stored.data_key, &context).unwrap()).unwrap(), text.as_bytes());
    assert!(stored.open(&Key::new([0; 32])).is_err());
    for len in [file.len() - 1, file.len() - 17, 300] {
        assert!(sealed(Stored::of(&file[..len])).open(&data_key.plain).is_err());
    }
}

#[test]
fn files_in_clear_and_of_old_releases_are_told_apart() {
    assert!(matches!(Stored::of(b"{\"version\":1}"), Stored::Plain(_)));
    assert!(matches!(Stored::of(b""), Stored::Plain("")));
    assert!(matches!(Stored::of(&[0xff; 60]), Stored::Other(_)));
    // A description that is longer than the file, or than any is.
    assert!(matches!(Stored::of(b"\x01\xff\x00\x00\x00{}\xff"), Stored::Other(_)));
    assert!(matches!(Stored::of(b"\x01\x00\x00\x00\xff{}"), Stored::Other(_)));
}

#[test]
fn every_algorithm_that_readers_know_is_read() {
    let file = |algorithm: &str, nonce: &[u8], body: Vec<u8>| {
        let (algorithm, nonce) = (algorithm.to_owned(), base64_text::encode(nonce));
        let description =
            serde_json::to_vec(&Description { keyid: "k".into(), kmskey: "".into(), algorithm, nonce }).unwrap();
        let mut file = vec![1];
        file.extend_from_slice(&u32::try_from(description.len()).unwrap().to_le_bytes());
        file.extend_from_slice(&description);
        file.extend_from_slice(&body);
        file
    };
    let key = Key::new([6; 32]);
    let chacha = fragments::seal(Cipher::ChaCha20Poly1305, &key, [2; 8], b"text");
    let stored = file(CHACHA20_POLY1305, &[2; 8], chacha.clone());
    assert_eq!(sealed(Stored::of(&stored)).open(&key).unwrap(), b"text");
    let nonce: [u8; 20] = std::array::from_fn(|at| at as u8);
    let derived = Key::new(hchacha::<U10>(key.expose().into(), nonce[..16].into()).into());
    let extended = fragments::seal(Cipher::ChaCha20Poly1305, &derived, [0, 0, 0, 0, 16, 17, 18, 19], b"text");
    let stored = file(XCHACHA20_POLY1305, &nonce, extended);
    assert_eq!(sealed(Stored::of(&stored)).open(&key).unwrap(), b"text");
    for (algorithm, nonce) in [("AES-128-GCM", 8), ("", 8), (CHACHA20_POLY1305, 7), (XCHACHA20_POLY1305, 24)] {
        let stored = file(algorithm, &vec![2; nonce], chacha.clone());
        assert!(matches!(sealed(Stored::of(&stored)).open(&key), Err(ConfigFileError::Algorithm(_))), "{algorithm}");
    }
}
