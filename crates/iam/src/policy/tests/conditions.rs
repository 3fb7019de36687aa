use crate::policy::Policy;
use crate::policy::evaluate::{Ask, Question, Who, decide};
use crate::policy::key::ConditionKey;
use crate::policy::values::Values;
use crate::{Action, Circumstances, Context};
use serde_json::{Value, json};
use std::borrow::Cow;

struct Given(Context);

impl Values for Given {
    fn all(&self, key: &ConditionKey) -> Vec<Cow<'_, str>> {
        self.0.values(key)
    }
}

/// Whether a statement with this condition applies to a request with these values.
fn holds(operator: &str, key: &str, wanted: Value, asked: &[(&str, &[&str])]) -> bool {
    let document = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": { operator: { key: wanted } },
    }]});
    let policy = Policy::from_json(&document).expect("a policy");
    let own = |values: &&[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let values = asked.iter().map(|(key, values)| ((*key).to_owned(), own(values))).collect();
    let values = Given(Context { values });
    let question = Question { who: Who::Account("alice"), action: Action::ListBucket, resource: "b/", values: &values };
    decide(policy.statements().iter(), &question, Ask::Allowed)
}

const NONE: &[(&str, &[&str])] = &[];

#[test]
fn texts_are_compared_whole_and_in_their_case() {
    let asked: &[(&str, &[&str])] = &[("s3:prefix", &["a/", "B"])];
    let wanted = || json!(["x", "a/"]);
    assert!(holds("StringEquals", "s3:prefix", wanted(), asked));
    assert!(!holds("StringNotEquals", "s3:prefix", wanted(), asked));
    assert!(!holds("StringEquals", "s3:prefix", json!("b"), asked));
    assert!(holds("StringNotEquals", "s3:prefix", json!("b"), asked));
    assert!(holds("StringEqualsIgnoreCase", "s3:prefix", json!("b"), asked));
    assert!(!holds("StringNotEqualsIgnoreCase", "s3:prefix", json!("b"), asked));
    assert!(holds("StringLike", "s3:prefix", json!("?/"), asked));
    assert!(!holds("StringNotLike", "s3:prefix", json!("?/"), asked));
    assert!(holds("BinaryEquals", "s3:prefix", json!("Qg=="), asked));
}

#[test]
fn without_a_value_only_negations_hold() {
    for (operator, expected) in [
        ("StringEquals", false),
        ("StringNotEquals", true),
        ("StringEqualsIgnoreCase", false),
        ("StringNotEqualsIgnoreCase", true),
        ("StringLike", false),
        ("StringNotLike", true),
        ("ForAnyValue:StringLike", false),
        ("ForAllValues:StringEquals", true),
        ("ForAllValues:StringNotEquals", false),
        ("ForAllValues:StringLike", true),
        ("ForAllValues:StringNotLike", false),
    ] {
        assert_eq!(holds(operator, "s3:prefix", json!("x"), NONE), expected, "{operator}");
    }
    for operator in ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThan"] {
        assert!(!holds(operator, "s3:max-keys", json!(5), NONE), "{operator}");
    }
    assert!(holds("NumericGreaterThanIfExists", "s3:max-keys", json!(5), NONE));
    assert!(!holds("DateNotEquals", "aws:CurrentTime", json!("2030-01-01T00:00:00Z"), NONE));
    assert!(!holds("IpAddress", "aws:SourceIp", json!("0.0.0.0/0"), NONE));
    assert!(holds("NotIpAddress", "aws:SourceIp", json!("0.0.0.0/0"), NONE));
}

#[test]
fn for_all_values_means_every_one_that_is_asked() {
    let holds = |operator: &str, asked: &[&str]| {
        holds(operator, "s3:RequestObjectTagKeys", json!(["a", "b"]), &[("s3:RequestObjectTagKeys", asked)])
    };
    assert!(holds("ForAllValues:StringEquals", &["a", "b"]) && holds("ForAllValues:StringEquals", &["b"]));
    assert!(!holds("ForAllValues:StringEquals", &["a", "c"]));
    assert!(holds("ForAnyValue:StringEquals", &["a", "c"]) && holds("StringEquals", &["a", "c"]));
    assert!(!holds("ForAnyValue:StringEquals", &["c"]));
    assert!(!holds("ForAllValues:StringLike", &["a", "c"]));
}

#[test]
fn numbers_are_compared_as_numbers() {
    let holds = |operator: &str, asked: &str| holds(operator, "s3:max-keys", json!("10"), &[("s3:max-keys", &[asked])]);
    for (operator, nine, ten, eleven) in [
        ("NumericEquals", false, true, false),
        ("NumericNotEquals", true, false, true),
        ("NumericLessThan", true, false, false),
        ("NumericLessThanEquals", true, true, false),
        ("NumericGreaterThan", false, false, true),
        ("NumericGreaterThanIfExists", false, false, true),
        ("NumericGreaterThanEquals", false, true, true),
    ] {
        assert_eq!(
            [holds(operator, "9"), holds(operator, "10"), holds(operator, "11")],
            [nine, ten, eleven],
            "{operator}"
        );
        assert!(!holds(operator, "many") && !holds(operator, ""), "{operator}");
    }
}

#[test]
fn dates_are_compared_as_times() {
    let holds = |operator: &str, asked: &str| {
        holds(operator, "aws:CurrentTime", json!("2030-01-01T02:00:00+02:00"), &[("aws:CurrentTime", &[asked])])
    };
    for (operator, before, at, after) in [
        ("DateEquals", false, true, false),
        ("DateNotEquals", true, false, true),
        ("DateLessThan", true, false, false),
        ("DateLessThanEquals", true, true, false),
        ("DateGreaterThan", false, false, true),
        ("DateGreaterThanEquals", false, true, true),
    ] {
        let seen =
            ["2029-12-31T23:59:59Z", "2030-01-01T00:00:00Z", "2030-01-01T00:00:01Z"].map(|time| holds(operator, time));
        assert_eq!(seen, [before, at, after], "{operator}");
        assert!(!holds(operator, "later"), "{operator}");
    }
}

#[test]
fn addresses_are_compared_by_their_first_bits() {
    let within = |network: &str, address: &str| {
        let asked: &[(&str, &[&str])] = &[("aws:SourceIp", &[address])];
        let is = holds("IpAddress", "aws:SourceIp", json!(network), asked);
        assert_ne!(is, holds("NotIpAddress", "aws:SourceIp", json!(network), asked));
        is
    };
    assert!(within("10.1.2.3/8", "10.200.0.1") && !within("10.0.0.0/8", "11.0.0.1"));
    assert!(within("10.0.0.1", "10.0.0.1") && !within("10.0.0.1", "10.0.0.2"));
    assert!(within("0.0.0.0/0", "1.2.3.4") && !within("0.0.0.0/0", "::1"));
    assert!(within("::1/128", "::1") && !within("::1/128", "::2"));
    assert!(within("2001:db8::1", "2001:db8:ffff::1"), "a lone address has 32 bits, whichever version it is of");
    assert!(within("10.0.0.0/8", "::ffff:10.0.0.1"), "an IPv4 address in IPv6's clothes");
    assert!(!within("10.0.0.0/8", "not an address") && !within("10.0.0.0/8", ""));
}

#[test]
fn truth_and_presence() {
    let secure: &[(&str, &[&str])] = &[("aws:SecureTransport", &["true"])];
    assert!(holds("Bool", "aws:SecureTransport", json!(true), secure));
    assert!(holds("Bool", "aws:SecureTransport", json!("true"), secure));
    assert!(!holds("Bool", "aws:SecureTransport", json!("false"), secure));
    assert!(!holds("Bool", "aws:SecureTransport", json!("T"), secure), "texts are compared");
    assert!(!holds("Bool", "aws:SecureTransport", json!(false), NONE));
    assert!(holds("Null", "s3:prefix", json!(true), NONE) && !holds("Null", "s3:prefix", json!(false), NONE));
    let empty: &[(&str, &[&str])] = &[("s3:prefix", &[""])];
    assert!(holds("Null", "s3:prefix", json!("false"), empty), "an empty value is one");
}

#[test]
fn variables_stand_for_values_and_never_for_patterns() {
    let of = |user: &'static str| -> Vec<(&'static str, &'static [&'static str])> {
        match user {
            "*" => vec![("aws:username", &["*"]), ("s3:prefix", &["home/bob/"])],
            _ => vec![("aws:username", &["bob"]), ("s3:prefix", &["home/bob/"])],
        }
    };
    assert!(holds("StringLike", "s3:prefix", json!("home/${aws:username}/*"), &of("bob")));
    assert!(!holds("StringLike", "s3:prefix", json!("home/${aws:username}/*"), &of("*")), "a user named *");
    assert!(holds("StringEquals", "s3:prefix", json!("home/${aws:username}/"), &of("bob")));
    let unknown: &[(&str, &[&str])] = &[("s3:prefix", &["${aws:username}${s3:prefix}${"])];
    assert!(
        holds("StringEquals", "s3:prefix", json!("${aws:username}${s3:prefix}${"), unknown),
        "what has no value stays"
    );
}

#[test]
fn sources_of_copies_may_be_written_with_a_slash() {
    let asked: &[(&str, &[&str])] = &[("s3:x-amz-copy-source", &["bucket/a/b"])];
    assert!(holds("StringEquals", "s3:x-amz-copy-source", json!("/bucket/a/b"), asked));
    assert!(holds("StringLike", "s3:x-amz-copy-source", json!("/bucket/*"), asked));
    assert!(!holds("StringNotLike", "s3:x-amz-copy-source", json!("bucket/*"), asked));
}
