//! Environment variables and flags.

use crate::support::{FLAGS, OURS, VARIABLES, find};
use crate::{Direction, Input, Report, Verdict};

pub(crate) fn check(input: &Input<'_>, report: &mut Report) {
    for (name, _) in input.variables.iter().filter(|(name, value)| is_a_servers(name) && !value.is_empty()) {
        let (verdict, note) = match input.direction {
            Direction::ToRustfs => {
                find(VARIABLES, name).unwrap_or((Verdict::Unknown, "neither server is known to read it"))
            }
            Direction::ToMinio => match find(OURS, name) {
                Some(row) => row,
                // What MinIO reads it read before.
                None if find(VARIABLES, name).is_some() => (Verdict::TakenOver, ""),
                None => (Verdict::Unknown, "neither server is known to read it"),
            },
        };
        report.add("environment", name.as_str(), verdict, note);
    }
    if let Some((name, _)) = input.variables.iter().find(|(name, value)| name.starts_with("MINIO_") && is_remote(value))
        && input.direction == Direction::ToRustfs
    {
        report.add(
            "environment",
            name.as_str(),
            Verdict::Prevents,
            "values fetched from a server (env://) are not supported",
        );
    }
    for flag in &input.flags {
        let (verdict, note) = match input.direction {
            Direction::ToRustfs => find(FLAGS, flag).unwrap_or((Verdict::Unknown, "")),
            Direction::ToMinio => (Verdict::TakenOver, ""),
        };
        report.add("flags", format!("--{flag}"), verdict, note);
    }
}

fn is_a_servers(name: &str) -> bool {
    name.starts_with("MINIO_") || name.starts_with("_MINIO_") || name.starts_with("RUSTFS_")
}

fn is_remote(value: &str) -> bool {
    value.starts_with("env://") || value.starts_with("env+tls://")
}
