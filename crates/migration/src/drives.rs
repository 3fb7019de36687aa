//! The drives: formats, journals, what an unclean stop left.

use crate::{Direction, Input, Report, Verdict};
use drive::Rest;
use format::drive_format::DistributionAlgorithm;
use fsck::{Deployment, Finding};

pub(crate) async fn check(input: &Input<'_>, deployment: &Deployment, findings: &[Finding], report: &mut Report) {
    for finding in findings {
        let name = finding.drive.clone().unwrap_or_default();
        // Neither server minds a drive less, as long as there are enough.
        report.add("drives", name, Verdict::WithoutEffect, format!("{}: {}", finding.kind, finding.detail));
    }
    for (index, pool) in deployment.pools.iter().enumerate() {
        let drives = pool.format.drives();
        let there = pool.sets.iter().flat_map(|set| &set.drives).flatten().count();
        let note = format!(
            "{} set(s) of {} drives, {there} of {drives} there, deployment {}",
            pool.sets.len(),
            pool.format.set_drives(),
            pool.format.deployment_id
        );
        let verdict = if there * 2 >= drives { Verdict::TakenOver } else { Verdict::Prevents };
        report.add("drives", format!("pool {}", index + 1), verdict, note);
        if pool.format.algorithm == DistributionAlgorithm::CrcMod {
            let note = "made by a release of 2018 or before; old objects are read, and rewritten only when they are written anew";
            report.add("drives", format!("pool {}: old format", index + 1), Verdict::TakenOver, note);
        }
    }
    let mut at_rest = true;
    for (pool, set, position, view) in views(deployment) {
        let id = deployment.pools[pool].format.sets[set][position];
        let rest = view.run(move |fs| drive::rest(fs, id)).await;
        let (verdict, note) = match (rest, input.direction) {
            (Ok(Rest::AtRest), _) => continue,
            (Ok(Rest::Unclean { frames, doubts }), Direction::ToMinio) => {
                let left = format!("{frames} frame(s) of its journal and {doubts} change(s) aren't where MinIO looks");
                (
                    Verdict::Prevents,
                    format!(
                        "{left}: run 'rustfs recover' with the same arguments first, or acknowledged writes are lost"
                    ),
                )
            }
            (Ok(Rest::Unclean { .. }), Direction::ToRustfs) => (
                Verdict::TakenOver,
                "its journal is replayed at the start: RustFS was here before and was stopped uncleanly".to_owned(),
            ),
            (Ok(Rest::Broken(reason)), _) => (Verdict::Prevents, format!("its journal can't be read: {reason}")),
            (Err(error), _) => (Verdict::Prevents, error.to_string()),
        };
        at_rest = false;
        report.add("drives", view.name.clone(), verdict, note);
    }
    if at_rest {
        report.add("drives", "journals", Verdict::TakenOver, "all drives are at rest");
    }
}

fn views(deployment: &Deployment) -> impl Iterator<Item = (usize, usize, usize, &fsck::View)> {
    deployment.sets().flat_map(|set| {
        let drives = set.drives.iter().enumerate();
        drives.filter_map(|(position, view)| Some((set.pool, set.index, position, &**view.as_ref()?)))
    })
}
