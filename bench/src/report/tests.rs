use super::{json, short, table};
use crate::calls::Calls;
use crate::cell;
use crate::machine::Machine;
use crate::round::{CellResult, Round, ServerResult};
use crate::statistics::Percentiles;

/// A server with three rounds around a rate.
pub fn server(name: &str, rate: f64, cpu: f64) -> ServerResult {
    let round = |factor: f64| Round {
        operations: 100,
        rate: rate * factor,
        server_cpu: Some(cpu),
        latency: Some(Percentiles { p50: 1.0, p99: 2000.0 / rate, p999: 9.0 }),
        first_byte: Some(Percentiles { p50: 0.5, p99: 0.6, p999: 0.7 }),
        peak: Some(100.0),
        ..Round::default()
    };
    let rounds = vec![round(0.9), round(1.0), round(1.2)];
    ServerResult { name: name.into(), idle: Some(20.0), rested: Some(30.0), rounds, calls: None }
}

/// A cell in which `new` does eight times the work of `old`.
pub fn result(name: &str) -> CellResult {
    CellResult {
        cell: cell::select(name).unwrap()[0],
        servers: vec![server("old", 200.0, 4000.0), server("new", 1600.0, 500.0)],
    }
}

#[test]
fn a_table_has_medians_and_ratios() {
    let mut result = result("put-4k-c16-d4");
    let named = vec![("openat".to_owned(), 12.0), ("fdatasync".to_owned(), 0.25)];
    result.servers[1].calls = Some(Calls { tool: "perf", all: 40.5, syncs: 0.25, named });
    let text = table(&result);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[1], "put-4k-c16-d4");
    assert_eq!(
        lines[4].split_whitespace().collect::<Vec<_>>(),
        ["new", "1600", "15", "1.00", "1.25", "9.00", "0.500", "500", "-", "-", "20.0", "100", "30.0", "40.5", "0.250"]
    );
    assert_eq!(
        lines[5].trim(),
        "new/old: rate x8.00 (8.00 to 8.00), cpu x0.125 (0.125 to 0.125), p99 x0.125 (0.125 to 0.125), 1st byte x1.00 (1.00 to 1.00)"
    );
    assert_eq!(lines[6].trim(), "new calls by perf: openat 12.0, fdatasync 0.250");
    assert_eq!(lines.len(), 7);
}

#[test]
fn errors_are_not_hidden() {
    let mut result = result("put-4k-c16-d4");
    result.servers[0].rounds[1] = Round { errors: 3, first_error: Some("status 503".into()), ..Round::default() };
    assert_eq!(result.errors(), 3);
    assert!(table(&result).contains("old: 3 ERRORS, the first: status 503"));
    result.servers[0].rounds[1] = Round::default();
    assert_eq!(result.errors(), 1);
}

#[test]
fn json_has_every_round() {
    let machine = Machine::look(std::path::Path::new("/"));
    let value = json(&machine, &[result("get-4k-c1-d1")]);
    let rounds = value["cells"][0]["servers"][1]["rounds"].as_array().unwrap();
    assert_eq!((rounds.len(), rounds[0]["ops_per_second"].as_f64()), (3, Some(1440.0)));
    assert_eq!(value["cells"][0]["cell"], "get-4k-c1-d1");
}

#[test]
fn three_digits_say_enough() {
    assert_eq!(
        [12345.6, 123.4, 12.34, 1.234, 0.1234, 0.0].map(short),
        ["12346", "123", "12.3", "1.23", "0.123", "0.000"]
    );
}
