use super::*;

fn resolve(pairs: &[(&str, &str)]) -> Result<KmsSettings, KmsSettingsError> {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    KmsSettings::from_environment(&Environment::from_pairs(pairs))
}

fn refused(pairs: &[(&str, &str)]) -> String {
    resolve(pairs).unwrap_err().to_string()
}

#[test]
fn without_variables_there_is_no_key_service() {
    let none = resolve(&[("MINIO_KMS_SECRET_KEY", "")]).unwrap();
    assert!(none.backend.is_none() && !none.auto_encryption && none.replicate_key_id);
}

#[test]
fn two_backends_are_one_too_many_though_one_be_empty() {
    let both = refused(&[("MINIO_KMS_SECRET_KEY", "a:b"), ("MINIO_KMS_KES_CAPATH", "")]);
    assert_eq!(
        both,
        "Invalid KMS configuration specified: kms: configuration for MinIO KES and static KMS key is present"
    );
    let both = refused(&[("MINIO_KMS_SERVER", ""), ("MINIO_KMS_KES_CAPATH", "")]);
    assert!(both.ends_with("configuration for MinIO KMS and MinIO KES is present"), "{both}");
}

#[test]
fn what_is_missing_is_named() {
    let missing = refused(&[("MINIO_KMS_KES_KEY_NAME", "k")]);
    assert!(missing.ends_with("incomplete configuration for MinIO KES: missing 'MINIO_KMS_KES_ENDPOINT'"), "{missing}");
    let pairs = [("MINIO_KMS_KES_KEY_NAME", "k"), ("MINIO_KMS_KES_ENDPOINT", "https://h:7373")];
    assert!(refused(&pairs).ends_with("incomplete configuration for MinIO KES: missing authentication method"));
    let pairs = [pairs[0], pairs[1], ("MINIO_KMS_KES_CERT_FILE", "/c")];
    assert!(refused(&pairs).ends_with("missing 'MINIO_KMS_KES_KEY_FILE'"));
    let pairs = [pairs[0], pairs[1], pairs[2], ("MINIO_KMS_KES_API_KEY", "kes:v1:x")];
    assert!(refused(&pairs).contains("an API key and a client certificate are present"));
    assert!(refused(&[("MINIO_KMS_SERVER", "h"), ("MINIO_KMS_SSE_KEY", "k")]).contains("is not supported"));
}

#[test]
fn endpoints_are_listed_and_expanded() {
    let settings = resolve(&[
        ("MINIO_KMS_KES_ENDPOINT", " https://kes{1...4}:7373 ,, https://other:7373"),
        ("MINIO_KMS_KES_KEY_NAME", "k"),
        ("MINIO_KMS_KES_API_KEY", "x"),
    ]);
    let Some(KmsBackend::Kes(kes)) = settings.unwrap().backend else { panic!("not KES") };
    assert_eq!(kes.endpoints.len(), 5);
    assert_eq!((kes.endpoints[3].as_str(), kes.endpoints[4].as_str()), ("https://kes4:7373", "https://other:7373"));
    assert!(!format!("{kes:?}").contains("\"x\""), "the API key shows");
    let pairs =
        [("MINIO_KMS_KES_ENDPOINT", "kes:7373"), ("MINIO_KMS_KES_KEY_NAME", "k"), ("MINIO_KMS_KES_API_KEY", "x")];
    assert!(refused(&pairs).contains("is not an http or https URL"));
}

#[test]
fn automatic_encryption_needs_a_key_service() {
    let on = ("MINIO_KMS_AUTO_ENCRYPTION", "on");
    assert_eq!(refused(&[on]), "MINIO_KMS_AUTO_ENCRYPTION requires a valid KMS configuration");
    assert!(resolve(&[on, ("MINIO_KMS_SECRET_KEY", "a:b")]).unwrap().auto_encryption);
    assert!(!resolve(&[("MINIO_KMS_AUTO_ENCRYPTION", "off")]).unwrap().auto_encryption);
    assert!(resolve(&[("MINIO_KMS_AUTO_ENCRYPTION", "maybe")]).is_err());
}

#[test]
fn vault_takes_one_way_to_log_in() {
    let base = [("MINIO_KMS_VAULT_ENDPOINT", "https://bao:8200"), ("MINIO_KMS_VAULT_KEY_NAME", "k")];
    assert!(refused(&base).contains("missing authentication method"));
    let with = |more: &[(&'static str, &'static str)]| resolve(&[&base, more].concat());
    let Some(KmsBackend::Vault(vault)) = with(&[("MINIO_KMS_VAULT_TOKEN", "t")]).unwrap().backend else {
        panic!("not Vault")
    };
    assert_eq!((vault.mount.as_str(), vault.namespace), ("transit", None));
    let role = [("MINIO_KMS_VAULT_APPROLE_ID", "r")];
    assert!(with(&role).unwrap_err().to_string().contains("'MINIO_KMS_VAULT_APPROLE_SECRET'"));
    let two = [("MINIO_KMS_VAULT_TOKEN", "t"), ("MINIO_KMS_VAULT_KUBERNETES_ROLE", "r")];
    assert!(with(&two).is_err());
}
