//! Healing uploads in progress: their record as any name's, then each part that enough drives have.
//!
//! A drive that was away when an upload was begun refuses its parts; without healing, the next drive to fail would end
//! every upload for good. A part is made from a reader's view without holding its lock, which may take long; under the
//! lock it is put in place only if the drives that had it still have the very same.

use super::HealOutcome;
use super::rebuild::Rebuild;
use super::version::heal_name;
use crate::StoreError;
use crate::find::Thoroughness;
use crate::quorum::{Agreed, Wanted};
use crate::set::{Drives, Set};
use crate::store::Inner;
use crate::upload::{AgreedPart, Record, heal_note, upload_paths};
use crate::write::entry_for;
use format::names::SYSTEM_BUCKET;
use format::xl::{Header, Part, Version, XlMeta};
use std::sync::Arc;

/// Heals all uploads of a set, one after the other. Sets of one drive have nothing to heal from.
pub(super) async fn heal_uploads(inner: &Arc<Inner>, set: &Arc<Set>) {
    if set.size() == 1 {
        return;
    }
    let paths = match upload_paths(inner, set).await {
        Ok(paths) => paths,
        Err(error) => {
            tracing::warn!(%error, "uploads can't be healed");
            return;
        }
    };
    for path in paths {
        let began = inner.world().clock.steady();
        if let Err(error) = heal_upload(inner, set, &path).await {
            tracing::warn!(upload = path, %error, "an upload couldn't be healed");
        }
        super::give_way(inner, began).await;
    }
}

/// Heals the upload `multipart/<H>/<U>`. What its end missed on a drive is removed.
pub(crate) async fn heal_upload(inner: &Arc<Inner>, set: &Arc<Set>, path: &str) -> Result<HealOutcome, StoreError> {
    let mut outcome = heal_name(inner, set, SYSTEM_BUCKET, path, false).await?;
    let lookup = set.lookup(SYSTEM_BUCKET, path, Wanted::Latest, Thoroughness::EveryDrive).await;
    let Ok(agreed) = lookup.found else { return Ok(outcome) };
    let record = Record::new(Arc::clone(set), path.to_owned(), agreed)?;
    let drives = set.drives();
    for number in record.numbers(&drives).await? {
        outcome = outcome.max(heal_part(inner, &record, &drives, number).await?);
    }
    if let Some(hash) = path.split('/').nth(1) {
        heal_note(inner, set, hash).await?;
    }
    Ok(outcome)
}

async fn heal_part(
    inner: &Arc<Inner>,
    record: &Record,
    drives: &Drives,
    number: u32,
) -> Result<HealOutcome, StoreError> {
    let (set, path) = (&record.set, &*record.path);
    let reading = set.shared.readers.enter(SYSTEM_BUCKET, path);
    let Some(part) = one_part(record, drives, number).await? else { return Ok(HealOutcome::Impossible) };
    let lacking = |(at, has): (usize, &bool)| (!has && drives[at].is_some()).then_some(at);
    let wanted: Vec<usize> = part.holders.iter().enumerate().filter_map(lacking).collect();
    if wanted.is_empty() {
        return Ok(HealOutcome::Healthy);
    }
    let agreed = as_agreed(record, &part);
    let Version::Object(version) = &agreed.version else { return Ok(HealOutcome::Impossible) };
    let rebuild =
        Rebuild { inner, set, bucket: SYSTEM_BUCKET, object: path, agreed: &agreed, version, drives, wanted: &wanted };
    let rebuilt = rebuild.run(reading).await?;

    let _upload = inner.locks.read(SYSTEM_BUCKET, path).await?;
    let _part = inner.lock(SYSTEM_BUCKET, &format!("{path}/{number}")).await?;
    if inner.uploads.has_ended(path) {
        return Ok(HealOutcome::Healthy);
    }
    let now = one_part(record, drives, number).await?;
    if !now.as_ref().is_some_and(|now| still_holds(&part, now)) {
        set.heal_later(SYSTEM_BUCKET, path, None, false);
        return Ok(HealOutcome::Healthy);
    }
    let mut healed = 0;
    for &position in &wanted {
        let (Some(drive), Some(_)) = (&drives[position], &rebuilt.shares[position]) else { continue };
        let (data_dir, token) = (record.object.data_dir, rebuilt.files.token());
        match drive.put_part(path, data_dir, number, token, part.bytes.clone()).await {
            Ok(()) => healed += 1,
            Err(error) => tracing::warn!(%error, "a drive couldn't be given a part that it missed"),
        }
    }
    if healed == wanted.len() {
        rebuilt.files.handed_over();
    }
    Ok(if healed > 0 { HealOutcome::Healed { drives: healed } } else { HealOutcome::Impossible })
}

async fn one_part(record: &Record, drives: &Drives, number: u32) -> Result<Option<AgreedPart>, StoreError> {
    Ok(record.parts(drives, &[number]).await?.into_iter().flatten().next())
}

/// Whether no drive that the part was read from has changed it meanwhile.
fn still_holds(before: &AgreedPart, now: &AgreedPart) -> bool {
    before.bytes == now.bytes && before.holders.iter().zip(&now.holders).all(|(had, has)| *has || !had)
}

/// The part as an object of its own, which can be read.
fn as_agreed(record: &Record, part: &AgreedPart) -> Agreed {
    let (number, size) = (part.record.number, part.record.size);
    let mut object = record.object.clone();
    object.parts = vec![Part { number, size, actual_size: part.record.actual_size, ..Part::default() }];
    object.size = size;
    let mut version = Version::Object(object);
    let mut holder = |position: usize| {
        let entry = entry_for(&mut version, record.layout.distribution[position]);
        Arc::new(XlMeta { versions: vec![entry], ..XlMeta::default() })
    };
    let holders = part.holders.iter().enumerate().map(|(at, has)| has.then(|| holder(at))).collect();
    Agreed { header: Header::of(&version), version, holders, is_latest: true, version_count: 1, stale: false }
}
