use super::{CELLS, GOALS, markdown};
use crate::calls::Calls;
use crate::cell;
use crate::machine::Machine;
use crate::report::tests::result;
use std::path::Path;

#[test]
fn every_goal_is_measured() {
    let cells: Vec<String> = cell::select(CELLS).unwrap().iter().map(ToString::to_string).collect();
    assert!(GOALS.iter().all(|goal| cells.contains(&goal.cell.to_owned())));
}

#[test]
fn a_goal_met_is_bold_and_one_missed_is_not() {
    let text = markdown(
        &Machine::look(Path::new("/")),
        &[result("put-4k-c16-d4"), result("getput-20m-c64-d4"), result("start-4-d4")],
    );
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[4],
        "| 4 KiB PUT, 4 drives, 16 connections | 200 | 1600 | **8.00x** (8x) | 4000 | 500 | 0.125x (0.1x) | 10.0 | 1.25 | **0.125x** (0.5x) |"
    );
    assert!(lines.contains(&"| Resident MiB, idle | 20.0 | **20.0** | 40 MiB |"));
    assert!(lines.contains(&"| Resident MiB, 64 connections of 20 MiB GET and PUT | 100 | **100** | 300 MiB |"));
    assert!(lines.contains(&"| First answered request, 4 drives with 4 buckets, ms | 1.00 | **1.00** | 100 |"));
}

#[test]
fn encrypted_and_compressed_objects_have_a_table_of_their_own() {
    let machine = Machine::look(Path::new("/"));
    assert!(!markdown(&machine, &[result("get-20m-c1-d4")]).contains("Encrypted"));
    let results = [result("put-20m-c16-d4"), result("get-20m-c1-d4-sse-kms"), result("put-20m-c16-d4-compressed")];
    let text = markdown(&machine, &results);
    let (_, table) = text.split_once("Encrypted and compressed").unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[4].starts_with("| 20 MiB GET, SSE-KMS, 1 connection | 200 | 1600 | **8.00x** (2x) | 4000 | 500 |"));
    assert!(lines[5].starts_with("| 20 MiB PUT, compressed, 16 connections |") && lines[6].is_empty());
}

#[test]
fn system_calls_have_a_table_if_they_were_counted() {
    let machine = Machine::look(Path::new("/"));
    let mut result = result("put-4k-c16-d4");
    assert!(!markdown(&machine, std::slice::from_ref(&result)).contains("System calls"));
    let calls = |all, syncs| Some(Calls { tool: "perf", all, syncs, named: vec![("openat".into(), 4.5)] });
    (result.servers[0].calls, result.servers[1].calls) = (calls(200.0, 0.0), calls(25.0, 0.25));
    let text = markdown(&machine, &[result]);
    assert_eq!(
        text.lines().last(),
        Some("| 4 KiB PUT, 4 drives, 16 connections | 200 | 25.0 | 0.000 | 0.250 | openat 4.50 |")
    );
}
