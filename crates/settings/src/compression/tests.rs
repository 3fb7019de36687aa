use super::*;

fn resolve(pairs: &[(&str, &str)]) -> Result<CompressionSettings, CompressionSettingsError> {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    CompressionSettings::from_environment(&Environment::from_pairs(pairs))
}

#[test]
fn nothing_is_compressed_unless_told() {
    let none = resolve(&[("MINIO_COMPRESSION_ENABLE", "")]).unwrap();
    assert!(!none.enabled && !none.allow_encryption);
    assert_eq!((none.extensions.len(), none.mime_types.len()), (7, 4));
}

#[test]
fn old_names_still_count() {
    let old = resolve(&[("MINIO_COMPRESS", "on"), ("MINIO_COMPRESS_ALLOW_ENCRYPTION", "true")]).unwrap();
    assert!(old.enabled && old.allow_encryption);
    assert!(!resolve(&[("MINIO_COMPRESS", "on"), ("MINIO_COMPRESSION_ENABLE", "off")]).unwrap().enabled);
    let types = resolve(&[("MINIO_COMPRESSION_MIME_TYPES", "a/b"), ("MINIO_COMPRESS_MIMETYPES", "c/*,d/e")]).unwrap();
    assert_eq!(types.mime_types, ["c/*", "d/e"]);
}

#[test]
fn what_cant_be_meant_is_named() {
    let refused = |name, value| resolve(&[(name, value)]).unwrap_err().to_string();
    assert!(refused("MINIO_COMPRESSION_ENABLE", "maybe").contains("MINIO_COMPRESSION_ENABLE: 'maybe'"));
    assert!(refused("MINIO_COMPRESSION_EXTENSIONS", ".txt,,.log").contains("MINIO_COMPRESSION_EXTENSIONS"));
    assert!(refused("MINIO_COMPRESSION_MIME_TYPES", "/").contains("MINIO_COMPRESSION_MIME_TYPES"));
}
