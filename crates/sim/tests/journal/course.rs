//! What is done to a drive, and what must be found of it after a crash.

use crate::faulty::Engines;
use base::Random;
use bytes::Bytes;
use drive::testing::{Sample, open_formatted, remove, write};
use drive::{Change, DataSource, Drive, DriveResult, Inline, LocalSlot, Slot, Staging};
use format::xl::Version;
use rustfs_sim::{JOURNAL, SimDisk};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

pub const BUCKET: &str = "bucket";
pub const NAMES: [&str; 6] = ["a", "d/b", "d/c", "e/f/g", "h", "e/f"];

/// Longer than the time after which a checkpoint is made.
const PAUSE: Duration = Duration::from_secs(8);

/// Rounds of commits.
#[derive(Debug)]
pub struct Course(Vec<Round>);

/// Commits that wait for one sync, each of another name.
#[derive(Debug)]
struct Round {
    commits: Vec<Step>,
    /// Time passes afterwards, enough for a checkpoint.
    pause: bool,
    /// The drive is stopped and opened again.
    reopen: bool,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    name: &'static str,
    what: What,
    outcome: Option<Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// So many bytes in the metadata.
    Inline(usize),
    Staged(usize),
    Remove,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Settle,
    Undo,
}

/// What a name shows: the time of its only version; `None` if it isn't there.
type State = Option<i64>;

/// What is known of the names when the power goes.
#[derive(Debug, Default)]
pub struct Known {
    names: BTreeMap<&'static str, Name>,
}

#[derive(Debug, Default)]
struct Name {
    /// What may be found: one state, or two while something is under way.
    allowed: Vec<State>,
    /// Of changes whose outcome the drive hasn't been told, what they replaced.
    open: Vec<(u128, State)>,
}

impl Name {
    fn now(&self) -> State {
        self.allowed.last().copied().flatten()
    }
}

impl Course {
    pub fn draw(random: &dyn Random) -> Self {
        let below = |limit: usize| {
            let drawn = random.u64() % limit as u64;
            usize::try_from(drawn).expect("it is below a usize")
        };
        let rounds = 3 + below(12);
        let round = |_| {
            let mut names = NAMES.to_vec();
            let step = |_| {
                let what = match below(6) {
                    0 => What::Remove,
                    1 | 2 => What::Staged(100 + below(3000)),
                    3 => What::Inline(20_000),
                    _ => What::Inline(below(5000)),
                };
                let outcome = match below(6) {
                    0 => None,
                    1 => Some(Outcome::Undo),
                    _ => Some(Outcome::Settle),
                };
                Step { name: names.remove(below(names.len())), what, outcome }
            };
            let commits = (0..1 + below(5)).map(step).collect();
            Round { commits, pause: below(4) == 0, reopen: below(10) == 0 }
        };
        Course((0..rounds).map(round).collect())
    }

    /// Before the power may go off.
    pub async fn prepare(&self, disk: &SimDisk, engines: &Engines) {
        let drive = open_formatted(&slot(disk, engines)).await.expect("the drive opens");
        drive.make_bucket(BUCKET).await.expect("the bucket is made");
        drive.close().await;
    }

    /// Until its end or until the power goes off.
    pub async fn run(&self, disk: &SimDisk, engines: &Engines) -> Known {
        let mut known = Known::default();
        for name in NAMES {
            known.names.insert(name, Name { allowed: vec![None], open: Vec::new() });
        }
        let Ok(mut drive) = reopen(disk, engines).await else { return known };
        let mut id = 0;
        for round in &self.0 {
            if known.round(&*drive, engines, round, &mut id).await.is_err() {
                return known;
            }
            if round.pause {
                disk.clock().sleep(PAUSE).await;
            }
            if round.reopen {
                drive.close().await;
                drop(drive);
                let Ok(reopened) = reopen(disk, engines).await else { return known };
                drive = reopened;
            }
        }
        // As a server that is killed.
        drop(drive);
        known
    }
}

pub async fn reopen(disk: &SimDisk, engines: &Engines) -> DriveResult<Arc<dyn Drive>> {
    let drive = slot(disk, engines).open().await?.claim().await?;
    // Housekeeping that waits for an idle moment.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    Ok(drive)
}

pub fn slot(disk: &SimDisk, engines: &Engines) -> LocalSlot {
    let engines = engines.clone();
    LocalSlot::new("sim", disk.world().clone(), Arc::new(move |_| engines.engine())).with_journal(JOURNAL)
}

/// What a version of a time holds: sectors that all differ.
pub fn content(time: i64, length: usize) -> Bytes {
    let line = |at: usize| format!("{time}:{at};").into_bytes();
    let mut bytes: Vec<u8> = (0..length / 4 + 1).flat_map(line).take(length).collect();
    bytes.extend(format!("|{time}|{length}").into_bytes());
    bytes.into()
}

/// The time of a whole content.
fn time_of(bytes: &Bytes) -> Option<i64> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (rest, length) = text.rsplit_once('|')?;
    let (_, time) = rest.rsplit_once('|')?;
    let (time, length) = (time.parse().ok()?, length.parse().ok()?);
    (length <= bytes.len() && content(time, length) == bytes).then_some(time)
}

async fn change(drive: &dyn Drive, what: What, time: i64) -> DriveResult<Change> {
    let sample = Sample::new(0, time);
    Ok(match what {
        What::Remove => remove(0),
        What::Inline(length) => Change::Write {
            version: sample.entry(),
            inline: Inline::Set(content(time, length)),
            data: DataSource::None,
            heal: false,
        },
        What::Staged(length) => {
            let staging = Staging(Uuid::from_u128(time.unsigned_abs().into()));
            let mut writer = drive.stage_shard(staging, sample.data_dir, 1, None).await?;
            writer.write(vec![content(time, length)]).await?;
            writer.finish().await?;
            sample.staged(staging)
        }
    })
}

impl Known {
    async fn round(&mut self, drive: &dyn Drive, engines: &Engines, round: &Round, id: &mut i64) -> DriveResult<()> {
        let mut begun = Vec::new();
        let mut changes = Vec::new();
        for step in &round.commits {
            let name = &self.names[step.name];
            if step.what == What::Remove && name.now().is_none() {
                continue;
            }
            *id += 1;
            changes.push((*step, *id, change(drive, step.what, *id).await?));
        }
        engines.hold();
        for (step, id, change) in changes {
            let name = self.names.get_mut(step.name).expect("it is one of them");
            let state = if step.what == What::Remove { None } else { Some(id) };
            name.open.push((commit_id(id), name.now()));
            name.allowed.push(state);
            begun.push((step, id, drive.commit(write(commit_id(id), BUCKET, step.name, change))));
        }
        // Each gets ready, some while others are made.
        for _ in 0..6 {
            engines.step();
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        }
        engines.release();
        let mut done = Vec::new();
        for (step, id, commit) in begun {
            let committed = commit.await;
            let name = self.names.get_mut(step.name).expect("it is one of them");
            if committed.is_ok() {
                name.allowed.drain(..name.allowed.len() - 1);
            }
            done.push((step, id, committed));
        }
        for (step, id, committed) in done {
            committed?;
            self.conclude(drive, step, id).await?;
        }
        Ok(())
    }

    async fn conclude(&mut self, drive: &dyn Drive, step: Step, id: i64) -> DriveResult<()> {
        let name = self.names.get_mut(step.name).expect("it is one of them");
        let id = commit_id(id);
        match step.outcome {
            None => {}
            Some(Outcome::Settle) => {
                drive.settle(Uuid::from_u128(id)).await?;
                name.open.retain(|(open, _)| *open != id);
            }
            Some(Outcome::Undo) => {
                let replaced = name.open.iter().find(|(open, _)| *open == id).and_then(|(_, replaced)| *replaced);
                name.allowed.push(replaced);
                drive.undo(Uuid::from_u128(id)).await?;
                name.allowed.drain(..name.allowed.len() - 1);
                name.open.retain(|(open, _)| *open != id);
            }
        }
        Ok(())
    }

    /// Opens the drive after a crash, settles what is in doubt, and compares; twice.
    pub async fn check(&self, disk: &SimDisk, engines: &Engines) -> Result<(), String> {
        let drive = reopen(disk, engines).await.map_err(|error| format!("it doesn't open: {error}"))?;
        let doubts = drive.doubts().await.map_err(|error| format!("its doubts aren't told: {error}"))?;
        for doubt in doubts.iter().rev() {
            drive.settle(doubt.id).await.map_err(|error| format!("a doubt isn't settled: {error}"))?;
        }
        self.compare(&*drive).await?;
        drop(drive);
        let again = disk.copy(99);
        again.crash();
        let engines = Engines::new(&again, crate::Mistake::None);
        let drive = reopen(&again, &engines).await.map_err(|error| format!("it doesn't open again: {error}"))?;
        for doubt in drive.doubts().await.map_err(|error| error.to_string())?.iter().rev() {
            drive.settle(doubt.id).await.map_err(|error| error.to_string())?;
        }
        self.compare(&*drive).await.map_err(|what| format!("after another crash: {what}"))
    }

    async fn compare(&self, drive: &dyn Drive) -> Result<(), String> {
        for (name, known) in &self.names {
            let state = state(drive, name).await.map_err(|what| format!("{name}: {what}"))?;
            if !known.allowed.contains(&state) {
                return Err(format!("{name} shows {state:?}, allowed is {:?}", known.allowed));
            }
        }
        Ok(())
    }
}

fn commit_id(id: i64) -> u128 {
    0xc000_0000_u128 + u128::from(id.unsigned_abs())
}

/// What a name shows; an error if it is broken.
pub async fn state(drive: &dyn Drive, name: &str) -> Result<State, String> {
    let meta = match drive.read_meta(BUCKET, name).await {
        Ok(meta) => meta,
        Err(error) if error.is_absence() => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let entry = meta.latest().ok_or("it has no version")?;
    let time = entry.header.mod_time.nanos();
    let version = match entry.decode().map_err(|error| error.to_string())? {
        Version::Object(version) => version,
        _ => return Err("it is no object".into()),
    };
    let bytes = match meta.inline.get(version.version_id) {
        Some(inline) => inline.clone(),
        None => {
            let dir = version.data_dir.to_string();
            let part = drive.open_shard(BUCKET, name, &dir, 1).await.map_err(|error| error.to_string())?;
            let length = usize::try_from(part.len()).expect("a test's file is small");
            part.read_at(0, length).await.map_err(|error| error.to_string())?
        }
    };
    if time_of(&bytes) == Some(time) { Ok(Some(time)) } else { Err(format!("the content of {time} is broken")) }
}
