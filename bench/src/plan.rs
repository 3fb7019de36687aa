//! What each cell sends.

use crate::cell::{Cell, Form, Operation};
use crate::client::{Request, Work};
use crate::target::Target;
use crate::wire::Response;
use bytes::Bytes;

mod multipart;
mod text;

pub use multipart::Multipart;

/// Keys in a page of a listing.
const PAGE: usize = 1000;
/// Keys in the bucket that is listed, and the distance of the starting points of its pages.
const LISTED: usize = 5000;
const LIST_STEP: usize = 100;
/// How many mixed writes later a key is deleted.
const DELETE_LAG: usize = 128;
/// The kinds of twenty mixed requests in an order that spreads them.
const MIX: &[u8; 20] = b"GHGPGHGDHGPGHGHGPDHG";

/// The keys, bodies and order of requests of one cell; the same for every server.
pub struct Plan {
    cell: Cell,
    /// Objects that are there before a round begins.
    stored: usize,
    /// Objects that a round writes.
    written: usize,
    /// Random bytes, or text where it is to be compressed; every object is a piece of it with a place of its own.
    source: Bytes,
}

impl Plan {
    /// The plan of a cell; `scale` makes it smaller for trials (1 is its full size).
    pub fn new(cell: &Cell, scale: f64) -> Plan {
        let (stored, written) = objects(cell);
        // A listing needs a full page behind each of its starting points.
        let least = if cell.operation == Operation::List { PAGE + LIST_STEP } else { cell.connections };
        let scaled = |count: usize| if count == 0 { 0 } else { ((count as f64 * scale) as usize).max(least) };
        let length = cell.size + 4096;
        let source = if cell.form == Form::Compressed { text::text(length) } else { noise(length) };
        Plan { cell: *cell, stored: scaled(stored), written: scaled(written), source }
    }

    /// Bytes of an object.
    fn size(&self) -> usize {
        self.cell.size
    }

    fn body(&self, at: usize) -> Bytes {
        let offset = (at * 61) % 4096;
        self.source.slice(offset..offset + self.size())
    }

    /// Writes what must be there before a round.
    pub fn fill(&self, target: &Target) -> Vec<Request> {
        (0..self.stored).map(|at| target.put(&key(at), self.body(at))).collect()
    }

    /// Whether rounds use up what was filled in.
    pub fn consumes(&self) -> bool {
        self.cell.operation == Operation::Delete
    }

    /// Reads everything once, to compare it with what was written and to have it in the server's caches.
    pub fn check(&self, target: &Target) -> Option<Checked> {
        let reads = matches!(
            self.cell.operation,
            Operation::Get | Operation::Head | Operation::Mixed | Operation::Getput | Operation::Delete
        );
        let requests = (0..self.stored).map(|at| target.get(&key(at), self.size(), true)).collect();
        reads.then(|| Checked {
            requests,
            bodies: (0..self.stored).map(|at| self.body(at)).collect(),
            next: 0,
            asked: Vec::new(),
        })
    }

    /// What a round does.
    pub fn work(&self, target: &Target) -> Box<dyn Work> {
        let stored = 0..self.stored;
        let written = self.stored..self.stored + self.written;
        let put = |at| target.put(&key(at), self.body(at));
        let get = |at| target.get(&key(at), self.size(), false);
        match self.cell.operation {
            Operation::Put => Box::new(Sequence::endless(written.map(put))),
            Operation::Get => Box::new(Sequence::endless(stored.map(get))),
            Operation::Head => Box::new(Sequence::endless(stored.map(|at| target.head(&key(at), self.size())))),
            Operation::Delete => Box::new(Sequence::once(stored.map(|at| target.delete(&key(at))))),
            Operation::Getput => {
                let pairs = (0..self.stored.max(self.written))
                    .flat_map(|at| [get(at % self.stored), put(self.stored + at % self.written)]);
                Box::new(Sequence::endless(pairs))
            }
            Operation::Mixed => Box::new(Sequence::endless(self.mixed(target).into_iter())),
            Operation::List => {
                let starts = (0..self.stored.saturating_sub(PAGE)).step_by(LIST_STEP);
                Box::new(Pages(Sequence::endless(starts.map(|at| target.list(&key(at), PAGE)))))
            }
            Operation::Multipart => Box::new(Multipart::new(
                target.clone(),
                self.source.slice(..self.size()),
                self.cell.connections,
                self.written,
            )),
            Operation::Start => Box::new(Sequence::once(std::iter::empty())),
        }
    }

    fn mixed(&self, target: &Target) -> Vec<Request> {
        let (mut reads, mut writes) = (0, 0);
        let turns = MIX.iter().cycle().take(MIX.len() * (self.stored / 10).max(1));
        turns
            .map(|kind| match kind {
                b'P' => {
                    writes += 1;
                    let at = self.stored + writes % self.written;
                    target.put(&key(at), self.body(at))
                }
                // What was written so long ago that no connection is at it any more.
                b'D' => {
                    let lag = DELETE_LAG % self.written;
                    target.delete(&key(self.stored + (writes + self.written - lag) % self.written))
                }
                kind => {
                    reads += 1;
                    let at = key(reads % self.stored);
                    if *kind == b'G' { target.get(&at, self.size(), false) } else { target.head(&at, self.size()) }
                }
            })
            .collect()
    }

    /// Deletes everything that a round may have left.
    pub fn clear(&self, target: &Target) -> Vec<Request> {
        (0..self.stored + self.written).map(|at| target.delete(&key(at))).collect()
    }
}

/// How many objects are there before a round, and how many it writes.
fn objects(cell: &Cell) -> (usize, usize) {
    // Enough to be more than one directory's worth, few enough to be filled in quickly: about 300 MiB at most.
    let (read, write, deleted) = match cell.size {
        0..=4096 => (2000, 4000, 3000),
        4097..=65536 => (1000, 1000, 1000),
        65537..=1_048_576 => (200, 200, 200),
        _ => (12, 16, 24),
    };
    match cell.operation {
        Operation::Put => (0, write),
        Operation::Get | Operation::Head => (read, 0),
        Operation::Delete => (deleted, 0),
        Operation::Mixed | Operation::Getput => (read, write),
        Operation::List => (LISTED, 0),
        Operation::Multipart => (0, 64),
        Operation::Start => (0, 0),
    }
}

/// The key of the object with a number.
pub fn key(at: usize) -> String {
    format!("k/{:02}/{at:06}", at % 16)
}

/// Bytes that don't compress, the same in every run.
fn noise(length: usize) -> Bytes {
    numbers().take(length.div_ceil(8)).flat_map(u64::to_le_bytes).collect()
}

/// Random numbers, the same in every run (SplitMix64).
fn numbers() -> impl Iterator<Item = u64> {
    let mut state = 0x5eed_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

/// Requests in a fixed order, given to whichever connection asks next.
pub struct Sequence {
    requests: Vec<Request>,
    next: usize,
    endless: bool,
}

impl Sequence {
    /// Each request once.
    pub fn once(requests: impl Iterator<Item = Request>) -> Sequence {
        Sequence { requests: requests.collect(), next: 0, endless: false }
    }

    fn endless(requests: impl Iterator<Item = Request>) -> Sequence {
        Sequence { requests: requests.collect(), next: 0, endless: true }
    }
}

impl Work for Sequence {
    fn next(&mut self, _connection: usize) -> Option<Request> {
        if self.endless && self.next == self.requests.len() {
            self.next = 0;
        }
        let request = self.requests.get(self.next)?.clone();
        self.next += 1;
        Some(request)
    }
}

/// Pages of listings: each must hold as many keys as were asked for.
struct Pages(Sequence);

impl Work for Pages {
    fn next(&mut self, connection: usize) -> Option<Request> {
        self.0.next(connection)
    }

    fn answered(&mut self, _connection: usize, response: Response) -> Result<bool, String> {
        // Counting keys costs the client as much as asking, so only the count that the answer gives is looked at.
        let expected = format!("<KeyCount>{PAGE}</KeyCount>");
        let start = &response.body[..response.body.len().min(1024)];
        let end = &response.body[response.body.len().saturating_sub(1024)..];
        let holds = |part: &[u8]| part.windows(expected.len()).any(|window| window == expected.as_bytes());
        if holds(start) || holds(end) { Ok(true) } else { Err(format!("a page without {expected}")) }
    }
}

/// Reads of every object once, compared with what was written.
pub struct Checked {
    requests: Vec<Request>,
    bodies: Vec<Bytes>,
    next: usize,
    /// By connection: which object it has asked for.
    asked: Vec<usize>,
}

impl Work for Checked {
    fn next(&mut self, connection: usize) -> Option<Request> {
        let request = self.requests.get(self.next)?.clone();
        if self.asked.len() <= connection {
            self.asked.resize(connection + 1, 0);
        }
        self.asked[connection] = self.next;
        self.next += 1;
        Some(request)
    }

    fn answered(&mut self, connection: usize, response: Response) -> Result<bool, String> {
        let at = self.asked[connection];
        if response.body == self.bodies[at] { Ok(true) } else { Err(format!("{} reads other than written", key(at))) }
    }
}

#[cfg(test)]
mod tests;
