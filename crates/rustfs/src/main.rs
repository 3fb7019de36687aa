//! RustFS: an S3 server on MinIO's drives. This crate reads the command line, puts the others together, and listens
//! to signals; it must not know how anything works.

mod allocator;
mod banner;
mod check_migration;
mod cli;
mod engine;
mod front;
mod fsck;
mod identities;
mod inspect;
mod keys;
mod logging;
mod recover;
mod server;
mod stored_config;
mod system;
mod version;

use cli::{Command, Invocation};
use settings::{Environment, Settings, files};
use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::limit_arenas();
    match cli::parse(std::env::args_os()) {
        Invocation { program, command: Command::Version } => {
            print!("{}", version::text(&program));
            ExitCode::SUCCESS
        }
        Invocation { program, command: Command::Help(topic) } => {
            print!("{}", cli::help(&program, topic));
            ExitCode::SUCCESS
        }
        Invocation { program, command: Command::Mistake { message, topic } } => {
            if !message.is_empty() {
                eprintln!("{message}");
            }
            if let Some(topic) = topic {
                print!("{}", cli::help(&program, topic));
            }
            ExitCode::FAILURE
        }
        Invocation { program, command: Command::Server(options) } => serve(&program, &options),
        Invocation { command: Command::Recover(options), .. } => recover(&options),
        Invocation { command: Command::Fsck(options), .. } => fsck(&options),
        Invocation { command: Command::Inspect(options), .. } => inspect(&options),
        Invocation { command: Command::CheckMigration(options), .. } => check_migration(&options),
    }
}

/// Brings the drives to rest.
fn recover(options: &cli::ServerOptions) -> ExitCode {
    let world = base::World::system();
    let environment = Environment::from_process();
    logging::start(options.output, environment.get(logging::LEVEL), &world);
    let recovered = settings(options, environment).and_then(|settings| recover::run(&settings, world));
    match recovered {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fatal) => {
            logging::fatal(options.output, &fatal.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Examines the drives.
fn fsck(options: &cli::ServerOptions) -> ExitCode {
    let world = base::World::system();
    let environment = Environment::from_process();
    logging::start(options.output, environment.get(logging::LEVEL), &world);
    match settings(options, environment).and_then(|settings| fsck::run(&settings, options, &world)) {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        Err(fatal) => {
            logging::fatal(options.output, &fatal.to_string());
            ExitCode::from(::fsck::Examined::Unchecked.exit_code())
        }
    }
}

/// Shows a file or an object.
fn inspect(options: &cli::ServerOptions) -> ExitCode {
    let environment = Environment::from_process();
    logging::start(options.output, environment.get(logging::LEVEL), &base::World::system());
    match inspect::run(options, environment) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Says what a change of servers takes over.
fn check_migration(options: &cli::ServerOptions) -> ExitCode {
    logging::start(options.output, Some("error"), &base::World::system());
    match check_migration::run(options, Environment::from_process()) {
        Ok(code) => ExitCode::from(code),
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(3)
        }
    }
}

/// Runs the server to its end.
fn serve(program: &str, options: &cli::ServerOptions) -> ExitCode {
    let world = base::World::system();
    let environment = Environment::from_process();
    logging::start(options.output, environment.get(logging::LEVEL), &world);
    if !Settings::has_volumes(&options.flags, &environment) && environment.get("MINIO_CONFIG_ENV_FILE").is_none() {
        eprintln!("Incorrect Usage: no directory to serve is given");
        print!("{}", cli::help(program, cli::Topic::Server));
        return ExitCode::FAILURE;
    }
    match start(options, environment, world) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fatal) => {
            logging::fatal(options.output, &fatal.to_string());
            ExitCode::FAILURE
        }
    }
}

fn start(options: &cli::ServerOptions, environment: Environment, world: base::World) -> Result<(), server::Fatal> {
    let settings = settings(options, environment)?;
    system::raise_open_files();
    server::run(settings, options, world)
}

pub(crate) fn settings(options: &cli::ServerOptions, environment: Environment) -> Result<Settings, server::Fatal> {
    let environment = environment.load_files(files::read_secret).map_err(settings::SettingsError::from)?;
    let directory = std::env::current_dir().map_err(|cause| server::Fatal::WorkingDirectory { cause })?;
    let settings = Settings::resolve(&options.flags, &environment, &directory)?;
    for warning in options.warnings.iter().chain(&settings.warnings) {
        tracing::warn!("{warning}");
    }
    Ok(settings)
}
