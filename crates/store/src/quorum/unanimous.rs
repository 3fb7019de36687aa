//! The quick way to agree: enough drives say the very same.

use super::{Agreed, MetaAnswer, ReadFailure, Wanted, is_stale, most_frequent, most_frequent_absence, visible};
use format::xl::{Header, Kind, XlMeta};
use std::sync::Arc;

/// Counts identical answers until there are enough to stop asking.
#[derive(Debug)]
pub(crate) struct Unanimous {
    drives: usize,
    /// Drives less the parity of STANDARD objects, one more if that is half of them.
    least: usize,
    wanted: Wanted,
    first: Option<Header>,
    same: usize,
    absent: usize,
}

impl Unanimous {
    pub(crate) fn new(drives: usize, standard_parity: usize, wanted: Wanted) -> Self {
        let least = overlapping(drives, standard_parity);
        Unanimous { drives, least, wanted, first: None, same: 0, absent: 0 }
    }

    /// Takes another answer; says whether it may be the last.
    pub(crate) fn enough(&mut self, answer: &MetaAnswer) -> bool {
        match answer {
            Ok(meta) => match self.wanted.find(meta) {
                Some(entry) => self.enough_alike(&entry.header),
                None => self.enough_absent(),
            },
            Err(error) if error.is_absence() => self.enough_absent(),
            Err(_) => false,
        }
    }

    fn enough_alike(&mut self, header: &Header) -> bool {
        let first = self.first.get_or_insert(*header);
        self.same += usize::from(first == header);
        let parity = if header.kind == Kind::Object { header.parity.into() } else { self.drives / 2 };
        self.same >= self.least.max(overlapping(self.drives, parity))
    }

    fn enough_absent(&mut self) -> bool {
        self.absent += 1;
        self.absent >= self.least
    }

    /// The version that the answers so far agree on, if they do.
    pub(crate) fn agreed(&self, answers: &[Option<MetaAnswer>]) -> Option<Result<Agreed, ReadFailure>> {
        // More than half are sure that there is nothing: what others hold is what a deletion missed.
        if self.absent >= self.least {
            return Some(Err(most_frequent_absence(answers)));
        }
        let header = self.first?;
        let holds = |meta: &Arc<XlMeta>| self.wanted.find(meta).is_some_and(|entry| entry.header == header);
        let holders: Vec<Option<Arc<XlMeta>>> =
            answers.iter().map(|answer| answer.as_ref()?.as_ref().ok().filter(|meta| holds(meta)).cloned()).collect();
        let meta = holders.iter().flatten().next()?;
        // A body that can't be decoded on one drive is for the long way round.
        let version = self.wanted.find(meta)?.decode().ok()?;
        // Some drive may be a moment behind: what most say of the other versions counts.
        let is_latest_on =
            |meta: &&Arc<XlMeta>| meta.latest().is_some_and(|latest| latest.header.version_id == header.version_id);
        let held = || holders.iter().flatten();
        let is_latest = held().filter(is_latest_on).count() * 2 > held().count();
        let version_count = most_frequent(held().map(|meta| visible(meta))).map_or(1, |(count, _)| count);
        let stale = answers.iter().zip(&holders).any(|(answer, holder)| is_stale(answer.as_ref(), holder.is_some()));
        Some(Ok(Agreed { version, header, holders, is_latest, version_count, stale }))
    }
}

/// Answers that any write's quorum must overlap with, and more than half.
fn overlapping(drives: usize, parity: usize) -> usize {
    let least = drives.saturating_sub(parity);
    if least * 2 == drives { least + 1 } else { least }
}
