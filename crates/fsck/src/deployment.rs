//! The drives of a deployment in their places, as their formats say.

use crate::finding::{Finding, Kind, Place, Severity};
use crate::view::{View, if_any, is, run};
use drive::{Engine, FileKind, Lock};
use format::drive_format::{FormatError, FormatJson, MAX_FORMAT_JSON};
use futures_util::future::join_all;
use rustix::io::Errno;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use uuid::Uuid;

const FORMAT: &str = ".minio.sys/format.json";

/// A drive as the command line gives it.
#[derive(Debug)]
pub struct GivenDrive {
    pub name: String,
    pub engine: Arc<dyn Engine>,
}

/// A pool as the command line gives it.
#[derive(Debug)]
pub struct GivenPool {
    /// Drives of a set; divides their number.
    pub set_size: usize,
    pub drives: Vec<GivenDrive>,
}

/// Why nothing can be said about the drives.
#[derive(Debug, thiserror::Error)]
pub enum CantCheck {
    #[error("{drive}: a server is using the drive: stop it first")]
    InUse { drive: String },
    #[error("none of the drives of pool {pool} has a format.json that can be read: nothing can be checked")]
    NotFormatted { pool: usize },
    #[error(
        "pool {pool}: {agreeing} of {drives} drives agree on a format.json, too few to tell what belongs where; are all drives given, \
         in the server's order?"
    )]
    NoQuorum { pool: usize, agreeing: usize, drives: usize },
    #[error(
        "pool {pool} was formatted with {found} drives in sets of {found_set}, and {given} in sets of {given_set} are given: use the \
         server's arguments"
    )]
    Geometry { pool: usize, found: usize, found_set: usize, given: usize, given_set: usize },
}

/// One erasure set.
#[derive(Debug)]
pub struct SetView {
    pub pool: usize,
    pub index: usize,
    /// By position; `None` where there is no drive to look at.
    pub drives: Vec<Option<Arc<View>>>,
    /// By position, as the operator names them.
    pub names: Vec<String>,
}

impl SetView {
    pub(crate) fn place(&self, position: usize) -> Place {
        Place { pool: self.pool, set: self.index, position }
    }

    pub(crate) fn finding(
        &self,
        kind: Kind,
        severity: Severity,
        position: usize,
        detail: impl Into<String>,
    ) -> Finding {
        Finding::new(kind, severity, detail).on(&self.names[position], self.place(position))
    }
}

/// One pool.
#[derive(Debug)]
pub struct PoolView {
    /// What its drives agree on; `this` means nothing.
    pub format: FormatJson,
    pub sets: Vec<Arc<SetView>>,
}

/// All drives, locked, in the places where they belong.
#[derive(Debug)]
pub struct Deployment {
    pub pools: Vec<PoolView>,
}

/// What is found at one place of the command line.
struct Found {
    format: Result<Vec<u8>, (Kind, String)>,
    lock: Option<Box<dyn Lock>>,
}

impl Deployment {
    /// Looks at the drives' formats and takes their locks. What is wrong with a drive is told as a finding, and it is left
    /// out; one in another's place is put where it belongs. Writes nothing.
    pub async fn open(pools: Vec<GivenPool>, tell: &mut dyn FnMut(Finding)) -> Result<Deployment, CantCheck> {
        let mut opened = Vec::with_capacity(pools.len());
        for (index, pool) in pools.into_iter().enumerate() {
            opened.push(open_pool(index, pool, tell).await?);
        }
        Ok(Deployment { pools: opened })
    }

    /// Every set of every pool.
    pub fn sets(&self) -> impl Iterator<Item = &Arc<SetView>> {
        self.pools.iter().flat_map(|pool| &pool.sets)
    }

    /// The sets that may hold an object: one in each pool.
    pub fn sets_of<'a>(&'a self, object: &'a str) -> impl Iterator<Item = &'a Arc<SetView>> {
        self.pools.iter().filter_map(move |pool| {
            let format = &pool.format;
            let set = format::placement::set_index(format.algorithm, format.deployment_id, object, pool.sets.len());
            pool.sets.get(set)
        })
    }
}

async fn open_pool(index: usize, pool: GivenPool, tell: &mut dyn FnMut(Finding)) -> Result<PoolView, CantCheck> {
    let set_size = pool.set_size.max(1);
    let place = |at: usize| Place { pool: index, set: at / set_size, position: at % set_size };
    let looks = join_all(pool.drives.iter().map(|given| look(&*given.engine))).await;
    let mut formats = Vec::with_capacity(looks.len());
    let mut locks = Vec::with_capacity(looks.len());
    for (at, (given, found)) in pool.drives.iter().zip(looks).enumerate() {
        let found = match found {
            Ok(found) => found,
            Err(error) if is(&error, Errno::WOULDBLOCK) => return Err(CantCheck::InUse { drive: given.name.clone() }),
            Err(error) => Found { format: Err((Kind::DriveUnreadable, error.to_string())), lock: None },
        };
        let format =
            found.format.and_then(|bytes| parse(&bytes).map_err(|error| (Kind::FormatBroken, error.to_string())));
        formats.push(match format {
            Ok(format) => Some(format),
            Err((kind, detail)) => {
                tell(Finding::new(kind, Severity::Repairable, detail).on(&given.name, place(at)).path(FORMAT));
                None
            }
        });
        locks.push(found.lock);
    }
    let reference = reference(index, set_size, &formats)?;
    let belongs: Vec<Option<usize>> =
        formats.iter().map(|format| belongs(format.as_ref(), &reference, set_size)).collect();
    let mut sets = empty_sets(index, set_size, &pool.drives);
    let mut taken: HashMap<usize, String> = HashMap::new();
    // Those in their own places first: of two drives with one id the other is the copy.
    let mut order: Vec<usize> = (0..belongs.len()).collect();
    order.sort_by_key(|&at| belongs[at] != Some(at));
    let mut drives: Vec<Option<GivenDrive>> = pool.drives.into_iter().map(Some).collect();
    for at in order {
        let (Some(given), Some(_)) = (drives[at].take(), &formats[at]) else { continue };
        let finding = |kind, detail: String| {
            Finding::new(kind, Severity::Repairable, detail).on(&given.name, place(at)).path(FORMAT)
        };
        let Some(to) = belongs[at] else {
            tell(finding(Kind::DriveForeign, "its format.json is not that of the other drives".to_owned()));
            continue;
        };
        if let Some(other) = taken.get(&to) {
            tell(finding(Kind::DriveDuplicate, format!("it has the id of {other}")));
            continue;
        }
        let to_place = place(to);
        if to != at {
            let (set, position) = (to_place.set + 1, to_place.position + 1);
            tell(finding(
                Kind::DriveSwapped,
                format!("it belongs in set {set}, position {position}; it is looked at as that drive"),
            ));
        }
        taken.insert(to, given.name.clone());
        let set = &mut sets[to_place.set];
        set.names[to_place.position].clone_from(&given.name);
        let view = View::new(given.name, to_place, given.engine, locks[at].take());
        set.drives[to_place.position] = Some(Arc::new(view));
    }
    Ok(PoolView { format: reference, sets: sets.into_iter().map(Arc::new).collect() })
}

fn empty_sets(pool: usize, set_size: usize, drives: &[GivenDrive]) -> Vec<SetView> {
    let sets = drives.chunks(set_size).enumerate();
    let set = |(index, drives): (usize, &[GivenDrive])| SetView {
        pool,
        index,
        drives: drives.iter().map(|_| None).collect(),
        names: drives.iter().map(|drive| drive.name.clone()).collect(),
    };
    sets.map(set).collect()
}

async fn look(engine: &dyn Engine) -> io::Result<Found> {
    run(engine, |fs| {
        let bad = |kind: Kind, detail: &str| Ok(Found { format: Err((kind, detail.to_owned())), lock: None });
        match fs.stat("") {
            Ok(stat) if stat.kind != FileKind::Dir => return bad(Kind::DriveMissing, "it is not a directory"),
            Ok(_) => {}
            Err(error) if is(&error, Errno::NOENT) => return bad(Kind::DriveMissing, "there is no such directory"),
            Err(error) if is(&error, Errno::NOTDIR) => return bad(Kind::DriveMissing, "it is not a directory"),
            Err(error) => return Err(error),
        }
        let lock = drive::hold(fs)?;
        let format = match if_any(fs.read(FORMAT, MAX_FORMAT_JSON)) {
            Ok(Some(bytes)) => Ok(bytes.to_vec()),
            Ok(None) => Err((Kind::DriveUnformatted, "it has no format.json".to_owned())),
            Err(error) if is(&error, Errno::NOTDIR) => {
                Err((Kind::DriveUnformatted, "'.minio.sys' is not a directory".to_owned()))
            }
            Err(error) => Err((Kind::FormatBroken, error.to_string())),
        };
        Ok(Found { format, lock })
    })
    .await
}

/// Old formats are read as the server will read them once it has migrated them.
fn parse(bytes: &[u8]) -> Result<FormatJson, FormatError> {
    match FormatJson::parse(bytes) {
        Err(FormatError::Old(_)) => FormatJson::migrate(bytes, Uuid::nil()),
        other => other,
    }
}

/// The format that most drives have.
fn reference(pool: usize, given_set: usize, formats: &[Option<FormatJson>]) -> Result<FormatJson, CantCheck> {
    let there = || formats.iter().flatten();
    let votes = |format: &FormatJson| there().filter(|other| other.same_pool(format)).count();
    let best =
        there().map(|format| (votes(format), format)).reduce(|best, next| if next.0 > best.0 { next } else { best });
    let Some((agreeing, format)) = best else { return Err(CantCheck::NotFormatted { pool: pool + 1 }) };
    let given = formats.len();
    let (found, found_set) = (format.drives(), format.set_drives());
    if (found, found_set) != (given, given_set) {
        return Err(CantCheck::Geometry { pool: pool + 1, found, found_set, given, given_set });
    }
    if agreeing < (given / 2).max(1) {
        return Err(CantCheck::NoQuorum { pool: pool + 1, agreeing, drives: given });
    }
    Ok(format.clone())
}

/// Where in the pool a drive belongs.
fn belongs(format: Option<&FormatJson>, reference: &FormatJson, set_size: usize) -> Option<usize> {
    let format = format.filter(|format| format.same_pool(reference))?;
    let (set, position) = format.position().ok()?;
    Some(set * set_size + position)
}
