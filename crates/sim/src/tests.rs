//! That a simulated disk can end up in the states that it is there for, and in no others.

use crate::{Call, Fault, SimDisk};
use base::{ManualClock, SeededRandom, Tasks, Timestamp, World};
use bytes::Bytes;
use drive::FileSystem;
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Enough for every kind of end to be among them.
const SEEDS: u64 = 400;

/// What is found of `look` after cuts with many seeds.
fn ends<T: Ord>(work: impl Fn(&SimDisk), look: impl Fn(&dyn FileSystem) -> T) -> BTreeSet<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime for the test");
    let _inside = runtime.enter();
    let world = World {
        clock: Arc::new(ManualClock::new(Timestamp::from_secs(1))),
        random: Arc::new(SeededRandom::new(1)),
        tasks: Tasks::new(),
    };
    let disk = SimDisk::new(world, 1);
    work(&disk);
    let end = |seed| {
        let copy = disk.copy(seed);
        copy.crash();
        look(&copy.mount())
    };
    (0..SEEDS).map(end).collect()
}

fn write(fs: &dyn FileSystem, path: &str, length: usize, sync: bool) {
    let mut file = fs.create(path).unwrap();
    file.append(&[Bytes::from(vec![b'x'; length])]).unwrap();
    if sync {
        file.sync().unwrap();
    }
}

fn shown(fs: &dyn FileSystem, path: &str) -> Option<Vec<u8>> {
    fs.read(path, usize::MAX).ok().map(|bytes| bytes.to_vec())
}

#[test]
fn what_was_synced_is_there() {
    let found = ends(
        |disk| {
            let fs = disk.mount();
            fs.mkdir("dir").unwrap();
            write(&fs, "dir/file", 2000, true);
            fs.sync_dir("dir").unwrap();
            fs.sync_dir("").unwrap();
        },
        |fs| shown(fs, "dir/file").map(|bytes| bytes.len()),
    );
    assert_eq!(found, BTreeSet::from([Some(2000)]));
}

#[test]
fn a_file_may_arrive_before_its_bytes_torn_or_not_at_all() {
    let found = ends(|disk| write(&disk.mount(), "file", 1500, false), |fs| shown(fs, "file"));
    assert!(found.contains(&None));
    assert!(found.contains(&Some(Vec::new())), "empty");
    assert!(found.contains(&Some(vec![b'x'; 512])), "cut short");
    assert!(found.contains(&Some(vec![b'x'; 1500])), "whole");
    let mut torn = vec![b'x'; 1500];
    torn[512..1024].fill(0);
    assert!(found.contains(&Some(torn)), "with a hole");
}

#[test]
fn a_rename_may_be_durable_before_the_bytes_it_renames() {
    let found = ends(
        |disk| {
            let fs = disk.mount();
            write(&fs, "old", 10, true);
            fs.sync_dir("").unwrap();
            write(&fs, "new", 20, false);
            fs.rename("new", "old").unwrap();
        },
        |fs| shown(fs, "old").map(|bytes| bytes.len()),
    );
    assert_eq!(found, BTreeSet::from([Some(0), Some(10), Some(20)]), "never none: a move is one change");
}

#[test]
fn names_of_one_directory_are_lost_in_any_order() {
    let found = ends(
        |disk| {
            let fs = disk.mount();
            write(&fs, "gone", 1, true);
            fs.sync_dir("").unwrap();
            write(&fs, "one", 1, true);
            write(&fs, "two", 1, true);
            fs.unlink("gone").unwrap();
        },
        |fs| ["one", "two", "gone"].map(|name| shown(fs, name).is_some()),
    );
    assert_eq!(found.len(), 8, "{found:?}");
}

#[test]
fn syncing_a_directory_keeps_what_its_names_depend_on() {
    let found = ends(
        |disk| {
            let fs = disk.mount();
            fs.mkdir("from").unwrap();
            fs.mkdir("to").unwrap();
            fs.sync_dir("").unwrap();
            write(&fs, "from/file", 1, true);
            fs.rename("from/file", "to/file").unwrap();
            fs.sync_dir("to").unwrap();
        },
        |fs| ["from/file", "to/file"].map(|name| shown(fs, name).is_some()),
    );
    assert_eq!(found, BTreeSet::from([[false, true]]));
}

#[test]
fn after_a_failed_sync_a_later_one_proves_nothing() {
    let found = ends(
        |disk| {
            let fs = disk.mount();
            let mut file = fs.create("file").unwrap();
            fs.sync_dir("").unwrap();
            file.append(&["data".into()]).unwrap();
            disk.fail(Fault::once(Call::Sync, Errno::IO));
            file.sync().unwrap_err();
            file.sync().unwrap();
        },
        |fs| shown(fs, "file").map(|bytes| bytes.len()),
    );
    assert_eq!(found, BTreeSet::from([Some(0), Some(4)]));
}

#[test]
fn the_power_goes_after_so_many_changes_and_what_was_mounted_is_dead() {
    ends(
        |disk| {
            let fs = disk.mount();
            disk.cut_power_after(2);
            fs.mkdir("one").unwrap();
            fs.sync_dir("").unwrap();
            assert!(fs.mkdir("two").is_err());
            assert!(fs.stat("one").is_err(), "nothing answers any more");
            disk.crash();
            assert!(fs.stat("one").is_err());
            disk.mount().stat("one").unwrap();
        },
        |_| (),
    );
}

#[test]
fn a_full_disk_takes_what_fits() {
    ends(
        |disk| {
            let fs = disk.mount();
            disk.set_capacity(disk.used() + 1000);
            let mut file = fs.create("file").unwrap();
            file.append(&[vec![0; 400].into()]).unwrap();
            let full = file.append(&[vec![0; 400].into()]).unwrap_err();
            assert_eq!(Errno::from_io_error(&full), Some(Errno::NOSPC));
            fs.unlink("file").unwrap();
            write(&fs, "other", 400, true);
        },
        |_| (),
    );
}

#[test]
fn the_same_seed_gives_the_same_end() {
    let once = || {
        ends(
            |disk| {
                let fs = disk.mount();
                for number in 0..20 {
                    write(&fs, &format!("file{number}"), 100 * number, number % 3 == 0);
                }
            },
            |fs| (0..20).map(|number| shown(fs, &format!("file{number}"))).collect::<Vec<_>>(),
        )
    };
    assert_eq!(once(), once());
}
