//! What an examination tells: lines for people, or JSON, one object a line.

use base::MIB;
use fsck::{Finding, Kind, Severity, Summary};
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More lines than this nobody reads; `--json` has all of them.
const MOST_LINES: usize = 1000;

/// Where findings and summaries go. Clones share their state.
#[derive(Clone)]
pub struct Report {
    json: bool,
    quiet: bool,
    silent: bool,
    lines: Arc<AtomicUsize>,
}

impl Report {
    pub fn new(json: bool, quiet: bool) -> Report {
        Report { json, quiet, silent: false, lines: Arc::default() }
    }

    /// One that tells no findings: those after a repair are told once it has ended.
    pub fn silent(&self) -> Report {
        Report { silent: true, ..self.clone() }
    }

    /// Tells a finding.
    pub fn finding(&self, finding: &Finding) {
        if self.silent {
            return;
        }
        if self.json {
            return print(&finding.to_json().to_string());
        }
        match self.lines.fetch_add(1, Ordering::Relaxed) {
            0..MOST_LINES => print(&finding.to_string()),
            MOST_LINES => print("... more findings than are shown: --json has all of them"),
            _ => {}
        }
    }

    /// Tells what was done.
    pub fn action(&self, text: &str) {
        if self.json {
            return print(&serde_json::json!({"type": "action", "text": text}).to_string());
        }
        print(text);
    }

    /// Tells what it came to.
    pub fn summary(&self, summary: &Summary) {
        if self.json {
            return print(&summary.to_json().to_string());
        }
        if summary.findings.values().sum::<u64>() > 0 {
            print("");
        }
        for (severity, heading) in HEADINGS {
            for ((_, kind), count) in summary.findings.iter().filter(|((of, _), _)| of == severity) {
                let meaning = Kind::ALL.iter().find(|known| known.name() == *kind).map_or("", |kind| kind.meaning());
                print(&format!("{heading}: {count} x {kind}: {meaning}"));
            }
        }
        if !self.quiet {
            print(&format!(
                "{} drives ({} missing), {} buckets, {} names, {} versions, {} unfinished uploads, {} MiB verified, {} in the trash",
                summary.drives,
                summary.drives_missing,
                summary.buckets,
                summary.names,
                summary.versions,
                summary.uploads,
                summary.bytes / MIB,
                summary.trash,
            ));
        }
        print(verdict(summary));
    }
}

const HEADINGS: &[(Severity, &str)] = &[
    (Severity::Lost, "LOST"),
    (Severity::Unchecked, "unchecked"),
    (Severity::Repairable, "repairable"),
    (Severity::Harmless, "harmless"),
];

fn verdict(summary: &Summary) -> &'static str {
    match summary.outcome() {
        fsck::Examined::Sound => "Sound.",
        fsck::Examined::Repairable => "Damaged; nothing is lost. A server repairs it, and so does --repair.",
        fsck::Examined::Lost => "Data is lost.",
        fsck::Examined::Unchecked => "Not everything could be checked.",
    }
}

fn print(line: &str) {
    // On one terminal the line of progress gives way.
    let clear = if std::io::stderr().is_terminal() && std::io::stdout().is_terminal() { "\r\x1b[K" } else { "" };
    let mut out = std::io::stdout().lock();
    // Whoever doesn't read to the end has seen enough.
    let _closed = writeln!(out, "{clear}{line}");
}
