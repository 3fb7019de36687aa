//! The command line: `rustfs [FLAGS] server [FLAGS and DIRS...]`.
//!
//! Long flags take one dash or two, values follow as the next argument or after `=`, and flags and directories may
//! be mixed in any order: the command lines of existing installations go on working.

mod flags;
mod help;

#[cfg(test)]
mod tests;

pub use help::help;

use crate::logging::Output;
use flags::{Arity, Flag};
use settings::{Flags, parse_bool};
use std::ffi::OsString;
use std::path::Path;

/// What to do, and under which name.
#[derive(Debug)]
pub struct Invocation {
    /// The name the program was started by (`rustfs`, `minio`).
    pub program: String,
    pub command: Command,
}

#[derive(Debug)]
pub enum Command {
    Version,
    Help(Topic),
    Server(Box<ServerOptions>),
    /// Bring the drives to rest without serving.
    Recover(Box<ServerOptions>),
    /// Examine the drives, and perhaps repair them.
    Fsck(Box<ServerOptions>),
    /// Show what a file says, or what every drive has of an object.
    Inspect(Box<ServerOptions>),
    /// Say what a change of servers takes over.
    CheckMigration(Box<ServerOptions>),
    /// Say what is wrong, then perhaps how it should be.
    Mistake {
        message: String,
        topic: Option<Topic>,
    },
}

/// What help is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Program,
    Server,
    Recover,
    Fsck,
    Inspect,
    CheckMigration,
}

impl Topic {
    /// The tools take the server's command line as it is.
    fn takes_server_flags(self) -> bool {
        !matches!(self, Topic::Program | Topic::Recover)
    }
}

/// What the tools are told beside what the server is.
#[derive(Debug, Default)]
pub struct ToolOptions {
    /// `fsck`: repair, don't only look.
    pub repair: bool,
    /// `inspect`: hide nothing.
    pub show_secrets: bool,
    /// `check-migration`: to MinIO, not to this server.
    pub to_minio: bool,
    /// Names of the server's flags that were given.
    pub given: Vec<&'static str>,
}

/// The flags of `server`.
#[derive(Debug, Default)]
pub struct ServerOptions {
    pub flags: Flags,
    pub output: Output,
    /// Content of `/crossdomain.xml`: the file it is in.
    pub crossdomain_xml: Option<String>,
    /// Flags that were given and mean nothing here yet.
    pub warnings: Vec<String>,
    pub tool: ToolOptions,
}

/// Reads the arguments, the program's name first.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Invocation {
    let mut arguments = arguments.into_iter();
    let program = arguments.next().map_or_else(|| "rustfs".to_owned(), |name| program_name(&name));
    let command = match arguments.map(OsString::into_string).collect::<Result<Vec<String>, OsString>>() {
        Ok(arguments) => parse_command(&program, &arguments).unwrap_or_else(|mistake| mistake),
        Err(argument) => {
            let message = format!("Incorrect Usage: '{}' is not UTF-8", argument.to_string_lossy());
            Command::Mistake { message, topic: None }
        }
    };
    Invocation { program, command }
}

fn program_name(path: &OsString) -> String {
    Path::new(path).file_name().map_or_else(|| "rustfs".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn parse_command(program: &str, arguments: &[String]) -> Result<Command, Command> {
    let mut options = ServerOptions::default();
    let mut rest = arguments.iter();
    let mut topic = Topic::Program;
    let mut flags_ended = false;
    let mut volumes = Vec::new();
    while let Some(argument) = rest.next() {
        let is_flag = !flags_ended && argument.len() > 1 && argument.starts_with('-');
        if is_flag && argument == "--" {
            flags_ended = true;
        } else if is_flag {
            let (flag, value) = parse_flag(argument, &mut rest, topic)?;
            match flag.name {
                "help" => return Ok(Command::Help(topic)),
                "version" => return Ok(Command::Version),
                _ => apply(&mut options, flag, value, topic)?,
            }
        } else if topic == Topic::Program {
            topic = match argument.as_str() {
                "server" => Topic::Server,
                "recover" => Topic::Recover,
                "fsck" => Topic::Fsck,
                "inspect" => Topic::Inspect,
                "check-migration" => Topic::CheckMigration,
                _ => return Err(unknown_command(program, argument)),
            };
        } else {
            volumes.push(argument.clone());
        }
    }
    match (topic, volumes.as_slice()) {
        (Topic::Program, _) => Ok(Command::Help(Topic::Program)),
        (Topic::Server, [only]) if only == "help" => {
            Err(Command::Mistake { message: String::new(), topic: Some(Topic::Server) })
        }
        (Topic::Server, _) => {
            options.flags.volumes = volumes;
            Ok(Command::Server(Box::new(options)))
        }
        (Topic::Recover, []) => Err(no_directory("recover", topic)),
        (Topic::Fsck, []) => Err(no_directory("check", topic)),
        (Topic::Recover, _) => {
            options.flags.volumes = volumes;
            Ok(Command::Recover(Box::new(options)))
        }
        (Topic::Inspect, []) => {
            let message = "Incorrect Usage: neither a file nor an object is given".to_owned();
            Err(Command::Mistake { message, topic: Some(topic) })
        }
        (Topic::Inspect, _) => {
            options.flags.volumes = volumes;
            Ok(Command::Inspect(Box::new(options)))
        }
        (Topic::CheckMigration, _) => {
            // The whole command line of the other server may be given.
            volumes.retain(|volume| volume != "server");
            options.flags.volumes = volumes;
            Ok(Command::CheckMigration(Box::new(options)))
        }
        (Topic::Fsck, _) => {
            options.flags.volumes = volumes;
            Ok(Command::Fsck(Box::new(options)))
        }
    }
}

fn no_directory(purpose: &str, topic: Topic) -> Command {
    let message = format!("Incorrect Usage: no directory to {purpose} is given");
    Command::Mistake { message, topic: Some(topic) }
}

/// A flag and its value, which may be the next argument.
fn parse_flag<'a>(
    argument: &str,
    rest: &mut impl Iterator<Item = &'a String>,
    topic: Topic,
) -> Result<(&'static Flag, String), Command> {
    let mistake = |text: String| Command::Mistake { message: format!("Incorrect Usage: {text}"), topic: Some(topic) };
    let name = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-')).unwrap_or(argument);
    let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
    let flag = flags::find(name, topic).ok_or_else(|| mistake(format!("flag provided but not defined: -{name}")))?;
    match (flag.arity, value) {
        (Arity::Value(_), Some(value)) => Ok((flag, value.to_owned())),
        (Arity::Value(_), None) => match rest.next() {
            Some(value) => Ok((flag, value.clone())),
            None => Err(mistake(format!("flag needs an argument: -{name}"))),
        },
        (Arity::Switch, value) => Ok((flag, value.unwrap_or("true").to_owned())),
    }
}

fn apply(options: &mut ServerOptions, flag: &Flag, value: String, topic: Topic) -> Result<(), Command> {
    let switch = || {
        parse_bool(&value).ok_or_else(|| Command::Mistake {
            message: format!("Incorrect Usage: invalid boolean value \"{value}\" for -{}", flag.name),
            topic: Some(topic),
        })
    };
    if flags::FLAGS.iter().any(|known| known.name == flag.name) {
        options.tool.given.push(flag.name);
    }
    match flag.name {
        "to" => match value.as_str() {
            "rustfs" | "minio" => options.tool.to_minio = value == "minio",
            _ => {
                let message = format!("Incorrect Usage: --to is rustfs or minio, not '{value}'");
                return Err(Command::Mistake { message, topic: Some(topic) });
            }
        },
        "repair" => options.tool.repair = switch()?,
        "show-secrets" => options.tool.show_secrets = switch()?,
        "quiet" => options.output.quiet = switch()?,
        "json" => options.output.json = switch()?,
        "anonymous" => options.output.anonymous = switch()?,
        "certs-dir" => options.flags.certs_dir = Some(value),
        "config-dir" => options.flags.config_dir = Some(value),
        "config" => options.flags.config = Some(value),
        "address" => options.flags.address = Some(value),
        "console-address" => options.flags.console_address = Some(value),
        "idle-timeout" => options.flags.idle_timeout = Some(value),
        "crossdomain-xml" => options.crossdomain_xml = Some(value),
        "compat" => {}
        other => options.warnings.push(format!("--{other} is accepted and has no effect in this release")),
    }
    Ok(())
}

fn unknown_command(program: &str, name: &str) -> Command {
    let mut message = format!("'{name}' is not a {program} sub-command. See '{program} --help'.");
    if distance(name, "server") <= 3 {
        message.push_str("\n\nDid you mean this?\n        server");
    }
    Command::Mistake { message, topic: None }
}

/// Letters to change, add or leave out to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, left) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in to.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            let best = changed.min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[to.len()]
}
