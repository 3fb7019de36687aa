//! Commits that a crash left in doubt: completed or taken back before anyone sees their names.
//!
//! A drive knows of a commit that it hasn't been told the outcome of. Together the drives of the set know it: if as
//! many have the new state as its readers need, it may have been acknowledged and goes forward; if so few have it,
//! counting those that can't be asked, that it can't have been, it is taken back. In between the doubt waits for more
//! drives. Of several commits to one name the newest is decided first, as each hides the one before it; then the drives
//! are asked again what they doubt.
//!
//! The completion of an upload that a later change hides is taken back like any other, which changes nothing that is seen. But
//! its upload comes back only where it certainly failed: where enough drives to read it still have its parts. Fewer have them
//! after a completion that a write quorum made, and it may have been acknowledged; then the upload has ended.
//!
//! A change of metadata keeps the version's time: who has it is told by the header, and it goes forward only where more
//! than half have it, so that the drives agree on one of the two whichever of them are asked.

use crate::gather::Gather;
use crate::layout::{delete_quorum, write_quorum};
use crate::quorum::{MetaAnswer, most_frequent};
use crate::set::{Drives, Set};
use crate::upload::is_upload;
use drive::Doubt;
use format::names::SYSTEM_BUCKET;
use format::xl::{Header, Kind};
use std::collections::{BTreeMap, HashSet};
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
    /// The drives that doubt it.
    places: Vec<Place>,
}

/// A commit in doubt on one drive.
struct Place {
    position: usize,
    /// It is visible there.
    applied: bool,
    /// A later change hides it there.
    hidden: bool,
    /// Its number among the name's commits in doubt there, oldest first.
    nth: usize,
}

impl Case {
    /// Later commits to a version come after earlier ones: a new one has a later time, then it may be changed, and removed.
    fn age(&self) -> impl Ord {
        (self.doubt.mod_time, self.doubt.removal, self.doubt.edit)
    }

    fn at(&self, position: usize) -> Option<&Place> {
        self.places.iter().find(|place| place.position == position)
    }

    /// The upload that it completed, if a later change hides it somewhere: such a change began when the completion's outcome
    /// was known, or when nobody waited for it any more.
    fn hidden_upload(&self) -> Option<&str> {
        self.doubt.upload.as_deref().filter(|_| self.places.iter().any(|place| place.hidden))
    }

    /// Whether `other` came later on some drive.
    fn is_below(&self, other: &Case) -> bool {
        self.places.iter().any(|place| other.at(place.position).is_some_and(|above| above.nth > place.nth))
    }
}

/// The newest of a name's commits.
fn newest(mut cases: Vec<Case>) -> Option<Case> {
    let on_top = |case: &Case| !cases.iter().any(|other| case.is_below(other));
    let (at, _) = cases.iter().enumerate().filter(|(_, case)| on_top(case)).max_by_key(|(_, case)| case.age())?;
    Some(cases.swap_remove(at))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Forward,
    Back,
    /// The same, and the upload that it completed has ended all the same.
    BackWithoutUpload,
    Wait,
}

/// Decides all doubts of a set, as far as its drives allow. `locks` guard the names where requests are already served.
/// Commits that this store is busy with are none of them.
pub(crate) async fn resolve(set: &Set, locks: &crate::lock::NameLocks) -> Resolved {
    let drives = set.drives();
    let mut resolved = Resolved::default();
    let busy = set.shared.commits.ids();
    let mut weighed: HashSet<Uuid> = HashSet::new();
    loop {
        let mut more = false;
        for ((bucket, object), mut cases) in collect(set, &drives).await {
            let Ok(_guard) = locks.write(&bucket, &object).await else { continue };
            cases.retain(|case| !busy.contains(&case.doubt.id) && !set.shared.commits.contains(case.doubt.id));
            let below = cases.len().saturating_sub(1);
            let Some(case) = newest(cases) else { continue };
            if !weighed.insert(case.doubt.id) {
                // It waits, or a drive couldn't be told. What is below it can't be seen before it is decided.
                continue;
            }
            let answers = set.read_all_meta(&bucket, &object).await;
            let mut verdict = decide(set, &case, &answers);
            if let (Verdict::Back, Some(upload)) = (verdict, case.hidden_upload()) {
                verdict = decide_upload(set, &drives, upload).await;
            }
            match verdict {
                Verdict::Forward => resolved.forward += 1,
                Verdict::Back | Verdict::BackWithoutUpload => resolved.back += 1,
                Verdict::Wait => resolved.waiting += 1 + below,
            }
            tracing::info!(bucket, object, ?verdict, "a commit was in doubt");
            tell(set, &drives, &case, verdict).await;
            more |= below > 0 && verdict != Verdict::Wait;
        }
        if !more {
            return resolved;
        }
    }
}

/// The doubts of all drives, by name and commit.
async fn collect(set: &Set, drives: &Drives) -> BTreeMap<(String, String), Vec<Case>> {
    let questions = drives.iter().enumerate();
    let questions = questions.filter_map(|(at, drive)| Some((at, drive.as_ref()?.doubts())));
    let answers = Gather::new(questions).all(set.size()).await;
    let mut names: BTreeMap<(String, String), Vec<Case>> = BTreeMap::new();
    for (position, answer) in answers.into_iter().enumerate() {
        let doubts = match answer {
            Some(Ok(doubts)) => doubts,
            Some(Err(error)) => {
                tracing::warn!(%error, "a drive couldn't tell its doubts");
                continue;
            }
            None => continue,
        };
        for (nth, doubt) in doubts.into_iter().enumerate() {
            let place = Place { position, applied: doubt.applied, hidden: doubt.hidden, nth };
            let cases = names.entry((doubt.bucket.clone(), doubt.object.clone())).or_default();
            match cases.iter_mut().find(|case| case.doubt.id == doubt.id) {
                Some(case) => {
                    // A drive that had missed what was before it may have removed something older.
                    case.doubt.mod_time = case.doubt.mod_time.max(doubt.mod_time);
                    case.places.push(place);
                }
                None => cases.push(Case { places: vec![place], doubt }),
            }
        }
    }
    names
}

fn decide(set: &Set, case: &Case, answers: &[MetaAnswer]) -> Verdict {
    let written = written(case, answers);
    let done = (0..set.size()).filter(|&at| is_done(case, written, at, &answers[at]) == Some(true)).count();
    let unknown = (0..set.size()).filter(|&at| is_done(case, written, at, &answers[at]).is_none()).count();
    let needed = if case.doubt.removal { delete_quorum(set.size()) } else { needed_for_write(set, case, answers) };
    if done >= needed {
        Verdict::Forward
    } else if done + unknown < needed {
        Verdict::Back
    } else {
        Verdict::Wait
    }
}

/// Whether the upload of a completion that is hidden and taken back can have been left by a completion that failed.
///
/// One that a write quorum made took the parts from all of its drives: fewer than read a part have them still.
async fn decide_upload(set: &Set, drives: &Drives, upload: &str) -> Verdict {
    let answers = set.read_all_meta(SYSTEM_BUCKET, upload).await;
    let records = answers.iter().flatten().filter_map(|meta| meta.versions.first());
    let record = most_frequent(records.filter_map(|entry| Some((entry.data_dir().ok()?, entry.header.data))));
    let Some(((data_dir, data), _)) = record else {
        let unknown = |answer: &MetaAnswer| matches!(answer, Err(error) if error.is_unavailable());
        return if answers.iter().any(unknown) { Verdict::Wait } else { Verdict::BackWithoutUpload };
    };
    let questions = drives.iter().enumerate();
    let questions = questions.filter_map(|(at, drive)| Some((at, drive.as_ref()?.list_parts(upload, data_dir))));
    let (mut whole, mut unknown) = (0, 0);
    for answer in Gather::new(questions).all(set.size()).await {
        match answer {
            Some(Ok(parts)) if parts.is_empty() => {}
            Some(Ok(_)) => whole += 1,
            Some(Err(error)) if error.is_absence() => {}
            Some(Err(_)) | None => unknown += 1,
        }
    }
    match usize::from(data) {
        needed if whole >= needed => Verdict::Back,
        needed if whole + unknown < needed => Verdict::BackWithoutUpload,
        _ => Verdict::Wait,
    }
}

/// The header that the commit wrote; `None` if it is visible nowhere.
fn written(case: &Case, answers: &[MetaAnswer]) -> Option<Header> {
    let applied = case.places.iter().filter(|place| place.applied);
    let entry = |place: &Place| Some(answers[place.position].as_ref().ok()?.find(case.doubt.version_id)?.header);
    most_frequent(applied.filter_map(entry)).map(|(header, _)| header)
}

/// Whether a drive is as the commit wants it; `None` if it can't be asked.
fn is_done(case: &Case, written: Option<Header>, position: usize, answer: &MetaAnswer) -> Option<bool> {
    let doubt = &case.doubt;
    let header = match answer {
        Ok(meta) => meta.find(doubt.version_id).map(|entry| entry.header),
        Err(error) if error.is_unavailable() => return None,
        Err(_) => None,
    };
    if let Some(place) = case.at(position) {
        return Some(place.applied);
    }
    Some(match header {
        None => doubt.removal,
        // It missed the commit, or has gone on since: then what it has now is on enough drives by itself.
        Some(header) if doubt.removal || header.mod_time != doubt.mod_time => false,
        Some(header) => !doubt.edit || Some(header) == written,
    })
}

/// Drives that readers of the version need.
fn needed_for_write(set: &Set, case: &Case, answers: &[MetaAnswer]) -> usize {
    let headers = answers.iter().flatten().filter_map(|meta| meta.find(case.doubt.version_id));
    let headers = headers.map(|entry| entry.header).filter(|header| header.mod_time == case.doubt.mod_time);
    match most_frequent(headers.map(|header| (header.kind, header.data))) {
        // An upload's parts want a write quorum at once; nobody was told of one that has fewer drives.
        Some(((Kind::Object, data), _)) if is_upload(&case.doubt.bucket, &case.doubt.object) => {
            write_quorum(data.into(), set.size().saturating_sub(data.into()))
        }
        Some(((Kind::Object, data), _)) if case.doubt.edit => delete_quorum(set.size()).max(data.into()),
        Some(((Kind::Object, data), _)) => data.into(),
        Some(_) => delete_quorum(set.size()),
        // Visible nowhere: any number that it can't reach.
        None => set.size() - set.standard_parity(),
    }
}

async fn tell(set: &Set, drives: &Drives, case: &Case, verdict: Verdict) {
    // While there is a record: a crash in between must not leave it.
    match (verdict, &case.doubt.upload) {
        // The others throw it away as they settle.
        (Verdict::Forward, Some(upload)) => end_upload(set, drives, upload, |at| case.at(at).is_none()).await,
        (Verdict::BackWithoutUpload, Some(upload)) => end_upload(set, drives, upload, |_| true).await,
        _ => {}
    }
    let id: Uuid = case.doubt.id;
    let question = |place: &Place| {
        let drive = drives[place.position].as_ref()?;
        match verdict {
            Verdict::Forward => Some((place.position, drive.settle(id))),
            Verdict::Back | Verdict::BackWithoutUpload => Some((place.position, drive.undo(id))),
            Verdict::Wait => None,
        }
    };
    let questions: Vec<_> = case.places.iter().filter_map(question).collect();
    for answer in Gather::new(questions).all(set.size()).await.into_iter().flatten() {
        if let Err(error) = answer {
            tracing::warn!(%error, "a drive couldn't be told the outcome of a commit");
        }
    }
    // Forward: some drives lack it. Back: a drive may have missed what was before it too, and what was to heal that was
    // forgotten with the crash.
    if verdict != Verdict::Wait {
        set.heal_later(&case.doubt.bucket, &case.doubt.object, None, false);
    }
}

/// Drives that a completion hadn't reached still have the upload.
async fn end_upload(set: &Set, drives: &Drives, upload: &str, has_it: impl Fn(usize) -> bool) {
    let removal = |at: usize| Some((at, drives[at].as_ref()?.remove_tree(SYSTEM_BUCKET, upload)));
    let removals = (0..set.size()).filter(|&at| has_it(at)).filter_map(removal);
    for error in Gather::new(removals).all(set.size()).await.into_iter().flatten().filter_map(Result::err) {
        tracing::warn!(%error, "an upload that has been completed stays on a drive");
    }
}
