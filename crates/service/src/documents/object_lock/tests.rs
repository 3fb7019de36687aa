use super::*;
use format::bucket_metadata::OBJECT_LOCK_ENABLED as ENABLED;

fn parse(inner: &str) -> Result<ObjectLockConfig, ServiceError> {
    ObjectLockConfig::parse(
        format!(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{inner}</ObjectLockConfiguration>"
        )
        .as_bytes(),
    )
}

fn rule(inner: &str) -> String {
    format!("<Rule><DefaultRetention>{inner}</DefaultRetention></Rule>")
}

fn reason(result: Result<ObjectLockConfig, ServiceError>) -> String {
    match result {
        Err(ServiceError::MalformedDocument { reason } | ServiceError::InvalidRetentionPeriod { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn documents_are_written_as_they_came() {
    let default = format!(
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{}</ObjectLockConfiguration>",
        rule("<Mode>GOVERNANCE</Mode><Years>30</Years>")
    );
    for document in [ENABLED, &default] {
        assert_eq!(ObjectLockConfig::parse(document.as_bytes()).unwrap().to_xml(), document);
    }
}

#[test]
fn an_unset_document_means_no_object_lock() {
    assert_eq!(ObjectLockConfig::from_stored(b"").unwrap(), None);
    assert_eq!(ObjectLockConfig::from_stored(ENABLED.as_bytes()).unwrap().unwrap().default, None);
}

#[test]
fn bad_documents_say_what_is_wrong() {
    assert_eq!(reason(parse(&rule("<Mode>GOVERNANCE</Mode>"))), "either Days or Years must be specified");
    assert_eq!(
        reason(parse(&rule("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>"))),
        "either Days or Years must be specified, not both"
    );
    assert_eq!(reason(parse(&rule("<Mode>X</Mode><Days>1</Days>"))), "unknown retention mode X");
    assert_eq!(
        reason(parse(&rule("<Mode>COMPLIANCE</Mode><Days>0</Days>"))),
        "Default retention period must be a positive integer value for 'Days'"
    );
    assert_eq!(
        reason(parse(&rule("<Mode>COMPLIANCE</Mode><Years>101</Years>"))),
        "Default retention period too large for 'Years' 101"
    );
    let disabled = b"<ObjectLockConfiguration><ObjectLockEnabled>No</ObjectLockEnabled></ObjectLockConfiguration>";
    assert_eq!(
        reason(ObjectLockConfig::parse(disabled)),
        "only 'Enabled' value is allowed to ObjectLockEnabled element"
    );
}

#[test]
fn days_and_years_count_from_the_given_time() {
    let now = Timestamp::from_secs(1_709_208_000); // 2024-02-29 12:00
    let days = DefaultRetention { mode: RetentionMode::Governance, period: Period::Days(2) };
    assert_eq!(days.starting(now).until.secs(), 1_709_208_000 + 2 * 86_400);
    let years = DefaultRetention { mode: RetentionMode::Compliance, period: Period::Years(1) };
    assert_eq!(years.starting(now).until.secs(), 1_740_830_400); // 2025-03-01 12:00
    let leap = DefaultRetention { mode: RetentionMode::Compliance, period: Period::Years(4) };
    assert_eq!(leap.starting(now).until.secs(), 1_835_438_400); // 2028-02-29 12:00
}
