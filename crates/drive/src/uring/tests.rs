//! What reads by a ring must keep to: the bytes of the file or nothing, and buffers that outlive whoever asked.

use super::buffer::Buffer;
use super::resident::is_resident;
use super::ring::Ring;
use super::seen::Seen;
use super::{UringEngine, reader};
use crate::{Engine, FileSystem, ReadFile};
use bytes::Bytes;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot::Receiver;

const LIMIT: Duration = Duration::from_secs(30);

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

fn write(fs: &dyn FileSystem, path: &str, bytes: &[u8]) {
    let mut file = fs.create(path).unwrap();
    file.append(&[Bytes::copy_from_slice(bytes)]).unwrap();
    file.sync().unwrap();
}

/// An engine over the folder, and its file system. `None` where the kernel gives no rings: there is nothing to test then.
fn engine(folder: &Path) -> Option<UringEngine> {
    let engine = UringEngine::with(folder, false, Ring::new, || true);
    // The directory is opened by the first job.
    let (opened, wait) = std::sync::mpsc::channel();
    engine.submit(Box::new(move |fs| opened.send(fs.stat("").is_ok()).unwrap()));
    assert!(wait.recv().unwrap());
    UringEngine::probe().is_ok().then_some(engine)
}

fn begin(file: &Arc<dyn ReadFile>, offset: usize, length: usize) -> Option<Receiver<Bytes>> {
    Arc::clone(file).begin_read(offset as u64, length)
}

/// Whether the file system lets files be read around the page cache.
fn is_direct(folder: &Path, name: &str) -> bool {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    openat(CWD, folder.join(name), OFlags::RDONLY | OFlags::DIRECT | OFlags::NOATIME, Mode::empty()).is_ok()
}

#[test]
fn what_comes_is_what_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let Some(engine) = engine(folder.path()) else { return };
    let fs = engine.at_once().unwrap();
    let size = 1_000_001;
    let bytes = content(size);
    write(fs, "file", &bytes);
    let places = [(0, size), (2, 1), (1, 4095), (4095, 2), (4096, 4096), (500_000, 300_000), (size - 1, 1)];
    for (offset, length) in places {
        let file = fs.open("file").unwrap();
        let came = begin(&file, offset, length).expect("it is read for the first time").blocking_recv();
        assert_eq!(came.is_ok(), is_direct(folder.path(), "file"), "{offset} + {length}");
        assert!(came.is_ok_and(|came| came == bytes[offset..offset + length]), "{offset} + {length}");
    }
    let file = fs.open("file").unwrap();
    for (offset, length) in places {
        assert!(begin(&file, offset, length).is_none(), "read again it is to be in memory");
    }
    for (offset, length) in [(0, size + 1), (size, 1), (usize::MAX, 1), (7, 0), (9, usize::MAX)] {
        assert!(begin(&file, offset, length).is_none(), "{offset} + {length} is for a plain call to judge");
    }
}

#[test]
fn long_files_are_read_in_sequence_by_plain_calls() {
    let folder = tempfile::tempdir().unwrap();
    let Some(engine) = engine(folder.path()) else { return };
    let fs = engine.at_once().unwrap();
    let bytes = content(8 << 20);
    write(fs, "file", &bytes);
    let file = fs.open("file").unwrap();
    assert!(begin(&file, 0, 4096).is_none());
    assert!(begin(&file, 4096, 4096).is_none());
    let elsewhere = begin(&file, 5 << 20, 4096).expect("a jump").blocking_recv().unwrap();
    assert_eq!(elsewhere, bytes[5 << 20..(5 << 20) + 4096]);
    assert!(begin(&file, (5 << 20) + 4096, 4096).is_none(), "it goes on from there");
}

#[test]
fn what_is_in_memory_is_read_at_once_and_what_is_not_is_not_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let Some(engine) = engine(folder.path()) else { return };
    let fs = engine.at_once().unwrap();
    let bytes = content(300_000);
    write(fs, "file", &bytes);
    let open = OpenOptions::new().read(true).open(folder.path().join("file")).unwrap();
    let resident = || is_resident(&open, 0, 300_000);
    let mut buffer = vec![0; 300_000];
    if resident() == Some(true) {
        assert!(fs.open("file").unwrap().read_cached(0, &mut buffer) && buffer == bytes);
    }
    open.sync_all().unwrap();
    rustix::fs::fadvise(&open, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    if resident() == Some(false) {
        let file = fs.open("file").unwrap();
        assert!(!file.read_cached(0, &mut buffer));
        assert_eq!(begin(&file, 0, 300_000).unwrap().blocking_recv().unwrap(), bytes);
        assert_eq!(resident(), Some(false), "once is not enough to be kept in memory");
        let again = fs.open("file").unwrap();
        assert!(begin(&again, 0, 300_000).is_none());
        assert_eq!(again.read_at(0, 300_000).unwrap(), bytes);
        assert!(again.read_cached(0, &mut buffer) && buffer == bytes);
    }
}

#[test]
fn as_long_as_memory_has_room_what_is_read_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let engine = UringEngine::with(folder.path(), false, Ring::new, || false);
    let fs = engine.at_once().unwrap();
    write(fs, "file", &content(5000));
    assert!(begin(&fs.open("file").unwrap(), 0, 5000).is_none());
}

#[test]
fn the_kernel_says_what_it_has_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    write(&crate::PlainFs::new(folder.path(), false), "file", &content(10_000));
    let file = OpenOptions::new().read(true).open(&path).unwrap();
    assert_ne!(is_resident(&file, 4096, 5000), Some(false), "it was just written");
    // There is no fourth page.
    assert_ne!(is_resident(&file, 10_000, 4096), Some(true));
    assert_eq!(is_resident(&file, u64::MAX, 2), None);
}

#[test]
fn a_file_that_became_shorter_is_for_a_plain_call_to_judge() {
    let folder = tempfile::tempdir().unwrap();
    let Some(engine) = engine(folder.path()) else { return };
    let fs = engine.at_once().unwrap();
    write(fs, "file", &content(100_000));
    let file = fs.open("file").unwrap();
    let cut = OpenOptions::new().write(true).open(folder.path().join("file")).unwrap();
    cut.set_len(50_000).unwrap();
    assert!(begin(&file, 0, 100_000).expect("it was long enough").blocking_recv().is_err());
    assert_eq!(file.read_at(0, 100_000).unwrap().len(), 50_000);
}

#[test]
fn more_reads_than_the_ring_holds_all_end_whoever_waits() {
    let folder = tempfile::tempdir().unwrap();
    let Some(engine) = engine(folder.path()) else { return };
    let fs = engine.at_once().unwrap();
    let count = 10 * usize::try_from(reader::DEPTH).unwrap();
    let bytes = content(count * 512);
    write(fs, "file", &bytes);
    let file = fs.open("file").unwrap();
    let mut waited = Vec::new();
    for at in 0..count {
        let reading = begin(&file, at * 512, 512).expect("each place for the first time");
        // Every third is dropped, whether begun or not.
        if at % 3 > 0 {
            waited.push((at, reading));
        }
    }
    for (at, reading) in waited {
        assert_eq!(reading.blocking_recv().unwrap(), bytes[at * 512..(at + 1) * 512]);
    }
}

#[test]
fn a_closed_engine_reads_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let Some(engine) = engine(folder.path()) else { return };
    let fs = engine.at_once().unwrap();
    write(fs, "file", &content(5000));
    let file = fs.open("file").unwrap();
    let before = begin(&file, 0, 5000).unwrap();
    engine.close();
    assert!(begin(&file, 1, 5).is_none());
    // It had begun, or not.
    let _either = before.blocking_recv();
    drop(engine);
    assert_eq!(file.read_at(0, 5).unwrap(), content(5));
}

#[test]
fn without_rings_plain_calls_read() {
    let folder = tempfile::tempdir().unwrap();
    let engine = UringEngine::with(folder.path(), false, |_| Err(Errno::PERM.into()), || true);
    let fs = engine.at_once().unwrap();
    write(fs, "file", &content(5000));
    let file = fs.open("file").unwrap();
    assert!(begin(&file, 0, 5000).expect("nobody has tried yet").blocking_recv().is_err());
    assert!(begin(&file, 1, 5).is_none(), "once is enough");
    assert_eq!(file.read_at(0, 5000).unwrap(), content(5000));
}

#[test]
fn places_read_before_are_known() {
    let seen = Seen::default();
    for file in 0..100 {
        for offset in 0..10 {
            assert!(!seen.contains(file, offset * 524_320));
            assert!(seen.is_first(file, offset * 524_320));
            assert!(seen.contains(file, offset * 524_320));
            assert!(!seen.is_first(file, offset * 524_320));
        }
    }
}

/// A read of a pipe ends when the test wants it to.
fn pipe() -> (OwnedFd, OwnedFd) {
    rustix::pipe::pipe().unwrap()
}

fn file_of(file: &OwnedFd) -> BorrowedFd<'_> {
    file.as_fd()
}

#[test]
fn a_buffer_stays_until_its_read_has_ended() {
    let Ok(mut ring) = Ring::new(1) else { return };
    let (file, end) = pipe();
    ring.begin(file_of, file, Buffer::new(0, 100).unwrap()).unwrap();
    assert!(!ring.has_room());
    let (other, _end) = pipe();
    let refused = ring.begin(file_of, other, Buffer::new(0, 100).unwrap());
    assert!(refused.is_err(), "a read's place and buffer are its own until it has ended");
    ring.wait(Duration::ZERO).unwrap();
    assert!(ring.next_ended().is_none());
    rustix::io::write(&end, &content(100)).unwrap();
    let (_file, read) = loop {
        ring.wait(LIMIT).unwrap();
        if let Some(ended) = ring.next_ended() {
            break ended;
        }
    };
    assert_eq!(read.unwrap().take().unwrap(), content(100));
    assert!(ring.is_idle());
}

#[test]
fn a_dropped_ring_waits_for_its_reads() {
    let Ok(probe) = Ring::<()>::new(1) else { return };
    drop(probe);
    let (file, end) = pipe();
    let (begun, wait) = std::sync::mpsc::channel();
    let (dropped, ended) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let mut ring = Ring::new(2).unwrap();
        ring.begin(file_of, file, Buffer::new(0, 100).unwrap()).unwrap();
        ring.wait(Duration::ZERO).unwrap();
        begun.send(()).unwrap();
        drop(ring);
        dropped.send(()).unwrap();
    });
    wait.recv().unwrap();
    assert!(ended.recv_timeout(Duration::from_millis(50)).is_err(), "the kernel may still write to the buffer");
    rustix::io::write(&end, &content(10)).unwrap();
    ended.recv().unwrap();
    thread.join().unwrap();
}

#[test]
fn a_read_that_fails_says_why() {
    let Ok(mut ring) = Ring::new(1) else { return };
    let (_file, end) = pipe();
    ring.begin(file_of, end, Buffer::new(0, 100).unwrap()).unwrap();
    ring.wait(LIMIT).unwrap();
    let (_end, read) = ring.next_ended().unwrap();
    assert_eq!(read.err(), Some(Errno::BADF), "the end that is written to can't be read");
}

#[test]
fn buffers_hold_whole_blocks_and_give_what_was_wanted() {
    for (offset, length) in [(0u64, 1usize), (1, 4096), (4095, 2), (8192, 8192), (1 << 40, 5)] {
        let mut buffer = Buffer::new(offset, length).unwrap();
        assert_eq!(buffer.offset() % 4096, 0);
        assert_eq!(buffer.length() % 4096, 0);
        assert_eq!(buffer.room().as_ptr().align_offset(4096), 0);
        let skip = usize::try_from(offset - buffer.offset()).unwrap();
        assert!(skip + length <= buffer.length());
        let bytes = content(skip + length);
        buffer.bytes_mut().extend_from_slice(&bytes);
        assert_eq!(buffer.take().unwrap(), bytes[skip..]);
    }
    assert!(Buffer::new(0, usize::MAX).is_none());
    assert!(Buffer::new(5, 10).unwrap().take().is_none(), "nothing was read");
}
