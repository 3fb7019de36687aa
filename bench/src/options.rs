//! The command line.

use crate::cell::{self, Cell};
use crate::goals;
use crate::server::{Place, Spec};
use crate::target::Access;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

/// What `--help` prints.
pub const HELP: &str = "\
rustfs-bench: S3 servers side by side under load

  rustfs-bench --server NAME=COMMAND... [--endpoint NAME=http://HOST:PORT...] [OPTIONS]

Servers (ratios are against the first one named)
  --server NAME=COMMAND   started for each cell; {port} and {drives} are filled in, words are parted at blanks:
                          minio='minio server --quiet --address 127.0.0.1:{port} {drives}'
  --endpoint NAME=URL     runs already: no processor time, memory or system calls of it are known. The bucket
                          rustfs-bench is made there, and emptied and removed at the end
  --env NAME=VALUE        for started servers; their root credentials are set anyway

What is measured
  --cells PATTERN,...     names with * for anything (put-4k-*,get-*-c16-d4); --list prints all
  --goals                 the cells of the project's goals, printed as the Markdown tables of docs/performance.md
                          (with --calls also that of system calls)
  --seconds N             a round's length (4)
  --rounds N              rounds of each cell (3)
  --calls                 system calls and syncs too, in a round of their own, with perf or else strace
  --scale F               a share of each cell's objects, for trials (1)
  --sign-bodies           sign bodies by their SHA-256, as SDKs do without TLS

Where
  --root DIR              drives are made below it ($TMPDIR or /tmp) and removed at the end; a run that is broken off
                          leaves its directory, rustfs-bench-PID
  --port N                the first server's port (9600)
  --access-key, --secret-key, --region   (minioadmin, minioadmin, us-east-1)
  --json FILE             all numbers, round by round
";

/// What was asked for.
#[derive(Debug)]
pub enum Command {
    /// Measure.
    Run(Box<Options>),
    /// Print the help.
    Help,
    /// Print the names of all cells.
    Cells,
}

/// How to measure.
#[derive(Debug)]
pub struct Options {
    /// At least one; the first is the base of ratios.
    pub servers: Vec<Spec>,
    /// At least one.
    pub cells: Vec<Cell>,
    /// Print the tables of the goals.
    pub goals: bool,
    /// A round's length.
    pub seconds: Duration,
    /// Rounds of each cell.
    pub rounds: usize,
    /// Count system calls.
    pub calls: bool,
    /// A share of each cell's objects.
    pub scale: f64,
    /// Below which directory drives are made.
    pub root: PathBuf,
    /// The first server's port; the others follow.
    pub port: u16,
    /// Who asks.
    pub access: Access,
    /// More environment for started servers.
    pub environment: Vec<(String, String)>,
    /// Where to write all numbers.
    pub json: Option<PathBuf>,
}

/// Why a command line was not understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OptionError {
    #[error("no option {0}")]
    Unknown(String),
    #[error("{0} needs a value")]
    NoValue(String),
    #[error("{option}: {value:?} is not {expected}")]
    Value {
        /// As given.
        option: String,
        /// As given.
        value: String,
        /// What would have been right.
        expected: &'static str,
    },
    #[error("no server: give --server or --endpoint")]
    NoServer,
    #[error("goals are ratios: give two servers")]
    OneServer,
    #[error("two servers are named {0}")]
    TwoOfAName(String),
}

/// Reads a command line, without the program's name.
pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Command, OptionError> {
    let mut options = Options {
        servers: Vec::new(),
        cells: Vec::new(),
        goals: false,
        seconds: Duration::from_secs(4),
        rounds: 3,
        calls: false,
        scale: 1.0,
        root: std::env::temp_dir(),
        port: 9600,
        access: Access {
            key: "minioadmin".into(),
            secret: "minioadmin".into(),
            region: "us-east-1".into(),
            sign_bodies: false,
        },
        environment: Vec::new(),
        json: None,
    };
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        // `--name value` and `--name=value`.
        let (option, given) = match argument.split_once('=') {
            Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
            None => (argument.clone(), None),
        };
        let mut value =
            || given.clone().or_else(|| arguments.next()).ok_or_else(|| OptionError::NoValue(option.clone()));
        match &*option {
            "--help" | "-h" => return Ok(Command::Help),
            "--list" => return Ok(Command::Cells),
            "--goals" => options.goals = true,
            "--calls" => options.calls = true,
            "--sign-bodies" => options.access.sign_bodies = true,
            "--server" => {
                let (name, command) = pair(&option, value()?, "NAME=COMMAND")?;
                options.servers.push(Spec { name, place: Place::Command(command) });
            }
            "--endpoint" => {
                let (name, url) = pair(&option, value()?, "NAME=http://HOST:PORT")?;
                let address = address(&url).ok_or_else(|| wrong(&option, &url, "http://HOST:PORT"))?;
                options.servers.push(Spec { name, place: Place::Endpoint(address) });
            }
            "--env" => options.environment.push(pair(&option, value()?, "NAME=VALUE")?),
            "--cells" => {
                let patterns = value()?;
                options.cells =
                    cell::select(&patterns).map_err(|pattern| wrong(&option, pattern, "the name of a cell"))?;
            }
            "--seconds" => options.seconds = Duration::from_secs_f64(number(&option, value()?, 0.05..=3600.0)?),
            "--scale" => options.scale = number(&option, value()?, 0.0..=100.0)?,
            "--rounds" => options.rounds = number(&option, value()?, 1..=1000)?,
            "--port" => options.port = number(&option, value()?, 1..=u16::MAX)?,
            "--root" => options.root = value()?.into(),
            "--access-key" => options.access.key = value()?,
            "--secret-key" => options.access.secret = value()?,
            "--region" => options.access.region = value()?,
            "--json" => options.json = Some(value()?.into()),
            _ => return Err(OptionError::Unknown(argument)),
        }
    }
    check(options).map(|options| Command::Run(Box::new(options)))
}

fn check(mut options: Options) -> Result<Options, OptionError> {
    if options.servers.is_empty() {
        return Err(OptionError::NoServer);
    }
    if options.goals && options.servers.len() < 2 {
        return Err(OptionError::OneServer);
    }
    for (at, server) in options.servers.iter().enumerate() {
        if options.servers[..at].iter().any(|other| other.name == server.name) {
            return Err(OptionError::TwoOfAName(server.name.clone()));
        }
    }
    if options.cells.is_empty() {
        let default = if options.goals { goals::CELLS } else { cell::SHORT };
        options.cells = cell::select(default).unwrap_or_else(|name| unreachable!("{name} is a cell"));
    }
    Ok(options)
}

fn wrong(option: &str, value: &str, expected: &'static str) -> OptionError {
    OptionError::Value { option: option.into(), value: value.into(), expected }
}

fn pair(option: &str, value: String, expected: &'static str) -> Result<(String, String), OptionError> {
    match value.split_once('=') {
        Some((name, rest)) if !name.is_empty() && !rest.is_empty() => Ok((name.into(), rest.into())),
        _ => Err(wrong(option, &value, expected)),
    }
}

fn number<T>(option: &str, value: String, range: std::ops::RangeInclusive<T>) -> Result<T, OptionError>
where
    T: std::str::FromStr + PartialOrd,
{
    let number = value.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| wrong(option, &value, "a number in its range"))
}

fn address(url: &str) -> Option<SocketAddr> {
    url.strip_prefix("http://")?.trim_end_matches('/').to_socket_addrs().ok()?.next()
}

#[cfg(test)]
mod tests;
