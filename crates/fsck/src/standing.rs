//! What a drive holds beside objects: journal, healing tracker, staging, trash.

use crate::examine::Context;
use crate::finding::{Finding, Kind, Severity};
use crate::view::{View, if_any};
use bytes::Bytes;
use drive::Rest;
use format::healing_tracker::{HEALING_TRACKER, HealingTracker};
use std::io;
use std::sync::atomic::Ordering;
use uuid::Uuid;

const TMP: &str = ".minio.sys/tmp";
const TMP_OLD: &str = ".minio.sys/tmp-old";
const TRASH: &str = ".minio.sys/tmp/.trash";
const MOST_NAMES: usize = 10_000_000;
const LONGEST_TRACKER: usize = 16 << 20;

struct Looked {
    rest: Rest,
    tracker: Option<Bytes>,
    staged: Vec<String>,
    trash: usize,
}

/// Looks at one drive, whose id is given.
pub(crate) async fn examine(context: &Context, view: &View, id: Uuid) {
    let looked = view.run(move |fs| {
        let names = |dir: &str| -> io::Result<Vec<String>> {
            let entries = if_any(fs.read_dir(dir, MOST_NAMES))?.unwrap_or_default();
            Ok(entries.into_iter().map(|entry| entry.name).collect())
        };
        let (mut staged, aside) = (names(TMP)?, names(TMP_OLD)?);
        // The trash, and the mark by which a server knows that nobody else was here.
        staged.retain(|name| name != ".trash" && !name.starts_with(".rustfs-"));
        let staged = staged.into_iter().map(|name| format!("{TMP}/{name}"));
        let staged = staged.chain(aside.into_iter().map(|name| format!("{TMP_OLD}/{name}"))).collect();
        let tracker = if_any(fs.read(&format!(".minio.sys/{HEALING_TRACKER}"), LONGEST_TRACKER))?;
        Ok(Looked { rest: drive::rest(fs, id)?, tracker, staged, trash: names(TRASH)?.len() })
    });
    let on = |kind, severity, detail: String| Finding::new(kind, severity, detail).on(&view.name, view.place);
    let looked = match looked.await {
        Ok(looked) => looked,
        Err(error) => return context.tell(on(Kind::DriveUnreadable, Severity::Repairable, error.to_string())),
    };
    context.counters.trash.fetch_add(looked.trash as u64, Ordering::Relaxed);
    match looked.rest {
        Rest::AtRest => {}
        Rest::Unclean { frames, doubts } => {
            let detail =
                format!("{frames} frame(s) to replay, {doubts} change(s) to decide: run 'rustfs recover' first");
            context.tell(on(Kind::JournalUnclean, Severity::Repairable, detail));
        }
        Rest::Broken(reason) => context.tell(on(Kind::JournalBroken, Severity::Unchecked, reason)),
    }
    for path in looked.staged {
        context.tell(
            on(Kind::StagingRemains, Severity::Harmless, "staged and not committed".to_owned()).path(path).garbage(),
        );
    }
    if let Some(tracker) = looked.tracker.filter(|tracker| !tracker.is_empty()) {
        let path = format!(".minio.sys/{HEALING_TRACKER}");
        match HealingTracker::parse(&tracker) {
            Err(error) => {
                context.tell(on(Kind::HealingBroken, Severity::Harmless, error.to_string()).path(path).garbage())
            }
            Ok(tracker) if !tracker.drive_id.is_empty() && tracker.drive_id != id.to_string() => {
                let detail = format!("it is of drive {}", tracker.drive_id);
                context.tell(on(Kind::HealingBroken, Severity::Harmless, detail).path(path).garbage());
            }
            Ok(tracker) if !tracker.finished => {
                let detail = format!("begun, {} items done, at '{}'", tracker.items_healed, tracker.bucket);
                context.tell(on(Kind::HealingUnfinished, Severity::Repairable, detail).path(path));
            }
            Ok(_) => {}
        }
    }
}
