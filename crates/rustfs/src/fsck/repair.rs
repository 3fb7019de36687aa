//! `--repair`: what is in the way goes to the trash, what is missing is healed by the store, as in a running server.

use super::report::Report;
use crate::engine::EngineKind;
use crate::server::{Fatal, open_store};
use base::World;
use drive::FileSystem;
use format::names::decode_name;
use fsck::{Deployment, Finding, Kind, Severity};
use settings::Settings;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;
use store::{HealOutcome, Store};

const SYS: &str = ".minio.sys";
const LOCK: &str = ".minio.sys/rustfs/lock";
const TRASH: &str = ".minio.sys/tmp/.trash";
/// Between looks at drives that are being filled.
const POLL: Duration = Duration::from_millis(500);

/// Repairs what the findings name; false if there was nothing to be done, or nothing could be done.
pub async fn round(settings: &Settings, world: &World, findings: &[Finding], report: &Report) -> Result<bool, Fatal> {
    let unclean = |finding: &Finding| matches!(finding.kind, Kind::JournalUnclean | Kind::JournalBroken);
    if findings.iter().any(unclean) {
        report.action(
            "nothing is repaired: a drive's journal isn't at rest; run 'rustfs recover' with the same arguments first",
        );
        return Ok(false);
    }
    if findings.iter().any(|finding| matches!(finding.kind, Kind::DriveSwapped | Kind::DriveDuplicate)) {
        report.action(
            "nothing is repaired: drives aren't in their places; give them in the order in which they were formatted",
        );
        return Ok(false);
    }
    let moved = clear(settings, world, findings, report).await?;
    let healed = if findings.iter().any(heals) { heal(settings, world, findings, report).await? } else { false };
    Ok(moved || healed)
}

/// What the store repairs once it is opened.
fn heals(finding: &Finding) -> bool {
    let of_drive = matches!(finding.kind, Kind::DriveUnformatted | Kind::FormatBroken | Kind::HealingUnfinished);
    let of_name = finding.severity == Severity::Repairable && finding.bucket.is_some();
    // The store empties staging when it opens.
    of_drive || of_name || finding.kind == Kind::StagingRemains
}

/// What stands where something else belongs, and what belongs to nobody.
fn is_in_the_way(finding: &Finding) -> bool {
    let garbage = finding.garbage && !matches!(finding.kind, Kind::StagingRemains | Kind::DeletionRemains);
    let in_the_way = matches!(finding.kind, Kind::WrongKind | Kind::MetaMisplaced | Kind::FormatBroken);
    (garbage || in_the_way && finding.severity == Severity::Repairable)
        && (finding.path.is_some() || is_upload(finding))
}

fn is_upload(finding: &Finding) -> bool {
    finding.kind == Kind::UploadBroken && finding.object.is_some()
}

/// Moves such things to the trash of their drives.
async fn clear(settings: &Settings, world: &World, findings: &[Finding], report: &Report) -> Result<bool, Fatal> {
    let mut paths: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let all_drives: Vec<String> = settings
        .layout
        .pools
        .iter()
        .flat_map(|pool| &pool.drives)
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    for finding in findings.iter().filter(|finding| is_in_the_way(finding)) {
        let path = finding.path.clone().or_else(|| finding.object.as_ref().map(|object| format!("{SYS}/{object}")));
        let Some(path) = path else { continue };
        // Remains of an upload are wherever they are.
        for drive in finding.drive.as_ref().map_or(&all_drives[..], std::slice::from_ref) {
            paths.entry(drive).or_default().insert(path.clone());
        }
    }
    let mut moved = false;
    for (drive, paths) in paths {
        let to_trash: Vec<(String, String)> =
            paths.into_iter().map(|path| (path, format!("{TRASH}/{}", world.random.uuid()))).collect();
        match move_all(drive, to_trash).await {
            Ok(done) => {
                for path in done {
                    report.action(&format!("{drive}: moved '{path}' to the trash"));
                    moved = true;
                }
            }
            Err(error) => report.action(&format!("{drive}: nothing could be moved to the trash: {error}")),
        }
    }
    Ok(moved)
}

/// Holds the drive's lock meanwhile. Gives what was moved.
async fn move_all(drive: &str, moves: Vec<(String, String)>) -> io::Result<Vec<String>> {
    let engine = EngineKind::Threads.of_drive(std::path::Path::new(drive))(false);
    let (answer, answered) = tokio::sync::oneshot::channel();
    engine.submit(Box::new(move |fs| drop(answer.send(move_on(fs, moves)))));
    let moved = answered.await.unwrap_or_else(|_| Err(io::Error::other("the drive's threads broke off")));
    engine.close();
    moved
}

fn move_on(fs: &dyn FileSystem, moves: Vec<(String, String)>) -> io::Result<Vec<String>> {
    for dir in [SYS, ".minio.sys/rustfs", ".minio.sys/tmp", TRASH] {
        match fs.mkdir(dir) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let _lock = fs.try_lock(LOCK)?;
    let mut moved = Vec::new();
    for (from, to) in moves {
        match fs.rename(&from, &to) {
            Ok(()) => {
                let parent = from.rsplit_once('/').map_or("", |(parent, _)| parent);
                fs.sync_dir(parent)?;
                moved.push(from);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(moved)
}

/// Has the store heal what the findings name.
async fn heal(settings: &Settings, world: &World, findings: &[Finding], report: &Report) -> Result<bool, Fatal> {
    if !enough_drives(settings).await? {
        report.action("nothing is healed: too few drives are there to serve");
        return Ok(false);
    }
    let store = open_store(settings, EngineKind::Threads, false, world).await.map_err(Fatal::Store)?;
    store.heal_rest().await;
    let mut done = findings.iter().any(|finding| finding.bucket.is_none() && heals(finding));
    wait_for_drives(&store, world).await;
    let mut names = BTreeSet::new();
    for finding in findings.iter().filter(|finding| heals(finding)) {
        match (&finding.bucket, &finding.object) {
            (Some(bucket), Some(object)) => {
                names.insert((bucket.as_str(), object.as_str()));
            }
            (Some(_), None) => done = true,
            _ => {}
        }
    }
    for (bucket, object) in names {
        match store.heal_object(bucket, &decode_name(object), None, true).await {
            Ok(HealOutcome::Healed { drives }) => {
                report.action(&format!("{bucket}/{object}: healed on {drives} drive(s)"));
                done = true;
            }
            Ok(HealOutcome::Removed) => {
                report.action(&format!("{bucket}/{object}: removed what a deletion had missed"));
                done = true;
            }
            // The store's own healing came first.
            Ok(HealOutcome::Healthy) => done = true,
            Ok(HealOutcome::Impossible) => report.action(&format!("{bucket}/{object}: can't be healed")),
            Err(error) => report.action(&format!("{bucket}/{object}: can't be healed: {error}")),
        }
    }
    store.close().await;
    Ok(done)
}

/// Opening a store with too few drives would wait for ever.
async fn enough_drives(settings: &Settings) -> Result<bool, Fatal> {
    let (deployment, _) = super::open(settings).await?;
    let enough = |deployment: &Deployment| {
        deployment.pools.iter().all(|pool| {
            let drives = || pool.sets.iter().flat_map(|set| &set.drives);
            drives().flatten().count() * 2 >= drives().count()
        })
    };
    Ok(enough(&deployment))
}

/// A new drive is filled in the background.
async fn wait_for_drives(store: &Store, world: &World) {
    let mut quiet = 0;
    while quiet < 2 {
        world.clock.sleep(POLL).await;
        let busy = store.drives().iter().any(|drive| drive.healing) || store.heal_backlog() > 0;
        quiet = if busy { 0 } else { quiet + 1 };
    }
}
