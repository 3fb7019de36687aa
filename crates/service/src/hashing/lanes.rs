//! MD5 of bodies, beside the tasks that read them, and of several bodies at once.
//!
//! A body that has bytes to hash gets in line. A body alone is hashed at once, at the speed of a single stream, while its
//! next bytes are read. Where there are several, each waits until it is urgent for one of them, which soon couldn't be
//! read any further, or has come to its end; then a piece of all that are in line is hashed in the time of one.

#[cfg(test)]
mod tests;

use base::Tasks;
use bytes::{Buf, Bytes};
use md5::{Engine, Md5, update_together};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Bytes of one body hashed at a time: a tenth of a millisecond, for which a worker of the runtime can be held up. Less
/// isn't worth a task of its own.
const PIECE: usize = 128 << 10;

/// Bytes of one body that wait to be hashed, at most and a read more: enough for hashing and reading not to wait for each
/// other, while each byte is a byte of memory.
const AHEAD: usize = 512 << 10;

/// Bytes of one body that may wait for company.
const PATIENCE: usize = AHEAD / 2;

/// The line, and what hashes those in it. Cheap to clone.
#[derive(Clone)]
pub(super) struct Lanes {
    line: Arc<Mutex<Line>>,
    engine: Engine,
    tasks: Tasks,
}

#[derive(Default)]
struct Line {
    bodies: VecDeque<Arc<Mutex<Body>>>,
    /// Tasks that hash.
    hashers: usize,
    /// Bodies that can't wait, in line or being hashed.
    urgent: usize,
    /// Bodies in progress.
    live: usize,
}

/// The MD5 of a body in progress.
pub(super) struct BodyMd5 {
    body: Arc<Mutex<Body>>,
    lanes: Lanes,
}

#[derive(Default)]
struct Body {
    /// Away while a piece is hashed.
    md5: Md5,
    /// In line, or being hashed.
    busy: bool,
    /// Busy, and can't wait.
    urgent: bool,
    /// No more bytes will come.
    ended: bool,
    pieces: VecDeque<Bytes>,
    /// Bytes in `pieces`, and in the one being hashed.
    waiting: usize,
    /// Who waits until no more than so many bytes do.
    reader: Option<(usize, Waker)>,
}

impl Lanes {
    pub fn new(tasks: Tasks) -> Self {
        Lanes { line: Arc::default(), engine: Engine::fastest(), tasks }
    }

    /// For a new body.
    pub fn body(&self) -> BodyMd5 {
        lock(&self.line).live += 1;
        BodyMd5 { body: Arc::default(), lanes: self.clone() }
    }

    /// Puts a body in line if it has enough to hash; notes whether it can wait. The lock of a body comes before the line's.
    fn arrange(&self, shared: &Arc<Mutex<Body>>, body: &mut Body) {
        let joins = !body.busy && (body.waiting >= PIECE || (body.ended && body.waiting > 0));
        body.busy |= joins;
        let mut line = lock(&self.line);
        if joins {
            line.bodies.push_back(Arc::clone(shared));
        }
        let urgent = body.busy && (body.ended || body.waiting >= PATIENCE || line.live == 1);
        if urgent && !body.urgent {
            line.urgent += 1;
        } else if body.urgent && !urgent {
            line.urgent -= 1;
        }
        body.urgent = urgent;
        if line.urgent > line.hashers * self.engine.lanes() {
            line.hashers += 1;
            drop(line);
            self.tasks.spawn(self.clone().hash());
        }
    }

    /// Hashes until everybody can wait. Tasks that are ready to read come first: what they read can go along.
    async fn hash(self) {
        loop {
            give_way().await;
            let Some(bodies) = self.take() else { return };
            self.hash_pieces(bodies);
        }
    }

    /// The first in line; `None` ends the hasher.
    fn take(&self) -> Option<Vec<Arc<Mutex<Body>>>> {
        let mut line = lock(&self.line);
        if line.urgent == 0 || line.bodies.is_empty() {
            line.hashers -= 1;
            return None;
        }
        let count = line.bodies.len().min(self.engine.lanes());
        Some(line.bodies.drain(..count).collect())
    }

    /// A piece of each.
    fn hash_pieces(&self, bodies: Vec<Arc<Mutex<Body>>>) {
        let mut work: Vec<(Md5, Bytes)> = bodies.iter().map(|body| lock(body).take_piece()).collect();
        let mut streams: Vec<(&mut Md5, &[u8])> = work.iter_mut().map(|(md5, piece)| (md5, &**piece)).collect();
        update_together(self.engine, &mut streams);
        for (body, (md5, piece)) in bodies.into_iter().zip(work) {
            let mut state = lock(&body);
            state.put_back(md5, &piece);
            self.arrange(&body, &mut state);
        }
    }
}

impl BodyMd5 {
    /// Ready when there is room for more bytes.
    pub fn poll_room(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut body = lock(&self.body);
        if body.waiting < AHEAD {
            return Poll::Ready(());
        }
        body.reader = Some((PATIENCE, context.waker().clone()));
        Poll::Pending
    }

    /// Adds bytes.
    pub fn update(&self, piece: Bytes) {
        let mut body = lock(&self.body);
        body.waiting += piece.len();
        body.pieces.push_back(piece);
        self.lanes.arrange(&self.body, &mut body);
    }

    /// The MD5 of all bytes added, when it is known.
    pub fn poll_finish(&self, context: &mut Context<'_>) -> Poll<[u8; 16]> {
        let mut body = lock(&self.body);
        if body.busy {
            body.ended = true;
            self.lanes.arrange(&self.body, &mut body);
            body.reader = Some((0, context.waker().clone()));
            return Poll::Pending;
        }
        // Less than a piece.
        let mut md5 = std::mem::take(&mut body.md5);
        body.pieces.drain(..).for_each(|piece| md5.update(&piece));
        body.waiting = 0;
        Poll::Ready(md5.finish())
    }
}

impl Drop for BodyMd5 {
    fn drop(&mut self) {
        let mut body = lock(&self.body);
        body.waiting -= body.pieces.drain(..).map(|piece| piece.len()).sum::<usize>();
        body.ended = true;
        self.lanes.arrange(&self.body, &mut body);
        lock(&self.lanes.line).live -= 1;
    }
}

impl Body {
    /// The state, and what is to be added to it.
    fn take_piece(&mut self) -> (Md5, Bytes) {
        let piece = match self.pieces.front_mut() {
            Some(first) if first.len() > PIECE => {
                let piece = first.slice(..PIECE);
                first.advance(PIECE);
                piece
            }
            // Empty if the body was given up.
            _ => self.pieces.pop_front().unwrap_or_default(),
        };
        (std::mem::take(&mut self.md5), piece)
    }

    /// The piece has been added.
    fn put_back(&mut self, md5: Md5, piece: &Bytes) {
        self.md5 = md5;
        self.waiting -= piece.len();
        self.busy = false;
        if self.reader.as_ref().is_some_and(|(most, _)| self.waiting <= *most)
            && let Some((_, reader)) = self.reader.take()
        {
            reader.wake();
        }
    }
}

/// Lets the runtime's worker do something else before it goes on.
async fn give_way() {
    let mut given = false;
    poll_fn(|context| {
        if given {
            return Poll::Ready(());
        }
        given = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
