//! Requests that are given up while a drive works for them.

use base::World;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rustfs_drive::testing::{HeldEngine, Sample, open_formatted};
use rustfs_drive::{DriveResult, Engine, FileSystem, Layer, LocalSlot, PlainFs, ShardWriter, Staging};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

type Hook = Box<dyn FnOnce() + Send>;

/// A file system during whose next making of a directory something happens.
struct Interrupted {
    fs: PlainFs,
    hook: Arc<Mutex<Option<Hook>>>,
}

impl fmt::Debug for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupted")
    }
}

impl Layer for Interrupted {
    fn beneath(&self) -> &dyn FileSystem {
        &self.fs
    }

    fn mkdir(&self, path: &str) -> io::Result<()> {
        let hook = self.hook.lock().expect("no test panics with it").take();
        hook.into_iter().for_each(|hook| hook());
        self.fs.mkdir(path)
    }
}

fn run(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(work);
}

/// Whoever gives up a shard file discards it, and may be done with that before the file is made.
#[test]
fn a_shard_that_nobody_wants_any_more_is_not_left_in_staging() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let hook: Arc<Mutex<Option<Hook>>> = Arc::default();
        let fs = Interrupted { fs: PlainFs::new(folder.path(), true), hook: Arc::clone(&hook) };
        let engine = HeldEngine::over(Arc::new(fs));
        let made = engine.clone();
        let made = Arc::new(move |_| Arc::new(made.clone()) as Arc<dyn Engine>);
        let slot = LocalSlot::new("drive", World::system(), made);
        let drive = engine.until(open_formatted(&slot)).await.expect("it is formatted");

        let staging = Staging(Uuid::from_u128(77));
        let staged = folder.path().join(format!(".minio.sys/tmp/{}", staging.0));
        let staging_drive = Arc::clone(&drive);
        let mut request: BoxFuture<'static, DriveResult<Box<dyn ShardWriter>>> = Box::pin(async move {
            let data_dir = Sample::new(0, 1).data_dir;
            staging_drive.stage_shard(staging, data_dir, 1, Some(4)).await
        });
        assert!((&mut request).now_or_never().is_none(), "it waits for the drive");
        let (discarding, working) = (Arc::clone(&drive), engine.clone());
        let give_up: Hook = Box::new(move || {
            drop(request);
            let mut discard = discarding.discard(staging);
            assert!((&mut discard).now_or_never().is_none(), "it waits for the drive");
            working.run();
            discard.now_or_never().expect("it is done").expect("there is nothing yet");
        });
        *hook.lock().expect("no test panics with it") = Some(give_up);
        engine.run();
        assert!(hook.lock().expect("no test panics with it").is_none(), "a directory was made");
        assert!(!staged.exists(), "nobody will discard it");
    });
}
