//! One cell, measured: servers side by side, rounds in turns.

use crate::calls::{self, Calls};
use crate::cell::{Cell, Operation};
use crate::client::{self, Request, Tally, Work};
use crate::failure::Failure;
use crate::machine;
use crate::options::Options;
use crate::plan::{Plan, Sequence};
use crate::process;
use crate::server::{Room, Running};
use crate::start;
use crate::statistics::{Median, Percentiles};
use crate::target::{BUCKET, Target};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Connections that fill a server before its rounds.
const FILLERS: usize = 8;
/// How long a server is left alone before its idle memory is read.
const SETTLE: Duration = Duration::from_secs(1);
/// Before a timed round the same work runs for this share of it, uncounted.
const WARM_UP: f64 = 0.1;
/// How long counting system calls goes on: less than a round, since watching slows the server down.
const COUNTING: Duration = Duration::from_secs(2);

/// All that was measured of a cell.
pub struct CellResult {
    /// The cell.
    pub cell: Cell,
    /// Its servers, in the order of the options.
    pub servers: Vec<ServerResult>,
}

/// What was measured of one server in a cell.
pub struct ServerResult {
    /// As named in the options.
    pub name: String,
    /// MiB resident before the first request, on empty drives.
    pub idle: Option<f64>,
    /// MiB resident a while after the last round.
    pub rested: Option<f64>,
    /// In the order they were run.
    pub rounds: Vec<Round>,
    /// System calls, if they were counted.
    pub calls: Option<Calls>,
}

/// What was measured in one round.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// Operations that succeeded.
    pub operations: u64,
    /// Operations that failed.
    pub errors: u64,
    /// What the first that failed said.
    pub first_error: Option<String>,
    /// Seconds.
    pub seconds: f64,
    /// Operations a second.
    pub rate: f64,
    /// Of whole operations.
    pub latency: Option<Percentiles>,
    /// Up to the first byte of an answer's body.
    pub first_byte: Option<Percentiles>,
    /// The server's processor time, in microseconds an operation.
    pub server_cpu: Option<f64>,
    /// The client's, likewise.
    pub client_cpu: f64,
    /// Processor time that went to neither, in cores: the kernel's own work, and whatever else ran.
    pub others: Option<f64>,
    /// MiB resident at most.
    pub peak: Option<f64>,
}

impl CellResult {
    /// Failed operations of all rounds; a round in which nothing was done counts as one.
    pub fn errors(&self) -> u64 {
        let rounds = self.servers.iter().flat_map(|server| &server.rounds);
        rounds.map(|round| round.errors.max(u64::from(round.operations == 0))).sum()
    }
}

impl ServerResult {
    /// The median over rounds of something that a round may lack.
    pub fn median(&self, of: impl Fn(&Round) -> Option<f64>) -> Option<Median> {
        Median::of(self.rounds.iter().filter_map(of))
    }

    /// The median of ratios to another server, round by round: what disturbs one of a pair disturbs the other.
    pub fn ratio(&self, base: &ServerResult, of: impl Fn(&Round) -> Option<f64>) -> Option<Median> {
        let pairs = self.rounds.iter().zip(&base.rounds);
        Median::of(pairs.filter_map(|(own, base)| Some(of(own)? / of(base)?)).filter(|ratio| ratio.is_finite()))
    }
}

/// Measures a cell for all servers.
pub fn measure(cell: &Cell, options: &Options, room: &Room) -> Result<CellResult, Failure> {
    if cell.operation == Operation::Start {
        return start::measure(cell, options, room);
    }
    let plan = Plan::new(cell, options.scale);
    let mut contestants = Vec::new();
    for at in 0..options.servers.len() {
        contestants.push(Contestant::prepare(at, cell, &plan, options, room)?);
    }
    for round in 0..options.rounds {
        for at in order(round, contestants.len()) {
            contestants[at].round(&plan, round > 0)?;
        }
    }
    if options.calls {
        for contestant in &mut contestants {
            contestant.count(&plan, room)?;
        }
    }
    sleep(SETTLE);
    let servers = contestants.into_iter().map(|contestant| contestant.finish(&plan));
    Ok(CellResult { cell: *cell, servers: servers.collect::<Result<_, _>>()? })
}

/// Which server comes when: forth in one round, back in the next.
pub fn order(round: usize, servers: usize) -> Vec<usize> {
    if round.is_multiple_of(2) { (0..servers).collect() } else { (0..servers).rev().collect() }
}

/// A running server in a cell.
struct Contestant<'a> {
    server: Running,
    cell: &'a Cell,
    options: &'a Options,
    result: ServerResult,
}

impl<'a> Contestant<'a> {
    fn prepare(at: usize, cell: &'a Cell, plan: &Plan, options: &'a Options, room: &Room) -> Result<Self, Failure> {
        let server = Running::start(at, cell, options, room)?;
        let mut idle = None;
        if let Some(pid) = server.pid() {
            sleep(SETTLE);
            idle = Some(process::resident(pid)?);
        }
        let name = server.name().to_owned();
        let result = ServerResult { name, idle, rested: None, rounds: Vec::new(), calls: None };
        let contestant = Contestant { server, cell, options, result };
        let target = contestant.target();
        let bucket = Sequence::once([target.create_bucket(BUCKET)].into_iter());
        // An endpoint may have the bucket of a run that was broken off.
        if contestant.server.pid().is_some() {
            contestant.must("making the bucket", &mut { bucket })?;
        } else {
            client::drive(target.address, 1, &mut { bucket }, None)?;
        }
        contestant.fill(plan)?;
        Ok(contestant)
    }

    fn target(&self) -> Target {
        Target::new(self.server.address(), &self.options.access).with_form(self.cell.form)
    }

    fn fill(&self, plan: &Plan) -> Result<(), Failure> {
        let target = self.target();
        self.must("writing objects", &mut Sequence::once(plan.fill(&target).into_iter()))?;
        match plan.check(&target) {
            Some(mut check) => self.must("reading objects back", &mut check),
            None => Ok(()),
        }
    }

    /// Preparations, in which nothing may fail.
    fn must(&self, step: &'static str, work: &mut dyn Work) -> Result<(), Failure> {
        match client::drive(self.server.address(), FILLERS, work, None)?.first_error {
            None => Ok(()),
            Some(said) => Err(Failure::Preparation {
                name: self.server.name().to_owned(),
                cell: self.cell.to_string(),
                step,
                said,
            }),
        }
    }

    /// One timed round.
    fn round(&mut self, plan: &Plan, again: bool) -> Result<(), Failure> {
        if plan.consumes() && again {
            self.fill(plan)?;
        }
        // Signatures hold for 15 minutes: new ones for each round.
        let target = self.target();
        let mut work = plan.work(&target);
        // What others have written must not reach the disk in this round's time.
        rustix::fs::sync();
        if !plan.consumes() {
            let warm_up = self.options.seconds.mul_f64(WARM_UP);
            client::drive(target.address, self.cell.connections, &mut *work, Some(warm_up))?;
        }
        let pid = self.server.pid();
        if let Some(pid) = pid {
            process::forget_peak(pid);
        }
        let server_time = || pid.map(process::processor_time).transpose();
        let before = (server_time()?, process::own_processor_time(), machine::busy(), Instant::now());
        let tally = client::drive(target.address, self.cell.connections, &mut *work, Some(self.options.seconds))?;
        let seconds = before.3.elapsed().as_secs_f64();
        let server = server_time()?.zip(before.0).map(|(after, before)| after.saturating_sub(before));
        let client = process::own_processor_time() - before.1;
        let machine = machine::busy().saturating_sub(before.2);
        let peak = pid.map(process::peak).transpose()?;
        let an_operation = |time: Duration| time.as_secs_f64() * 1e6 / tally.operations.max(1) as f64;
        let others = server.map(|server| machine.saturating_sub(server + client).as_secs_f64() / seconds);
        let (server_cpu, client_cpu) = (server.map(an_operation), an_operation(client));
        let Tally { operations, errors, first_error, rate, latency, first_byte, elapsed } = tally;
        let line = first_error.as_deref().unwrap_or_default();
        eprintln!("  {:<10} {rate:>9.0}/s {}", self.server.name(), line);
        self.result.rounds.push(Round {
            operations,
            errors,
            first_error,
            seconds: elapsed.as_secs_f64(),
            rate,
            latency: latency.percentiles(),
            // Of an upload only the short answers in between have bodies.
            first_byte: first_byte.percentiles().filter(|_| self.cell.operation != Operation::Multipart),
            server_cpu,
            client_cpu,
            others,
            peak,
        });
        Ok(())
    }

    /// A round of its own in which system calls are counted.
    fn count(&mut self, plan: &Plan, room: &Room) -> Result<(), Failure> {
        let Some(pid) = self.server.pid() else { return Ok(()) };
        if plan.consumes() {
            self.fill(plan)?;
        }
        let target = self.target();
        let mut work = plan.work(&target);
        let connections = self.cell.connections;
        let calls =
            calls::count(pid, room.path(), || client::drive(target.address, connections, &mut *work, Some(COUNTING)))?;
        self.result.calls = Some(calls);
        Ok(())
    }

    fn finish(mut self, plan: &Plan) -> Result<ServerResult, Failure> {
        self.result.rested = self.server.pid().map(process::resident).transpose()?;
        if self.server.pid().is_none() {
            let target = self.target();
            let clear: Vec<Request> = plan.clear(&target);
            client::drive(target.address, FILLERS, &mut Sequence::once(clear.into_iter()), None)?;
            client::drive(target.address, 1, &mut Sequence::once([target.delete_bucket()].into_iter()), None)?;
        }
        Ok(self.result)
    }
}
