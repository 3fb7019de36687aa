//! The numbers as a table for people and as JSON for programs.

use crate::machine::Machine;
use crate::round::{CellResult, Round, ServerResult};
use crate::statistics::{Median, Percentiles};
use serde_json::{Value, json};
use std::fmt::Write;

const TITLES: [&str; 15] = [
    "server",
    "ops/s",
    "±%",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    "1st byte",
    "cpu us/op",
    "client us",
    "others",
    "idle MiB",
    "peak MiB",
    "rested",
    "calls/op",
    "syncs/op",
];

/// How many of the most frequent system calls are named in the table.
const NAMED_CALLS: usize = 8;

/// One cell: a line for each server, ratios to the first, and what needs to be known besides.
pub fn table(result: &CellResult) -> String {
    let mut rows = vec![TITLES.map(str::to_owned).to_vec()];
    rows.extend(result.servers.iter().map(row));
    let mut text = format!("\n{}\n{}", result.cell, aligned(&rows));
    if let Some((base, others)) = result.servers.split_first() {
        others.iter().for_each(|server| text.push_str(&ratios(server, base)));
    }
    for server in &result.servers {
        if let Some(calls) = &server.calls {
            let named: Vec<String> =
                calls.named.iter().take(NAMED_CALLS).map(|(name, count)| format!("{name} {}", short(*count))).collect();
            let _ = writeln!(text, "  {} calls by {}: {}", server.name, calls.tool, named.join(", "));
        }
        let errors: u64 = server.rounds.iter().map(|round| round.errors).sum();
        if errors > 0 {
            let first = server.rounds.iter().find_map(|round| round.first_error.as_deref()).unwrap_or_default();
            let _ = writeln!(text, "  {}: {errors} ERRORS, the first: {first}", server.name);
        }
    }
    text
}

fn row(server: &ServerResult) -> Vec<String> {
    let median = |of: &dyn Fn(&Round) -> Option<f64>| value(server.median(of));
    let latency = |of: fn(&Percentiles) -> f64| median(&|round| round.latency.as_ref().map(of));
    let spread = server.median(|round| Some(round.rate)).map(|rate| format!("{:.0}", rate.spread()));
    let calls =
        |of: &dyn Fn(&crate::calls::Calls) -> f64| server.calls.as_ref().map_or("-".into(), |calls| short(of(calls)));
    let memory = |mib: Option<f64>| mib.map_or("-".into(), short);
    vec![
        server.name.clone(),
        median(&|round| Some(round.rate).filter(|rate| *rate > 0.0)),
        spread.unwrap_or_default(),
        latency(|percentiles| percentiles.p50),
        latency(|percentiles| percentiles.p99),
        latency(|percentiles| percentiles.p999),
        median(&|round| round.first_byte.map(|percentiles| percentiles.p50)),
        median(&|round| round.server_cpu),
        median(&|round| Some(round.client_cpu).filter(|time| *time > 0.0)),
        median(&|round| round.others),
        memory(server.idle),
        memory(server.rounds.iter().filter_map(|round| round.peak).reduce(f64::max)),
        memory(server.rested),
        calls(&|calls| calls.all),
        calls(&|calls| calls.syncs),
    ]
}

fn ratios(server: &ServerResult, base: &ServerResult) -> String {
    let ratio = |name: &str, of: &dyn Fn(&Round) -> Option<f64>| {
        let ratio = server.ratio(base, of)?;
        Some(format!("{name} x{} ({} to {})", short(ratio.value), short(ratio.min), short(ratio.max)))
    };
    let all = [
        ratio("rate", &|round| Some(round.rate)),
        ratio("cpu", &|round| round.server_cpu),
        ratio("p99", &|round| round.latency.map(|percentiles| percentiles.p99)),
        ratio("1st byte", &|round| round.first_byte.map(|percentiles| percentiles.p50)),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    format!("  {}/{}: {}\n", server.name, base.name, all.join(", "))
}

fn value(median: Option<Median>) -> String {
    median.map_or("-".into(), |median| short(median.value))
}

/// Three significant digits, no exponent.
pub fn short(value: f64) -> String {
    let digits = match value.abs() {
        1e2.. => 0,
        1e1.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if at == 0 { write!(text, "  {cell:<width$}") } else { write!(text, "  {cell:>width$}") };
        }
        text.push('\n');
    }
    text
}

/// Everything, round by round.
pub fn json(machine: &Machine, results: &[CellResult]) -> Value {
    let cells: Vec<Value> = results
        .iter()
        .map(|result| {
            let servers: Vec<Value> = result.servers.iter().map(server_json).collect();
            json!({ "cell": result.cell.to_string(), "servers": servers })
        })
        .collect();
    json!({ "machine": machine.json(), "cells": cells })
}

fn server_json(server: &ServerResult) -> Value {
    let calls = server.calls.as_ref().map(|calls| {
        let named: serde_json::Map<String, Value> =
            calls.named.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
        json!({ "tool": calls.tool, "all_per_op": calls.all, "syncs_per_op": calls.syncs, "named_per_op": named })
    });
    json!({
        "name": server.name,
        "idle_mib": server.idle,
        "rested_mib": server.rested,
        "calls": calls,
        "rounds": server.rounds.iter().map(round_json).collect::<Vec<_>>(),
    })
}

fn round_json(round: &Round) -> Value {
    let percentiles =
        |given: Option<Percentiles>| given.map(|p| json!({ "p50": p.p50, "p99": p.p99, "p99_9": p.p999 }));
    json!({
        "operations": round.operations,
        "errors": round.errors,
        "first_error": round.first_error,
        "seconds": round.seconds,
        "ops_per_second": round.rate,
        "latency_ms": percentiles(round.latency),
        "first_byte_ms": percentiles(round.first_byte),
        "server_cpu_us_per_op": round.server_cpu,
        "client_cpu_us_per_op": round.client_cpu,
        "others_cores": round.others,
        "peak_mib": round.peak,
    })
}

#[cfg(test)]
pub mod tests;
