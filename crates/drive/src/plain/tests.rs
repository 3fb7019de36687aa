//! What the real file system must keep to: no way out of its directory, and threads that come and go.

use super::{PlainEngine, PlainFs};
use crate::{Engine, FileKind, FileSystem};
use bytes::Bytes;
use rustix::io::Errno;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::mpsc;

fn write(fs: &dyn FileSystem, path: &str, bytes: &'static [u8]) {
    let mut file = fs.create(path).unwrap();
    file.append(&[Bytes::from_static(bytes)]).unwrap();
    file.sync().unwrap();
}

/// With and without the kernel's help.
fn both(root: &Path) -> [PlainFs; 2] {
    [PlainFs::new(root, true), PlainFs::without_openat2(root).unwrap()]
}

#[test]
fn no_name_leads_out_of_the_directory() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("drive");
    let outside = PlainFs::new(folder.path(), false);
    outside.mkdir("drive").unwrap();
    write(&outside, "secret", b"outside");
    symlink("../secret", root.join("up")).unwrap();
    symlink(folder.path().join("secret"), root.join("absolute")).unwrap();
    symlink("..", root.join("parent")).unwrap();
    for fs in both(&root) {
        let names = ["../secret", "up", "absolute", "parent/secret", "./../secret", "", "..", "/etc/passwd", "a\0b"];
        for name in names {
            assert!(fs.read(name, 100).is_err(), "read {name:?}");
            assert!(fs.open(name).is_err(), "open {name:?}");
            assert!(fs.create(name).is_err(), "create {name:?}");
            assert!(fs.unlink(&format!("{name}/secret")).is_err(), "unlink {name:?}");
        }
        assert!(fs.read_dir("parent", 10).is_err());
        assert!(fs.mkdir("parent/new").is_err());
        assert!(fs.rename("parent/secret", "mine").is_err());
    }
    assert_eq!(outside.read("secret", 100).unwrap(), "outside");
}

#[test]
fn links_to_files_of_the_drive_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let fs = PlainFs::new(folder.path(), false);
    write(&fs, "file", b"inside");
    symlink("file", folder.path().join("link")).unwrap();
    assert_eq!(fs.read("link", 100).unwrap(), "inside");
    let kinds = fs.read_dir("", 10).unwrap();
    assert!(kinds.iter().any(|entry| entry.name == "link" && entry.kind == FileKind::Other));
}

#[test]
fn files_are_read_as_written_up_to_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    for (at, fs) in both(folder.path()).into_iter().enumerate() {
        for size in [0, 1, 4095, 4096, 4097, 100_000] {
            let path = format!("file-{at}-{size}");
            let bytes: Vec<u8> = (0..size).map(|at: usize| at.to_le_bytes()[0]).collect();
            let mut file = fs.create(&path).unwrap();
            // More pieces than the kernel takes at once, some of them empty.
            let pieces: Vec<Bytes> =
                bytes.chunks(50).flat_map(|piece| [Bytes::copy_from_slice(piece), Bytes::new()]).collect();
            file.append(&pieces).unwrap();
            assert_eq!(fs.read(&path, size).unwrap(), bytes);
            if size > 4096 {
                let long = fs.read(&path, size - 1).unwrap_err();
                assert_eq!(Errno::from_io_error(&long), Some(Errno::FBIG));
            }
            assert_eq!(fs.read_head(&path, 10).unwrap(), bytes[..size.min(10)]);
            let open = fs.open(&path).unwrap();
            assert_eq!(open.size(), size as u64);
            assert_eq!(open.read_at(0, size + 10).unwrap(), bytes);
            assert_eq!(open.read_at(size as u64 / 2, 7).unwrap(), bytes[size / 2..(size / 2 + 7).min(size)]);
            assert_eq!(fs.stat(&path).unwrap().size, size as u64);
        }
        assert!(fs.create(&format!("file-{at}-1")).is_err(), "a name is made once");
    }
}

#[test]
fn what_is_in_memory_is_read_at_once_and_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let fs = PlainFs::new(folder.path(), false);
    fs.mkdir("dir").unwrap();
    write(&fs, "dir/file", b"in memory");
    symlink("/etc/passwd", folder.path().join("dir/link")).unwrap();
    // The kernel may have put it out of memory meanwhile, and may not know of these calls.
    for bytes in [fs.read_cached("dir/file", 100), fs.read_cached("dir/file", 9)].into_iter().flatten() {
        assert_eq!(bytes, "in memory");
    }
    if let Some(open) = fs.open_cached("dir/file") {
        assert_eq!(open.read_at(0, 100).unwrap(), "in memory");
        let mut buffer = [0; 6];
        assert!(!open.read_cached(3, &mut buffer) || buffer == *b"memory");
        assert!(!open.read_cached(4, &mut buffer), "it ends before");
    }
    assert_eq!(fs.read_cached("dir/file", 8), None, "it is longer");
    for name in ["dir", "dir/none", "dir/link", "../dir/file", "dir/../dir/file", ""] {
        assert_eq!(fs.read_cached(name, 1 << 20), None, "{name}");
        assert!(fs.open_cached(name).is_none(), "{name}");
    }
}

#[test]
fn placed_bytes_are_where_they_were_put() {
    let folder = tempfile::tempdir().unwrap();
    let fs = PlainFs::new(folder.path(), false);
    let mut expected = vec![0; 64 << 10];
    write(&fs, "placed", vec![0; expected.len()].leak());
    let mut file = fs.open_to_write("placed").unwrap();
    // What goes around the page cache, what can't, and ordinary writes, between each other.
    for (number, offset, length) in
        [(1, 4096, 8192), (2, 100, 4096), (3, 8192, 4096), (4, 5000, 300), (5, 8192, 30_000)]
    {
        let bytes = vec![number; length];
        file.write_durably(offset as u64, &bytes).unwrap();
        expected[offset..offset + length].fill(number);
        file.write_at(60_000, &[number; 5]).unwrap();
        expected[60_000..60_005].fill(number);
        assert_eq!(fs.read("placed", 1 << 20).unwrap(), expected, "{number}");
    }
    file.sync().unwrap();
}

#[test]
fn a_file_may_become_shorter_than_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    let fs = PlainFs::new(folder.path(), false);
    let mut file = fs.create("small").unwrap();
    file.expect(4 << 20).unwrap();
    file.append(&[Bytes::from_static(b"less than was expected")]).unwrap();
    file.sync().unwrap();
    assert_eq!(fs.read("small", 100).unwrap(), "less than was expected");
}

#[test]
fn directories_are_listed_up_to_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    for (at, fs) in both(folder.path()).into_iter().enumerate() {
        let dir = format!("dir{at}");
        fs.mkdir(&dir).unwrap();
        for number in 0..2000 {
            fs.mkdir(&format!("{dir}/a-longer-name-{number:05}")).unwrap();
        }
        assert_eq!(fs.read_dir(&dir, usize::MAX).unwrap().len(), 2000);
        assert_eq!(fs.read_dir(&dir, 5).unwrap().len(), 5);
    }
}

#[test]
fn directories_tell_whether_names_may_be_made_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let errno = |told: std::io::Result<()>| told.err().and_then(|error| Errno::from_io_error(&error));
    symlink("..", folder.path().join("parent")).unwrap();
    for (nth, fs) in both(folder.path()).iter().enumerate() {
        let (dir, file) = (format!("dir{nth}"), format!("file{nth}"));
        fs.mkdir(&dir).unwrap();
        write(fs, &file, b"");
        assert_eq!(errno(fs.may_add("")), None);
        assert_eq!(errno(fs.may_add(&dir)), None);
        assert_eq!(errno(fs.may_add("missing")), Some(Errno::NOENT));
        assert_eq!(errno(fs.may_add(&file)), Some(Errno::NOTDIR));
        assert!(fs.may_add("parent").is_err(), "it leads out");
        std::fs::set_permissions(folder.path().join(&dir), Permissions::from_mode(0o555)).unwrap();
        let is_root = folder.path().metadata().unwrap().uid() == 0;
        assert_eq!(errno(fs.may_add(&dir)), if is_root { None } else { Some(Errno::ACCESS) });
    }
}

#[test]
fn a_lock_is_held_once() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = both(folder.path());
    let held = one.try_lock("lock").unwrap();
    let refused = other.try_lock("lock").unwrap_err();
    assert_eq!(Errno::from_io_error(&refused), Some(Errno::WOULDBLOCK));
    drop(held);
    other.try_lock("lock").unwrap();
}

#[test]
fn a_directory_put_in_the_place_of_the_root_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drive");
    let fs = PlainFs::new(&path, true);
    assert!(fs.root().unwrap().same);
    let outside = PlainFs::new(folder.path(), false);
    outside.rename("drive", "elsewhere").unwrap();
    assert!(!fs.root().unwrap().same);
    outside.mkdir("drive").unwrap();
    assert!(!fs.root().unwrap().same);
}

#[test]
fn jobs_run_on_a_bounded_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let engine = PlainEngine::new(folder.path(), false);
    let (started, starts) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Arc::new(parking_lot::Mutex::new(released));
    for _ in 0..100 {
        let (started, released) = (started.clone(), released.clone());
        engine.submit(Box::new(move |fs| {
            fs.stat("").unwrap();
            started.send(std::thread::current().id()).unwrap();
            released.lock().recv().unwrap();
        }));
    }
    let first: std::collections::HashSet<_> = (0..super::MAX_THREADS).map(|_| starts.recv().unwrap()).collect();
    assert_eq!(first.len(), super::MAX_THREADS);
    assert_eq!(engine.pool.queue.lock().threads, super::MAX_THREADS);
    for _ in 0..100 {
        release.send(()).unwrap();
    }
    let rest: std::collections::HashSet<_> = (super::MAX_THREADS..100).map(|_| starts.recv().unwrap()).collect();
    assert!(rest.is_subset(&first));
}

#[test]
fn a_job_that_panics_takes_nothing_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = PlainEngine::new(folder.path(), false);
    for _ in 0..2 * super::MAX_THREADS {
        engine.submit(Box::new(|_| std::panic::resume_unwind(Box::new("a test's panic"))));
    }
    let (done, wait) = mpsc::channel();
    engine.submit(Box::new(move |_| done.send(()).unwrap()));
    wait.recv().unwrap();
}

#[test]
fn a_closed_engine_drops_its_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let engine = PlainEngine::new(folder.path(), false);
    engine.close();
    let (done, wait) = mpsc::channel::<()>();
    engine.submit(Box::new(move |_| done.send(()).unwrap()));
    assert!(wait.recv().is_err());
}

/// Memory for `bytes` whose address is so many bytes after a page's begin.
fn lying_at(phase: usize, bytes: &[u8]) -> Bytes {
    let mut room = vec![0; bytes.len() + 2 * 4096];
    let start = room.as_ptr().addr().next_multiple_of(4096) - room.as_ptr().addr() + phase;
    room[start..start + bytes.len()].copy_from_slice(bytes);
    Bytes::from(room).slice(start..start + bytes.len())
}

#[test]
fn a_large_file_is_whole_however_its_pieces_are_cut_and_lie() {
    let folder = tempfile::tempdir().unwrap();
    let fs = PlainFs::new(folder.path(), false);
    let whole: Vec<u8> = (0..1_500_000_usize).map(|at| (at ^ at >> 9).to_le_bytes()[0]).collect();
    for (number, pieces) in [
        vec![1_500_000],
        vec![524_320, 524_320, 451_360],
        vec![1, 4095, 4096, 4097, 700_000, 0, 3, 4000],
        vec![100; 300],
    ]
    .into_iter()
    .enumerate()
    {
        for congruent in [true, false] {
            let path = format!("{number}-{congruent}");
            let mut file = fs.create(&path).unwrap();
            file.expect(1_500_000).unwrap();
            let mut end = 0;
            let cut = |length: &usize| {
                let start = end;
                end += length;
                lying_at(if congruent { start % 4096 } else { 16 }, &whole[start..end])
            };
            let pieces: Vec<Bytes> = pieces.iter().map(cut).collect();
            let (first, second) = pieces.split_at(pieces.len() / 2);
            file.append(first).unwrap();
            file.append(second).unwrap();
            file.sync().unwrap();
            assert_eq!(fs.read(&path, 1 << 21).unwrap(), whole[..end], "{path}");
            // Nobody does that; it is right all the same.
            file.append(&[Bytes::from_static(b"more")]).unwrap();
            assert!(fs.read(&path, 1 << 21).unwrap().ends_with(b"more"));
        }
    }
}
