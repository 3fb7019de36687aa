use super::*;

fn from(pairs: &[(&str, &str)]) -> Result<RootCredentials, CredentialsError> {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    RootCredentials::from_environment(&Environment::from_pairs(pairs))
}

#[test]
fn the_root_pair_wins_over_the_old_names() {
    let both = from(&[
        ("MINIO_ROOT_USER", "u"),
        ("MINIO_ROOT_PASSWORD", "p"),
        ("MINIO_ACCESS_KEY", "a"),
        ("MINIO_SECRET_KEY", "s"),
    ])
    .unwrap();
    assert_eq!((both.user.as_str(), both.password.expose(), both.origin), ("u", "p", CredentialsOrigin::Root));
    let old = from(&[("MINIO_ACCESS_KEY", "a"), ("MINIO_SECRET_KEY", "s")]).unwrap();
    assert_eq!((old.user.as_str(), old.password.expose(), old.origin), ("a", "s", CredentialsOrigin::Legacy));
}

#[test]
fn nothing_set_gives_the_default() {
    let default = from(&[]).unwrap();
    assert_eq!((default.user.as_str(), default.password.expose()), ("minioadmin", "minioadmin"));
    assert_eq!(default.origin, CredentialsOrigin::Default);
}

#[test]
fn half_a_pair_is_a_mistake() {
    let missing = |pairs: &[(&str, &str)]| from(pairs).unwrap_err().to_string();
    assert_eq!(
        missing(&[("MINIO_ROOT_USER", "u")]),
        "Missing credential environment variable, \"MINIO_ROOT_PASSWORD\""
    );
    assert!(missing(&[("MINIO_ROOT_PASSWORD", "p")]).contains("MINIO_ROOT_USER"));
    assert!(missing(&[("MINIO_SECRET_KEY", "p")]).contains("MINIO_ACCESS_KEY"));
}
