//! What is done to a drive before the power goes.

use base::{Clock, Random, Timestamp};
use bytes::Bytes;
use drive::testing::{Sample, marker, write};
use drive::{Change, DataSource, Drive, DriveResult, Inline, Staging};
use std::time::Duration;
use uuid::Uuid;

/// The names that scripts use, in the bucket `bucket`.
pub const NAMES: [&str; 3] = ["a", "d/e/b", "d/e/c"];
pub const BUCKETS: [&str; 2] = ["bucket", "other"];
pub const UPLOAD: &str = "multipart/hash/upload";
pub const PARTS: [u32; 3] = [1, 2, 3];
pub const FILE: &str = "buckets/.heal/file";
/// The time of the upload's record, which decides its data directory.
const UPLOAD_TIME: i64 = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A commit with this id, left in doubt.
    Begin(u128, &'static str, What),
    Settle(u128),
    Undo(u128),
    /// A repair to a staged null version of that time.
    Heal(&'static str, i64),
    BeginUpload(u128),
    /// The part's number, and the time that decides its content.
    PutPart(u32, i64),
    RemovePart(u32),
    MakeBucket(&'static str),
    DeleteBucket(&'static str, bool),
    RemoveTree(&'static str, &'static str),
    WriteFile(i64),
    RemoveFile,
    /// Time passes: what is unwritten is written.
    Quiet,
    /// More time passes: a checkpoint is made.
    Idle,
    /// The trash is emptied.
    Tidy,
}

const QUIET: Duration = Duration::from_secs(1);
/// Longer than the time after which a checkpoint is made.
const IDLE: Duration = Duration::from_secs(8);

/// Version and time, in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    Inline(u128, i64),
    Staged(u128, i64),
    Marker(u128, i64),
    Remove(u128),
    Purge,
    /// The null version of that time, of these parts of the upload.
    Complete(i64, &'static [u32]),
}

/// What a version, part or file of a time holds: several sectors, all different.
pub fn content(time: i64) -> Bytes {
    let line = |at: i64| format!("{time}:{at};").into_bytes();
    (0..300).flat_map(line).collect::<Vec<u8>>().into()
}

pub fn upload_data_dir() -> Uuid {
    Sample::new(0, UPLOAD_TIME).data_dir
}

impl Step {
    pub async fn run(self, drive: &dyn Drive, clock: &dyn Clock) -> DriveResult<()> {
        match self {
            Step::Begin(id, name, what) => {
                let change = what.change(drive).await?;
                drive.commit(write(id, "bucket", name, change)).await.map(drop)
            }
            Step::Settle(id) => drive.settle(Uuid::from_u128(id)).await,
            Step::Undo(id) => drive.undo(Uuid::from_u128(id)).await,
            Step::Heal(name, time) => {
                let Change::Write { version, inline, data, .. } = What::Staged(0, time).change(drive).await? else {
                    unreachable!("a staged version is written")
                };
                drive
                    .commit(write(99, "bucket", name, Change::Write { version, inline, data, heal: true }))
                    .await
                    .map(drop)
            }
            Step::BeginUpload(id) => {
                let record = Sample::new(0, UPLOAD_TIME).inline(b"");
                drive.commit(write(id, ".minio.sys", UPLOAD, record)).await?;
                drive.settle(Uuid::from_u128(id)).await
            }
            Step::PutPart(number, time) => {
                let staging = stage(drive, upload_data_dir(), number, time).await?;
                drive.put_part(UPLOAD, upload_data_dir(), number, staging, time.to_string().into()).await
            }
            Step::RemovePart(number) => drive.remove_part(UPLOAD, upload_data_dir(), number).await,
            Step::MakeBucket(name) => drive.make_bucket(name).await,
            Step::DeleteBucket(name, force) => drive.delete_bucket(name, force).await,
            Step::RemoveTree(bucket, path) => drive.remove_tree(bucket, path).await,
            Step::WriteFile(time) => drive.write_file(FILE, content(time)).await,
            Step::RemoveFile => drive.remove_file(FILE).await,
            Step::Quiet | Step::Idle => {
                clock.sleep(if self == Step::Quiet { QUIET } else { IDLE }).await;
                Ok(())
            }
            Step::Tidy => drive.tidy(Timestamp::ZERO).await,
        }
    }
}

impl What {
    async fn change(self, drive: &dyn Drive) -> DriveResult<Change> {
        let write = |sample: &Sample, parts: &[u32], inline, data| Change::Write {
            version: sample.entry_with_parts(parts),
            inline,
            data,
            heal: false,
        };
        Ok(match self {
            What::Inline(version, time) => {
                write(&Sample::new(version, time), &[1], Inline::Set(content(time)), DataSource::None)
            }
            What::Staged(version, time) => {
                let sample = Sample::new(version, time);
                let staging = stage(drive, sample.data_dir, 1, time).await?;
                write(&sample, &[1], Inline::Remove, DataSource::Staged(staging))
            }
            What::Marker(version, time) => marker(version, time),
            What::Remove(version) => drive::testing::remove(version),
            What::Purge => Change::Purge,
            What::Complete(time, parts) => {
                let sample = Sample { data_dir: upload_data_dir(), ..Sample::new(0, time) };
                write(&sample, parts, Inline::Keep, DataSource::Upload { path: UPLOAD.into() })
            }
        })
    }
}

async fn stage(drive: &dyn Drive, data_dir: Uuid, part: u32, time: i64) -> DriveResult<Staging> {
    let staging = Staging(Uuid::from_u128(u128::from(part) << 64 | u128::from(time.unsigned_abs())));
    let mut writer = drive.stage_shard(staging, data_dir, part, None).await?;
    let content = content(time);
    writer.write(vec![content.slice(..700), content.slice(700..)]).await?;
    writer.finish().await?;
    Ok(staging)
}

/// A random script of commits that all can be made.
pub fn draw(random: &dyn Random) -> Vec<Step> {
    let below = |limit: u64| random.u64() % limit;
    let mut script = Vec::new();
    let mut held: Vec<Vec<u128>> = vec![Vec::new(); NAMES.len()];
    for id in 1..=(4 + below(8)) {
        let at = usize::try_from(below(NAMES.len() as u64)).expect("it is small");
        let (name, versions) = (NAMES[at], &mut held[at]);
        let before = versions.clone();
        let time = i64::try_from(id).expect("it is small");
        let version = u128::from(below(3));
        let what = match below(5) {
            0 if !versions.is_empty() => {
                let gone = versions.remove(usize::try_from(below(versions.len() as u64)).expect("it is small"));
                What::Remove(gone)
            }
            1 if !versions.is_empty() => {
                versions.clear();
                What::Purge
            }
            drawn => {
                versions.retain(|other| *other != version);
                versions.push(version);
                match drawn {
                    2 => What::Marker(version, time),
                    3 => What::Inline(version, time),
                    _ => What::Staged(version, time),
                }
            }
        };
        script.push(Step::Begin(id.into(), name, what));
        // The store ends a commit before it begins another on the same name.
        if below(4) == 0 {
            *versions = before;
            script.push(Step::Undo(id.into()));
        } else {
            script.push(Step::Settle(id.into()));
        }
    }
    script.push(Step::WriteFile(5));
    script
}
