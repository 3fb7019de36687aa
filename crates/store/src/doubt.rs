//! Commits that a crash left in doubt: completed or taken back before anyone sees their names.
//!
//! A drive knows of a commit that it hasn't been told the outcome of. Together the drives of the set know it: if as
//! many have the new state as its readers need, it may have been acknowledged and goes forward; if so few have it,
//! counting those that can't be asked, that it can't have been, it is taken back. In between the doubt waits for more
//! drives. Of several commits to one name the newest is decided first, as each hides the one before it.

use crate::gather::Gather;
use crate::layout::delete_quorum;
use crate::quorum::{MetaAnswer, most_frequent};
use crate::set::{Drives, Set};
use drive::Doubt;
use format::xl::Kind;
use std::collections::HashMap;
use uuid::Uuid;

/// What became of a set's doubts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) forward: usize,
    pub(crate) back: usize,
    pub(crate) waiting: usize,
}

/// One commit, as the drives that doubt it know it.
struct Case {
    doubt: Doubt,
    /// Positions of drives that doubt it, with whether it is visible there.
    drives: Vec<(usize, bool)>,
    /// Where it stands in the longest line of its name's commits.
    order: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Forward,
    Back,
    Wait,
}

/// Decides all doubts of a set, as far as its drives allow. `locks` guard the names where requests are already served.
/// Commits that this store is busy with are none of them.
pub(crate) async fn resolve(set: &Set, locks: &crate::lock::NameLocks) -> Resolved {
    let drives = set.drives();
    let mut resolved = Resolved::default();
    let busy = set.shared.commits.lock().clone();
    for ((bucket, object), mut cases) in collect(set, &drives).await {
        let Ok(_guard) = locks.write(&bucket, &object).await else {
            resolved.waiting += cases.len();
            continue;
        };
        cases.retain(|case| !busy.contains(&case.doubt.id) && !set.shared.commits.lock().contains(&case.doubt.id));
        cases.sort_by_key(|case| std::cmp::Reverse(case.order));
        for case in cases {
            let answers = set.read_all_meta(&bucket, &object).await;
            let verdict = decide(set, &case, &answers);
            match verdict {
                Verdict::Forward => resolved.forward += 1,
                Verdict::Back => resolved.back += 1,
                Verdict::Wait => resolved.waiting += 1,
            }
            tracing::info!(bucket, object, ?verdict, "a commit was in doubt");
            tell(set, &drives, &case, verdict).await;
            if verdict == Verdict::Wait {
                // What is below it can't be seen before it is decided.
                break;
            }
        }
    }
    resolved
}

/// The doubts of all drives, by name and commit.
async fn collect(set: &Set, drives: &Drives) -> HashMap<(String, String), Vec<Case>> {
    let questions = drives.iter().enumerate();
    let questions = questions.filter_map(|(at, drive)| Some((at, drive.as_ref()?.doubts())));
    let answers = Gather::new(questions).all(set.size()).await;
    let mut names: HashMap<(String, String), Vec<Case>> = HashMap::new();
    for (position, answer) in answers.into_iter().enumerate() {
        let doubts = match answer {
            Some(Ok(doubts)) => doubts,
            Some(Err(error)) => {
                tracing::warn!(%error, "a drive couldn't tell its doubts");
                continue;
            }
            None => continue,
        };
        let mut line: HashMap<(String, String), usize> = HashMap::new();
        for doubt in doubts {
            let name = (doubt.bucket.clone(), doubt.object.clone());
            let order = line.entry(name.clone()).or_default();
            *order += 1;
            let cases = names.entry(name).or_default();
            match cases.iter_mut().find(|case| case.doubt.id == doubt.id) {
                Some(case) => {
                    case.order = case.order.max(*order);
                    case.drives.push((position, doubt.applied));
                }
                None => cases.push(Case { drives: vec![(position, doubt.applied)], doubt, order: *order }),
            }
        }
    }
    names
}

fn decide(set: &Set, case: &Case, answers: &[MetaAnswer]) -> Verdict {
    let done = (0..set.size()).filter(|&at| is_done(case, at, &answers[at]) == Some(true)).count();
    let unknown = (0..set.size()).filter(|&at| is_done(case, at, &answers[at]).is_none()).count();
    let needed = if case.doubt.removal { delete_quorum(set.size()) } else { needed_for_write(set, case, answers) };
    if done >= needed {
        Verdict::Forward
    } else if done + unknown < needed {
        Verdict::Back
    } else {
        Verdict::Wait
    }
}

/// Whether a drive is as the commit wants it; `None` if it can't be asked.
fn is_done(case: &Case, position: usize, answer: &MetaAnswer) -> Option<bool> {
    let doubt = &case.doubt;
    let entry = match answer {
        Ok(meta) => meta.find(doubt.version_id),
        Err(error) if error.is_unavailable() => return None,
        Err(_) => None,
    };
    if let Some((_, applied)) = case.drives.iter().find(|(at, _)| *at == position) {
        return Some(*applied);
    }
    let is_it = entry.is_some_and(|entry| entry.header.mod_time >= doubt.mod_time);
    Some(if doubt.removal { entry.is_none_or(|entry| entry.header.mod_time != doubt.mod_time) } else { is_it })
}

/// Drives that readers of the version need.
fn needed_for_write(set: &Set, case: &Case, answers: &[MetaAnswer]) -> usize {
    let headers = answers.iter().flatten().filter_map(|meta| meta.find(case.doubt.version_id));
    let headers = headers.map(|entry| entry.header).filter(|header| header.mod_time == case.doubt.mod_time);
    match most_frequent(headers.map(|header| (header.kind, header.data))) {
        Some(((Kind::Object, data), _)) => data.into(),
        Some(_) => delete_quorum(set.size()),
        // Visible nowhere: any number that it can't reach.
        None => set.size() - set.standard_parity(),
    }
}

async fn tell(set: &Set, drives: &Drives, case: &Case, verdict: Verdict) {
    let id: Uuid = case.doubt.id;
    let question = |&(at, _): &(usize, bool)| {
        let drive = drives[at].as_ref()?;
        match verdict {
            Verdict::Forward => Some((at, drive.settle(id))),
            Verdict::Back => Some((at, drive.undo(id))),
            Verdict::Wait => None,
        }
    };
    let questions: Vec<_> = case.drives.iter().filter_map(question).collect();
    for answer in Gather::new(questions).all(set.size()).await.into_iter().flatten() {
        if let Err(error) = answer {
            tracing::warn!(%error, "a drive couldn't be told the outcome of a commit");
        }
    }
    if verdict == Verdict::Forward {
        set.heal_later(&case.doubt.bucket, &case.doubt.object, None, false);
    }
}
