//! What each drive of a set has of one version.

use crate::gather::Gather;
use crate::layout::Layout;
use crate::quorum::{Agreed, MetaAnswer, Wanted, choose};
use crate::read::is_whole;
use crate::set::Set;
use crate::upload::is_upload;
use drive::{Drive, DriveError, DriveResult};
use erasure::bitrot::{DIGEST_LEN, verify_frame};
use format::xl::{Header, Kind, LegacyVersion, ObjectVersion, Version, XlMeta};
use std::sync::Arc;
use uuid::Uuid;

/// Frames read at a time when data is verified.
const FRAMES_AT_ONCE: u64 = 4;

/// A drive's share of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// As it should be.
    Whole,
    /// The drive can't be asked; nothing is done there.
    Away,
    /// Metadata missing, unreadable or of another time: to be written again. `bucket` is false where even the
    /// bucket's directory is missing.
    Missing { bucket: bool },
    /// The metadata is right, the data isn't.
    Damaged,
}

/// What the drives have of a version.
#[derive(Debug)]
pub(super) enum Finding {
    /// A quorum holds it; the shares by position.
    Held { agreed: Box<Agreed>, shares: Vec<Share> },
    /// So few drives have it, all others being sure that they don't, that it can only be what a deletion missed.
    Dangling,
    /// No drive has it.
    Nowhere,
    /// Neither: it is left alone.
    Unclear,
}

/// Looks at a version on all drives. `deep` verifies all data, else its presence and size are enough.
pub(super) async fn inspect(set: &Arc<Set>, bucket: &str, object: &str, version: Uuid, deep: bool) -> Finding {
    let answers = set.read_all_meta(bucket, object).await;
    inspect_answers(set, bucket, object, version, deep, answers).await
}

/// The same, with the drives' answers about the name already there.
pub(super) async fn inspect_answers(
    set: &Arc<Set>,
    bucket: &str,
    object: &str,
    version: Uuid,
    deep: bool,
    answers: Vec<MetaAnswer>,
) -> Finding {
    let wanted = Wanted::Version(version);
    let answers: Vec<Option<MetaAnswer>> = answers.into_iter().map(Some).collect();
    let agreed = match choose(&answers, set.standard_parity(), wanted) {
        Ok(agreed) => agreed,
        Err(_) => return without_quorum(&answers, version, (bucket, object)),
    };
    // A drive that missed a change of metadata has the data, but not the version as it is now.
    // In early releases' versions each drive's header differs, by the digests of its own shards.
    let alike = |header: &Header| {
        let old = header.kind == Kind::Legacy && agreed.header.kind == Kind::Legacy;
        *header == agreed.header || (old && header.mod_time == agreed.header.mod_time)
    };
    let current = |meta: &Arc<XlMeta>| wanted.find(meta).is_some_and(|entry| alike(&entry.header));
    let holds = |holder: &Option<Arc<XlMeta>>| holder.as_ref().is_some_and(current);
    let mut shares: Vec<Share> =
        answers.iter().zip(&agreed.holders).map(|(answer, holder)| share(answer.as_ref(), holds(holder))).collect();
    if let Some(object_version) = agreed.version.as_object()
        && object_version.uses_data_dir()
        && let Ok(layout) = Layout::of(&object_version)
    {
        let drives = set.drives();
        let look = |(at, meta): (usize, &Option<Arc<XlMeta>>)| {
            let (drive, meta) = (drives[at].clone()?, meta.clone()?);
            let look = Look { drive, bucket, object, version, layout: &layout, deep };
            let check: futures_util::future::BoxFuture<'_, DriveResult<()>> =
                Box::pin(async move { look.check(&meta).await });
            Some((at, check))
        };
        let checks = Gather::new(agreed.holders.iter().enumerate().filter_map(look)).all(set.size()).await;
        for (share, check) in shares.iter_mut().zip(checks) {
            if let (Share::Whole, Some(Err(error))) = (*share, check) {
                *share = if error.is_unavailable() { Share::Away } else { Share::Damaged };
            }
        }
    }
    Finding::Held { agreed: Box::new(agreed), shares }
}

fn share(answer: Option<&MetaAnswer>, holds: bool) -> Share {
    match answer {
        _ if holds => Share::Whole,
        None => Share::Away,
        Some(Err(error)) if error.is_unavailable() => Share::Away,
        Some(Err(DriveError::BucketNotFound { .. })) => Share::Missing { bucket: false },
        Some(Err(DriveError::NotFound { .. } | DriveError::Corrupt { .. }) | Ok(_)) => Share::Missing { bucket: true },
        // An error of another kind (no space, a bad name): writing there would fail as well.
        Some(Err(_)) => Share::Away,
    }
}

/// Tells remains of a deletion from everything else. An acknowledged version is on a write quorum of drives and a
/// deletion on more than half: a version that more than half of the drives, all of them asked, are sure not to
/// have, and that can't be read, was deleted while the others were away.
fn without_quorum(answers: &[Option<MetaAnswer>], version: Uuid, (bucket, object): (&str, &str)) -> Finding {
    let mut absent = 0;
    let mut data = None;
    for answer in answers {
        match answer {
            Some(Ok(meta)) => match meta.find(version) {
                Some(entry) => data = Some(data.unwrap_or(0).max(usize::from(entry.header.data))),
                None => absent += 1,
            },
            Some(Err(DriveError::NotFound { .. } | DriveError::BucketNotFound { .. })) => absent += 1,
            _ => return Finding::Unclear,
        }
    }
    let Some(data) = data else { return Finding::Nowhere };
    let unreadable = answers.len() - absent < data.max(1) || data == 0;
    let deleted = absent > answers.len() / 2 && unreadable;
    // The server's own documents are never guessed about.
    let document = bucket == format::names::SYSTEM_BUCKET && !is_upload(bucket, object);
    if deleted && !document { Finding::Dangling } else { Finding::Unclear }
}

/// Looking at one drive's data of a version.
struct Look<'a> {
    drive: Arc<dyn Drive>,
    bucket: &'a str,
    object: &'a str,
    version: Uuid,
    layout: &'a Layout,
    deep: bool,
}

impl Look<'_> {
    async fn check(&self, meta: &XlMeta) -> DriveResult<()> {
        let decoded = meta.find(self.version).and_then(|entry| entry.decode().ok());
        if let Some(Version::Legacy(old)) = &decoded {
            return self.check_old(old).await;
        }
        let decoded = decoded.and_then(Version::into_object);
        let Some(own) = decoded else { return Err(self.corrupt("its metadata can't be decoded")) };
        let inline = meta.inline.get_or_by_data_dir(self.version, own.data_dir);
        if let Some(frames) = inline.filter(|_| own.is_inline() || self.version.is_nil()) {
            return self.check_inline(&own, frames);
        }
        for part in own.parts.iter().filter(|part| part.size > 0) {
            self.check_part(&own.data_dir.to_string(), part.number, part.size).await?;
        }
        Ok(())
    }

    /// Parts of an early release: as today's, or with a digest over the whole file.
    async fn check_old(&self, old: &LegacyVersion) -> DriveResult<()> {
        for part in old.parts.iter().filter(|part| part.size > 0) {
            let Some(checksum) = old.whole_file_checksum(part.number) else {
                self.check_part(&old.data_dir, part.number, part.size).await?;
                continue;
            };
            let reader = self.drive.open_shard(self.bucket, self.object, &old.data_dir, part.number).await?;
            if reader.len() != self.layout.geometry.shard_file_size(part.size) {
                return Err(self.corrupt(&format!("part {} has another length", part.number)));
            }
            if self.deep && !is_whole(&*reader, checksum).await? {
                return Err(self.corrupt(&format!("part {} is not what was written", part.number)));
            }
        }
        Ok(())
    }

    fn check_inline(&self, own: &ObjectVersion, frames: &[u8]) -> DriveResult<()> {
        let size = self.layout.geometry.framed_file_size(own.size).map_err(|error| self.corrupt(&error.to_string()))?;
        if u64::try_from(frames.len()) != Ok(size) {
            return Err(self.corrupt("the data in its metadata has another length"));
        }
        let frame = usize::try_from(self.layout.geometry.shard_size()).unwrap_or(usize::MAX).saturating_add(DIGEST_LEN);
        let broken = frames.chunks(frame).any(|frame| verify_frame(frame).is_err());
        if broken { Err(self.corrupt("the data in its metadata is not what was written")) } else { Ok(()) }
    }

    async fn check_part(&self, data_dir: &str, number: u32, size: u64) -> DriveResult<()> {
        let geometry = &self.layout.geometry;
        let reader = self.drive.open_shard(self.bucket, self.object, data_dir, number).await?;
        let expected = geometry.framed_file_size(size).map_err(|error| self.corrupt(&error.to_string()))?;
        if reader.len() != expected {
            return Err(self.corrupt(&format!("part {number} has {} bytes, not {expected}", reader.len())));
        }
        if !self.deep {
            return Ok(());
        }
        let frame = usize::try_from(geometry.shard_size()).unwrap_or(usize::MAX).saturating_add(DIGEST_LEN);
        let mut offset = 0;
        while offset < expected {
            let step = u64::try_from(frame).unwrap_or(u64::MAX).saturating_mul(FRAMES_AT_ONCE).min(expected - offset);
            let frames = reader.read_at(offset, usize::try_from(step).unwrap_or(usize::MAX)).await?;
            if frames.chunks(frame).any(|frame| verify_frame(frame).is_err()) {
                return Err(self.corrupt(&format!("part {number} is not what was written, near byte {offset}")));
            }
            offset += step;
        }
        Ok(())
    }

    fn corrupt(&self, reason: &str) -> DriveError {
        let path = format!("{}/{}", self.bucket, self.object);
        DriveError::Corrupt { drive: self.drive.name().to_owned(), path, reason: reason.to_owned() }
    }
}
