use super::*;
use crate::Environment;

/// Written by MinIO: defaults, with a limit of requests, a region and a second audit target.
const GOLDEN: &[u8] = include_bytes!("config.json");

#[test]
fn a_document_of_minio_is_written_as_it_was_read() {
    let mut config = StoredConfig::parse(GOLDEN).ok().unwrap();
    assert_eq!(config.value("api", DEFAULT_TARGET, "requests_max"), Some("100"));
    assert_eq!(config.value("audit_webhook", "t1", "comment"), Some("hello world"));
    assert_eq!(config.targets("audit_webhook").collect::<Vec<_>>(), ["_", "t1"]);
    assert!(config.encode() == GOLDEN);
    config.complete();
    assert!(config.encode() == GOLDEN, "it was complete");
}

#[test]
fn the_defaults_are_those_of_minio() {
    let mut golden = StoredConfig::parse(GOLDEN).ok().unwrap();
    let defaults = StoredConfig::defaults();
    golden.0.get_mut("audit_webhook").unwrap().remove("t1");
    for (subsystem, key) in [("api", "requests_max"), ("region", "name")] {
        let pairs = golden.0.get_mut(subsystem).unwrap().get_mut(DEFAULT_TARGET).unwrap().as_mut().unwrap();
        let pair = pairs.iter_mut().find(|pair| pair.key == key).unwrap();
        pair.value = defaults.value(subsystem, DEFAULT_TARGET, key).unwrap().to_owned();
    }
    assert!(golden == defaults);
}

#[test]
fn what_is_unknown_is_kept_and_what_is_missing_is_added_behind() {
    let document = br#"{"api":{"_":[{"key":"odd","value":"a\u003cb"},{"key":"replication_workers","value":"1"}]},"later":{"x":[]}}"#;
    let mut config = StoredConfig::parse(document).ok().unwrap();
    assert!(config.encode() == document);
    config.complete();
    let text = String::from_utf8(config.encode()).unwrap();
    assert!(
        text.contains(r#"{"api":{"_":[{"key":"odd","value":"a\u003cb"},{"key":"requests_max","value":"0"},"#),
        "{text}"
    );
    assert!(text.contains(r#""later":{"x":[]}"#) && !text.contains("replication_workers\""));
}

#[test]
fn what_is_no_configuration_is_an_error() {
    let malformed =
        |text: &str| matches!(StoredConfig::parse(text.as_bytes()), Err(StoredConfigError::Malformed { .. }));
    assert!(malformed("") && malformed("{") && malformed("[]") && malformed(r#"{"api":{"_":[{"key":1}]}}"#));
    let old = StoredConfig::parse(br#"{"version":"33","credential":{}}"#).err().unwrap();
    assert_eq!(old, StoredConfigError::Old { version: "33".to_owned() });
}

#[test]
fn variables_stand_above_what_is_stored() {
    assert_eq!(variable("audit_webhook", "t1", "queue_dir"), "MINIO_AUDIT_WEBHOOK_QUEUE_DIR_t1");
    assert_eq!(variable("browser", "_", "csp_policy"), "MINIO_BROWSER_CONTENT_SECURITY_POLICY");
    let config = StoredConfig::parse(GOLDEN).ok().unwrap();
    let set = |name: &str| Environment::from_pairs([(name.to_owned(), "7".to_owned())]).above(&config);
    let environment = set("MINIO_API_REQUESTS_MAX");
    assert_eq!(environment.get("MINIO_API_REQUESTS_MAX"), Some("7"));
    assert_eq!(environment.get("MINIO_REGION_NAME"), Some("eu-x"));
    // A variable of another name for the same wins too.
    let names = ["MINIO_SITE_REGION", "MINIO_REGION", "MINIO_REGION_NAME"];
    assert_eq!(environment.first(&names), Some("eu-x"));
    assert_eq!(set("MINIO_REGION").first(&["MINIO_REGION_NAME", "MINIO_REGION"]), Some("7"));
}

#[test]
fn nothing_stored_passes_for_another_variable() {
    let config = StoredConfig::parse(
        br#"{"kms":{"_":[{"key":"secret_key","value":"a:b"}]},"root":{"_":[{"key":"user","value":"x"}]}}"#,
    );
    assert_eq!(config.ok().unwrap().as_variables().count(), 0);
}
