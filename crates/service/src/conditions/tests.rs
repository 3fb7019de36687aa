use super::*;

const MODIFIED: Timestamp = Timestamp::from_nanos(1_000_500_000_000);

fn at(secs: i64) -> Option<Timestamp> {
    Some(Timestamp::from_secs(secs))
}

fn etags(etags: &[&str]) -> Option<Vec<String>> {
    Some(etags.iter().map(|etag| (*etag).to_owned()).collect())
}

fn verdict(conditions: ReadConditions) -> Verdict {
    judge(&conditions, "etag", MODIFIED)
}

#[test]
fn each_condition_alone() {
    let none = ReadConditions::default();
    assert_eq!(verdict(none.clone()), Verdict::Go);
    for (wanted, expected) in [
        (etags(&["etag"]), Verdict::Go),
        (etags(&["*"]), Verdict::Go),
        (etags(&["x", "etag"]), Verdict::Go),
        (etags(&["x"]), Verdict::Failed),
    ] {
        assert_eq!(verdict(ReadConditions { if_match: wanted.clone(), ..none.clone() }), expected, "{wanted:?}");
    }
    for (unwanted, expected) in
        [(etags(&["etag"]), Verdict::NotModified), (etags(&["*"]), Verdict::NotModified), (etags(&["x"]), Verdict::Go)]
    {
        assert_eq!(verdict(ReadConditions { if_none_match: unwanted.clone(), ..none.clone() }), expected);
    }
    for (since, modified, unmodified) in [
        (999, Verdict::Go, Verdict::Failed),
        (1000, Verdict::NotModified, Verdict::Go),
        (1001, Verdict::NotModified, Verdict::Go),
    ] {
        assert_eq!(verdict(ReadConditions { if_modified_since: at(since), ..none.clone() }), modified, "{since}");
        assert_eq!(verdict(ReadConditions { if_unmodified_since: at(since), ..none.clone() }), unmodified, "{since}");
    }
}

#[test]
fn etags_outrank_times_and_match_outranks_none_match() {
    let cases = [
        (etags(&["etag"]), None, None, at(0), Verdict::Go),
        (None, etags(&["etag"]), at(0), None, Verdict::NotModified),
        (None, etags(&["x"]), at(2000), None, Verdict::Go),
        (etags(&["x"]), etags(&["etag"]), None, None, Verdict::Failed),
        (etags(&["etag"]), etags(&["etag"]), None, None, Verdict::NotModified),
        (None, None, at(2000), at(0), Verdict::Failed),
    ];
    for (if_match, if_none_match, if_modified_since, if_unmodified_since, expected) in cases {
        let conditions = ReadConditions { if_match, if_none_match, if_modified_since, if_unmodified_since };
        assert_eq!(verdict(conditions.clone()), expected, "{conditions:?}");
    }
}
