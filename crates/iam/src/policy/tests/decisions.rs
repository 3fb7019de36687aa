use crate::Action;
use crate::policy::Policy;
use crate::policy::evaluate::{Ask, Question, Who, decide};
use crate::policy::key::ConditionKey;
use crate::policy::values::Values;
use crate::policy::wildcard::{fits, fits_simply};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::borrow::Cow;

struct Nothing;

impl Values for Nothing {
    fn all(&self, _: &ConditionKey) -> Vec<Cow<'_, str>> {
        Vec::new()
    }
}

fn policy(statements: Value) -> Policy {
    Policy::from_json(&json!({"Version": "2012-10-17", "Statement": statements})).expect("a policy")
}

fn allows(policy: &Policy, action: Action, resource: &str) -> bool {
    asked(policy, action, resource, Ask::Allowed)
}

fn asked(policy: &Policy, action: Action, resource: &str, ask: Ask) -> bool {
    let question = Question { who: Who::Account("a"), action, resource, values: &Nothing };
    decide(policy.statements().iter(), &question, ask)
}

#[test]
fn nothing_is_allowed_that_nobody_allows() {
    let none = policy(json!([]));
    assert!(Action::ALL.iter().all(|action| !allows(&none, *action, "b/k")));
    assert!(Action::ALL.iter().all(|action| asked(&none, *action, "b/k", Ask::NotDenied)));
}

#[test]
fn deny_comes_before_allow_whatever_the_order() {
    let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"});
    let deny = json!({"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b/kept/*"});
    for both in [policy(json!([allow, deny])), policy(json!([deny, allow]))] {
        assert!(allows(&both, Action::DeleteObject, "b/k"));
        assert!(!allows(&both, Action::DeleteObject, "b/kept/k"));
        assert!(!asked(&both, Action::DeleteObject, "b/kept/k", Ask::NotDenied));
        assert!(allows(&both, Action::GetObject, "b/kept/k"));
    }
}

#[test]
fn what_is_not_named_can_be_what_counts() {
    let others = policy(json!([{"Effect": "Allow", "NotAction": ["s3:Delete*"], "Resource": "arn:aws:s3:::b/*"}]));
    assert!(allows(&others, Action::GetObject, "b/k") && !allows(&others, Action::DeleteObject, "b/k"));
    assert!(!allows(&others, Action::AdminServerInfo, "/"), "the resource doesn't cover the server");
    let elsewhere = policy(json!([{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b/*"}]));
    assert!(allows(&elsewhere, Action::GetObject, "c/k") && !allows(&elsewhere, Action::GetObject, "b/k"));
}

#[test]
fn the_classes_of_actions_dont_mix() {
    let everything = policy(json!([{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::only"}]));
    assert!(Action::ALL.iter().all(|action| allows(&everything, *action, "other/k")), "a * has no resource");
    let admin = policy(json!([{"Effect": "Allow", "Action": "admin:*"}]));
    let s3 = policy(json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::*"}]));
    for action in Action::ALL {
        assert_eq!(allows(&admin, *action, "/"), action.as_str().starts_with("admin:"), "{action}");
        assert_eq!(allows(&s3, *action, "b/k"), action.is_s3(), "{action}");
    }
}

#[test]
fn keys_are_told_apart_by_their_names() {
    let some = policy(json!([{"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "arn:minio:kms:::app-*"}]));
    assert!(allows(&some, Action::KmsCreateKey, "app-1/") && !allows(&some, Action::KmsCreateKey, "other/"));
    assert!(allows(&some, Action::KmsCreateKey, "/"), "asked without a name");
    assert!(!allows(&some, Action::KmsListKeys, "app-1/"));
}

#[test]
fn who_may_read_versions_may_read_objects() {
    let versions =
        policy(json!([{"Effect": "Allow", "Action": "s3:GetObjectVersion", "Resource": "arn:aws:s3:::b/*"}]));
    assert!(allows(&versions, Action::GetObject, "b/k") && allows(&versions, Action::GetObjectVersion, "b/k"));
    let denied = policy(json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:GetObjectVersion", "Resource": "*"},
    ]));
    assert!(!allows(&denied, Action::GetObject, "b/k") && allows(&denied, Action::PutObject, "b/k"));
}

/// The same as `fits`, as one would write it down from the definition.
fn naive(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], text) => text.is_empty(),
        ([b'*', rest @ ..], text) => (0..=text.len()).any(|cut| naive(rest, &text[cut..])),
        ([b'?', rest @ ..], [_, text @ ..]) => naive(rest, text),
        ([byte, rest @ ..], [first, text @ ..]) => byte == first && naive(rest, text),
        (_, []) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn patterns_match_as_their_definition_says(pattern in "[ab/*?]{0,10}", text in "[ab/*]{0,12}") {
        prop_assert_eq!(fits(&pattern, &text), naive(pattern.as_bytes(), text.as_bytes()));
    }

    #[test]
    fn a_pattern_made_from_a_text_matches_it(text in "[a-d/]{0,16}", at in 0_usize..16, len in 0_usize..8) {
        let at = at.min(text.len());
        let end = (at + len).min(text.len());
        let (before, behind) = (&text[..at], &text[end..]);
        let (star, marks) = (format!("{before}*{behind}"), format!("{before}{}{behind}", "?".repeat(end - at)));
        prop_assert!(fits(&star, &text));
        prop_assert!(fits(&marks, &text));
    }
}

#[test]
fn a_long_pattern_of_stars_ends() {
    let text = "a".repeat(5_000);
    assert!(!fits(&"*a".repeat(2_000).replace("*a*a", "*a*b"), &text));
}

#[test]
fn at_the_end_a_principals_question_mark_also_matches_nothing() {
    assert!(fits_simply("*", "") && fits_simply("?", "") && fits_simply("a?", "a") && fits_simply("a?", "ab"));
    assert!(!fits_simply("a", "") && !fits_simply("?a", "a"));
}
