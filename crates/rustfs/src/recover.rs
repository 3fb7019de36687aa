//! Bringing drives to rest after an unclean stop, without serving (docs/durability.md, "Recover").

use crate::engine::EngineKind;
use crate::server::{Fatal, open_store};
use base::World;
use drive::{DriveError, LocalSlot, Slot};
use settings::Settings;
use std::path::Path;
use std::sync::Arc;

/// What became of one drive.
enum Rest {
    /// It is as after a clean stop, but for so many commits whose outcome its set has to decide.
    Recovered {
        in_doubt: usize,
    },
    Unformatted,
}

/// Opens every drive, which replays its journal, and closes it again; then lets the sets decide what is in doubt. Tells
/// of each drive on standard output; false if something is left to be done.
pub fn run(settings: &Settings, world: World) -> Result<bool, Fatal> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| Fatal::Runtime { cause })?;
    runtime.block_on(recover(settings, &world))
}

async fn recover(settings: &Settings, world: &World) -> Result<bool, Fatal> {
    let (mut all_there, mut in_doubt) = (true, 0);
    for path in settings.layout.pools.iter().flat_map(|pool| &pool.drives) {
        let name = path.to_string_lossy();
        match bring_to_rest(path, world).await {
            Ok(Rest::Recovered { in_doubt: 0 }) => println!("{name}: at rest"),
            Ok(Rest::Recovered { in_doubt: some }) => {
                println!("{name}: at rest, with {some} change(s) that the other drives decide");
                in_doubt += some;
            }
            Ok(Rest::Unformatted) => {
                println!("{name}: not formatted, nothing to recover");
                all_there = false;
            }
            Err(error) => {
                println!("{error}");
                all_there = false;
            }
        }
    }
    if in_doubt == 0 {
        return Ok(all_there);
    }
    if !all_there {
        println!(
            "{in_doubt} change(s) can be decided when all drives are there: recover them together, or start the server"
        );
        return Ok(false);
    }
    let store = open_store(settings, EngineKind::Threads, false, world).await.map_err(Fatal::Store)?;
    store.close().await;
    println!("all changes are decided");
    Ok(true)
}

async fn bring_to_rest(path: &Path, world: &World) -> Result<Rest, DriveError> {
    let engine = EngineKind::Threads.of_drive(path);
    // A directory that isn't there is not made.
    let engine = move |_| engine(false);
    let opened = LocalSlot::new(&path.to_string_lossy(), world.clone(), Arc::new(engine)).open().await?;
    if opened.format().is_none() {
        return Ok(Rest::Unformatted);
    }
    let drive = opened.claim().await?;
    let in_doubt = drive.doubts().await?.len();
    drive.close().await;
    Ok(Rest::Recovered { in_doubt })
}
