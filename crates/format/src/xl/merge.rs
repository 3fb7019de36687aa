//! What the drives of a set agree on: merging their version lists (section 4.7).

use super::Header;
use std::collections::HashSet;
use uuid::Uuid;

/// Merges the version lists of the drives of a set, each newest first; the list of a drive that didn't answer
/// is empty. A version is in the result if `quorum` drives have it: the identical header or, unless `strict`,
/// one that differs only in what drives may differ in after a missed metadata update.
///
/// Ends after `limit` versions that are not free versions (0: no limit); what follows in the first list is then
/// appended unmerged, so that it still tells how many versions there are.
///
/// Returns where to find the versions, newest first: index of the list, index in it.
pub fn merge_versions(lists: &[&[Header]], quorum: usize, strict: bool, limit: usize) -> Vec<(usize, usize)> {
    let mut merge = Merge { lists, heads: vec![0; lists.len()], quorum, strict: strict || quorum <= 1 };
    let mut merged = Vec::new();
    let mut merged_ids = HashSet::new();
    let mut visible = 0;
    while let Some((found, count)) = merge.next() {
        let version = lists[found.0][found.1];
        if count >= quorum {
            merged.push(found);
            merged_ids.insert(version.version_id);
            visible += usize::from(!version.flags.free_version);
        }
        merge.drop_done(&version, &merged_ids);
        if limit > 0 && visible == limit {
            merged.extend((merge.heads[0]..lists[0].len()).map(|at| (0, at)));
            break;
        }
    }
    merged
}

/// Where a header is: index of the list, index in it.
type Place = (usize, usize);

struct Merge<'a> {
    lists: &'a [&'a [Header]],
    /// The first entry of each list that is not done with.
    heads: Vec<usize>,
    quorum: usize,
    strict: bool,
}

impl Merge<'_> {
    /// The version to decide on next and how many drives have it; `None` when too few lists are left.
    fn next(&self) -> Option<(Place, usize)> {
        let tops: Vec<(Place, Header)> = self.tops().collect();
        let (&(mut best_at, mut best), rest) = tops.split_first()?;
        if tops.len() < self.quorum {
            return None;
        }
        let mut count = 1;
        for &(at, head) in rest {
            if head == best {
                count += 1;
            } else if head < best {
                count = if self.match_loosely(&head, &best) { count + 1 } else { 1 };
                (best_at, best) = (at, head);
            } else if self.match_loosely(&head, &best) {
                count += 1;
            } else if head.version_id == best.version_id {
                return Some(self.most_frequent(&tops, best.version_id));
            }
        }
        Some((best_at, count))
    }

    fn tops(&self) -> impl Iterator<Item = (Place, Header)> {
        let heads = self.heads.iter().enumerate();
        heads.filter_map(|(list, &at)| self.lists[list].get(at).map(|header| ((list, at), *header)))
    }

    /// Moves each list past what has been decided: entries newer than `version`, itself, and other forms of
    /// versions that are in the result.
    fn drop_done(&mut self, version: &Header, merged_ids: &HashSet<Uuid>) {
        for (list, head) in self.lists.iter().zip(&mut self.heads) {
            // What too few drives have hides nothing: the null version that it was to replace comes after it.
            let done = |header: &Header| header <= version || merged_ids.contains(&header.version_id);
            *head += list[*head..].iter().take_while(|header| done(header)).count();
        }
    }

    /// Whether two headers are of one version, though one drive may have missed an update of its metadata.
    fn match_loosely(&self, a: &Header, b: &Header) -> bool {
        let same = a.version_id == b.version_id && a.kind == b.kind && same_geometry(a, b);
        // Any two writes without versioning have the nil id; only the time tells them apart.
        !self.strict && same && (!a.version_id.is_nil() || a.mod_time == b.mod_time)
    }

    /// Of the heads with one version id, the form that most drives have; of equally many, the first in order.
    fn most_frequent(&self, tops: &[(Place, Header)], version_id: Uuid) -> (Place, usize) {
        let form = |header: &Header| match self.strict {
            true => *header,
            false => Header { signature: [0; 4], ..*header },
        };
        let of_version = || tops.iter().filter(|(_, header)| header.version_id == version_id);
        let counted = of_version().map(|(at, header)| {
            let count = of_version().filter(|(_, other)| form(other) == form(header)).count();
            (*at, header, count)
        });
        let rank = |&(at, header, count): &(Place, &Header, usize)| (std::cmp::Reverse(count), *header, at);
        counted.min_by_key(rank).map_or(((0, 0), 0), |(at, _, count)| (at, count))
    }
}

/// Whether shard counts agree; unknown ones agree with any.
fn same_geometry(a: &Header, b: &Header) -> bool {
    let unknown = |header: &Header| header.data == 0 || header.parity == 0;
    unknown(a) || unknown(b) || (a.data, a.parity) == (b.data, b.parity)
}
