use super::*;
use format::bucket_metadata::VERSIONING_ENABLED as ENABLED;

fn parse(inner: &str) -> Result<VersioningConfig, ServiceError> {
    VersioningConfig::parse(format!("<VersioningConfiguration>{inner}</VersioningConfiguration>").as_bytes())
}

#[test]
fn enabled_suspended_and_unset_are_told_apart() {
    assert_eq!(parse("<Status>Enabled</Status>").unwrap().status, Versioning::Enabled);
    assert_eq!(parse("<Status>Suspended</Status>").unwrap().status, Versioning::Suspended);
    assert_eq!(parse("").unwrap().status, Versioning::Off);
    assert_eq!(VersioningConfig::from_stored(b"").unwrap().status, Versioning::Off);
    assert_eq!(
        VersioningConfig::from_stored(ENABLED.as_bytes()).unwrap(),
        VersioningConfig::parse(ENABLED.as_bytes()).unwrap()
    );
}

#[test]
fn another_status_is_an_invalid_document() {
    assert!(matches!(parse("<Status>enabled</Status>"), Err(ServiceError::InvalidVersioning { .. })));
    assert!(matches!(parse("<MfaDelete>Disabled</MfaDelete>"), Err(ServiceError::InvalidVersioning { .. })));
    assert!(matches!(VersioningConfig::parse(b"<Other/>"), Err(ServiceError::MalformedDocument { .. })));
    assert!(matches!(VersioningConfig::parse(b""), Err(ServiceError::MalformedDocument { .. })));
}

#[test]
fn documents_are_written_as_they_came() {
    let extended = "<VersioningConfiguration><Status>Enabled</Status><ExcludedPrefixes><Prefix>logs/</Prefix></ExcludedPrefixes><ExcludedPrefixes><Prefix>tmp*/x</Prefix></ExcludedPrefixes><ExcludeFolders>true</ExcludeFolders></VersioningConfiguration>";
    for document in [ENABLED, extended, "<VersioningConfiguration></VersioningConfiguration>"] {
        assert_eq!(VersioningConfig::parse(document.as_bytes()).unwrap().to_xml(), document);
    }
}

#[test]
fn the_extensions_need_versioning_and_are_limited() {
    let list = |count: usize| "<ExcludedPrefixes><Prefix>p</Prefix></ExcludedPrefixes>".repeat(count);
    assert!(parse(&format!("<Status>Enabled</Status>{}", list(10))).is_ok());
    assert!(parse(&format!("<Status>Enabled</Status>{}", list(11))).is_err());
    assert!(parse(&format!("<Status>Suspended</Status>{}", list(1))).is_err());
    assert!(parse("<Status>Suspended</Status><ExcludeFolders>true</ExcludeFolders>").is_err());
    assert!(parse("<Status>Enabled</Status><ExcludeFolders>maybe</ExcludeFolders>").is_err());
}

#[test]
fn excluded_prefixes_match_with_wildcards() {
    let config = parse(
        "<Status>Enabled</Status><ExcludedPrefixes><Prefix>logs/</Prefix><Prefix>a*/tmp?</Prefix></ExcludedPrefixes>",
    )
    .unwrap();
    for key in ["logs/", "logs/x", "a/tmp1", "abc/d/tmpX/y", "aa/tmp/tmp2"] {
        assert!(config.excludes(key), "{key}");
    }
    for key in ["log", "xlogs/", "a/tmp", "b/tmp1", ""] {
        assert!(!config.excludes(key), "{key}");
    }
}

#[test]
fn folders_are_excluded_only_when_asked_for() {
    assert!(!parse("<Status>Enabled</Status>").unwrap().excludes("f/"));
    let config = parse("<Status>Enabled</Status><ExcludeFolders>true</ExcludeFolders>").unwrap();
    assert!(config.excludes("f/"));
    assert!(!config.excludes("f/x"));
}
