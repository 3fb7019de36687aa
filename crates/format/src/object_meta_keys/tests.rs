use super::*;

#[test]
fn the_prefix_decides_in_any_casing() {
    for key in [sys::INLINE_DATA, sys::ACTUAL_SIZE, sys::SSE_IV, "X-MINIO-INTERNAL-x"] {
        assert!(is_internal(key), "{key}");
    }
    for key in
        ["x-minio-internal-", "x-minio-internal", user::ETAG, user::MULTIPART_CHECKSUM, "x-minio-interna\u{e9}-x"]
    {
        assert!(!is_internal(key), "{key}");
    }
}

#[test]
fn metadata_is_split_and_what_lives_in_memory_only_is_left_out() {
    let keys =
        ["etag", "X-Minio-Internal-actual-size", "X-Minio-Internal-healing", "x-minio-internal-tier-free-marker"];
    let meta = keys.map(|key| (key.to_owned(), "1".to_owned())).into();
    let (system, user) = split(&meta);
    assert_eq!(system.into_iter().collect::<Vec<_>>(), [("X-Minio-Internal-actual-size".to_owned(), "1".into())]);
    assert_eq!(user.into_keys().collect::<Vec<_>>(), ["etag"]);
}

#[test]
fn leftovers_of_old_clients_are_not_shown() {
    assert!(!is_shown("X-Amz-Meta-X-Amz-Unencrypted-Content-Length", "5"));
    assert!(!is_shown(user::STORAGE_CLASS, "STANDARD"));
    assert!(is_shown(user::STORAGE_CLASS, "REDUCED_REDUNDANCY"));
    assert!(is_shown("X-Amz-Meta-Color", "blue"));
}
