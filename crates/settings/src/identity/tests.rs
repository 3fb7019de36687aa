use super::*;
use crate::StoredConfig;

fn read(variables: &[(&str, &str)], stored: &str) -> (IdentitySettings, Vec<String>) {
    let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let stored = StoredConfig::parse(stored.as_bytes()).ok().unwrap();
    let environment = Environment::from_pairs(pairs).above(&stored);
    let mut warnings = Vec::new();
    (IdentitySettings::from_environment(&environment, "here", &mut warnings), warnings)
}

const STORED: &str = r#"{"identity_openid":{
    "_":[{"key":"client_id","value":"app"},{"key":"claim_name","value":"groups"},{"key":"claim_prefix","value":"x-"},{"key":"role_policy","value":""}],
    "CORP":[{"key":"client_id","value":"abc"},{"key":"claim_name","value":"policy"},{"key":"role_policy","value":"readonly, mine"}],
    "OFF":[{"key":"enable","value":"off"},{"key":"client_id","value":"off"},{"key":"role_policy","value":"readwrite"}],
    "NONE":[{"key":"client_id","value":""},{"key":"role_policy","value":"readwrite"}]},
  "identity_ldap":{"_":[{"key":"server_addr","value":"ldap:636"}]}}"#;

/// base64url of the SHA-1 of "abc" (FIPS 180's example).
const ABC: &str = "arn:minio:iam:here::role/qZk-NkcGgWq6PiVxeFDCbJzQ2J0";

#[test]
fn stored_services_count_and_variables_stand_above_them() {
    let (settings, warnings) = read(&[], STORED);
    assert_eq!(settings.policy_claim, "x-groups");
    assert_eq!(settings.roles, HashMap::from([(ABC.to_owned(), vec!["readonly".to_owned(), "mine".to_owned()])]));
    assert!(settings.directory);
    assert_eq!(warnings, [""; 0]);
    let over = [
        ("MINIO_IDENTITY_OPENID_ENABLE", "off"),
        ("MINIO_IDENTITY_OPENID_ROLE_POLICY_CORP", "writeonly"),
        ("MINIO_IDENTITY_LDAP_ENABLE", "off"),
        ("MINIO_IDENTITY_PLUGIN_URL", "http://p"),
        ("MINIO_IDENTITY_PLUGIN_ROLE_POLICY", "p"),
        ("MINIO_IDENTITY_PLUGIN_ROLE_ID", "me"),
    ];
    let (settings, _) = read(&over, STORED);
    assert_eq!(settings.policy_claim, "policy");
    assert_eq!(settings.roles[ABC], ["writeonly"]);
    assert_eq!(settings.roles["arn:minio:iam:here::role/idmp-me"], ["p"]);
    assert!(!settings.directory);
}

#[test]
fn nothing_configured_is_the_default() {
    let (settings, warnings) = read(&[], "{}");
    assert_eq!((settings, warnings.len()), (IdentitySettings::default(), 0));
    let (settings, warnings) = read(&[], &String::from_utf8(StoredConfig::defaults().encode()).unwrap());
    assert_eq!((settings, warnings.len()), (IdentitySettings::default(), 0));
}

#[test]
fn what_minio_would_not_start_with_is_left_out_and_said() {
    let both = [
        ("MINIO_IDENTITY_OPENID_CLIENT_ID", "abc"),
        ("MINIO_IDENTITY_OPENID_CLAIM_NAME", "groups"),
        ("MINIO_IDENTITY_OPENID_ROLE_POLICY", "readwrite"),
    ];
    let (settings, warnings) = read(&both, "{}");
    assert_eq!(settings, IdentitySettings::default());
    assert_eq!(warnings, ["identity_openid: role_policy and claim_name exclude each other"]);
    let two = [
        ("MINIO_IDENTITY_OPENID_CLIENT_ID", "a"),
        ("MINIO_IDENTITY_OPENID_CLIENT_ID_T", "b"),
        ("MINIO_IDENTITY_OPENID_CLAIM_NAME_T", "other"),
        ("MINIO_IDENTITY_OPENID_CLIENT_ID_U", "c"),
        ("MINIO_IDENTITY_OPENID_ENABLE_U", "perhaps"),
        ("MINIO_IDENTITY_OPENID_ROLE_POLICY_U", "readwrite"),
        ("MINIO_IDENTITY_LDAP_SERVER_ADDR", "ldap"),
        ("MINIO_IDENTITY_LDAP_ENABLE", "perhaps"),
    ];
    let (settings, warnings) = read(&two, "{}");
    assert_eq!((settings.policy_claim.as_str(), settings.roles.len(), settings.directory), ("policy", 0, true));
    assert_eq!(
        warnings,
        [
            "identity_ldap: enable is neither on nor off",
            "identity_openid:T: there is another without role_policy",
            "identity_openid:U: enable is neither on nor off",
        ]
    );
}
