use super::*;
use crate::support::{FEATURES, FLAGS, SUBSYSTEMS, VARIABLES, find};

fn report(direction: Direction, variables: &[(&str, &str)], flags: &[&str]) -> Report {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
    let input = Input { direction, variables, flags, drives: None, no_drives: None, keys: None, no_keys: None };
    let mut report = Report::default();
    variables::check(&input, &mut report);
    report
}

fn verdict(report: &Report, name: &str) -> Verdict {
    report.items.iter().find(|item| item.name == name).unwrap_or_else(|| panic!("{name} is missing: {report}")).verdict
}

#[test]
fn variables_are_told_by_name_and_never_by_value() {
    let variables = [
        ("MINIO_ROOT_PASSWORD", "secret words"),
        ("MINIO_AUDIT_WEBHOOK_ENDPOINT_x", "http://secret words"),
        ("MINIO_ODD", "secret words"),
        ("HOME", "/"),
    ];
    let report = report(Direction::ToRustfs, &variables, &["address", "ftp"]);
    assert_eq!(verdict(&report, "MINIO_ROOT_PASSWORD"), Verdict::TakenOver);
    assert_eq!(verdict(&report, "MINIO_AUDIT_WEBHOOK_ENDPOINT_x"), Verdict::LosesProtection);
    assert_eq!(verdict(&report, "MINIO_ODD"), Verdict::Unknown);
    assert_eq!(verdict(&report, "--ftp"), Verdict::WithoutEffect);
    assert_eq!(report.items.len(), 5);
    assert_eq!(report.exit_code(), 2);
    assert!(!format!("{report} {}", report.to_json()).contains("secret words"));
}

#[test]
fn a_variable_without_a_value_is_not_set() {
    assert_eq!(report(Direction::ToRustfs, &[("MINIO_ODD", "")], &[]), Report::default());
}

#[test]
fn the_way_back_loses_only_what_minio_never_had() {
    let variables = [("MINIO_KMS_VAULT_ENDPOINT", "x"), ("MINIO_AUDIT_WEBHOOK_ENDPOINT", "x"), ("RUSTFS_LOG", "x")];
    let report = report(Direction::ToMinio, &variables, &[]);
    assert_eq!(verdict(&report, "MINIO_KMS_VAULT_ENDPOINT"), Verdict::Prevents);
    assert_eq!(verdict(&report, "MINIO_AUDIT_WEBHOOK_ENDPOINT"), Verdict::TakenOver);
    assert_eq!(report.exit_code(), 3);
}

#[test]
fn every_row_can_be_reached() {
    for rows in [VARIABLES, FLAGS, SUBSYSTEMS, FEATURES] {
        for (at, (pattern, verdict, note)) in rows.iter().enumerate() {
            let example = pattern.replace('*', "");
            let found = find(rows, &example);
            let shadowed = rows[..at]
                .iter()
                .any(|(earlier, ..)| earlier.strip_suffix('*').is_some_and(|start| example.starts_with(start)));
            assert!(!shadowed, "{pattern} stands behind a pattern that takes it");
            assert!(
                found == Some((*verdict, note)) || rows[..at].iter().any(|(earlier, ..)| *earlier == example),
                "{pattern}"
            );
        }
    }
}
