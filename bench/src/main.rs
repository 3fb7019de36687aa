//! Servers side by side under load: starts each with drives of its own (or takes an endpoint), drives it over HTTP/1.1
//! with signed requests, and prints operations a second, latency, processor time an operation, system calls, memory.
//!
//! A *cell* is one kind of work: operation, size, connections, drives (`put-4k-c16-d4`). For each cell every server is
//! started on empty drives; then rounds go from server to server, forth and back, so that what disturbs the machine
//! disturbs all. Ratios are taken within a round, and their median is what can be quoted.
//!
//! `docs/performance.md` says how to use it and what came out.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures time, starts processes and makes directories")]

mod calls;
mod cell;
mod client;
mod failure;
mod goals;
mod machine;
mod options;
mod plan;
mod process;
mod report;
mod round;
mod server;
mod sign;
mod start;
mod statistics;
mod target;
mod wire;

use failure::Failure;
use options::{Command, Options};
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(Command::Run(options)) => options,
        Ok(Command::Help) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Command::Cells) => {
            cell::all().iter().for_each(|cell| println!("{cell}"));
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("rustfs-bench: {error}\nrustfs-bench --help says more");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(errors) => {
            eprintln!("rustfs-bench: {errors} requests failed: the numbers of their cells say nothing");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("rustfs-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs every cell and prints; answers how many requests failed.
fn run(options: &Options) -> Result<u64, Failure> {
    let room = server::Room::make(&options.root)?;
    let machine = machine::Machine::look(room.path());
    if !options.goals {
        println!("{machine}");
    }
    let mut results = Vec::new();
    for (at, cell) in options.cells.iter().enumerate() {
        eprintln!("[{}/{}] {cell}", at + 1, options.cells.len());
        let result = round::measure(cell, options, &room)?;
        if !options.goals {
            print!("{}", report::table(&result));
        }
        results.push(result);
        // What was measured is kept, should a later cell fail.
        if let Some(path) = &options.json {
            let text = report::json(&machine, &results).to_string();
            std::fs::write(path, text).map_err(Failure::io(path.display()))?;
        }
    }
    if options.goals {
        print!("{}", goals::markdown(&machine, &results));
    }
    Ok(results.iter().map(round::CellResult::errors).sum())
}
