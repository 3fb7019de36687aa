//! A file system with a part of its files unwritten looks, and changes, as one that has them all.

use super::Unwritten;
use crate::local::cache::Known;
use crate::local::watched::Watched;
use crate::{FileKind, FileSystem, PlainFs, Space};
use bytes::Bytes;
use proptest::prelude::*;
use rustix::io::Errno;
use std::io;
use std::path::Path;

const BUDGET: usize = 1 << 20;

fn roomy() -> Unwritten {
    let unwritten = Unwritten::new(BUDGET);
    unwritten.look_at(Space { total: 1 << 40, free: 1 << 40, used: 0, ..Space::default() });
    unwritten
}

#[test]
fn takes_what_fits_and_is_in_nobodys_way() {
    let unwritten = roomy();
    assert!(unwritten.takes("bucket/a", 1000));
    assert!(!unwritten.takes("bucket/a", 300 << 10), "it is too large");
    for odd in ["bucket/xl.meta", "bucket/xl.meta/a", "bucket/a/xl.meta/b"] {
        assert!(!unwritten.takes(odd, 1000), "{odd}");
    }
    assert!(unwritten.takes("bucket/xl.meta.d/a", 1000));
    for number in 0..1000 {
        unwritten.put(&format!("bucket/{number}"), Bytes::from(vec![0; 1000]));
    }
    assert!(!unwritten.takes("bucket/a", 1000), "the budget is used up");
    assert!(unwritten.is_filling_up());
    for number in 0..1000 {
        assert!(unwritten.forget(&format!("bucket/{number}")));
    }
    assert!(unwritten.takes("bucket/a", 1000) && !unwritten.is_filling_up());
    unwritten.look_at(Space { total: 1 << 40, free: 1 << 20, used: 0, ..Space::default() });
    assert!(!unwritten.takes("bucket/a", 1000), "the drive is nearly full");
    unwritten.look_at(Space { total: 1 << 40, free: 1 << 40, free_inodes: Some(100), ..Space::default() });
    assert!(!unwritten.takes("bucket/a", 1000), "it has few inodes");
}

/// Everything that can be seen below a directory, and what is in the files.
fn seen(fs: &dyn FileSystem, dir: &str, found: &mut Vec<String>) {
    let mut entries = fs.read_dir(dir, usize::MAX).expect("the directory can be read");
    entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    for entry in entries {
        let path = if dir.is_empty() { entry.name.clone() } else { format!("{dir}/{}", entry.name) };
        assert_eq!(fs.stat(&path).expect("it is there").kind, entry.kind, "{path}");
        match entry.kind {
            FileKind::Dir => {
                found.push(format!("{path}/"));
                seen(fs, &path, found);
            }
            _ => found.push(format!("{path} {:?}", fs.read(&path, 1 << 20).expect("it can be read"))),
        }
    }
}

fn all(fs: &dyn FileSystem) -> Vec<String> {
    let mut found = Vec::new();
    seen(fs, "", &mut found);
    found
}

/// Makes a file, as the drive does when it writes one out.
fn make(fs: &PlainFs, object: &str, bytes: &Bytes) {
    for (at, _) in object.match_indices('/').chain([(object.len(), "")]) {
        match fs.mkdir(&object[..at]) {
            Err(error) if Errno::from_io_error(&error) != Some(Errno::EXIST) => panic!("{error}"),
            _ => {}
        }
    }
    let path = format!("{object}/xl.meta");
    let _earlier = fs.unlink(&path);
    fs.create(&path).and_then(|mut file| file.append(std::slice::from_ref(bytes))).expect("it is made");
}

/// The same outcome, or an error of the same kind.
fn alike(one: io::Result<()>, other: io::Result<()>) -> bool {
    let errno = |result: io::Result<()>| result.err().map(|error| Errno::from_io_error(&error));
    errno(one) == errno(other)
}

fn is_not_empty(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::DirectoryNotEmpty
}

/// What may be said of a directory that holds no file at any depth.
fn is_no_matter(error: &io::Error) -> bool {
    is_not_empty(error) || error.kind() == io::ErrorKind::NotFound
}

fn name() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "a-b", "a0", "xl.meta.d"]);
    prop::collection::vec(part, 1..4).prop_map(|parts| format!("bucket/{}", parts.join("/")))
}

#[derive(Clone, Debug)]
enum Step {
    Put(String, u8),
    /// Written to the file system of both.
    Write(String, u8),
    Unlink(String),
    Rmdir(String),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (name(), any::<u8>()).prop_map(|(name, byte)| Step::Put(name, byte)),
        2 => (name(), any::<u8>()).prop_map(|(name, byte)| Step::Write(name, byte)),
        2 => name().prop_map(Step::Unlink),
        3 => name().prop_map(Step::Rmdir),
    ]
}

fn plain(folder: &Path) -> PlainFs {
    let fs = PlainFs::new(folder, true);
    fs.mkdir("bucket").expect("a new folder");
    fs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nobody_can_tell_what_is_unwritten(steps in prop::collection::vec(step(), 1..24)) {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let (whole, part) = (plain(&folder.path().join("whole")), plain(&folder.path().join("part")));
        let (unwritten, known) = (roomy(), Known::new(BUDGET));
        let view = Watched { fs: &part, known: &known, unwritten: &unwritten };
        for step in steps {
            match &step {
                Step::Put(object, byte) => {
                    let bytes = Bytes::from(vec![*byte; 10]);
                    make(&whole, object, &bytes);
                    unwritten.put(object, bytes);
                }
                Step::Write(object, byte) => {
                    let bytes = Bytes::from(vec![*byte; 20]);
                    make(&whole, object, &bytes);
                    make(&part, object, &bytes);
                    unwritten.forget(object);
                }
                Step::Unlink(object) => {
                    let path = format!("{object}/xl.meta");
                    prop_assert!(alike(whole.unlink(&path), view.unlink(&path)), "{step:?}");
                }
                Step::Rmdir(dir) => {
                    let done = (whole.rmdir(dir), view.rmdir(dir));
                    // An empty directory that is left by a file that was never written was never made: neither it nor what
                    // it is empty for is told apart.
                    let holds = all(&whole).iter().any(|name| !name.ends_with('/') && name.starts_with(&format!("{dir}/")));
                    let empty = done.0.as_ref().err().is_none_or(is_not_empty);
                    if !holds && empty {
                        prop_assert!(done.1.as_ref().map_or_else(is_no_matter, |()| true), "{step:?}");
                    } else {
                        prop_assert!(alike(done.0, done.1), "{step:?}");
                    }
                }
            }
            // The same for directories that hold nothing: they are no matter.
            let files = |fs: &dyn FileSystem| -> Vec<String> {
                all(fs).into_iter().filter(|name| !name.ends_with('/')).collect()
            };
            prop_assert_eq!(files(&whole), files(&view), "{:?}", step);
            for path in files(&whole) {
                let path = path.split(' ').next().unwrap_or_default();
                prop_assert_eq!(whole.read_head(path, 5).ok(), view.read_head(path, 5).ok());
            }
        }
    }
}
