//! What is synced before an answer is given, on the real file system: the exact calls of each operation, and a check
//! that nothing an answer rests on was still unsynced.

use base::World;
use bytes::Bytes;
use rustfs_drive::testing::{Event, Recording, RecordingFs, Sample, open_formatted, remove, write};
use rustfs_drive::{Change, DataSource, Drive, Inline, LocalSlot, PlainEngine, PlainFs, Staging};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use uuid::Uuid;

const UPLOAD: &str = "multipart/hash/upload";

/// A drive with a bucket, and what is done to it from then on.
async fn recorded<T>(work: impl AsyncFnOnce(Arc<dyn Drive>, Recording) -> T) -> T {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (fs, recording) = RecordingFs::new(Arc::new(PlainFs::new(folder.path(), true)));
    let fs = Arc::new(fs);
    let engine = Arc::new(move |_| Arc::new(PlainEngine::over(fs.clone())) as Arc<dyn rustfs_drive::Engine>);
    let world = World::system();
    let tasks = world.tasks.clone();
    let drive = open_formatted(&LocalSlot::new("drive", world, engine)).await.expect("it is formatted");
    drive.make_bucket("bucket").await.expect("the bucket is made");
    // The watcher stays; the housekeeping after opening must not come between.
    while tasks.running() > 1 {
        tokio::task::yield_now().await;
    }
    recording.take();
    work(drive, recording).await
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
    // A record's number is in front of its commit's id.
    let numbered = out.find("doubt/").and_then(|at| out.find("-ID").map(|end| (at + "doubt/".len(), end)));
    if let Some((start, end)) = numbered.filter(|(start, end)| start < end) {
        out.replace_range(start..end, "N");
    }
    // How long an xl.meta is isn't told here.
    match out.strip_prefix("append ").and_then(|rest| rest.rsplit_once(' ')) {
        Some((path, _)) => format!("append {path}"),
        None => out,
    }
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
    run(recorded(async |drive, recording| {
        commit(&*drive, 1, "dir/a", Sample::new(0, 1).inline(b"inline")).await;
        let events = recording.take();
        let expected = [
            "create doubt/N-ID",
            "append doubt/N-ID",
            "sync doubt/N-ID",
            "create tmp/ID",
            "append tmp/ID",
            "sync tmp/ID",
            "sync-dir doubt/",
            "mkdir bucket/dir",
            "mkdir bucket/dir/a",
            "rename tmp/ID -> bucket/dir/a/xl.meta",
            "sync-dir bucket/",
            "sync-dir bucket/dir/",
            "sync-dir bucket/dir/a/",
        ];
        assert_eq!(told(&events), expected);
        Durable::after(&events).assert_there("bucket/dir/a/xl.meta");

        drive.settle(Uuid::from_u128(1)).await.expect("it is settled");
        assert_eq!(told(&recording.take()), ["unlink doubt/N-ID"]);
    }));
}

#[test]
fn a_small_put_over_another() {
    run(recorded(async |drive, recording| {
        commit(&*drive, 1, "a", Sample::new(0, 1).inline(b"inline")).await;
        recording.take();
        commit(&*drive, 2, "a", Sample::new(0, 2).inline(b"inline")).await;
        let events = recording.take();
        let syncs = told(&events).into_iter().filter(|call| call.starts_with("sync")).collect::<Vec<_>>();
        assert_eq!(syncs, ["sync doubt/N-ID", "sync tmp/ID", "sync-dir doubt/", "sync-dir bucket/a/"]);
        Durable::after(&events).assert_there("bucket/a/xl.meta");
    }));
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
            "create doubt/N-ID",
            "append doubt/N-ID",
            "sync doubt/N-ID",
            "create tmp/ID",
            "append tmp/ID",
            "sync tmp/ID",
            "sync-dir doubt/",
            "mkdir bucket/a",
            "rename tmp/ID/DATA -> bucket/a/DATA",
            "rename tmp/ID -> bucket/a/xl.meta",
            "sync-dir bucket/",
            "sync-dir bucket/a/",
            "rmdir tmp/ID",
        ];
        assert_eq!(told(&events), expected);
        let durable = Durable::after(&events);
        durable.assert_there("bucket/a/xl.meta");
        durable.assert_there(&format!("bucket/a/{}/part.1", data_dir()));
    }));
}

#[test]
fn a_delete() {
    run(recorded(async |drive, recording| {
        let sample = Sample::new(0, 1);
        let staging = stage(&*drive, sample.data_dir, 1).await;
        commit(&*drive, 1, "dir/a", sample.staged(staging)).await;
        drive.settle(Uuid::from_u128(1)).await.expect("it is settled");
        recording.take();
        commit(&*drive, 2, "dir/a", remove(0)).await;
        let events = recording.take();
        let expected = [
            "create doubt/N-ID",
            "append doubt/N-ID",
            "sync doubt/N-ID",
            "sync-dir doubt/",
            "unlink bucket/dir/a/xl.meta",
            "sync-dir bucket/dir/a/",
        ];
        assert_eq!(told(&events), expected);
        Durable::after(&events).assert_gone("bucket/dir/a/xl.meta");

        drive.settle(Uuid::from_u128(2)).await.expect("it is settled");
        let expected = [
            "rename bucket/dir/a/DATA -> tmp/.trash/ID",
            "rmdir bucket/dir/a",
            "rmdir bucket/dir",
            "unlink doubt/N-ID",
        ];
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
    run(recorded(async |drive, recording| {
        begin_upload(&*drive).await;
        recording.take();
        put_part(&*drive).await;
        let events = recording.take();
        let upload = "multipart/hash/upload";
        let expected = [
            "mkdir tmp/ID".to_owned(),
            "mkdir tmp/ID/DATA".to_owned(),
            "create tmp/ID/DATA/part.1".to_owned(),
            "append tmp/ID/DATA/part.1".to_owned(),
            "sync tmp/ID/DATA/part.1".to_owned(),
            format!("mkdir {upload}/DATA"),
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

        put_part(&*drive).await;
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
            "create doubt/N-ID",
            "append doubt/N-ID",
            "sync doubt/N-ID",
            "create tmp/ID",
            "append tmp/ID",
            "sync tmp/ID",
            "sync-dir doubt/",
            "mkdir bucket/a",
            "sync-dir bucket/",
            "rename multipart/hash/upload/DATA -> bucket/a/DATA",
            "rename tmp/ID -> bucket/a/xl.meta",
            "sync-dir bucket/a/",
        ];
        assert_eq!(told(&events), expected);
        let durable = Durable::after(&events);
        durable.assert_there("bucket/a/xl.meta");
        durable.assert_there(&format!("bucket/a/{}", data_dir()));

        drive.settle(Uuid::from_u128(2)).await.expect("it is settled");
        let expected = [
            "unlink bucket/a/DATA/part.1.meta",
            "rename multipart/hash/upload -> tmp/.trash/ID",
            "sync-dir multipart/hash/",
            "rmdir multipart/hash",
            "unlink doubt/N-ID",
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
        let events = recording.take();
        let expected = [
            "create tmp/ID",
            "append tmp/ID",
            "sync tmp/ID",
            "rename tmp/ID -> bucket/a/xl.meta",
            "sync-dir bucket/a/",
            "unlink doubt/N-ID",
        ];
        assert_eq!(told(&events), expected);
        Durable::after(&events).assert_there("bucket/a/xl.meta");
    }));
}

#[test]
fn buckets_and_trees() {
    run(recorded(async |drive, recording| {
        drive.make_bucket("other").await.expect("it is made");
        assert_eq!(told(&recording.take()), ["mkdir other", "sync-dir /"]);
        drive.delete_bucket("other", false).await.expect("it is deleted");
        assert_eq!(told(&recording.take()), ["rename other -> tmp/.trash/ID", "sync-dir /"]);

        commit(&*drive, 1, "dir/a", Sample::new(0, 1).inline(b"x")).await;
        recording.take();
        drive.remove_tree("bucket", "dir/a").await.expect("it is removed");
        let expected = ["rename bucket/dir/a -> tmp/.trash/ID", "sync-dir bucket/dir/", "rmdir bucket/dir"];
        assert_eq!(told(&recording.take()), expected);
    }));
}

/// A directory that another commit has made, but not synced yet, is synced by whoever relies on it.
#[test]
fn commits_side_by_side() {
    run(recorded(async |drive, recording| {
        let commits = ["a", "b", "c", "d"].into_iter().enumerate().map(|(at, name)| {
            let object = format!("new/{name}");
            let commit = drive.commit(write(at as u128 + 1, "bucket", &object, Sample::new(0, 1).inline(b"x")));
            let recording = recording.clone();
            async move {
                commit.await.expect("it is committed");
                recording.mark(&object);
            }
        });
        futures_util::future::join_all(commits).await;
        let events = recording.take();
        for (at, event) in events.iter().enumerate() {
            if let Event::Mark(object) = event {
                Durable::after(&events[..at]).assert_there(&format!("bucket/{object}/xl.meta"));
            }
        }
        assert_eq!(events.iter().filter(|event| matches!(event, Event::Mark(_))).count(), 4);
    }));
}
