//! What was found out.

use serde_json::{Value, json};
use std::fmt;

/// What becomes of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It works as before.
    TakenOver,
    /// It is kept as it is and does nothing; back with the other server it works again.
    WithoutEffect,
    /// Nobody here knows it.
    Unknown,
    /// What it guarded isn't guarded any more, or what it did for safety isn't done.
    LosesProtection,
    /// The server wouldn't start, or data couldn't be read.
    Prevents,
}

impl Verdict {
    pub const ALL: [Verdict; 5] =
        [Verdict::Prevents, Verdict::LosesProtection, Verdict::Unknown, Verdict::WithoutEffect, Verdict::TakenOver];

    /// As it is called in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::TakenOver => "taken over",
            Verdict::WithoutEffect => "without effect",
            Verdict::Unknown => "unknown",
            Verdict::LosesProtection => "loses protection",
            Verdict::Prevents => "prevents the change",
        }
    }
}

/// One thing and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// environment, flags, drives, configuration, bucket NAME, identities.
    pub section: String,
    pub name: String,
    pub verdict: Verdict,
    /// Why, or what to do.
    pub note: String,
}

/// Everything that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub items: Vec<Item>,
}

impl Report {
    pub(crate) fn add(&mut self, section: &str, name: impl Into<String>, verdict: Verdict, note: impl Into<String>) {
        self.items.push(Item { section: section.to_owned(), name: name.into(), verdict, note: note.into() });
    }

    /// The worst verdict.
    pub fn worst(&self) -> Verdict {
        self.items.iter().map(|item| item.verdict).max().unwrap_or(Verdict::TakenOver)
    }

    /// 0: all is taken over; 1: something is without effect or unknown; 2: something loses protection; 3: the change would fail.
    pub fn exit_code(&self) -> u8 {
        match self.worst() {
            Verdict::TakenOver => 0,
            Verdict::WithoutEffect | Verdict::Unknown => 1,
            Verdict::LosesProtection => 2,
            Verdict::Prevents => 3,
        }
    }

    pub fn to_json(&self) -> Value {
        let item = |item: &Item| json!({"section": item.section, "name": item.name, "verdict": item.verdict.name(), "note": item.note});
        json!({"verdict": self.worst().name(), "items": self.items.iter().map(item).collect::<Vec<_>>()})
    }
}

impl fmt::Display for Report {
    /// The worst first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for verdict in Verdict::ALL {
            let items: Vec<&Item> = self.items.iter().filter(|item| item.verdict == verdict).collect();
            if items.is_empty() {
                continue;
            }
            writeln!(f, "{} ({})", verdict.name().to_uppercase(), items.len())?;
            for item in items {
                let name = item.name.escape_debug();
                writeln!(f, "  {}: {name}{}{}", item.section, if item.note.is_empty() { "" } else { ": " }, item.note)?;
            }
        }
        Ok(())
    }
}
