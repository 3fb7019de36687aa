//! What the drives of a set agree on (on-disk-format.md 11.1).
//!
//! [`choose`] looks at the answers of all drives and picks the version that a quorum holds, and the drives that hold
//! it. [`Unanimous`] is its short cut: as many identical answers as any later reading must overlap with, so that the
//! other drives needn't be waited for. [`write_error`] says in one error why too few drives did what was asked.

#[cfg(test)]
mod tests;

mod unanimous;

pub(crate) use unanimous::Unanimous;

use crate::StoreError;
use crate::layout::{delete_quorum, write_quorum};
use drive::{DriveError, DriveResult};
use format::object_meta_keys::sys;
use format::xl::{Header, Kind, ObjectVersion, Version, VersionEntry, XlMeta, merge_versions};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use uuid::Uuid;

/// A drive's answer about a name.
pub(crate) type MetaAnswer = DriveResult<Arc<XlMeta>>;

/// Which version is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Latest,
    /// Nil for the null version.
    Version(Uuid),
}

impl Wanted {
    /// The entry meant in one drive's metadata.
    pub(crate) fn find(self, meta: &XlMeta) -> Option<&VersionEntry> {
        match self {
            Wanted::Latest => meta.latest(),
            Wanted::Version(id) => meta.find(id),
        }
    }
}

/// A version that a quorum holds.
#[derive(Clone, Debug)]
pub(crate) struct Agreed {
    /// As the first drive that holds it has it.
    pub(crate) version: Version,
    pub(crate) header: Header,
    /// By position: the metadata of the drives that hold this version as agreed. With the short cut, of those asked.
    pub(crate) holders: Vec<Option<Arc<XlMeta>>>,
    pub(crate) is_latest: bool,
    /// Versions of the name, free versions aside.
    pub(crate) version_count: usize,
    /// Drives that answered but don't hold the version as agreed: to be healed.
    pub(crate) stale: bool,
}

/// Why the drives don't agree on a version.
#[derive(Clone, Debug)]
pub(crate) enum ReadFailure {
    BucketNotFound,
    NotFound,
    VersionNotFound,
    Quorum { got: usize, needed: usize, cause: String },
}

impl ReadFailure {
    /// Whether a quorum says that there is nothing.
    pub(crate) fn is_absence(&self) -> bool {
        !matches!(self, ReadFailure::Quorum { .. })
    }

    /// As the store's callers know it; `key` as clients name it.
    pub(crate) fn into_error(self, bucket: &str, key: &str, wanted: Wanted) -> StoreError {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        match (self, wanted) {
            (ReadFailure::BucketNotFound, _) => StoreError::BucketNotFound { bucket },
            (ReadFailure::NotFound | ReadFailure::VersionNotFound, Wanted::Latest) => {
                StoreError::KeyNotFound { bucket, key }
            }
            // Directory objects have no version but the null one, asked for or not.
            (ReadFailure::NotFound | ReadFailure::VersionNotFound, Wanted::Version(id))
                if id.is_nil() && key.ends_with('/') =>
            {
                StoreError::KeyNotFound { bucket, key }
            }
            (ReadFailure::NotFound | ReadFailure::VersionNotFound, Wanted::Version(id)) => {
                StoreError::VersionNotFound { bucket, key, version: crate::VersionId::from_uuid(id) }
            }
            (ReadFailure::Quorum { got, needed, cause }, _) => {
                StoreError::ReadQuorum { what: format!("{bucket}/{key}"), got, needed, cause }
            }
        }
    }
}

fn visible(meta: &XlMeta) -> usize {
    meta.versions.iter().filter(|entry| !entry.header.flags.free_version).count()
}

/// Whether a drive that could answer doesn't hold what it should.
fn is_stale(answer: Option<&MetaAnswer>, holds: bool) -> bool {
    match answer {
        None => false,
        Some(Ok(_)) => !holds,
        Some(Err(error)) => !error.is_unavailable(),
    }
}

/// The version that the drives agree on. `answers` by position, `None` for drives that weren't heard.
pub(crate) fn choose(
    answers: &[Option<MetaAnswer>],
    standard_parity: usize,
    wanted: Wanted,
) -> Result<Agreed, ReadFailure> {
    let drives = answers.len();
    let wanted = match wanted {
        Wanted::Latest => {
            let latest = latest_by_merge(answers)?;
            check_not_hidden(answers, &latest)?;
            Wanted::Version(latest.version_id)
        }
        version => version,
    };
    let entries: Vec<Option<Version>> = answers
        .iter()
        .map(|answer| {
            let meta = answer.as_ref()?.as_ref().ok()?;
            let version = wanted.find(meta)?.decode().ok()?;
            is_valid(&version, drives).then_some(version)
        })
        .collect();
    check_presence(answers, wanted, if standard_parity == 0 { drives } else { drives / 2 })?;
    let parity = agreed_parity(&entries, standard_parity).ok_or_else(|| too_few(answers, &entries, drives))?;
    let quorum = drives - parity;
    let current = agreed_in_time(&entries, quorum).ok_or_else(|| too_few(answers, &entries, quorum))?;
    let (first, members) = largest_group(&current, quorum).ok_or(match wanted {
        Wanted::Version(id) if !id.is_nil() => ReadFailure::VersionNotFound,
        _ => ReadFailure::NotFound,
    })?;
    let first = first_of_most(answers, &members, wanted).unwrap_or(first);
    Ok(assemble(answers, &entries, first, &members, wanted))
}

/// Of the drives that hold a version, the first that holds it as most of them do, or as many with a newer time: a drive
/// that missed an edit (of tags, which keeps the version's time) must not speak for all.
fn first_of_most(answers: &[Option<MetaAnswer>], members: &[usize], wanted: Wanted) -> Option<usize> {
    let header = |at: usize| Some(wanted.find(answers[at].as_ref()?.as_ref().ok()?)?.header);
    let count = |at: usize| members.iter().filter(|&&other| header(other) == header(at)).count();
    let best = members.iter().filter_map(|&at| Some((count(at), header(at)?.mod_time))).max()?;
    members.iter().copied().find(|&at| header(at).is_some_and(|header| (count(at), header.mod_time) == best))
}

fn assemble(
    answers: &[Option<MetaAnswer>],
    entries: &[Option<Version>],
    first: usize,
    members: &[usize],
    wanted: Wanted,
) -> Agreed {
    let version = entries[first].clone().expect("members have entries");
    let metas: Vec<Option<&Arc<XlMeta>>> =
        answers.iter().map(|answer| answer.as_ref().and_then(|answer| answer.as_ref().ok())).collect();
    let header = metas[first].and_then(|meta| wanted.find(meta)).expect("members have entries").header;
    let usable = |at: usize| {
        let entry = entries[at].as_ref()?;
        (members.contains(&at) && same_shape(entry, &version)).then(|| metas[at].cloned()).flatten()
    };
    let holders: Vec<Option<Arc<XlMeta>>> = (0..answers.len()).map(usable).collect();
    let of_members = || members.iter().filter_map(|&at| metas[at]);
    let is_latest_on =
        |meta: &Arc<XlMeta>| meta.latest().is_some_and(|latest| latest.header.version_id == header.version_id);
    let is_latest = of_members().filter(|meta| is_latest_on(meta)).count() * 2 > members.len();
    let version_count = most_frequent(of_members().map(|meta| visible(meta))).map_or(1, |(count, _)| count);
    let identical = |meta: &Arc<XlMeta>| wanted.find(meta).is_some_and(|entry| entry.header == header);
    let stale = answers
        .iter()
        .zip(&holders)
        .any(|(answer, holder)| is_stale(answer.as_ref(), holder.as_ref().is_some_and(identical)));
    Agreed { version, header, holders, is_latest, version_count, stale }
}

/// The newest version that half of the drives have.
fn latest_by_merge(answers: &[Option<MetaAnswer>]) -> Result<Header, ReadFailure> {
    let headers = |answer: &Option<MetaAnswer>| match answer {
        Some(Ok(meta)) => meta.versions.iter().map(|entry| entry.header).collect(),
        _ => Vec::new(),
    };
    let lists: Vec<Vec<Header>> = answers.iter().map(headers).collect();
    let lists: Vec<&[Header]> = lists.iter().map(Vec::as_slice).collect();
    let merged = merge_versions(&lists, answers.len().div_ceil(2), false, 1);
    let latest = merged.iter().map(|&(list, at)| lists[list][at]).find(|header| !header.flags.free_version);
    latest.ok_or_else(|| {
        let found = lists.iter().filter(|list| list.iter().any(|header| !header.flags.free_version)).count();
        let absent = answers.iter().flatten().filter(|answer| is_absent(answer)).count();
        if absent > 0 && absent > found && absent >= answers.len() / 2 {
            most_frequent_absence(answers)
        } else {
            ReadFailure::Quorum { got: found, needed: answers.len().div_ceil(2), cause: first_error(answers) }
        }
    })
}

/// A newer version, of which the drives that answer show too little, may have been acknowledged by others that are away:
/// what is below it isn't the latest then, for all that is known.
fn check_not_hidden(answers: &[Option<MetaAnswer>], latest: &Header) -> Result<(), ReadFailure> {
    let away = |answer: &&Option<MetaAnswer>| match answer {
        Some(Err(error)) => error.is_unavailable(),
        Some(Ok(_)) => false,
        None => true,
    };
    let away = answers.iter().filter(away).count();
    let mut newer: HashMap<Uuid, (usize, usize)> = HashMap::new();
    for entry in answers.iter().flatten().flatten().flat_map(|meta| &meta.versions) {
        let header = entry.header;
        if header.mod_time > latest.mod_time && !header.flags.free_version {
            let quorum = match header.kind {
                Kind::Object => write_quorum(header.data.into(), header.parity.into()),
                _ => delete_quorum(answers.len()),
            };
            newer.entry(header.version_id).or_insert((0, quorum)).0 += 1;
        }
    }
    match newer.values().find(|(shown, quorum)| shown + away >= *quorum) {
        Some(&(got, needed)) => Err(ReadFailure::Quorum { got, needed, cause: first_error(answers) }),
        None => Ok(()),
    }
}

fn is_absent(answer: &MetaAnswer) -> bool {
    match answer {
        Ok(meta) => meta.latest().is_none(),
        Err(error) => error.is_absence(),
    }
}

/// Whether what the drives hold are the remains of something deleted or never finished: all have answered, and more say
/// that it isn't there than its redundancy could make good (11.5). Any other error leaves that open.
pub(crate) fn is_dangling(answers: &[Option<MetaAnswer>], wanted: Wanted) -> bool {
    let absent = answers.iter().flatten().filter(|answer| match answer {
        Ok(meta) => wanted.find(meta).is_none(),
        Err(error) => error.is_absence(),
    });
    let absent = absent.count();
    let entries = || answers.iter().flatten().flatten().filter_map(|meta| wanted.find(meta));
    let Some(newest) = entries().map(|entry| entry.header).min() else { return false };
    let redundancy = match newest.kind {
        Kind::DeleteMarker => answers.len().div_ceil(2),
        Kind::Object => newest.parity.into(),
        Kind::Legacy => return false,
    };
    absent + entries().count() == answers.len() && absent > redundancy
}

/// The kinds of answer that are counted against each other.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Answer {
    Found,
    BucketNotFound,
    NotFound,
    VersionNotFound,
    Other(std::mem::Discriminant<DriveError>),
}

fn kind_of(answer: &MetaAnswer, wanted: Wanted) -> Option<Answer> {
    match answer {
        Ok(meta) if wanted.find(meta).is_some() => Some(Answer::Found),
        Ok(_) => Some(Answer::VersionNotFound),
        Err(DriveError::BucketNotFound { .. }) => Some(Answer::BucketNotFound),
        Err(DriveError::NotFound { .. }) => Some(Answer::NotFound),
        Err(error) if error.is_unavailable() => None,
        Err(error) => Some(Answer::Other(std::mem::discriminant(error))),
    }
}

/// Reduces the answers to the most frequent kind; being found wins ties.
fn check_presence(answers: &[Option<MetaAnswer>], wanted: Wanted, needed: usize) -> Result<(), ReadFailure> {
    let kinds = || answers.iter().flatten().filter_map(|answer| kind_of(answer, wanted));
    let found = kinds().filter(|kind| *kind == Answer::Found).count();
    let (kind, count) = match most_frequent(kinds()) {
        Some((_, count)) if count == found => (Answer::Found, found),
        Some(most) => most,
        None => (Answer::Found, 0),
    };
    if count < needed.max(1) {
        return Err(ReadFailure::Quorum { got: count, needed: needed.max(1), cause: first_error(answers) });
    }
    match kind {
        Answer::Found => Ok(()),
        Answer::BucketNotFound => Err(ReadFailure::BucketNotFound),
        Answer::NotFound => Err(ReadFailure::NotFound),
        Answer::VersionNotFound => Err(ReadFailure::VersionNotFound),
        Answer::Other(_) => Err(ReadFailure::Quorum { got: found, needed: needed.max(1), cause: first_error(answers) }),
    }
}

fn most_frequent_absence(answers: &[Option<MetaAnswer>]) -> ReadFailure {
    let kinds = answers.iter().flatten().filter_map(|answer| kind_of(answer, Wanted::Latest));
    match most_frequent(kinds.filter(|kind| *kind != Answer::Found)) {
        Some((Answer::BucketNotFound, _)) => ReadFailure::BucketNotFound,
        Some((Answer::NotFound, _)) => ReadFailure::NotFound,
        _ => ReadFailure::VersionNotFound,
    }
}

/// The parity that counts for quorum: half the set for what has no data of its own to lose.
fn effective_parity(version: &Version, drives: usize) -> usize {
    let object = match version {
        Version::DeleteMarker(_) => return drives / 2,
        Version::Object(object) => object,
        Version::Legacy(legacy) => return legacy.parity.into(),
    };
    if object.size == 0 {
        drives / 2
    } else if object.is_transitioned() {
        (drives - (drives / 2 + 1)).max(object.parity.into())
    } else {
        object.parity.into()
    }
}

fn agreed_parity(entries: &[Option<Version>], standard_parity: usize) -> Option<usize> {
    let drives = entries.len();
    let votes = || entries.iter().flatten().map(|version| effective_parity(version, drives));
    let eligible = |parity: &usize| {
        let needed = if *parity == 0 && standard_parity != 0 { drives / 2 + 1 } else { drives - parity };
        votes().filter(|vote| vote == parity).count() >= needed
    };
    most_frequent(votes().filter(eligible)).map(|(parity, _)| parity)
}

/// The entries of the modification time that a quorum has, or else of the etag; the others are blanked.
fn agreed_in_time(entries: &[Option<Version>], quorum: usize) -> Option<Vec<Option<&Version>>> {
    let keep = |matches: &dyn Fn(&Version) -> bool| -> Vec<Option<&Version>> {
        entries.iter().map(|entry| entry.as_ref().filter(|version| matches(version))).collect()
    };
    let times = || entries.iter().flatten().map(Version::mod_time);
    let counted = times().map(|time| (times().filter(|other| *other == time).count(), time));
    let (count, time) = counted.max()?;
    if count >= quorum {
        return Some(keep(&|version| version.mod_time() == time));
    }
    let tags = entries.iter().flatten().filter_map(|version| Some((version.version_id(), etag(version)?)));
    let ((id, tag), count) = most_frequent(tags)?;
    let same = |version: &Version| version.version_id() == id && etag(version).as_deref() == Some(&*tag);
    (count >= quorum).then(|| keep(&same))
}

fn etag(version: &Version) -> Option<String> {
    let Version::Object(object) = version else { return None };
    object.meta_user.get("etag").filter(|etag| !etag.is_empty()).cloned()
}

/// What must be alike for two drives' entries to be the same version.
#[derive(PartialEq, Eq, Hash)]
struct Group {
    legacy: bool,
    deleted: bool,
    parts: Vec<(u32, u64)>,
    shape: Option<(u8, u8, Vec<u8>)>,
    internal: Vec<(&'static str, Vec<u8>)>,
}

/// Internal metadata that decides how the data is read: where it is, encrypted how, compressed how.
const READING_KEYS: [&str; 8] = [
    sys::TRANSITION_STATUS,
    sys::TRANSITIONED_OBJECT,
    sys::TRANSITIONED_VERSION_ID,
    sys::TRANSITION_TIER,
    sys::SSE_C_SEALED_KEY,
    sys::SSE_S3_SEALED_KEY,
    sys::SSE_KMS_SEALED_KEY,
    sys::COMPRESSION,
];

fn group_of(version: &Version) -> Group {
    let legacy = matches!(version, Version::Legacy(_));
    let Some(object) = version.clone().into_object() else {
        return Group { legacy, deleted: true, parts: Vec::new(), shape: None, internal: Vec::new() };
    };
    let internal = |key: &&'static str| Some((*key, object.meta_sys.get(*key)?.to_vec()));
    Group {
        legacy,
        deleted: false,
        parts: object.parts.iter().map(|part| (part.number, part.size)).collect(),
        shape: (object.size > 0).then(|| (object.data, object.parity, object.distribution.clone())),
        internal: READING_KEYS.iter().filter_map(internal).collect(),
    }
}

/// The largest group of entries that are alike: its first member and all of them, by position.
fn largest_group(entries: &[Option<&Version>], quorum: usize) -> Option<(usize, Vec<usize>)> {
    let mut groups: HashMap<Group, Vec<usize>> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        if let Some(version) = entry {
            groups.entry(group_of(version)).or_default().push(at);
        }
    }
    let members = groups.into_values().max_by_key(|members| (members.len(), std::cmp::Reverse(members[0])))?;
    (members.len() >= quorum).then(|| (members[0], members))
}

/// Whether two entries' shards fit together.
fn same_shape(a: &Version, b: &Version) -> bool {
    let shape = |object: &ObjectVersion| {
        let distribution = object.distribution.clone();
        (object.data, object.parity, object.block_size, distribution)
    };
    match (a.clone().into_object(), b.clone().into_object()) {
        (Some(a), Some(b)) => shape(&a) == shape(&b),
        (None, None) => true,
        _ => false,
    }
}

/// Whether a drive's entry can be used at all.
pub(crate) fn is_valid(version: &Version, drives: usize) -> bool {
    match version.clone().into_object() {
        None => true,
        Some(object) => object.data > 0 && object.data >= object.parity && object.fits_set(drives),
    }
}

fn too_few(answers: &[Option<MetaAnswer>], entries: &[Option<Version>], needed: usize) -> ReadFailure {
    ReadFailure::Quorum { got: entries.iter().flatten().count(), needed, cause: first_error(answers) }
}

fn first_error(answers: &[Option<MetaAnswer>]) -> String {
    let error = answers.iter().flatten().find_map(|answer| answer.as_ref().err());
    error.map_or_else(|| "the drives' answers differ".to_owned(), ToString::to_string)
}

/// The value that occurs most often and how often; of equally many the first met.
pub(crate) fn most_frequent<T: Eq + Hash + Clone>(values: impl Iterator<Item = T>) -> Option<(T, usize)> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(other, _)| *other == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max()?;
    counts.into_iter().find(|(_, count)| *count == most)
}

/// Why a change to `bucket/key` didn't reach its quorum: the most frequent reason where it names something that the
/// caller can act on, else that drives are missing.
pub(crate) fn write_error(errors: &[&DriveError], got: usize, needed: usize, bucket: &str, key: &str) -> StoreError {
    let named = |error: &&&DriveError| {
        matches!(error, DriveError::BucketNotFound { .. } | DriveError::BadName { .. } | DriveError::Full { .. })
    };
    let kinds = errors.iter().filter(named).map(|error| std::mem::discriminant(*error));
    let most =
        most_frequent(kinds).and_then(|(kind, _)| errors.iter().find(|error| std::mem::discriminant(**error) == kind));
    match most {
        Some(DriveError::BucketNotFound { .. }) => StoreError::BucketNotFound { bucket: bucket.to_owned() },
        Some(DriveError::Full { .. }) => StoreError::Full { what: format!("{bucket}/{key}") },
        Some(DriveError::BadName { reason, .. }) => {
            StoreError::Blocked { bucket: bucket.to_owned(), key: key.to_owned(), reason: reason.clone() }
        }
        _ => StoreError::WriteQuorum {
            what: format!("{bucket}/{key}"),
            got,
            needed,
            cause: errors.first().map_or_else(|| "drives are offline".to_owned(), ToString::to_string),
        },
    }
}
