use super::*;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    Environment::from_pairs(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn files(name: &str) -> io::Result<Option<String>> {
    Ok(match name {
        "user" => Some("from-file\n".to_owned()),
        "user2" => Some("from-second-file".to_owned()),
        "config.env" => Some(
            "# comment\n\nexport MINIO_ROOT_USER=\"from config\"\nMINIO_VOLUMES='/a /b'\nX==y=\n  Z = 'it\"s'  \n"
                .to_owned(),
        ),
        "broken.env" => Some("MINIO_ROOT_USER=x\nno assignment\n".to_owned()),
        "nokey.env" => Some("=x".to_owned()),
        "denied" => return Err(io::Error::from(io::ErrorKind::PermissionDenied)),
        _ => None,
    })
}

#[test]
fn blank_values_count_as_not_set_and_others_are_trimmed() {
    let environment = environment(&[("A", ""), ("B", "  "), ("C", " x ")]);
    assert_eq!(environment.get("A"), None);
    assert_eq!(environment.get("B"), None);
    assert_eq!(environment.get("C"), Some("x"));
    assert_eq!(environment.first(&["A", "B", "C"]), Some("x"));
}

#[test]
fn secret_files_override_the_process_and_later_ones_win() {
    let one = environment(&[("MINIO_ROOT_USER", "direct"), ("MINIO_ACCESS_KEY_FILE", "user")]);
    assert_eq!(one.load_files(files).unwrap().get("MINIO_ROOT_USER"), Some("from-file"));
    let two = environment(&[("MINIO_ROOT_USER_FILE", "user2"), ("MINIO_ACCESS_KEY_FILE", "user")]);
    assert_eq!(two.load_files(files).unwrap().get("MINIO_ROOT_USER"), Some("from-second-file"));
}

#[test]
fn a_missing_secret_file_is_ignored_and_an_unreadable_one_is_not() {
    let missing = environment(&[("MINIO_ROOT_USER", "direct"), ("MINIO_ROOT_USER_FILE", "nothing")]);
    assert_eq!(missing.load_files(files).unwrap().get("MINIO_ROOT_USER"), Some("direct"));
    let denied = environment(&[("MINIO_ROOT_USER_FILE", "denied")]);
    assert!(matches!(denied.load_files(files), Err(EnvironmentError::SecretFile { .. })));
}

#[test]
fn the_environment_file_overrides_everything_but_what_flags_are_bound_to() {
    let loaded = environment(&[
        ("MINIO_CONFIG_ENV_FILE", "config.env"),
        ("MINIO_ROOT_USER_FILE", "user"),
        ("MINIO_VOLUMES", "/process"),
    ])
    .load_files(files)
    .unwrap();
    assert_eq!(loaded.get("MINIO_ROOT_USER"), Some("from config"));
    assert_eq!(loaded.get("MINIO_VOLUMES"), Some("/a /b"));
    assert_eq!(loaded.bound("MINIO_VOLUMES"), Some("/process"));
    assert_eq!(loaded.get("X"), Some("=y="));
    assert_eq!(loaded.get("Z"), Some("it\"s"));
}

#[test]
fn the_key_of_key_management_comes_from_a_variable_or_a_file() {
    let file = ("MINIO_KMS_SECRET_KEY_FILE", "user");
    assert_eq!(environment(&[file]).load_files(files).unwrap().get("MINIO_KMS_SECRET_KEY"), Some("from-file"));
    let both = environment(&[file, ("MINIO_KMS_SECRET_KEY", "k:v")]).load_files(files);
    assert!(matches!(both, Err(EnvironmentError::TwoKmsKeys)));
    let missing = environment(&[("MINIO_KMS_SECRET_KEY_FILE", "kms_master_key"), ("MINIO_KMS_SECRET_KEY", "k:v")]);
    assert_eq!(missing.load_files(files).unwrap().get("MINIO_KMS_SECRET_KEY"), Some("k:v"));
}

#[test]
fn malformed_lines_of_the_environment_file_are_fatal() {
    let broken = environment(&[("MINIO_CONFIG_ENV_FILE", "broken.env")]).load_files(files).unwrap_err();
    assert!(broken.to_string().contains("envEntry malformed; no assignment, expected to be of form 'KEY=value'"));
    assert!(environment(&[("MINIO_CONFIG_ENV_FILE", "nokey.env")]).load_files(files).is_err());
    assert!(environment(&[("MINIO_CONFIG_ENV_FILE", "missing.env")]).load_files(files).is_ok());
}

#[test]
fn only_real_remote_values_are_refused() {
    let password = environment(&[("MINIO_ROOT_PASSWORD", "environment123")]).load_files(files).unwrap();
    assert_eq!(password.get("MINIO_ROOT_PASSWORD"), Some("environment123"));
    let remote = environment(&[("MINIO_ROOT_PASSWORD", "env://u:p@host/path")]).load_files(files);
    assert!(matches!(remote, Err(EnvironmentError::Remote { name }) if name == "MINIO_ROOT_PASSWORD"));
}

#[test]
fn debug_shows_no_values() {
    let shown = format!("{:?}", environment(&[("MINIO_ROOT_PASSWORD", "hidden-value")]));
    assert!(shown.contains("MINIO_ROOT_PASSWORD") && !shown.contains("hidden-value"));
}
