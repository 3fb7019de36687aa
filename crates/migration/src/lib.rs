//! What a change of servers takes over and what not, in either direction, told before the change: environment, flags, stored
//! configuration, buckets' features, identities, formats, journals.
//!
//! It looks and changes nothing. It must not know how any feature works; [`support`] is the one list of what each server
//! makes of it, and whoever adds a feature changes that list.

mod drives;
mod report;
mod stored;
mod support;
mod variables;

pub use report::{Item, Report, Verdict};

use fsck::{Deployment, Finding};
use kms::KeyService;
use std::sync::Arc;

/// From which server to which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    ToRustfs,
    ToMinio,
}

/// What there is to look at.
pub struct Input<'a> {
    pub direction: Direction,
    /// Variables that are set. Values are looked at, and never told.
    pub variables: Vec<(String, String)>,
    /// Names of flags that were given.
    pub flags: Vec<String>,
    /// The drives, if they could be opened, and what was wrong with them.
    pub drives: Option<(&'a Deployment, &'a [Finding])>,
    /// Why they couldn't.
    pub no_drives: Option<String>,
    /// The key service, if one is configured and answers.
    pub keys: Option<Arc<dyn KeyService>>,
    /// Why it doesn't.
    pub no_keys: Option<String>,
}

/// Looks at everything.
pub async fn check(input: Input<'_>) -> Report {
    let mut report = Report::default();
    variables::check(&input, &mut report);
    if let Some(keys) = &input.keys {
        report.add(
            "key service",
            keys.name(),
            Verdict::TakenOver,
            format!("it answers; its key is '{}'", keys.default_key_id()),
        );
    }
    if let Some(reason) = &input.no_keys {
        report.add("key service", "key service", Verdict::Prevents, reason.clone());
    }
    if let Some(reason) = &input.no_drives {
        report.add("drives", "drives", Verdict::Prevents, reason.clone());
    }
    if let Some((deployment, findings)) = input.drives {
        drives::check(&input, deployment, findings, &mut report).await;
        stored::check(&input, deployment, &mut report).await;
    }
    report
}

#[cfg(test)]
mod tests;
