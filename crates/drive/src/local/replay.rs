//! Replaying the journal when a drive is opened: whatever a crash left of the changes that stand in it, afterwards they are
//! made, whole and durable.
//!
//! The entries of a name are folded: its data moves as each of them says, its `xl.meta` becomes what the last one says.
//! Doing so again, after another crash, gives the same. Commits whose outcome isn't known are put down as files
//! for the store to decide.
//!
//! If somebody else has been on the drive in between (MinIO, which empties the staging area and the marker in it), a
//! name is touched only where it still is in one of the states that the journal took it through; what is changed otherwise
//! stays, and the entries are set aside and reported.

use super::access::{Access, if_any};
use super::commit::MAX_XL_META;
use super::doubts;
use super::files;
use super::journal::entry::{CommitEntry, Entry, PutBack, UndoEntry};
use super::journal::{self, Beginning, Recorded};
use super::leftovers::{self, Leftovers};
use super::object_dirs;
use super::paths::{self, ASIDE, DOUBTS, OURS, SYS, TMP, TRASH, XL_META};
use super::undoing;
use crate::DriveResult;
use bytes::Bytes;
use format::xl::XlMeta;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Replays the journal if there is anything in it, and loads the commits in doubt. Where the journal goes on.
pub(super) fn replay(access: &Access<'_>, drive: Uuid) -> DriveResult<Beginning> {
    let recorded = match journal::read(access, drive)? {
        Ok(recorded) => recorded,
        Err(beginning) => {
            doubts::load(access, &HashMap::new())?;
            return Ok(beginning);
        }
    };
    for dir in [TMP, TRASH, DOUBTS] {
        access.make_dir(dir)?;
    }
    let concluded = Fold::of(&recorded).apply(access)?;
    doubts::load(access, &concluded)?;
    access.sync_all()?;
    access.shared.fresh.all_synced();
    journal::finish(access, &recorded)
}

/// What the entries come to.
struct Fold<'a> {
    trusted: bool,
    /// By `bucket/object`: its entries, in order.
    names: BTreeMap<String, Vec<Change<'a>>>,
    buckets: Vec<String>,
    /// Trees whose removal may not be complete.
    trees: Vec<String>,
    /// Commits with an outcome: true if they stand.
    concluded: HashMap<Uuid, bool>,
    /// Commits still in doubt, in order.
    doubts: Vec<&'a CommitEntry>,
}

/// A change to a name.
#[derive(Clone, Copy)]
enum Change<'a> {
    Commit(&'a CommitEntry),
    Undo(&'a UndoEntry),
}

impl<'a> Fold<'a> {
    fn of(recorded: &'a Recorded) -> Self {
        let mut fold = Fold {
            trusted: recorded.trusted,
            names: BTreeMap::new(),
            buckets: Vec::new(),
            trees: Vec::new(),
            concluded: HashMap::new(),
            doubts: Vec::new(),
        };
        let mut uploads: HashMap<Uuid, String> = HashMap::new();
        for entry in &recorded.entries {
            match entry {
                Entry::Commit(commit) => {
                    let record = &commit.record;
                    let object = paths::join(&record.bucket, &record.object);
                    fold.trees.retain(|tree| !is_below(&object, tree));
                    fold.names.entry(object).or_default().push(Change::Commit(commit));
                    uploads.extend(record.upload.as_ref().map(|upload| (record.id, paths::join(SYS, upload))));
                }
                Entry::Undo(undo) => {
                    fold.concluded.insert(undo.id, false);
                    let object = paths::join(&undo.bucket, &undo.object);
                    fold.trees.retain(|tree| !is_below(&object, tree));
                    fold.names.entry(object).or_default().push(Change::Undo(undo));
                }
                Entry::Settled { id } => {
                    fold.concluded.insert(*id, true);
                    if let Some(upload) = uploads.get(id) {
                        fold.forget_below(upload);
                    }
                }
                Entry::RemoveTree { path } => {
                    fold.forget_below(path);
                    fold.trees.push(path.clone());
                }
                Entry::MakeBucket { bucket } => {
                    // It was made after the removal was durable.
                    fold.trees.retain(|tree| !is_below(tree, bucket) && !is_below(bucket, tree));
                    fold.buckets.push(bucket.clone());
                }
                Entry::Elsewhere { .. } => {}
            }
        }
        fold
    }

    fn forget_below(&mut self, tree: &str) {
        self.names.retain(|object, _| !is_below(object, tree));
        self.buckets.retain(|bucket| bucket != tree);
    }

    fn apply(mut self, access: &Access<'_>) -> DriveResult<HashMap<Uuid, bool>> {
        if self.trusted {
            for tree in &self.trees {
                files::remove_tree_now(access, tree)?;
            }
            for bucket in &self.buckets {
                access.make_dir(bucket)?;
            }
            access.sync_dir("")?;
        }
        for (object, changes) in std::mem::take(&mut self.names) {
            self.name(access, &object, &changes)?;
        }
        self.write_doubts(access)?;
        Ok(self.concluded)
    }

    /// Brings one name to where its entries lead.
    fn name(&mut self, access: &Access<'_>, object: &str, changes: &[Change<'a>]) -> DriveResult<()> {
        let (bucket, _) = object.split_once('/').unwrap_or((object, ""));
        if !access.exists(bucket)? {
            return Ok(());
        }
        let meta = paths::join(object, XL_META);
        let current = access.read_if_any(&meta, MAX_XL_META)?;
        let target = target(changes);
        if !self.trusted && (!is_known(changes, current.as_ref()) || !has_data(access, object, changes, target)?) {
            return set_aside(access, object, changes);
        }
        for change in changes {
            if let Change::Commit(commit) = change {
                move_data(access, bucket, object, commit)?;
            }
        }
        match target {
            Some(Some(bytes)) if current.as_ref() != Some(bytes) => undoing::put_meta(access, bucket, object, bytes)?,
            Some(None) => drop(access.unlink(&meta)?),
            _ => {}
        }
        self.conclude(access, changes)?;
        if matches!(target, Some(None)) {
            access.prune(object);
        }
        Ok(())
    }

    /// What follows from the outcomes that are known.
    fn conclude(&mut self, access: &Access<'_>, changes: &[Change<'a>]) -> DriveResult<()> {
        let mut settled = Vec::new();
        for change in changes {
            match change {
                Change::Undo(undo) => undoing::take_back_data(access, undo)?,
                Change::Commit(commit) => {
                    let record = &commit.record;
                    match self.concluded.get(&record.id) {
                        Some(false) => {}
                        Some(true) => settled.push(commit),
                        None if commit.decided => settled.push(commit),
                        None if leftovers::was_settled(access, record)? => {
                            self.concluded.insert(record.id, true);
                            settled.push(commit);
                        }
                        None => self.doubts.push(commit),
                    }
                }
            }
        }
        for commit in settled {
            leftovers::clean_up(access, &Leftovers::of_commit(&commit.record, 0, 0))?;
        }
        Ok(())
    }

    /// A file for each commit in doubt, in the order in which they were made.
    fn write_doubts(&self, access: &Access<'_>) -> DriveResult<()> {
        let mut next = 1;
        for (sequence, name) in doubts::doubt_files(access)? {
            next = next.max(sequence.saturating_add(1));
            // One of an earlier replay may be cut short.
            if self.doubts.iter().any(|commit| name.ends_with(&commit.record.id.to_string())) {
                access.unlink(&paths::join(DOUBTS, &name))?;
            }
        }
        for (commit, sequence) in self.doubts.iter().zip(next..) {
            let record = &commit.record;
            access.write_new_unsynced(&doubts::doubt_file(sequence, record.id), record.encode())?;
        }
        Ok(())
    }
}

/// Whether the path is the tree or below it.
fn is_below(path: &str, tree: &str) -> bool {
    path.strip_prefix(tree).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What the name's `xl.meta` becomes; `None` if the entries leave it as it is.
fn target<'a>(changes: &[Change<'a>]) -> Option<Option<&'a Bytes>> {
    changes.iter().rev().find_map(|change| match change {
        Change::Commit(commit) => Some(commit.new.as_ref()),
        Change::Undo(undo) => match &undo.put_back {
            PutBack::Meta(meta) => Some(Some(meta)),
            PutBack::Removal => Some(None),
            PutBack::Nothing => None,
        },
    })
}

/// Whether the journal took the name through this state. Damage is what a crash left of one of them.
fn is_known(changes: &[Change<'_>], current: Option<&Bytes>) -> bool {
    if current.is_some_and(|bytes| XlMeta::parse(bytes).is_err()) {
        return true;
    }
    changes.iter().any(|change| match change {
        Change::Commit(commit) => commit.record.previous.as_ref() == current || commit.new.as_ref() == current,
        Change::Undo(undo) => match &undo.put_back {
            PutBack::Meta(meta) => Some(meta) == current,
            PutBack::Removal => current.is_none(),
            PutBack::Nothing => false,
        },
    })
}

/// Whether the data that the last state refers to, and that came with these entries, is on the drive: MinIO may have
/// emptied the staging area.
fn has_data(
    access: &Access<'_>,
    object: &str,
    changes: &[Change<'_>],
    target: Option<Option<&Bytes>>,
) -> DriveResult<bool> {
    let Some(Some(target)) = target else { return Ok(true) };
    for change in changes {
        let Change::Commit(commit) = change else { continue };
        let data_dir = commit.record.new_data_dir;
        if data_dir.is_nil() || !leftovers::refers_to(target, &data_dir.to_string()) {
            continue;
        }
        let there = access.exists(&paths::join(object, &data_dir.to_string()))?;
        let waiting = match source(commit) {
            Some(source) => access.exists(&source)?,
            None => false,
        };
        if !there && !waiting {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where the commit's data came from.
fn source(commit: &CommitEntry) -> Option<String> {
    let record = &commit.record;
    let parent = match (commit.staged, &record.upload) {
        (Some(staged), _) => paths::staging(staged),
        (None, Some(upload)) => paths::join(SYS, upload),
        (None, None) => return None,
    };
    Some(paths::join(&parent, &record.new_data_dir.to_string()))
}

/// Moves a commit's data into place if that isn't done.
fn move_data(access: &Access<'_>, bucket: &str, object: &str, commit: &CommitEntry) -> DriveResult<()> {
    let Some(source) = source(commit) else { return Ok(()) };
    if !access.exists(&source)? {
        return Ok(());
    }
    let data = paths::join(object, &commit.record.new_data_dir.to_string());
    if commit.staged.is_some() {
        // Staging is used once: what is in the way is what a repair replaces.
        access.trash(&data)?;
    } else if access.exists(&data)? {
        // The upload is there again, but its data has moved.
        return Ok(());
    }
    object_dirs::make_durable_in_tree(access, bucket, object)?;
    if_any(access.rename(&source, &data)).map(drop)
}

/// Keeps entries that don't fit any more, for whoever wants to know.
fn set_aside(access: &Access<'_>, object: &str, changes: &[Change<'_>]) -> DriveResult<()> {
    tracing::warn!(
        drive = access.shared.name,
        object,
        changes = changes.len(),
        "changes that a crash cut short were set aside: the object has been changed by another server since"
    );
    access.make_dir(ASIDE)?;
    for change in changes {
        let entry = match change {
            Change::Commit(commit) => Entry::Commit((*commit).clone()),
            Change::Undo(undo) => Entry::Undo((*undo).clone()),
        };
        let file = paths::join(ASIDE, &access.shared.uuid().to_string());
        access.write_new_unsynced(&file, entry.encode())?;
    }
    access.sync_dir(OURS)
}
