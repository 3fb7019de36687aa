//! Cutting the power in the middle of a script, and what must be found afterwards.

use crate::script::{Step, What};
use crate::snapshot::{self, ABSENT, Snapshot};
use base::{Random, SeededRandom};
use drive::Drive;
use drive::testing::open_formatted;
use rustfs_sim::SimDisk;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// What the store decides about the commits that it hasn't decided yet.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Decision {
    Settle,
    Undo,
}

async fn open(disk: &SimDisk) -> Arc<dyn Drive> {
    let drive = open_formatted(&disk.slot("sim")).await.expect("the drive opens");
    // What waits for an idle moment is done now, so that every run makes the same calls.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    drive
}

async fn prepare(disk: &SimDisk) -> Arc<dyn Drive> {
    let drive = open(disk).await;
    drive.make_bucket("bucket").await.expect("the bucket is made");
    drive
}

/// How many calls a script makes that change something.
pub async fn length_of(disk: SimDisk, script: &[Step]) -> u64 {
    let drive = prepare(&disk).await;
    let before = disk.changes();
    for step in script {
        step.run(&*drive, disk.clock()).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
    disk.changes() - before
}

/// Runs the script with the power going off after so many calls, and checks what is found then, for several ends that
/// the cut may take.
pub async fn cut_at(disk: SimDisk, script: &[Step], cut: u64, seeds: Range<u64>, known: &Known) {
    let done = run_until_cut(&disk, script, cut).await;
    let before = known.after(&script[..done]).await;
    let after = known.after(&script[..(done + 1).min(script.len())]).await;
    for seed in seeds {
        for decision in [Decision::Settle, Decision::Undo] {
            let case = format!("{script:?}\ncut at {cut}: {done} steps done; seed {seed}, {decision:?}");
            let after_cut = Case { script, done, decision, before: &before, after: &after, known };
            let disk = disk.copy(seed);
            disk.crash();
            after_cut.check_twice(disk, seed, &case).await;
        }
    }
}

/// The same for every end that can be told from those that have been seen after as many acknowledged steps; how many.
pub async fn cut_at_with_every_end(
    disk: SimDisk,
    script: &[Step],
    cut: u64,
    most: usize,
    seen: &mut HashSet<(usize, u64)>,
    known: &Known,
) -> u64 {
    let done = run_until_cut(&disk, script, cut).await;
    let before = known.after(&script[..done]).await;
    let after = known.after(&script[..(done + 1).min(script.len())]).await;
    let mut checked = 0;
    for (number, end) in disk.ends(most).into_iter().enumerate() {
        if !seen.insert((done, end.print)) {
            continue;
        }
        for decision in [Decision::Settle, Decision::Undo] {
            let after_cut = Case { script, done, decision, before: &before, after: &after, known };
            if decision == Decision::Undo && after_cut.all_decided() {
                continue;
            }
            let case = format!("{script:?}\ncut at {cut}: {done} steps done; end {number}, {decision:?}: {end:?}");
            let disk = disk.copy(end.print);
            disk.crash_to(&end);
            after_cut.check(disk, &case).await;
            checked += 1;
        }
    }
    checked
}

/// Kills the server instead, after so many calls: nothing that it had done is lost. What the next server shows must then
/// survive a power cut, whether or not the first had synced it.
pub async fn killed_at(disk: SimDisk, script: &[Step], cut: u64, seeds: Range<u64>, known: &Known) {
    let done = run_until_cut(&disk, script, cut).await;
    disk.kill();
    let drive = open(&disk).await;
    let case = format!("{script:?}\nkilled at {cut}");
    let before = known.after(&script[..done]).await;
    let decision = Decision::Settle;
    let killed = Case { script, done, decision, before: &before, after: &before, known };
    killed.conclude(&*drive, &case, &mut BTreeMap::new()).await.expect("the power is on");
    let shown = snapshot::take(&*drive).await;
    drop(drive);
    for seed in seeds {
        let disk = disk.copy(seed);
        disk.crash();
        let drive = open(&disk).await;
        killed.conclude(&*drive, &case, &mut BTreeMap::new()).await.expect("the power is on");
        assert_eq!(shown, snapshot::take(&*drive).await, "{case}, cut with seed {seed}");
    }
}

/// Cuts the power after the whole script, undoes whatever is said to be in doubt: nothing may be broken.
pub async fn whole_though_undone(disk: SimDisk, script: &[Step], seed: u64) {
    run_until_cut(&disk, script, u64::MAX).await;
    let disk = disk.copy(seed);
    disk.crash();
    let drive = open(&disk).await;
    for doubt in drive.doubts().await.expect("doubts can be asked for").iter().rev() {
        drive.undo(doubt.id).await.expect("it is undone");
    }
    for (key, shown) in snapshot::take(&*drive).await {
        assert!(!shown.contains("BROKEN"), "seed {seed}, {key}: {shown}");
    }
}

/// How many steps were acknowledged.
async fn run_until_cut(disk: &SimDisk, script: &[Step], cut: u64) -> usize {
    let drive = prepare(disk).await;
    disk.cut_power_after(cut);
    let mut done = 0;
    for step in script {
        if step.run(&*drive, disk.clock()).await.is_err() {
            break;
        }
        done += 1;
    }
    done
}

/// What scripts leave on a disk whose power isn't cut: worked out once for each.
#[derive(Default)]
pub struct Known {
    snapshots: RefCell<HashMap<Vec<Step>, Snapshot>>,
}

impl Known {
    async fn after(&self, script: &[Step]) -> Snapshot {
        if let Some(known) = self.snapshots.borrow().get(script) {
            return known.clone();
        }
        let disk = crate::new_disk(1);
        let drive = prepare(&disk).await;
        for step in script {
            step.run(&*drive, disk.clock()).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
        }
        let snapshot = snapshot::take(&*drive).await;
        self.snapshots.borrow_mut().insert(script.to_vec(), snapshot.clone());
        snapshot
    }
}

struct Case<'a> {
    script: &'a [Step],
    /// So many steps were acknowledged.
    done: usize,
    decision: Decision,
    before: &'a Snapshot,
    after: &'a Snapshot,
    known: &'a Known,
}

impl Case<'_> {
    async fn check_twice(&self, disk: SimDisk, seed: u64, case: &str) {
        // Half of the time the power fails again while the drive recovers.
        let mut applied = BTreeMap::new();
        if seed % 2 == 1 {
            disk.cut_power_after(SeededRandom::new(seed).u64() % 40);
            if let Ok(drive) = open_formatted(&disk.slot("sim")).await {
                self.conclude(&*drive, case, &mut applied).await;
            }
            disk.crash();
        }
        self.check_after(disk, case, applied).await;
    }

    async fn check(&self, disk: SimDisk, case: &str) {
        self.check_after(disk, case, BTreeMap::new()).await;
    }

    /// `applied`: what was decided when the drive was opened before, which it needn't ask about again.
    async fn check_after(&self, disk: SimDisk, case: &str, mut applied: BTreeMap<u128, bool>) {
        let drive = open(&disk).await;
        let concluded = self.conclude(&*drive, case, &mut applied).await;
        concluded.unwrap_or_else(|| panic!("{case}\nrecovery failed"));
        let found = snapshot::take(&*drive).await;
        self.compare(&found, &applied, case).await;
        assert!(drive.doubts().await.expect("doubts can be asked for").is_empty(), "{case}\nstill in doubt");
        drop(drive);
        let again = snapshot::take(&*open(&disk).await).await;
        assert_eq!(found, again, "{case}\nopening again changes what is there");
    }

    /// Tells the drive the outcome of everything in doubt, and notes which of these commits were applied. `None` if the power
    /// failed.
    async fn conclude(&self, drive: &dyn Drive, case: &str, applied: &mut BTreeMap<u128, bool>) -> Option<()> {
        let doubts = drive.doubts().await.ok()?;
        for doubt in doubts.iter().rev() {
            let id = doubt.id.as_u128();
            applied.insert(id, doubt.applied);
            let outcome = match self.decided(id) {
                Some(Decision::Settle) => {
                    assert!(doubt.applied || self.may_be_gone(), "{case}\nthe settled commit {id} is not there");
                    Decision::Settle
                }
                Some(Decision::Undo) => Decision::Undo,
                None => self.decision,
            };
            match outcome {
                Decision::Settle => drive.settle(doubt.id).await.ok()?,
                Decision::Undo => drive.undo(doubt.id).await.ok()?,
            }
        }
        Some(())
    }

    /// Whether the script also does what replaces a commit without another.
    fn may_be_gone(&self) -> bool {
        let replaces = |step: &Step| matches!(step, Step::Heal(..) | Step::DeleteBucket(..) | Step::RemoveTree(..));
        self.script.iter().any(replaces)
    }

    /// What the script had decided about a commit, be it that the drive had only begun to hear of it.
    fn decided(&self, id: u128) -> Option<Decision> {
        let heard = &self.script[..(self.done + 1).min(self.script.len())];
        heard.iter().find_map(|step| match step {
            Step::Settle(other) if *other == id => Some(Decision::Settle),
            Step::Undo(other) if *other == id => Some(Decision::Undo),
            _ => None,
        })
    }

    /// Whether nothing can be in doubt.
    fn all_decided(&self) -> bool {
        let heard = &self.script[..(self.done + 1).min(self.script.len())];
        heard.iter().all(|step| !matches!(step, Step::Begin(id, ..) if self.decided(*id).is_none()))
    }

    async fn compare(&self, found: &Snapshot, applied: &BTreeMap<u128, bool>, case: &str) {
        let wanted = self.undecided(applied).await;
        let step = self.script.get(self.done);
        for (key, shown) in found {
            let (before, after) = (&self.before[key], &self.after[key]);
            let allowed: Vec<&str> = match (&wanted, step) {
                // A set that has completed an upload drops it on every drive, also where that didn't arrive.
                (Some(wanted), Some(Step::Begin(_, _, What::Complete(..)))) if key.starts_with("part") => {
                    if self.decision == Decision::Settle { vec![&wanted[key], ABSENT] } else { vec![&wanted[key]] }
                }
                (Some(wanted), _) => vec![&wanted[key]],
                // A part is taken away before another comes in its place.
                (_, Some(Step::PutPart(..) | Step::RemovePart(_))) => vec![before, after, ABSENT],
                _ => vec![before, after],
            };
            assert!(allowed.contains(&shown.as_str()), "{case}\n{key}: {shown}\nallowed: {allowed:?}");
        }
    }

    /// What must be there exactly, once everything in doubt has its outcome: the script without the commits that are
    /// undone. `None` if the step under way isn't about a commit.
    async fn undecided(&self, applied: &BTreeMap<u128, bool>) -> Option<Snapshot> {
        let heard = &self.script[..(self.done + 1).min(self.script.len())];
        if let Some(step) = self.script.get(self.done)
            && !matches!(step, Step::Begin(..) | Step::Settle(_) | Step::Undo(_) | Step::Tidy)
        {
            return None;
        }
        let stands = |at: usize, id: u128| match self.decided(id) {
            Some(decision) => decision == Decision::Settle,
            // Acknowledged, or found applied, and so decided.
            None if at < self.done => self.decision == Decision::Settle,
            None => self.decision == Decision::Settle && applied.get(&id) == Some(&true),
        };
        let kept: Vec<Step> = heard
            .iter()
            .enumerate()
            .filter(|(at, step)| match step {
                Step::Begin(id, ..) => stands(*at, *id),
                Step::Settle(_) | Step::Undo(_) => false,
                _ => true,
            })
            .flat_map(|(_, step)| match step {
                Step::Begin(id, ..) => vec![*step, Step::Settle(*id)],
                _ => vec![*step],
            })
            .collect();
        Some(self.known.after(&kept).await)
    }
}
