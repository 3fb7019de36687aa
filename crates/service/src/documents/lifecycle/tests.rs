use super::*;

const DOCUMENT: &str = "<LifecycleConfiguration>\
    <Rule><ID>logs</ID><Status>Enabled</Status><Filter><Prefix>logs/</Prefix></Filter><Expiration><Days>10</Days></Expiration></Rule>\
    <Rule><ID>off</ID><Status>Disabled</Status><Filter></Filter><Expiration><Days>1</Days></Expiration></Rule>\
    <Rule><ID>tagged</ID><Status>Enabled</Status><Filter><And><Prefix>x/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag>\
    <Tag><Key>b</Key><Value>2</Value></Tag></And></Filter><Expiration><Days>5</Days></Expiration></Rule>\
    <Rule><ID>large</ID><Status>Enabled</Status><Filter><ObjectSizeGreaterThan>5000</ObjectSizeGreaterThan></Filter>\
    <Expiration><Days>20</Days></Expiration></Rule>\
    <Rule><ID>old form</ID><Status>Enabled</Status><Prefix>dated/</Prefix><Expiration><Date>2080-05-06T00:00:00Z</Date></Expiration></Rule>\
    <Rule><ID>markers</ID><Status>Enabled</Status><Filter></Filter>\
    <Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule>\
    <ExpiryUpdatedAt>2026-11-23T08:16:47.334526204Z</ExpiryUpdatedAt></LifecycleConfiguration>";

/// 2026-11-23 08:16:47.5 UTC.
const MADE: Timestamp = Timestamp::from_nanos(1_795_421_807_500_000_000);

fn expires(key: &str, size: u64, tags: &str) -> Option<(String, String)> {
    let config = LifecycleConfig::from_stored(DOCUMENT.as_bytes()).unwrap();
    let tags = Tags::from_query(tags).unwrap();
    let found = config.expiration(&Subject { key, tags: &tags, size, mod_time: MADE })?;
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(found.at.nanos())).unwrap();
    Some((at.format(&Rfc3339).unwrap(), found.rule))
}

fn at(day: &str, rule: &str) -> Option<(String, String)> {
    Some((format!("{day}T00:00:00Z"), rule.to_owned()))
}

#[test]
fn days_end_at_the_midnight_after_them() {
    assert_eq!(expires("logs/a", 1, ""), at("2026-12-04", "logs"));
    assert_eq!(expires("logs", 1, ""), None);
    assert_eq!(expires("dated/a", 1, ""), at("2080-05-06", "old form"));
}

#[test]
fn all_of_a_filter_must_hold() {
    assert_eq!(expires("x/a", 1, "a=1"), None);
    assert_eq!(expires("x/a", 1, "b=2&a=1&c=3"), at("2026-11-29", "tagged"));
    assert_eq!(expires("y/a", 1, "b=2&a=1"), None);
    assert_eq!(expires("any", 5000, ""), None);
    assert_eq!(expires("any", 5001, ""), at("2026-12-14", "large"));
}

#[test]
fn the_rule_that_comes_first_counts() {
    assert_eq!(expires("logs/large", 9000, ""), at("2026-12-04", "logs"));
}

#[test]
fn clients_never_see_when_expirations_were_changed() {
    let seen = String::from_utf8(shown(DOCUMENT.as_bytes())).unwrap();
    assert!(!seen.contains("ExpiryUpdatedAt") && seen.ends_with("</Rule></LifecycleConfiguration>"), "{seen}");
    assert!(shown(b"<LifecycleConfiguration><ExpiryUpdatedAt>x</ExpiryUpdatedAt></LifecycleConfiguration>").is_empty());
}

#[test]
fn what_makes_no_sense_is_no_rule() {
    let document = "<LifecycleConfiguration><Rule><Status>Enabled</Status><Expiration><Days>-1</Days></Expiration></Rule>\
        <Rule><Status>Enabled</Status><Expiration><Date>x</Date></Expiration></Rule></LifecycleConfiguration>";
    assert_eq!(LifecycleConfig::from_stored(document.as_bytes()).unwrap(), LifecycleConfig::default());
    assert!(LifecycleConfig::from_stored(b"<html/>").is_err());
}
