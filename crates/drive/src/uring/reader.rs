//! One thread of a drive's that keeps many reads in flight.
//!
//! Telling the kernel of a read may hold up whoever does it, if the drive hangs; so the thread does that too, and not those
//! who ask.

use super::buffer::Buffer;
use super::file::UringReadFile;
use super::ring::Ring;
use bytes::Bytes;
use parking_lot::Mutex;
use rustix::fd::OwnedFd;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Reads of one drive at a time: beyond that a drive gains nothing, and those that come wait in the queue.
pub(super) const DEPTH: u32 = 32;

/// A thread that has nothing to do ends after this, with its ring, so that an idle server is small.
const IDLE: Duration = Duration::from_secs(10);

/// It recurses nowhere and keeps its buffers on the heap.
const STACK: usize = 128 << 10;

/// Makes the ring, on the thread that uses it.
pub(super) type NewRing = fn(u32) -> io::Result<Ring<Request>>;

/// One read. Dropping the receiver of its answer drops it, if it hasn't begun.
pub(super) struct Request {
    pub(super) file: Arc<UringReadFile>,
    pub(super) offset: u64,
    pub(super) length: usize,
    /// Dropped if the bytes can't be had this way.
    pub(super) answer: oneshot::Sender<Bytes>,
}

/// The reading thread of a drive and its queue.
pub(super) struct Reader {
    new_ring: NewRing,
    /// Whether the page cache has no room left.
    is_full: fn() -> bool,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Default)]
struct Queue {
    requests: VecDeque<Request>,
    /// There is a thread, or there will be.
    running: bool,
    /// How to wake the thread; away while it is awake.
    asleep: Option<Arc<OwnedFd>>,
    /// Closed, or there are no rings.
    ended: bool,
}

impl Reader {
    pub(super) fn new(new_ring: NewRing, is_full: fn() -> bool) -> Self {
        Reader { new_ring, is_full, queue: Arc::default() }
    }

    /// Whether something should be read here that may never be read again.
    pub(super) fn is_wanted(&self) -> bool {
        (self.is_full)() && !self.queue.lock().ended
    }

    /// Reads, as soon as there is room in the ring.
    pub(super) fn read(&self, request: Request) {
        let mut queue = self.queue.lock();
        if queue.ended {
            return;
        }
        queue.requests.push_back(request);
        let asleep = queue.asleep.take();
        let start = !std::mem::replace(&mut queue.running, true);
        drop(queue);
        if let Some(wake_up) = asleep {
            wake(&wake_up);
        }
        if start {
            self.start();
        }
    }

    /// Drops what hasn't begun and lets the thread go, once what has begun has ended.
    pub(super) fn close(&self) {
        let (unread, asleep) = self.queue.lock().end();
        drop(unread);
        if let Some(wake_up) = asleep {
            wake(&wake_up);
        }
    }

    fn start(&self) {
        let (queue, new_ring) = (Arc::clone(&self.queue), self.new_ring);
        let work = move || match new_ring(DEPTH).and_then(|ring| Worker::new(&queue, ring)) {
            Ok(mut worker) => worker.work(),
            Err(error) => {
                tracing::debug!(%error, "no ring: reading by plain calls");
                drop(queue.lock().end());
            }
        };
        let started = std::thread::Builder::new().name("drive-ring".into()).stack_size(STACK).spawn(work);
        if started.is_err() {
            let mut queue = self.queue.lock();
            queue.running = false;
            drop(std::mem::take(&mut queue.requests));
        }
    }
}

impl Queue {
    fn end(&mut self) -> (VecDeque<Request>, Option<Arc<OwnedFd>>) {
        self.ended = true;
        (std::mem::take(&mut self.requests), self.asleep.take())
    }
}

fn wake(wake_up: &OwnedFd) {
    // It can only fail if it has been written to very often: then the thread is awake.
    let _awake = rustix::io::write(wake_up, &1u64.to_ne_bytes());
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

/// The thread.
struct Worker<'a> {
    queue: &'a Mutex<Queue>,
    ring: Ring<Request>,
    wake_up: Arc<OwnedFd>,
}

impl<'a> Worker<'a> {
    fn new(queue: &'a Mutex<Queue>, ring: Ring<Request>) -> io::Result<Self> {
        let wake_up = Arc::new(ring.wake_up()?);
        Ok(Worker { queue, ring, wake_up })
    }

    fn work(&mut self) {
        let mut idle = false;
        while self.begin(idle) {
            if let Err(error) = self.ring.wait(IDLE) {
                tracing::warn!(%error, "a ring failed: reading by plain calls");
                drop(self.queue.lock().end());
                return;
            }
            idle = true;
            while let Some((request, read)) = self.ring.next_ended() {
                idle = false;
                // Whatever went wrong, a plain call will tell. Nobody waits any more: nothing to tell.
                let _unheard = read.ok().and_then(Buffer::take).map(|bytes| request.answer.send(bytes));
            }
        }
    }

    /// Begins what waits, as far as there is room, and lies down. False if that was all: `idle` says that nothing has happened
    /// for a while.
    fn begin(&mut self, idle: bool) -> bool {
        loop {
            let mut queue = self.queue.lock();
            queue.asleep = None;
            let next = if self.ring.has_room() { queue.requests.pop_front() } else { None };
            let Some(request) = next else {
                let rest = self.ring.is_idle() && queue.requests.is_empty();
                if queue.ended || idle && rest {
                    queue.running = false;
                    return false;
                }
                queue.asleep = Some(Arc::clone(&self.wake_up));
                return true;
            };
            drop(queue);
            if request.answer.is_closed() || request.file.direct().is_none() {
                continue;
            }
            let Some(buffer) = Buffer::new(request.offset, request.length) else { continue };
            // Where there is no room after all it is dropped, and read by a plain call.
            let _begun = self.ring.begin(file_of, request, buffer);
        }
    }
}

fn file_of(request: &Request) -> rustix::fd::BorrowedFd<'_> {
    request.file.direct().unwrap_or_else(|| request.file.plain())
}
