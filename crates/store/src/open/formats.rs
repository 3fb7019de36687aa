//! What the drives' formats say together (on-disk-format.md 2.3 to 2.5).

use crate::config::OpenError;
use base::World;
use format::drive_format::{DistributionAlgorithm, FormatJson, FormatKind};
use uuid::Uuid;

/// What is to become of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its drives agree on this format (`this` means nothing).
    Ready(Box<FormatJson>),
    /// All its drives are empty.
    Fresh,
    /// Too few drives are there to tell.
    Wait { online: usize, needed: usize },
}

/// Judges by the formats found: for each place `None` if the drive isn't there, `Some(None)` if it is empty.
/// `bare` says that no drive found holds anything yet; `deployment` is the id that other pools have.
pub(super) fn judge(
    pool: usize,
    set_size: usize,
    names: &[&str],
    found: &[Option<Option<FormatJson>>],
    bare: bool,
    deployment: Option<Uuid>,
) -> Result<Verdict, OpenError> {
    let count = found.len();
    let formatted = || found.iter().enumerate().filter_map(|(at, found)| Some((at, found.as_ref()?.as_ref()?)));
    for (at, format) in formatted() {
        check_geometry(names[at], at, format, count, set_size)?;
    }
    let empty = found.iter().filter(|found| matches!(found, Some(None))).count();
    if empty == count {
        return Ok(Verdict::Fresh);
    }
    let needed = (count / 2).max(1);
    let same = |format: &FormatJson| formatted().filter(|(_, other)| other.same_pool(format)).count();
    // Of equally many the first in the order of the command line.
    let reference = formatted()
        .map(|(at, format)| (same(format), std::cmp::Reverse(at), format))
        .max_by_key(|best| (best.0, best.1));
    let Some((online, _, format)) = reference else { return Ok(Verdict::Wait { online: 0, needed }) };
    // A crash came while the drives were being formatted: all are there, and nothing is on them.
    let interrupted = bare && online + empty == count;
    if !interrupted && (online < needed || empty > count / 2) {
        return Ok(Verdict::Wait { online, needed: needed.max(count / 2 + 1) });
    }
    match deployment {
        Some(expected) if expected != format.deployment_id => {
            Err(OpenError::OtherDeployment { expected, found: format.deployment_id, nth: ordinal(pool + 1) })
        }
        _ => Ok(Verdict::Ready(Box::new(format.clone()))),
    }
}

fn check_geometry(name: &str, at: usize, format: &FormatJson, count: usize, set_size: usize) -> Result<(), OpenError> {
    let drive = name.to_owned();
    if format.drives() != count {
        let (given, found) = (count, format.drives());
        return Err(OpenError::OtherDriveCount { drive, given, found, nth: ordinal(at + 1) });
    }
    if format.set_drives() != set_size {
        return Err(OpenError::OtherSetSize { drive, given: set_size, found: format.set_drives() });
    }
    Ok(())
}

/// Why a formatted drive can't be used at a place; `None` if it can.
pub(super) fn misfit(found: &FormatJson, expected: &FormatJson, position: (usize, usize)) -> Option<String> {
    if !found.same_pool(expected) {
        return Some("it belongs to another deployment".to_owned());
    }
    match found.position() {
        Ok(place) if place == position => None,
        Ok((set, drive)) => Some(format!(
            "unexpected drive ordering: found drive at (set={}, drive={}), expected at (set={}, drive={}): \
             inconsistent drive found",
            ordinal(set + 1),
            ordinal(drive + 1),
            ordinal(position.0 + 1),
            ordinal(position.1 + 1),
        )),
        Err(error) => Some(error.to_string()),
    }
}

/// The format of a new pool.
pub(super) fn fresh(deployment_id: Uuid, drives: usize, set_size: usize, world: &World) -> FormatJson {
    let set = || (0..set_size).map(|_| world.random.uuid()).collect();
    let sets: Vec<Vec<Uuid>> = (0..drives / set_size).map(|_| set()).collect();
    FormatJson {
        format: if drives == 1 { FormatKind::XlSingle } else { FormatKind::Xl },
        deployment_id,
        this: sets[0][0],
        sets,
        algorithm: DistributionAlgorithm::SipModParity,
    }
}

/// `1st`, `2nd`, `3rd`, `4th` ...
fn ordinal(number: usize) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests;
