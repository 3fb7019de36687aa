//! The project's goals against MinIO, as the Markdown tables of docs/performance.md.

use crate::cell::{Cell, Form, Operation};
use crate::machine::Machine;
use crate::report::short;
use crate::round::{CellResult, Round, ServerResult};
use std::fmt::Write;

/// The cells that goals are about.
pub const CELLS: &str = "put-4k-c16-d4,put-4k-c16-d1,get-4k-c16-d4,head-4k-c16-d4,put-1m-c16-d4,get-1m-c16-d4,put-20m-c1-d4,\
                         put-20m-c16-d4,get-20m-c1-d4,get-20m-c16-d4,delete-4k-c16-d4,list-c16-d4,getput-20m-c64-d4,\
                         start-4-d4,start-10000-d4,*-20m-*-sse-s3,*-20m-*-sse-kms,*-20m-*-compressed";

/// The 99th percentile's goal, in every cell.
const P99: f64 = 0.5;

/// How many of the most frequent system calls are named.
const NAMED_CALLS: usize = 6;

/// A line of the first table: what is asked for, as ratios to the first server.
struct Goal {
    cell: &'static str,
    work: &'static str,
    rate: f64,
    cpu: f64,
}

const GOALS: [Goal; 12] = [
    Goal { cell: "put-4k-c16-d4", work: "4 KiB PUT, 4 drives, 16 connections", rate: 8.0, cpu: 0.1 },
    Goal { cell: "put-4k-c16-d1", work: "4 KiB PUT, 1 drive, 16 connections", rate: 5.0, cpu: 0.15 },
    Goal { cell: "get-4k-c16-d4", work: "4 KiB GET, hot, 4 drives, 16 connections", rate: 6.0, cpu: 0.1 },
    Goal { cell: "head-4k-c16-d4", work: "4 KiB HEAD, hot, 4 drives, 16 connections", rate: 6.0, cpu: 0.1 },
    Goal { cell: "put-1m-c16-d4", work: "1 MiB PUT, 4 drives, 16 connections", rate: 1.5, cpu: 0.6 },
    Goal { cell: "get-1m-c16-d4", work: "1 MiB GET, 4 drives, 16 connections", rate: 1.5, cpu: 0.5 },
    Goal { cell: "put-20m-c1-d4", work: "20 MiB PUT, 4 drives, 1 connection", rate: 1.5, cpu: 0.6 },
    Goal { cell: "put-20m-c16-d4", work: "20 MiB PUT, 4 drives, 16 connections", rate: 1.5, cpu: 0.6 },
    Goal { cell: "get-20m-c1-d4", work: "20 MiB GET, 4 drives, 1 connection", rate: 2.0, cpu: 0.5 },
    Goal { cell: "get-20m-c16-d4", work: "20 MiB GET, 4 drives, 16 connections", rate: 1.5, cpu: 0.5 },
    Goal { cell: "delete-4k-c16-d4", work: "4 KiB DELETE, 4 drives, 16 connections", rate: 5.0, cpu: 0.2 },
    Goal { cell: "list-c16-d4", work: "LIST, pages of 1000, 4 drives, 16 connections", rate: 10.0, cpu: 0.1 },
];

/// What is asked for of objects of 20 MiB that are encrypted or compressed, as ratios to the first server.
const CHANGED_RATE: f64 = 2.0;
const CHANGED_CPU: f64 = 0.5;

/// The tables, of the first server and the second; cells that weren't measured have no line.
pub fn markdown(machine: &Machine, results: &[CellResult]) -> String {
    let names: Vec<&str> =
        results.first().map_or(Vec::new(), |result| result.servers.iter().map(|s| &*s.name).collect());
    let [base, own, ..] = names[..] else { return String::new() };
    let rounds = results.iter().flat_map(|result| &result.servers).map(|server| server.rounds.len()).max().unwrap_or(0);
    let mut text = format!(
        "Measured on {machine}. Medians of {rounds} rounds; a ratio is {own}'s to {base}'s, with its goal behind it; **bold** where it is met.\n\n"
    );
    let head = format!(
        "| Work | {base}, ops/s | {own} | ratio | {base}, server CPU µs/op | {own} | ratio | {base}, p99 ms | {own} | ratio |\n\
         | --- | --: | --: | --- | --: | --: | --- | --: | --: | --- |\n"
    );
    text.push_str(&head);
    let find = |name: &str| results.iter().find(|result| result.cell.to_string() == name);
    for goal in &GOALS {
        if let Some(result) = find(goal.cell) {
            text.push_str(&line(goal.work, (goal.rate, goal.cpu), result));
        }
    }
    let mut changed = results.iter().filter_map(|result| Some((changed_work(&result.cell)?, result))).peekable();
    if changed.peek().is_some() {
        let _ = write!(text, "\nEncrypted and compressed, 4 drives:\n\n{head}");
    }
    for (work, result) in changed {
        text.push_str(&line(&work, (CHANGED_RATE, CHANGED_CPU), result));
    }
    let _ = write!(text, "\n| What | {base} | {own} | Goal |\n| --- | --: | --: | --- |\n");
    for line in single_values(results) {
        let _ = writeln!(text, "{line}");
    }
    text.push_str(&calls(results, base, own));
    text
}

/// System calls and syncs an operation, if they were counted.
fn calls(results: &[CellResult], base: &str, own: &str) -> String {
    let mut text = String::new();
    for result in results {
        let work = GOALS.iter().find(|goal| goal.cell == result.cell.to_string()).map(|goal| goal.work);
        let (Some(work), Some(base), Some(own)) = (work, &result.servers[0].calls, &result.servers[1].calls) else {
            continue;
        };
        let named = own.named.iter().take(NAMED_CALLS).map(|(name, count)| format!("{name} {}", short(*count)));
        let named = named.collect::<Vec<_>>().join(", ");
        let counts = [base.all, own.all, base.syncs, own.syncs].map(short).join(" | ");
        let _ = writeln!(text, "| {work} | {counts} | {named} |");
    }
    if text.is_empty() {
        return text;
    }
    format!(
        "\n| System calls an operation | {base} | {own} | {base}, syncs | {own} | {own}'s most frequent |\n| --- | --: | --: | --: | --: | --- |\n{text}"
    )
}

/// What is done in a cell of encryption or compression; nothing for any other.
fn changed_work(cell: &Cell) -> Option<String> {
    let form = match cell.form {
        Form::Plain => return None,
        Form::SseS3 => "SSE-S3",
        Form::SseKms => "SSE-KMS",
        Form::Compressed => "compressed",
    };
    let operation = if cell.operation == Operation::Put { "PUT" } else { "GET" };
    let connections = if cell.connections == 1 { "connection" } else { "connections" };
    Some(format!("{} MiB {operation}, {form}, {} {connections}", cell.size >> 20, cell.connections))
}

fn line(work: &str, (rate, cpu): (f64, f64), result: &CellResult) -> String {
    let (base, own) = (&result.servers[0], &result.servers[1]);
    let part = |of: fn(&Round) -> Option<f64>, goal: f64, more_is_better: bool| {
        let median = |server: &ServerResult| server.median(of).map_or("-".into(), |median| short(median.value));
        let ratio = own.ratio(base, of).map_or("-".into(), |ratio| {
            let met = if more_is_better { ratio.value >= goal } else { ratio.value <= goal };
            format!("{} ({goal}x)", marked(&format!("{}x", short(ratio.value)), met))
        });
        format!("{} | {} | {ratio}", median(base), median(own))
    };
    let failed = if result.errors() > 0 { format!(" ({} ERRORS)", result.errors()) } else { String::new() };
    let rate = part(|round| Some(round.rate), rate, true);
    let cpu = part(|round| round.server_cpu, cpu, false);
    let p99 = part(|round| round.latency.map(|latency| latency.p99), P99, false);
    format!("| {work}{failed} | {rate} | {cpu} | {p99} |\n")
}

/// The goals that are no ratio of rates: first byte, memory, start.
fn single_values(results: &[CellResult]) -> Vec<String> {
    let mut lines = Vec::new();
    for result in results {
        let (base, own) = (&result.servers[0], &result.servers[1]);
        let name = result.cell.to_string();
        if name == "get-20m-c1-d4" {
            let of = |round: &Round| round.first_byte.map(|first_byte| first_byte.p50);
            let median = |server: &ServerResult| server.median(of).map_or("-".into(), |median| short(median.value));
            let ratio = own.ratio(base, of).map(|ratio| ratio.value);
            let shown = ratio.map_or("-".into(), |ratio| marked(&format!("{}x", short(ratio)), ratio <= 0.5));
            lines.push(format!(
                "| 20 MiB GET, 1 connection: median ms to the first byte | {} | {} ({shown}) | half |",
                median(base),
                median(own)
            ));
        }
        if result.cell.operation == Operation::Getput {
            let row = |what: &str, of: fn(&ServerResult) -> Option<f64>, goal: Option<f64>| {
                let value = |server| of(server).map_or("-".into(), short);
                let met = of(own).zip(goal).is_some_and(|(own, goal)| own <= goal);
                let goal = goal.map_or("near idle".into(), |goal| format!("{goal} MiB"));
                format!("| Resident MiB, {what} | {} | {} | {goal} |", value(base), marked(&value(own), met))
            };
            let peak = |server: &ServerResult| server.rounds.iter().filter_map(|round| round.peak).reduce(f64::max);
            lines.push(row("idle", |server| server.idle, Some(40.0)));
            lines.push(row("64 connections of 20 MiB GET and PUT", peak, Some(300.0)));
            lines.push(row("a second after that", |server| server.rested, None));
        }
        if result.cell.operation == Operation::Start {
            let limit = if result.cell.size > 1000 { 1000.0 } else { 100.0 };
            let took = |server: &ServerResult| {
                server.median(|round| round.latency.map(|latency| latency.p50)).map(|median| median.value)
            };
            let value = |server| took(server).map_or("-".into(), short);
            let met = took(own).is_some_and(|took| took <= limit);
            let what =
                format!("First answered request, {} drives with {} buckets, ms", result.cell.drives, result.cell.size);
            lines.push(format!("| {what} | {} | {} | {limit} |", value(base), marked(&value(own), met)));
        }
    }
    lines
}

fn marked(text: &str, met: bool) -> String {
    if met { format!("**{text}**") } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
