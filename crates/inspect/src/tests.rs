use super::*;
use format::bucket_metadata::BucketMetadata;
use proptest::prelude::*;

fn closed(_: &SealedFile<'_>) -> Result<Vec<u8>, String> {
    Err("no key".to_owned())
}

fn look(secrets: bool) -> Look<'static> {
    Look { secrets, opener: &closed }
}

fn shown(name: &str, bytes: &[u8], secrets: bool) -> Described {
    describe(name, &Bytes::copy_from_slice(bytes), look(secrets)).unwrap()
}

const IDENTITY: &str =
    r#"{"version":1,"credentials":{"accessKey":"ak","secretKey":"top secret","sessionToken":"jwt"}}"#;

#[test]
fn secrets_are_hidden_unless_asked_for() {
    let hidden = shown("identity.json", IDENTITY.as_bytes(), false);
    assert_eq!(hidden.what, "identity");
    let text = to_text(&hidden.value);
    assert!(text.contains("accessKey: ak") && !text.contains("top secret") && !text.contains("jwt"), "{text}");
    assert!(to_text(&shown("identity.json", IDENTITY.as_bytes(), true).value).contains("top secret"));
}

#[test]
fn secrets_of_the_configuration_are_hidden_by_their_keys() {
    let config = r#"{"api":{"_":[{"key":"requests_max","value":"100"}]},"notify_redis":{"_":[{"key":"password","value":"pw"}]},
        "notify_amqp":{"_":[{"key":"url","value":"amqp://me:pw@host:1/x"}]},"logger_webhook":{"_":[{"key":"auth_token","value":"pw"}]}}"#;
    let text = to_text(&shown("config.json", config.as_bytes(), false).value);
    assert!(!text.contains("pw") && text.contains("100") && text.contains("host:1/x"), "{text}");
}

#[test]
fn credentials_of_remote_targets_are_hidden() {
    let mut bucket = BucketMetadata::new("b", base::Timestamp::from_secs(1), false);
    bucket.targets_json = Bytes::from_static(br#"{"Targets":[{"credentials":{"accessKey":"ak","secretKey":"pw"}}]}"#);
    let text = to_text(&shown(".metadata.bin", &bucket.encode(), false).value);
    assert!(text.contains("ak") && !text.contains("pw"), "{text}");
}

#[test]
fn what_is_wrong_is_named() {
    let error =
        |name: &str, bytes: &[u8]| describe(name, &Bytes::copy_from_slice(bytes), look(false)).unwrap_err().to_string();
    assert_eq!(error("xl.meta", b""), "the file is empty");
    assert_eq!(error("xl.meta", b"nothing like it"), "it is not a xl.meta: not an xl.meta file");
    assert!(
        error("format.json", br#"{"version":"1","format":"xl","xl":{"version":"3"}}"#)
            .starts_with("it is not a format.json")
    );
    assert!(error("x", b"{\"a\":").starts_with("it is not a JSON document"));
    assert_eq!(error("x", b"\xff\xfe\xfd"), InspectError::Unknown.to_string());
    assert!(error("part.1.meta", b"\x81").starts_with("it is not a part record"));
}

#[test]
fn names_cant_draw_on_the_terminal() {
    let text = to_text(&serde_json::json!({"a\u{1b}[2J": "b\u{7}\nc"}));
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}') && text.lines().count() == 1, "{text:?}");
}

const HEADS: &[&[u8]] =
    &[b"", b"XL2 \x01\x00\x03\x00\xc6", b"RFSDOUBT\x01\x00", b"\x01\x00\x01\x00", b"{", b"\x02\x10\x00\x00\x00{"];
const ESCAPE: char = '\u{1b}';
const NAMES: &[&str] = &[
    "xl.meta",
    "format.json",
    ".metadata.bin",
    ".healing.bin",
    "pool.bin",
    "list.bin",
    "part.1.meta",
    "segment-0",
    "x",
];

proptest! {
    #[test]
    fn any_bytes_under_any_name_give_a_value_or_an_error(
        name in proptest::sample::select(NAMES),
        head in proptest::sample::select(HEADS),
        tail in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = Bytes::from([head, &tail].concat());
        if let Ok(described) = describe(name, &bytes, look(true)) {
            let text = to_text(&described.value);
            prop_assert!(!text.contains(ESCAPE));
        }
    }

    #[test]
    fn a_changed_byte_never_panics(at in 0..400usize, to in any::<u8>()) {
        let mut bytes = BucketMetadata::new("bucket", base::Timestamp::from_secs(1), true).encode();
        let end = bytes.len();
        bytes[at % end] = to;
        let _value = describe(".metadata.bin", &Bytes::from(bytes), look(false));
    }
}
