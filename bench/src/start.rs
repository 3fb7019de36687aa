//! The cells that start servers: from the beginning of the process to its first answer, on drives that have been used.

use crate::cell::Cell;
use crate::client;
use crate::failure::Failure;
use crate::options::Options;
use crate::plan::{self, Sequence};
use crate::process;
use crate::round::{CellResult, Round, ServerResult, order};
use crate::server::{Room, Running};
use crate::statistics::Percentiles;
use crate::target::{BUCKET, Target};
use bytes::Bytes;

/// Connections that make buckets.
const MAKERS: usize = 16;
/// Objects on the drives.
const OBJECTS: usize = 100;

/// Makes buckets and some objects on each server, stops it, and starts it again and again. A round's latency is the time
/// to the first answer, which lists all buckets; its peak is what was resident then.
pub fn measure(cell: &Cell, options: &Options, room: &Room) -> Result<CellResult, Failure> {
    let mut servers = Vec::new();
    let mut results = Vec::new();
    for at in 0..options.servers.len() {
        let mut server = Running::start(at, cell, options, room)?;
        fill(cell, &server, options)?;
        server.stop();
        let name = server.name().to_owned();
        results.push(ServerResult { name, idle: None, rested: None, rounds: Vec::new(), calls: None });
        servers.push(server);
    }
    for round in 0..options.rounds {
        for at in order(round, servers.len()) {
            if servers[at].started_in.is_none() {
                continue; // An endpoint: it is not ours to start.
            }
            rustix::fs::sync();
            let took = servers[at].restart(options)?.as_secs_f64() * 1e3;
            eprintln!("  {:<10} {took:>9.0} ms", servers[at].name());
            let resident = servers[at].pid().map(process::resident).transpose()?;
            servers[at].stop();
            results[at].rounds.push(Round {
                operations: 1,
                latency: Some(Percentiles { p50: took, p99: took, p999: took }),
                peak: resident,
                ..Round::default()
            });
        }
    }
    Ok(CellResult { cell: *cell, servers: results })
}

fn fill(cell: &Cell, server: &Running, options: &Options) -> Result<(), Failure> {
    if server.pid().is_none() {
        return Ok(());
    }
    let target = Target::new(server.address(), &options.access);
    // One of the buckets holds the objects.
    let names = (1..cell.size).map(|at| format!("bucket-{at:06}")).chain([BUCKET.to_owned()]);
    let mut buckets = Sequence::once(names.map(|name| target.create_bucket(&name)));
    let mut objects = Sequence::once((0..OBJECTS).map(|at| target.put(&plan::key(at), Bytes::from_static(&[7; 4096]))));
    for (step, work) in [("making buckets", &mut buckets), ("writing objects", &mut objects)] {
        if let Some(said) = client::drive(target.address, MAKERS, work, None)?.first_error {
            let (name, cell) = (server.name().to_owned(), cell.to_string());
            return Err(Failure::Preparation { name, cell, step, said });
        }
    }
    Ok(())
}
