//! Logs on stderr: plain lines, or one JSON object a line.

#[cfg(test)]
mod tests;

use base::{Clock, Timestamp, World};
use serde_json::{Map, Value};
use std::fmt::{self, Write};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// How the server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// No banner, no information.
    pub quiet: bool,
    pub json: bool,
    /// No credentials.
    pub anonymous: bool,
}

/// The variable that says what is logged.
pub const LEVEL: &str = "RUSTFS_LOG";

/// Starts logging for the process. `level` overrides what is logged (`debug`, `trace`, ...).
pub fn start(output: Output, level: Option<&str>, world: &World) {
    let default = if output.quiet { LevelFilter::WARN } else { LevelFilter::INFO };
    let asked = level.map(str::parse::<LevelFilter>);
    let unknown = asked.as_ref().is_some_and(Result::is_err);
    let level = asked.and_then(Result::ok).unwrap_or(default);
    let format = Lines { json: output.json, clock: Arc::clone(&world.clock) };
    let subscriber = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).event_format(format);
    if subscriber.try_init().is_err() {
        eprintln!("logging had been started before");
    }
    if unknown {
        tracing::warn!("{LEVEL} is none of error, warn, info, debug, trace, off: it is ignored");
    }
}

/// Tells why the server can't go on.
pub fn fatal(output: Output, message: &str) {
    if output.json {
        let line = serde_json::json!({ "level": "FATAL", "message": message, "error": { "message": message } });
        eprintln!("{line}");
    } else {
        eprintln!("FATAL {message}");
    }
}

/// One line for each event.
struct Lines {
    json: bool,
    clock: Arc<dyn Clock>,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let line = if self.json {
            json_line(*event.metadata().level(), self.clock.now(), fields)
        } else {
            plain_line(*event.metadata().level(), &fields)
        };
        writeln!(writer, "{line}")
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, String)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: String) {
        match field.name() {
            "message" => self.message = value,
            name => self.others.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.to_owned());
    }
}

/// Levels by the names that MinIO's logs have, which scripts look for.
fn plain_line(level: Level, fields: &Fields) -> String {
    let level = match level {
        Level::ERROR => "ERRO",
        Level::WARN => "WARN",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    };
    let mut line = format!("{level}: {}", one_line(&fields.message));
    for (name, value) in &fields.others {
        // Writing to a string can't fail.
        let _ = write!(line, " {name}={}", one_line(value));
    }
    line
}

/// What clients send can reach a log line; it must not begin another one.
fn one_line(text: &str) -> String {
    text.chars().flat_map(|char| if char.is_control() { char.escape_default().collect() } else { vec![char] }).collect()
}

fn json_line(level: Level, now: Timestamp, fields: Fields) -> String {
    let level = match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    };
    let mut object = Map::new();
    object.insert("level".to_owned(), Value::from(level));
    object.insert("time".to_owned(), Value::from(rfc3339(now)));
    object.insert("message".to_owned(), Value::from(fields.message));
    for (name, value) in fields.others {
        object.insert(name.to_owned(), Value::from(value));
    }
    Value::from(object).to_string()
}

fn rfc3339(time: Timestamp) -> String {
    let date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.nanos()));
    date.ok().and_then(|date| date.format(&Rfc3339).ok()).unwrap_or_default()
}
