//! A ring of the kernel's, with the unsafe code that it takes.
//!
//! The kernel writes to a read's buffer at any time until it has said that the read ended. So a buffer belongs to the ring
//! from the moment the kernel is told of it until then, whoever has lost interest meanwhile; a ring that is dropped waits
//! for its reads; and if it can't wait, the buffers are never freed.

use super::buffer::Buffer;
use io_uring::{IoUring, Probe, opcode, squeue, types};
use rustix::event::EventfdFlags;
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use std::io;
use std::time::Duration;

/// Stands for the wake-up among the numbers of reads.
const WAKE_UP: u64 = u64::MAX;

/// A ring used by one thread. `R` is what a read is about; it keeps its file open.
pub(super) struct Ring<R> {
    ring: IoUring,
    /// Reads that the kernel has been told of, by their number.
    reads: Vec<Option<Flight<R>>>,
    free: Vec<usize>,
    wake_up: OwnedFd,
    /// The kernel looks out for a wake-up.
    listening: bool,
}

struct Flight<R> {
    read: R,
    buffer: Buffer,
}

impl<R> Ring<R> {
    /// With at most `depth` reads at a time.
    pub(super) fn new(depth: u32) -> io::Result<Self> {
        // One more for the wake-up.
        let entries = depth.saturating_add(1);
        // Completions are worked off when this thread asks for them: since Linux 6.1.
        let ring = IoUring::builder().setup_single_issuer().setup_defer_taskrun().build(entries);
        let ring = ring.or_else(|_| IoUring::new(entries))?;
        let mut probe = Probe::new();
        ring.submitter().register_probe(&mut probe)?;
        let known = probe.is_supported(opcode::Read::CODE) && probe.is_supported(opcode::PollAdd::CODE);
        // Waiting with a time limit: since Linux 5.11.
        if !known || !ring.params().is_feature_ext_arg() {
            return Err(Errno::OPNOTSUPP.into());
        }
        let wake_up = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let slots = usize::try_from(depth).map_err(|_| Errno::INVAL)?;
        let reads = std::iter::repeat_with(|| None).take(slots).collect();
        Ok(Ring { ring, reads, free: (0..slots).rev().collect(), wake_up, listening: false })
    }

    /// What another thread writes to (an eventfd) to end this one's waiting.
    pub(super) fn wake_up(&self) -> io::Result<OwnedFd> {
        self.wake_up.try_clone()
    }

    pub(super) fn has_room(&self) -> bool {
        !self.free.is_empty()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.free.len() == self.reads.len()
    }

    /// Begins to fill the buffer. The kernel hears of it with the next [`Ring::wait`]. An error if there is no room.
    pub(super) fn begin(&mut self, file: impl FnOnce(&R) -> BorrowedFd<'_>, read: R, buffer: Buffer) -> Result<(), R> {
        let Ok(length) = u32::try_from(buffer.length()) else { return Err(read) };
        let Some(slot) = self.free.pop() else { return Err(read) };
        let flight = self.reads[slot].insert(Flight { read, buffer });
        let fd = types::Fd(file(&flight.read).as_raw_fd());
        let room = flight.buffer.room().as_mut_ptr().cast::<u8>();
        let offset = flight.buffer.offset();
        let number = u64::try_from(slot).unwrap_or(WAKE_UP);
        let entry = opcode::Read::new(fd, room, length).offset(offset).build().user_data(number);
        // SAFETY: `room` is `length` bytes of the heap that belong to `flight`. It stays in `self.reads`, where nothing but
        // `next_ended` and `drop` touches it: the one takes it out when the kernel has said that this read ended (a number is
        // given out again only then), the other waits for that, or forgets it. Moving the ring or the vectors moves no heap.
        let told = unsafe { self.ring.submission().push(&entry) };
        if told.is_ok() {
            return Ok(());
        }
        // The kernel hasn't heard of it.
        self.free.push(slot);
        self.reads[slot].take().map_or(Ok(()), |flight| Err(flight.read))
    }

    /// Waits until a read has ended, somebody has woken this thread, or `limit` has passed.
    pub(super) fn wait(&mut self, limit: Duration) -> io::Result<()> {
        if !self.listening {
            let poll_in: u32 = 1;
            let entry = opcode::PollAdd::new(types::Fd(self.wake_up.as_fd().as_raw_fd()), poll_in).build();
            self.push_without_buffer(&entry.user_data(WAKE_UP));
        }
        let limit = types::Timespec::from(limit);
        let args = types::SubmitArgs::new().timespec(&limit);
        match self.ring.submitter().submit_with_args(1, &args) {
            Ok(_) => Ok(()),
            Err(error) if is_passing(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn push_without_buffer(&mut self, entry: &squeue::Entry) {
        // SAFETY: the entry is a poll, to which the kernel is given no memory.
        self.listening = unsafe { self.ring.submission().push(entry) }.is_ok();
    }

    /// A read that has ended, with its buffer: filled as far as was read. [`Errno`] if it failed.
    pub(super) fn next_ended(&mut self) -> Option<(R, Result<Buffer, Errno>)> {
        loop {
            let ended = self.ring.completion().next()?;
            if ended.user_data() == WAKE_UP {
                self.listening = false;
                // Somebody's next write may be seen at once: the value itself means nothing.
                let _emptied = rustix::io::read(&self.wake_up, &mut [0; 8]);
                continue;
            }
            let Ok(slot) = usize::try_from(ended.user_data()) else { continue };
            let Some(Flight { read, mut buffer }) = self.reads.get_mut(slot).and_then(Option::take) else { continue };
            self.free.push(slot);
            let Ok(count) = usize::try_from(ended.result()) else {
                return Some((read, Err(Errno::from_raw_os_error(ended.result().saturating_neg()))));
            };
            let count = count.min(buffer.length());
            let bytes = buffer.bytes_mut();
            let end = bytes.len() + count;
            // SAFETY: the kernel says that it has written `count` bytes to the room, which begins at the vector's length and is
            // `length` bytes of its capacity; `count` isn't more than that.
            unsafe { bytes.set_len(end) };
            return Some((read, Ok(buffer)));
        }
    }
}

/// Waiting ended for no reason of the ring's: a signal, the time limit, completions that must be taken first.
fn is_passing(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::INTR | Errno::TIME | Errno::AGAIN | Errno::BUSY))
}

impl<R> Drop for Ring<R> {
    fn drop(&mut self) {
        /// A drive that hangs may never answer: waiting goes on, in steps.
        const STEP: Duration = Duration::from_secs(60);
        while !self.is_idle() {
            if self.wait(STEP).is_err() {
                std::mem::forget(std::mem::take(&mut self.reads));
                return;
            }
            while self.next_ended().is_some() {}
        }
    }
}
