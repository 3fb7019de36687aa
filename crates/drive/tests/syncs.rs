//! What is synced before an answer is given, on the real file system: the exact calls of each operation, and a check
//! that nothing an answer rests on was still unsynced.

use base::{Clock, Tasks, Timestamp, World};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use rustfs_drive::testing::{Event, HeldEngine, Recording, RecordingFs, Sample, open_formatted, remove, write};
use rustfs_drive::{Change, DataSource, Drive, Engine, Inline, LocalSlot, PlainEngine, PlainFs, Staging};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

const UPLOAD: &str = "multipart/hash/upload";

/// A clock that stands still until the test moves it: nothing is done because time has passed.
#[derive(Debug)]
struct StoppedClock(watch::Sender<Duration>);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::ZERO.plus(self.steady())
    }

    fn steady(&self) -> Duration {
        *self.0.borrow()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let (end, mut clock) = (self.steady() + time, self.0.subscribe());
        Box::pin(async move {
            // Whoever sleeps holds no clock: a drive that nobody holds any more ends.
            if clock.wait_for(|now| *now >= end).await.is_err() {
                std::future::pending().await
            }
        })
    }
}

/// What a test does to a drive.
struct Bench {
    drive: Arc<dyn Drive>,
    recording: Recording,
    clock: Arc<StoppedClock>,
    tasks: Tasks,
}

impl Bench {
    /// A quiet moment passes: what was put off.
    async fn quiet(&self) -> Vec<String> {
        assert!(self.recording.take().is_empty(), "everything so far was looked at");
        // Whoever is to be woken must have gone to sleep.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        self.clock.0.send_modify(|now| *now += QUIET);
        only_the_watcher(&self.tasks).await;
        told(&self.recording.take())
    }
}

/// Longer than a drive waits before it writes what was put off.
const QUIET: Duration = Duration::from_millis(300);

/// Waits until nothing goes on beside the requests but the watching of the drive.
async fn only_the_watcher(tasks: &Tasks) {
    while tasks.running() > 1 {
        tokio::task::yield_now().await;
    }
}

/// A drive with a bucket, and what is done to it from then on.
async fn recorded<T>(work: impl AsyncFnOnce(Arc<dyn Drive>, Recording) -> T) -> T {
    on_bench(async |bench| work(bench.drive, bench.recording).await).await
}

async fn on_bench<T>(work: impl AsyncFnOnce(Bench) -> T) -> T {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (fs, recording) = RecordingFs::new(Arc::new(PlainFs::new(folder.path(), true)));
    let fs = Arc::new(fs);
    let engine = Arc::new(move |_| Arc::new(PlainEngine::over(fs.clone())) as Arc<dyn rustfs_drive::Engine>);
    let clock = Arc::new(StoppedClock(watch::Sender::new(Duration::ZERO)));
    let world = World { clock: clock.clone(), ..World::system() };
    let tasks = world.tasks.clone();
    let drive = open_formatted(&LocalSlot::new("drive", world, engine)).await.expect("it is formatted");
    drive.make_bucket("bucket").await.expect("the bucket is made");
    // The housekeeping after opening must not come between.
    only_the_watcher(&tasks).await;
    recording.take();
    work(Bench { drive, recording, clock, tasks }).await
}

fn run(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(work);
}

/// The calls as text, ids replaced.
fn told(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| without_ids(&event.to_string())).collect()
}

fn without_ids(text: &str) -> String {
    const UUID: usize = 36;
    let data_dir = Sample::new(0, 1).data_dir.to_string();
    let text = text.replace(&data_dir, "DATA").replace(".minio.sys/rustfs/", "").replace(".minio.sys/", "");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(next) = rest.chars().next() {
        let id = rest.get(..UUID).filter(|start| Uuid::try_parse(start).is_ok());
        match id {
            Some(_) => {
                out.push_str("ID");
                rest = &rest[UUID..];
            }
            None => {
                out.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    // How long an xl.meta is isn't told here, nor which segment a frame is in.
    match out.rsplit_once(' ') {
        Some((call, _)) if call.starts_with("append ") => call.to_owned(),
        _ if out.starts_with("write journal/") => "write journal".to_owned(),
        _ if out.starts_with("sync journal/") => "sync journal".to_owned(),
        _ => out,
    }
}

/// What was done before the journal was written, and after it was synced, which was the next thing.
#[track_caller]
fn around_the_journal(events: &[Event]) -> (&[Event], &[Event]) {
    let written = events.iter().position(|event| matches!(event, Event::Write(..))).expect("the journal is written");
    assert!(matches!(&events[written + 1], Event::Sync(path) if path.contains("/journal/")), "{events:?}");
    (&events[..written], &events[written + 2..])
}

/// Which names and bytes have been synced.
#[derive(Default)]
struct Durable {
    /// For each name that came to be: whether it, and the bytes of the file it stands for, are durable.
    names: BTreeMap<String, (bool, bool)>,
    /// For each name that went: whether that is durable.
    gone: BTreeMap<String, bool>,
}

impl Durable {
    fn after(events: &[Event]) -> Self {
        let mut durable = Durable::default();
        for event in events {
            durable.apply(event);
        }
        durable
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Create(path) => drop(self.names.insert(path.clone(), (false, false))),
            Event::Mkdir(path) => drop(self.names.insert(path.clone(), (false, true))),
            Event::Append(path, _) => self.names.get_mut(path).expect("it was made").1 = false,
            // The journal, whose files are there from the beginning.
            Event::Write(..) => {}
            Event::Sync(path) if path.contains("/journal/") => {}
            Event::Sync(path) => self.names.get_mut(path).expect("it was made").1 = true,
            Event::Unlink(path) | Event::Rmdir(path) => self.remove(path),
            Event::Rename(from, to) => self.rename(from, to),
            Event::SyncDir(dir) => self.sync_dir(dir),
            Event::SyncAll | Event::Mark(_) => {}
        }
    }

    fn remove(&mut self, path: &str) {
        self.names.remove(path);
        self.gone.insert(path.to_owned(), false);
    }

    fn rename(&mut self, from: &str, to: &str) {
        let below = format!("{from}/");
        let moved: Vec<String> =
            self.names.keys().filter(|name| *name == from || name.starts_with(&below)).cloned().collect();
        for name in moved {
            let state = self.names.remove(&name).expect("it was found just now");
            self.names.insert(format!("{to}{}", &name[from.len()..]), state);
        }
        self.names.entry(to.to_owned()).or_insert((false, true)).0 = false;
        self.gone.insert(from.to_owned(), false);
    }

    fn sync_dir(&mut self, dir: &str) {
        let holds = |name: &str| name.rsplit_once('/').map_or("", |(parent, _)| parent) == dir;
        self.names.iter_mut().filter(|(name, _)| holds(name)).for_each(|(_, state)| state.0 = true);
        self.gone.iter_mut().filter(|(name, _)| holds(name)).for_each(|(_, durable)| *durable = true);
    }

    /// Every name on the way, and the bytes, would survive a power cut now.
    #[track_caller]
    fn assert_there(&self, path: &str) {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for name in ends.map(|end| &path[..end]) {
            if let Some((linked, written)) = self.names.get(name) {
                assert!(linked, "the name {name} is not durable");
                assert!(written, "the bytes of {name} are not durable");
            }
        }
        assert!(self.names.contains_key(path), "{path} was not written at all");
    }

    #[track_caller]
    fn assert_gone(&self, path: &str) {
        assert_eq!(self.gone.get(path), Some(&true), "the removal of {path} is not durable");
    }
}

async fn stage(drive: &dyn Drive, data_dir: Uuid, part: u32) -> Staging {
    let staging = Staging(Uuid::from_u128(77));
    let mut writer = drive.stage_shard(staging, data_dir, part, Some(4)).await.expect("staging begins");
    writer.write(vec![Bytes::from_static(b"data")]).await.expect("the data is taken");
    writer.finish().await.expect("the data is synced");
    staging
}

async fn commit(drive: &dyn Drive, id: u128, object: &str, change: Change) {
    drive.commit(write(id, "bucket", object, change)).await.expect("it is committed");
}

fn data_dir() -> Uuid {
    Sample::new(0, 1).data_dir
}

#[test]
fn a_small_put() {
    run(on_bench(async |bench| {
        let Bench { drive, recording, .. } = &bench;
        commit(&**drive, 1, "dir/a", Sample::new(0, 1).inline(b"inline")).await;
        assert_eq!(told(&recording.take()), ["write journal", "sync journal"]);
        drive.settle(Uuid::from_u128(1)).await.expect("it is settled");
        assert!(recording.take().is_empty(), "the journal says so with its next frame");
        let written = bench.quiet().await;
        let expected =
            ["mkdir bucket/dir", "mkdir bucket/dir/a", "create bucket/dir/a/xl.meta", "append bucket/dir/a/xl.meta"];
        assert_eq!(written, expected, "when the drive is quiet");
    }));
}

#[test]
fn a_small_put_over_another() {
    run(on_bench(async |bench| {
        let Bench { drive, recording, .. } = &bench;
        commit(&**drive, 1, "a", Sample::new(0, 1).inline(b"inline")).await;
        recording.take();
        bench.quiet().await;
        for time in [2, 3] {
            commit(&**drive, time, "a", Sample::new(0, 3).inline(b"inline")).await;
            assert_eq!(told(&recording.take()), ["write journal", "sync journal"]);
        }
        let expected = ["create tmp/ID", "append tmp/ID", "rename tmp/ID -> bucket/a/xl.meta"];
        assert_eq!(bench.quiet().await, expected, "once for both");
    }));
}

/// Nobody begins to wait for a quiet moment while somebody does, who must find what comes in the meantime.
#[test]
fn what_is_put_off_while_the_rest_is_written_needs_no_checkpoint() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let (fs, recording) = RecordingFs::new(Arc::new(PlainFs::new(folder.path(), true)));
        let engine = HeldEngine::over(Arc::new(fs));
        let made = engine.clone();
        let made = Arc::new(move |_| Arc::new(made.clone()) as Arc<dyn Engine>);
        let clock = Arc::new(StoppedClock(watch::Sender::new(Duration::ZERO)));
        let world = World { clock: clock.clone(), ..World::system() };
        let slot = LocalSlot::new("drive", world, made);
        let drive = engine.until(open_formatted(&slot)).await.expect("it is formatted");
        engine.until(drive.make_bucket("bucket")).await.expect("the bucket is made");
        engine.until(commit(&*drive, 1, "a", Sample::new(0, 1).inline(b"inline"))).await;
        engine.settle().await;
        clock.0.send_modify(|now| *now += QUIET);
        // The job that writes `a` waits. It is done before this:
        engine.settle().await;
        engine.until(commit(&*drive, 2, "b", Sample::new(0, 2).inline(b"inline"))).await;
        engine.settle().await;
        recording.take();
        clock.0.send_modify(|now| *now += QUIET);
        engine.settle().await;
        engine.run();
        let expected = ["mkdir bucket/b", "create bucket/b/xl.meta", "append bucket/b/xl.meta"];
        assert_eq!(told(&recording.take()), expected);
    });
}

#[test]
fn a_large_put() {
    run(recorded(async |drive, recording| {
        let sample = Sample::new(0, 1);
        let staging = stage(&*drive, sample.data_dir, 1).await;
        commit(&*drive, 1, "a", sample.staged(staging)).await;
        let events = recording.take();
        let expected = [
            "mkdir tmp/ID",
            "mkdir tmp/ID/DATA",
            "create tmp/ID/DATA/part.1",
            "append tmp/ID/DATA/part.1",
            "sync tmp/ID/DATA/part.1",
            "sync-dir tmp/ID/DATA/",
            "sync-dir tmp/ID/",
            "sync-dir tmp/",
            "mkdir bucket/a",
            "sync-dir bucket/",
            "write journal",
            "sync journal",
            "rename tmp/ID/DATA -> bucket/a/DATA",
        ];
        assert_eq!(told(&events), expected);
        let durable = Durable::after(around_the_journal(&events).0);
        durable.assert_there(&format!(".minio.sys/tmp/{}/{}/part.1", staging.0, data_dir()));
        durable.assert_there("bucket/a");
    }));
}

#[test]
fn a_delete() {
    run(on_bench(async |bench| {
        let Bench { drive, recording, .. } = &bench;
        let sample = Sample::new(0, 1);
        let staging = stage(&**drive, sample.data_dir, 1).await;
        commit(&**drive, 1, "dir/a", sample.staged(staging)).await;
        drive.settle(Uuid::from_u128(1)).await.expect("it is settled");
        recording.take();
        bench.quiet().await;
        commit(&**drive, 2, "dir/a", remove(0)).await;
        assert_eq!(told(&recording.take()), ["write journal", "sync journal", "unlink bucket/dir/a/xl.meta"]);

        drive.settle(Uuid::from_u128(2)).await.expect("it is settled");
        let expected = ["rename bucket/dir/a/DATA -> tmp/.trash/ID", "rmdir bucket/dir/a", "rmdir bucket/dir"];
        assert_eq!(told(&recording.take()), expected);
    }));
}

/// Takes a part of an upload, whose directory is made anew.
async fn put_part(drive: &dyn Drive) {
    let staging = stage(drive, data_dir(), 1).await;
    drive.put_part(UPLOAD, data_dir(), 1, staging, "record".into()).await.expect("the part is taken");
}

async fn begin_upload(drive: &dyn Drive) {
    let record = write(1, ".minio.sys", UPLOAD, Sample::new(0, 1).inline(b""));
    drive.commit(record).await.expect("the upload begins");
    drive.settle(Uuid::from_u128(1)).await.expect("it is settled");
}

#[test]
fn a_part() {
    run(on_bench(async |bench| {
        let Bench { drive, recording, .. } = &bench;
        begin_upload(&**drive).await;
        recording.take();
        bench.quiet().await;
        put_part(&**drive).await;
        let events = recording.take();
        let upload = "multipart/hash/upload";
        let expected = [
            "mkdir tmp/ID".to_owned(),
            "mkdir tmp/ID/DATA".to_owned(),
            "create tmp/ID/DATA/part.1".to_owned(),
            "append tmp/ID/DATA/part.1".to_owned(),
            "sync tmp/ID/DATA/part.1".to_owned(),
            format!("mkdir {upload}/DATA"),
            // The commit that began the upload left its directories to the next checkpoint.
            "sync-dir multipart/".to_owned(),
            "sync-dir multipart/hash/".to_owned(),
            format!("sync-dir {upload}/"),
            format!("rename tmp/ID/DATA/part.1 -> {upload}/DATA/part.1"),
            "create tmp/ID".to_owned(),
            "append tmp/ID".to_owned(),
            "sync tmp/ID".to_owned(),
            format!("rename tmp/ID -> {upload}/DATA/part.1.meta"),
            format!("sync-dir {upload}/DATA/"),
            "rmdir tmp/ID/DATA".to_owned(),
            "rmdir tmp/ID".to_owned(),
        ];
        assert_eq!(told(&events), expected);
        let durable = Durable::after(&events);
        for file in ["part.1", "part.1.meta"] {
            durable.assert_there(&format!(".minio.sys/{UPLOAD}/{}/{file}", data_dir()));
        }

        put_part(&**drive).await;
        let again = told(&recording.take());
        let gone = again.iter().position(|call| *call == format!("unlink {upload}/DATA/part.1.meta"));
        let synced = again.iter().position(|call| *call == format!("sync-dir {upload}/DATA/"));
        let comes = again.iter().position(|call| *call == format!("rename tmp/ID/DATA/part.1 -> {upload}/DATA/part.1"));
        assert!(gone < synced && synced < comes, "the earlier part goes first, for certain: {again:?}");
    }));
}

#[test]
fn a_completed_upload() {
    run(recorded(async |drive, recording| {
        begin_upload(&*drive).await;
        put_part(&*drive).await;
        recording.take();
        let data = DataSource::Upload { path: UPLOAD.into() };
        let sample = Sample { data_dir: data_dir(), ..Sample::new(0, 2) };
        let complete = Change::Write { version: sample.entry(), inline: Inline::Keep, data, heal: false };
        commit(&*drive, 2, "a", complete).await;
        let events = recording.take();
        let expected = [
            "mkdir bucket/a",
            "sync-dir bucket/",
            "write journal",
            "sync journal",
            "rename multipart/hash/upload/DATA -> bucket/a/DATA",
        ];
        assert_eq!(told(&events), expected);
        Durable::after(around_the_journal(&events).0).assert_there("bucket/a");

        drive.settle(Uuid::from_u128(2)).await.expect("it is settled");
        let expected = [
            "unlink bucket/a/DATA/part.1.meta",
            "sync-dir bucket/a/",
            "rename multipart/hash/upload -> tmp/.trash/ID",
            "rmdir multipart/hash",
        ];
        assert_eq!(told(&recording.take()), expected);
    }));
}

#[test]
fn an_undone_put() {
    run(recorded(async |drive, recording| {
        commit(&*drive, 1, "a", Sample::new(0, 1).inline(b"one")).await;
        drive.settle(Uuid::from_u128(1)).await.expect("it is settled");
        commit(&*drive, 2, "a", Sample::new(0, 2).inline(b"two")).await;
        recording.take();
        drive.undo(Uuid::from_u128(2)).await.expect("it is undone");
        // The directory was never made.
        let expected = [
            "write journal",
            "sync journal",
            "create tmp/ID",
            "append tmp/ID",
            "mkdir bucket/a",
            "rename tmp/ID -> bucket/a/xl.meta",
        ];
        assert_eq!(told(&recording.take()), expected);
    }));
}

/// A clean stop leaves nothing in the journal, and everything durable where it belongs.
#[test]
fn a_clean_stop() {
    run(recorded(async |drive, recording| {
        commit(&*drive, 1, "a", Sample::new(0, 1).inline(b"one")).await;
        drive.settle(Uuid::from_u128(1)).await.expect("it is settled");
        recording.take();
        drive.close().await;
        let expected = [
            "mkdir bucket/a",
            "create bucket/a/xl.meta",
            "append bucket/a/xl.meta",
            "sync-all",
            "sync-all",
            "write journal",
            "sync journal",
            "create journal/closing",
            "append journal/closing",
            "sync journal/closing",
            "rename journal/closing -> journal/closed",
            "sync-dir journal/",
            "unlink tmp/.rustfs-0000000000000001",
        ];
        let told: Vec<String> = told(&recording.take()).into_iter().filter(|call| call != "sync journal").collect();
        let expected: Vec<&str> = expected.into_iter().filter(|call| !call.starts_with("sync journal")).collect();
        assert_eq!(told, expected);
    }));
}

#[test]
fn buckets_and_trees() {
    run(recorded(async |drive, recording| {
        drive.make_bucket("other").await.expect("it is made");
        assert_eq!(told(&recording.take()), ["write journal", "sync journal", "mkdir other", "sync-dir /"]);
        drive.delete_bucket("other", false).await.expect("it is deleted");
        let events = recording.take();
        let expected = ["write journal", "sync journal", "rename other -> tmp/.trash/ID", "sync-dir /"];
        assert_eq!(told(&events), expected);
        Durable::after(&events).assert_gone("other");

        commit(&*drive, 1, "dir/a", Sample::new(0, 1).inline(b"x")).await;
        recording.take();
        drive.remove_tree("bucket", "dir/a").await.expect("it is removed");
        let expected = [
            "write journal",
            "sync journal",
            "mkdir bucket/dir",
            "mkdir bucket/dir/a",
            "create bucket/dir/a/xl.meta",
            "append bucket/dir/a/xl.meta",
            "rename bucket/dir/a -> tmp/.trash/ID",
            "sync-dir bucket/dir/",
            "rmdir bucket/dir",
        ];
        assert_eq!(told(&recording.take()), expected);
    }));
}

/// Objects that move to a directory that another commit has made, and left to the next checkpoint, make it durable.
#[test]
fn data_below_a_directory_that_is_not_durable() {
    run(recorded(async |drive, recording| {
        commit(&*drive, 1, "new/a", Sample::new(0, 2).inline(b"small")).await;
        let sample = Sample::new(0, 1);
        let staging = stage(&*drive, sample.data_dir, 1).await;
        commit(&*drive, 2, "new/b", sample.staged(staging)).await;
        let events = recording.take();
        let moved = events.iter().position(|event| matches!(event, Event::Rename(_, to) if to.contains("new/b/d")));
        Durable::after(&events[..moved.expect("the data moves")]).assert_there("bucket/new/b");
    }));
}

/// Sixteen clients, each of whom begins its next object when the one before is acknowledged.
#[test]
fn syncs_are_shared_by_those_who_wait() {
    const CLIENTS: u128 = 16;
    const EACH: u128 = 25;
    run(async {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let (fs, recording) = RecordingFs::new(Arc::new(PlainFs::new(folder.path(), true)));
        let engine = HeldEngine::over(Arc::new(fs));
        let clients = async {
            let engine = engine.clone();
            let made = Arc::new(move |_| Arc::new(engine.clone()) as Arc<dyn Engine>);
            let drive = open_formatted(&LocalSlot::new("drive", World::system(), made)).await.expect("it is formatted");
            drive.make_bucket("bucket").await.expect("the bucket is made");
            recording.take();
            let body: &'static [u8] = vec![7; 4096].leak();
            let clients = (0..CLIENTS).map(|client| {
                let drive = Arc::clone(&drive);
                async move {
                    for number in 0..EACH {
                        let id = client * EACH + number + 1;
                        let name = format!("client{client}/object{number}");
                        let change = Sample::new(0, 1).inline(body);
                        drive.commit(write(id, "bucket", &name, change)).await.expect("it is committed");
                        drive.settle(Uuid::from_u128(id)).await.expect("it is settled");
                    }
                }
            });
            futures_util::future::join_all(clients).await;
        };
        engine.until(clients).await;
        let events = recording.take();
        let syncs = events.iter().filter(|event| matches!(event, Event::Sync(_) | Event::SyncDir(_) | Event::SyncAll));
        let (syncs, objects) = (syncs.count(), usize::try_from(CLIENTS * EACH).expect("a few"));
        assert!(syncs * 4 < objects, "{syncs} syncs for {objects} objects");
    });
}

/// The look whether a bucket is empty finds what is committed before it, though both wait for the drive together.
#[test]
fn a_bucket_is_not_deleted_from_under_a_commit() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let engine = HeldEngine::over(Arc::new(PlainFs::new(folder.path(), true)));
        let clients = async {
            let engine = engine.clone();
            let made = Arc::new(move |_| Arc::new(engine.clone()) as Arc<dyn Engine>);
            let drive = open_formatted(&LocalSlot::new("drive", World::system(), made)).await.expect("it is formatted");
            drive.make_bucket("bucket").await.expect("the bucket is made");
            let commit = drive.commit(write(1, "bucket", "a", Sample::new(0, 1).inline(b"x")));
            let (committed, deleted) = futures_util::future::join(commit, drive.delete_bucket("bucket", false)).await;
            committed.expect("it is committed");
            assert!(matches!(deleted, Err(rustfs_drive::DriveError::BucketNotEmpty { .. })), "{deleted:?}");
            drive.read_meta("bucket", "a").await.expect("it is there");
        };
        engine.until(clients).await;
    });
}
