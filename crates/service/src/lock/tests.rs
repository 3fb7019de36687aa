use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn metadata(mode: &str, until: &str, hold: &str) -> Metadata {
    let mut metadata = Metadata::default();
    for (name, value) in
        [(user::OBJECT_LOCK_MODE, mode), (user::OBJECT_LOCK_RETAIN_UNTIL, until), (user::OBJECT_LOCK_LEGAL_HOLD, hold)]
    {
        if !value.is_empty() {
            metadata.user.insert(name.to_owned(), value.to_owned());
        }
    }
    metadata
}

fn retention(mode: RetentionMode, secs: i64) -> Option<Retention> {
    Some(Retention { mode, until: Timestamp::from_secs(secs) })
}

const FUTURE: &str = "2049-12-31T00:00:00.000Z";
const PAST: &str = "2020-01-01T00:00:00.000Z";

#[test]
fn what_drives_hold_is_read_and_written_alike() {
    let mut stored = metadata("COMPLIANCE", FUTURE, "ON");
    let before = stored.clone();
    let read = stored_retention(&stored).unwrap();
    assert_eq!(read.mode, RetentionMode::Compliance);
    assert_eq!(format_until(read.until), FUTURE);
    set_retention(&mut stored, Some(read));
    set_legal_hold(&mut stored, true);
    assert_eq!(stored, before);
    clear(&mut stored);
    assert_eq!(stored, Metadata::default());
}

#[test]
fn a_version_is_protected_by_hold_and_by_retention_that_runs() {
    let cases = [
        (metadata("", "", ""), true, true),
        (metadata("", "", "OFF"), true, true),
        (metadata("", "", "ON"), false, false),
        (metadata("GOVERNANCE", FUTURE, ""), false, true),
        (metadata("GOVERNANCE", PAST, ""), true, true),
        (metadata("GOVERNANCE", FUTURE, "ON"), false, false),
        (metadata("COMPLIANCE", FUTURE, ""), false, false),
        (metadata("compliance", FUTURE, ""), false, false),
        (metadata("COMPLIANCE", PAST, ""), true, true),
        (metadata("COMPLIANCE", "no date", ""), false, false),
    ];
    for (stored, plain, bypassed) in cases {
        assert_eq!(may_remove(&stored, NOW, false), plain, "{stored:?}");
        assert_eq!(may_remove(&stored, NOW, true), bypassed, "{stored:?}");
    }
}

#[test]
fn retention_may_be_extended_but_not_lessened() {
    use RetentionMode::{Compliance, Governance};
    let (soon, late, past) = (1_800_000_100, 1_900_000_000, 1_700_000_000);
    // old, new, without bypass, with bypass
    let cases = [
        (None, retention(Governance, soon), true, true),
        (retention(Compliance, soon), retention(Compliance, late), true, true),
        (retention(Compliance, late), retention(Compliance, soon), false, false),
        (retention(Compliance, late), retention(Governance, late), false, false),
        (retention(Compliance, late), None, false, false),
        (retention(Compliance, past), None, true, true),
        (retention(Governance, soon), retention(Governance, late), true, true),
        (retention(Governance, late), retention(Governance, soon), false, true),
        (retention(Governance, late), retention(Compliance, late), false, true),
        (retention(Governance, late), None, false, true),
    ];
    for (old, new, plain, bypassed) in cases {
        assert_eq!(may_change(old, new, NOW, false), plain, "{old:?} -> {new:?}");
        assert_eq!(may_change(old, new, NOW, true), bypassed, "{old:?} -> {new:?}");
    }
}

#[test]
fn a_retention_must_end_in_the_future() {
    assert!(check_future(retention(RetentionMode::Governance, 1_800_000_001).unwrap(), NOW).is_ok());
    assert!(check_future(retention(RetentionMode::Governance, 1_800_000_000).unwrap(), NOW).is_err());
}
