use super::*;
use base::SeededRandom;

const NOW: Timestamp = Timestamp::from_nanos(1_795_421_807_500_000_000);

fn put(rules: &str, locked: bool) -> Result<String, ServiceError> {
    let document = format!("<LifecycleConfiguration xmlns=\"x\">{rules}</LifecycleConfiguration>");
    stored(document.as_bytes(), locked, NOW, &SeededRandom::new(7))
}

/// A rule with these actions.
fn rule(actions: &str) -> String {
    format!("<Rule><ID>r</ID><Status>Enabled</Status><Filter></Filter>{actions}</Rule>")
}

#[test]
fn every_documented_form_is_kept_as_it_was_sent() {
    let actions = [
        "<Expiration><Date>2080-05-06T00:00:00Z</Date></Expiration>",
        "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
        "<Expiration><Days>1</Days><ExpiredObjectAllVersions>true</ExpiredObjectAllVersions></Expiration>",
        "<DelMarkerExpiration><Days>3</Days></DelMarkerExpiration>",
        "<Transition><Days>0</Days><StorageClass>WARM</StorageClass></Transition>\
         <Transition><Days>9</Days><StorageClass>COLD</StorageClass></Transition>",
        "<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>\
         <NewerNoncurrentVersions>5</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
        "<NoncurrentVersionTransition><NoncurrentDays>0</NoncurrentDays><StorageClass>WARM</StorageClass></NoncurrentVersionTransition>",
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
    ];
    for action in actions {
        let kept = put(&rule(action), false).unwrap();
        assert!(kept.contains(&rule(action)), "{kept}");
        assert_eq!(
            kept.contains("<ExpiryUpdatedAt>2026-11-23T08:16:47.5Z</ExpiryUpdatedAt>"),
            action.contains("Expiration>") && !action.starts_with("<Del"),
            "{kept}"
        );
    }
    let filter = "<Filter><And><Prefix>a&amp;b/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>\
        <ObjectSizeGreaterThan>1</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>";
    let filtered = rule("<Expiration><Days>1</Days></Expiration>").replace("<Filter></Filter>", filter);
    assert!(put(&filtered, false).unwrap().contains(&filtered));
}

#[test]
fn rules_without_an_id_get_one_of_their_own() {
    let unnamed = rule("<Expiration><Days>1</Days></Expiration>").replace("<ID>r</ID>", "");
    let kept = put(&[unnamed.as_str(), &unnamed].concat(), false).unwrap();
    let ids: BTreeSet<_> = kept.split("<ID>").skip(1).map(|rest| &rest[..20]).collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn what_does_not_make_sense_is_refused() {
    let argument = [
        rule("<Expiration><Days>0</Days></Expiration>"),
        rule("<Expiration><Days>-1</Days></Expiration>"),
        rule("<Expiration><Days>2147483648</Days></Expiration>"),
        rule("<Expiration><Date>20200101</Date></Expiration>"),
        rule("<Expiration><Date>2080-05-06T01:00:00Z</Date></Expiration>"),
        rule(
            "<NoncurrentVersionExpiration><NewerNoncurrentVersions>101</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
        ),
        rule(""),
        rule("<Expiration><Days>1</Days></Expiration>").repeat(2),
        rule("<Expiration><Days>1</Days></Expiration>").replace("<ID>r", &format!("<ID>{}", "r".repeat(256))),
        String::new(),
    ];
    for rules in argument {
        assert!(matches!(put(&rules, false), Err(ServiceError::InvalidArgument { .. })), "{rules}");
    }
    let days = "<Expiration><Days>1</Days></Expiration>";
    let malformed = [
        rule(days).replace("Enabled", "enabled"),
        rule(days).replace("<Status>Enabled</Status>", ""),
        rule(days).replace("<Filter>", "<Prefix>a</Prefix><Filter>"),
        rule(days).replace("<Filter></Filter>", "<Filter><Prefix>a</Prefix><Prefix>b</Prefix></Filter>"),
        rule("<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"),
        rule("<Expiration><Days>x</Days></Expiration>"),
        rule("<Expiration></Expiration>"),
        rule("<Transition><Days>1</Days></Transition>"),
        rule("<Explosion><Days>1</Days></Explosion>"),
        rule(&days.repeat(2)),
    ];
    for rules in malformed {
        assert!(matches!(put(&rules, false), Err(ServiceError::MalformedDocument { .. })), "{rules}");
    }
}

#[test]
fn what_would_remove_protected_versions_is_refused_where_there_is_object_lock() {
    let all = rule("<Expiration><Days>1</Days><ExpiredObjectAllVersions>true</ExpiredObjectAllVersions></Expiration>");
    for rules in [all, rule("<DelMarkerExpiration><Days>3</Days></DelMarkerExpiration>")] {
        assert!(put(&rules, false).is_ok() && put(&rules, true).is_err(), "{rules}");
    }
}

#[test]
fn removing_remembers_that_something_expired() {
    let expiring = put(&rule("<Expiration><Days>1</Days></Expiration>"), false).unwrap();
    let left =
        "<LifecycleConfiguration><ExpiryUpdatedAt>2026-11-23T08:16:47.5Z</ExpiryUpdatedAt></LifecycleConfiguration>";
    assert_eq!(removed(expiring.as_bytes(), NOW), left);
    assert_eq!(removed(b"<LifecycleConfiguration></LifecycleConfiguration>", NOW), "");
}
