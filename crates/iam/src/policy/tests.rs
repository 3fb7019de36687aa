mod conditions;
mod decisions;

use super::*;
use serde_json::json;

/// `{name, document, shown}`: what MinIO made of documents that it was given as policies. `shown` is how it showed one
/// again, `null` if it couldn't though it had taken it, `false` if it refused it.
const OBSERVED: &str = include_str!("../../tests/data/policies.jsonl");

fn sorted(value: Value) -> Value {
    match value {
        Value::Array(values) => {
            let mut values: Vec<_> = values.into_iter().map(sorted).collect();
            values.sort_by_key(Value::to_string);
            values.into()
        }
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, sorted(value))).collect(),
        other => other,
    }
}

#[test]
fn what_minio_accepts_is_accepted_and_shown_alike_and_what_it_refuses_is_refused() {
    let mut count = 0;
    for line in OBSERVED.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let (name, document) = (&row["name"], row["document"].as_str().unwrap());
        match (Policy::parse(document.as_bytes()), &row["shown"]) {
            (Ok(_), Value::Null) | (Err(_), Value::Bool(false)) => {}
            (Ok(policy), shown @ Value::Object(_)) => {
                assert_eq!(sorted(policy.to_json()), sorted(shown.clone()), "{name}: {document}");
            }
            (ours, shown) => panic!("{name}: {document}: {ours:?}, where MinIO said {shown}"),
        }
        count += 1;
    }
    assert!(count > 150, "all rows are read");
}

#[test]
fn what_is_shown_is_the_same_policy() {
    for line in OBSERVED.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let Ok(policy) = Policy::parse(row["document"].as_str().unwrap().as_bytes()) else { continue };
        let again = Policy::from_json(&policy.to_json());
        assert_eq!(again.as_ref().map(Policy::to_json), Ok(policy.to_json()), "{}", row["name"]);
    }
}

#[test]
fn a_statement_with_not_action_is_written_so_that_it_can_be_read() {
    let stored = br#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":null,"NotAction":["s3:GetObject"],"Resource":["**"]}]}"#;
    let policy = Policy::parse(stored).expect("what MinIO writes and can't read");
    let shown = policy.to_json().to_string();
    assert!(!shown.contains("\"Action\""), "{shown}");
    assert!(shown.contains(r#""NotAction":["s3:GetObject"]"#), "{shown}");
}

#[test]
fn nothing_at_all_is_an_empty_policy() {
    for document in ["null", "{}", r#"{"Statement":null}"#, r#"{"Statement":[]}"#] {
        let policy = Policy::parse(document.as_bytes()).unwrap();
        assert!(policy.is_empty() && policy.version().is_empty(), "{document}");
    }
    assert!(Policy::parse(b"{}").unwrap().is_blank());
    assert!(!Policy::parse(br#"{"ID":"x"}"#).unwrap().is_blank());
}

#[test]
fn what_is_too_long_too_deep_or_no_json_is_refused() {
    let long = vec![b' '; MAX_POLICY + 1];
    assert_eq!(Policy::parse(&long), Err(PolicyError::TooLong { limit: MAX_POLICY }));
    let deep = "[".repeat(100_000);
    for document in ["", "  ", "{", "[]", "5", "\"x\"", &deep] {
        assert!(Policy::parse(document.as_bytes()).is_err(), "{document:.20}");
    }
}

#[test]
fn the_policies_that_every_deployment_has() {
    let all: Vec<_> = canned().map(|(name, policy)| (name, policy.to_json())).collect();
    let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["readonly", "readwrite", "writeonly", "diagnostics", "consoleAdmin"]);
    let readonly = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": ["s3:GetBucketLocation", "s3:GetObject"],
        "Resource": ["arn:aws:s3:::*"],
    }]});
    assert_eq!(all[0].1, readonly);
}
