use super::*;
use base::SeededRandom;
use std::collections::BTreeMap;

fn key(hex_text: &str) -> Key {
    Key::from_slice(&hex::decode(hex_text).unwrap()).unwrap()
}

fn metadata(entries: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
    entries.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

fn parse(entries: &BTreeMap<&'static str, String>) -> Result<Option<Envelope>, EnvelopeError> {
    Envelope::parse(|name| entries.get(name).map(|value| value.as_bytes()))
}

/// The object of section 3.4.
fn sse_s3() -> BTreeMap<&'static str, String> {
    metadata(&[
        (sys::SSE_IV, "iaMomk4tQdQfM9E1Xuud74yUmljvgsKo7qA2bYXlc10="),
        (sys::SSE_KMS_KEY_ID, "my-key"),
        (
            sys::SSE_KMS_DATA_KEY,
            "5/rCm+fEgtOOa98PPmTV65aRGci1GUhKijwQvNVIxm8MlyUB6mi4b456plcTQTnefXrCSLvNhEkCpgUduWz1hbP3wKYEb+8CvJQstg==",
        ),
        (
            sys::SSE_S3_SEALED_KEY,
            "IAAfALI6iF1TH9hctEX9XAThFmSVuXrCUlWCNeGoDWRojU4WICbMtIRO1gB1K62cwlUsn9i0U41eIo71LYDhxA==",
        ),
        (sys::SSE_SEAL_ALGORITHM, "DAREv2-HMAC-SHA256"),
    ])
}

#[test]
fn the_worked_example_of_sse_s3_opens() {
    let envelope = parse(&sse_s3()).unwrap().unwrap();
    assert_eq!(envelope.kind, Kind::SseS3);
    assert_eq!(envelope.data_key_context("bkt", "dir/hello.txt").canonical(), r#"{"bkt":"bkt/dir/hello.txt"}"#);
    let data_key = key("a00b83892e9d9c39561dd6df87256e0ea0090f373caa38b272fd46ec91742faf");
    let object_key = envelope.open(&data_key, ("bkt", "dir/hello.txt")).unwrap();
    assert!(*object_key.key() == key("52dd4b06b6c1f5c11515853199062fee6eccd1dc0ff6602d231e65321a0bbc11"));
    let ShownEtag::Sealed(sealed) = shown_etag(
        Kind::SseS3,
        false,
        "20000f00b5d01acaeb8062c9dc42e150c36e9ce2d8e5020660b0419d61bdcbd52bd82d0a7d0528f0c8b7f14c1fbf508f",
    ) else {
        panic!("it is sealed")
    };
    assert_eq!(object_key.open_etag(&sealed).unwrap(), "5eb63bbbe01eeed093cb22bb8f5acdc3");
    let data = hex::decode("20000a008ecdd6e9daac746b008a940ae33909a73a9abd0365547246a5c95242a5d904fc2b0a0c25729f86");
    assert_eq!(dare::open(object_key.key(), Versions::Any, &data.unwrap()).unwrap(), b"hello world");
}

#[test]
fn the_worked_examples_of_sse_c_and_of_a_part_open() {
    let entries = metadata(&[
        (sys::SSE_IV, "EyUo01KqhfmtINss7wVmx4xo5MORUGHawgSpdAKpA/M="),
        (
            sys::SSE_C_SEALED_KEY,
            "IAAfAIGjGnLLjRBcyDluhHBYYzaLnqCtC7McBXMRb72N60LUCU1eNCL2z/b7ordp9qeumAB5K/bGKBjzY9pPlQ==",
        ),
        (sys::SSE_SEAL_ALGORITHM, "DAREv2-HMAC-SHA256"),
    ]);
    let client = Key::new(std::array::from_fn(|at| 100 + at as u8));
    let object_key = parse(&entries).unwrap().unwrap().open(&client, ("bkt", "ssec2")).unwrap();
    assert!(*object_key.key() == key("a7c67aa23b9ab4da46e79190dda26abc0df753efa7ce604f5a767e8fff3857af"));
    let multipart = ObjectKey::new(key("60d1f72ef4b60083f811b05bca77f10cd9813098d2d7ad16c7ce42581562b628"));
    assert!(multipart.part_key(2) == key("ce38612c5234552a127bd37f928632825d77790cfbe12aea4517925737db1dc5"));
}

#[test]
fn sealed_keys_open_with_their_key_for_their_name_only() {
    let random = SeededRandom::new(3);
    for kind in [Kind::SseC, Kind::SseS3, Kind::SseKms] {
        let (external, object_key) = (Key::random(&random), ObjectKey::generate(&random));
        let mut envelope = Envelope::seal(kind, &external, ("b", "o"), &object_key, &random);
        if kind != Kind::SseC {
            envelope.data_key = Some(SealedDataKey { key_id: "k".into(), ciphertext: vec![1, 2, 3] });
        }
        if kind == Kind::SseKms {
            envelope.context = Context::of([("a", "b")]);
        }
        let written: BTreeMap<_, _> = envelope.metadata().into_iter().collect();
        assert_eq!(parse(&written).unwrap().unwrap(), envelope);
        assert!(envelope.open(&external, ("b", "/o/")).unwrap().key() == object_key.key());
        assert!(envelope.open(&external, ("b", "p")).is_err());
        assert!(envelope.open(&Key::random(&random), ("b", "o")).is_err());
        let other_kind =
            Envelope { kind: if kind == Kind::SseC { Kind::SseS3 } else { Kind::SseC }, ..envelope.clone() };
        assert!(other_kind.open(&external, ("b", "o")).is_err());
        let next = Key::random(&random);
        envelope.reseal(&next, ("b", "o"), &object_key, &random);
        assert!(envelope.open(&next, ("b", "o")).unwrap().key() == object_key.key());
        assert!(envelope.open(&external, ("b", "o")).is_err());
    }
}

#[test]
fn the_old_algorithm_of_sse_c_is_read_and_not_bound_to_a_name() {
    let (external, iv) = (Key::new([9; 32]), [4; IV]);
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(external.expose());
    hash.update(&iv);
    let sealing_key = Key::from_slice(hash.finish().as_ref()).unwrap();
    let sealed = dare::seal(&sealing_key, Cipher::ChaCha20Poly1305, &SeededRandom::new(1), &[7; 32]);
    let mut entries = metadata(&[(sys::SSE_SEAL_ALGORITHM, "DARE-SHA256")]);
    entries.insert(sys::SSE_IV, base64_text::encode(&iv));
    entries.insert(sys::SSE_C_SEALED_KEY, base64_text::encode(&sealed));
    let envelope = parse(&entries).unwrap().unwrap();
    assert!(*envelope.open(&external, ("any", "name")).unwrap().key() == Key::new([7; 32]));
    // Other kinds never had it.
    let sealed = entries.remove(sys::SSE_C_SEALED_KEY).unwrap();
    entries.insert(sys::SSE_S3_SEALED_KEY, sealed);
    assert!(matches!(parse(&entries), Err(EnvelopeError::Invalid(sys::SSE_SEAL_ALGORITHM))));
}

#[test]
fn half_an_envelope_is_an_error_and_none_is_none() {
    assert!(parse(&metadata(&[("x-minio-internal-inline-data", "true")])).unwrap().is_none());
    let whole = sse_s3();
    for name in whole.keys() {
        let mut entries = whole.clone();
        entries.remove(name);
        assert!(parse(&entries).is_err(), "{name}");
        if *name != sys::SSE_KMS_KEY_ID {
            entries.insert(name, "%".into());
            assert!(parse(&entries).is_err(), "{name}");
        }
    }
    let mut very_old = whole;
    very_old.remove(sys::SSE_KMS_KEY_ID);
    very_old.remove(sys::SSE_KMS_DATA_KEY);
    assert_eq!(parse(&very_old).unwrap().unwrap().data_key, None);
}

#[test]
fn etags_are_shown_by_kind() {
    let sealed = "20000f00b5d01acaeb8062c9dc42e150c36e9ce2d8e5020660b0419d61bdcbd52bd82d0a7d0528f0c8b7f14c1fbf508f";
    let text = |text: &str| ShownEtag::Text(text.to_owned());
    assert_eq!(shown_etag(Kind::SseC, false, sealed), text("2bd82d0a7d0528f0c8b7f14c1fbf508f"));
    assert_eq!(shown_etag(Kind::SseKms, false, sealed), text("2bd82d0a7d0528f0c8b7f14c1fbf508f"));
    assert!(matches!(shown_etag(Kind::SseS3, false, sealed), ShownEtag::Sealed(bytes) if bytes.len() == 48));
    for plain in
        ["5eb63bbbe01eeed093cb22bb8f5acdc3", "5eb63bbbe01eeed093cb22bb8f5acdc3-12", "", "\u{e9}".repeat(40).as_str()]
    {
        assert_eq!(shown_etag(Kind::SseS3, plain.contains('-'), plain), text(plain));
        assert_eq!(shown_etag(Kind::SseC, plain.contains('-'), plain), text(plain));
    }
    let key = ObjectKey::new(Key::new([1; 32]));
    let stored = key.seal_etag(&SeededRandom::new(2), &[0xab; 16]);
    assert_eq!(stored.len(), 96);
    let ShownEtag::Sealed(bytes) = shown_etag(Kind::SseS3, false, &stored) else { panic!("it is sealed") };
    assert_eq!(key.open_etag(&bytes).unwrap(), "ab".repeat(16));
}
