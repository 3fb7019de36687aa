//! `rustfs fsck`: examining drives, telling what is wrong, and having it repaired.

mod progress;
mod repair;
mod report;

use crate::cli::ServerOptions;
use crate::engine::EngineKind;
use crate::server::Fatal;
use ::fsck::{Counters, Deployment, Examined, Finding, GivenDrive, GivenPool, Summary, examine};
use base::World;
use progress::Progress;
use report::Report;
use settings::Settings;
use std::sync::{Arc, Mutex};

/// A repair may bring to light what it takes another to repair: what was in the way of healing, what healing left behind.
const ROUNDS: usize = 4;

/// Examines the drives of the settings, and has them repaired if that is wanted. Gives what it came to in the end.
pub fn run(settings: &Settings, options: &ServerOptions, world: &World) -> Result<Examined, Fatal> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| Fatal::Runtime { cause })?;
    runtime.block_on(async {
        let report = Report::new(options.output.json, options.output.quiet);
        let (mut summary, mut findings) = look(settings, world, options, report.clone()).await?;
        if options.tool.repair {
            for _ in 0..ROUNDS {
                if !repair::round(settings, world, &findings, &report).await? {
                    break;
                }
                let silent = report.silent();
                (summary, findings) = look(settings, world, options, silent).await?;
            }
            findings.iter().for_each(|finding| report.finding(finding));
        }
        report.summary(&summary);
        Ok(summary.outcome())
    })
}

/// Opens the drives where they belong, without writing to them; what is wrong with them is given beside.
pub async fn open(settings: &Settings) -> Result<(Deployment, Vec<Finding>), Fatal> {
    let given = settings.layout.pools.iter().map(|pool| GivenPool {
        set_size: pool.set_size,
        drives: pool.drives.iter().map(|path| drive(path)).collect(),
    });
    let mut opening = Vec::new();
    let deployment = Deployment::open(given.collect(), &mut |finding| opening.push(finding)).await;
    match deployment {
        Ok(deployment) => Ok((deployment, opening)),
        Err(error) => {
            // What is wrong with the drives is why.
            opening.iter().for_each(|finding| eprintln!("{finding}"));
            Err(Fatal::CantCheck(error))
        }
    }
}

fn drive(path: &std::path::Path) -> GivenDrive {
    let engine = EngineKind::Threads.of_drive(path);
    GivenDrive { name: path.to_string_lossy().into_owned(), engine: engine(false) }
}

/// One examination; gives the findings that a repair would begin with.
async fn look(
    settings: &Settings,
    world: &World,
    options: &ServerOptions,
    report: Report,
) -> Result<(Summary, Vec<Finding>), Fatal> {
    let (deployment, opening) = open(settings).await?;
    let counters = Arc::new(Counters::default());
    let progress = Progress::start(world, Arc::clone(&counters), options.output.quiet);
    let kept: Arc<Mutex<Vec<Finding>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let wanted = options.tool.repair;
    let sink = move |finding: Finding| {
        report.finding(&finding);
        if wanted && let Ok(mut kept) = keep.lock() {
            kept.push(finding);
        }
    };
    let summary = examine(&deployment, opening, counters, Box::new(sink)).await;
    progress.end().await;
    let findings = kept.lock().map(|mut kept| std::mem::take(&mut *kept)).unwrap_or_default();
    Ok((summary, findings))
}
