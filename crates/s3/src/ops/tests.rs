use super::list::{decode_token, without_cache_mark};
use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

#[test]
fn version_ids_are_uuids_or_null() {
    let id = Uuid::from_u128(7);
    assert_eq!(version_id("").unwrap(), None);
    assert_eq!(version_id("null").unwrap(), Some(VersionId::Null));
    assert_eq!(version_id(&id.to_string()).unwrap(), Some(VersionId::Id(id)));
    for bad in ["abc", "NULL", "00000000-0000-0000-0000-000000000000", "../x"] {
        assert_eq!(version_id(bad).unwrap_err().code(), ErrorCode::InvalidVersionId, "{bad}");
    }
}

#[test]
fn markers_of_minio_are_understood() {
    assert_eq!(without_cache_mark("d/[minio_cache:v2,return:]"), "d/");
    assert_eq!(without_cache_mark("a[1][minio_cache:v2,id:x,p:0,s:1]"), "a[1]");
    assert_eq!(without_cache_mark("a[1]"), "a[1]");
    assert_eq!(without_cache_mark(""), "");
}

#[test]
fn continuation_tokens_are_base64_of_a_name() {
    assert_eq!(decode_token(&STANDARD.encode("a/ö")).unwrap(), "a/ö");
    assert_eq!(decode_token(&STANDARD.encode("d/[minio_cache:v2,return:]")).unwrap(), "d/");
    for bad in ["", "%%%", "/w=="] {
        assert_eq!(decode_token(bad).unwrap_err().code(), ErrorCode::InvalidContinuationToken, "{bad}");
    }
}
