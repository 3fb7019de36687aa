//! Walks through directories whose names are kept between pages, and of which only some fit (see `names::WINDOW`).

use crate::testing::{Sample, open_formatted, remove, write};
use crate::{Drive, LocalSlot, WalkEntry, WalkOptions};
use base::World;
use std::collections::BTreeSet;
use std::sync::Arc;

async fn walk(drive: &dyn Drive, options: WalkOptions) -> Vec<String> {
    let mut walk = drive.walk(WalkOptions { bucket: "bucket".into(), ..options }).await.expect("the walk begins");
    let mut names = Vec::new();
    loop {
        let batch = walk.next_batch().await.expect("the walk goes on");
        if batch.is_empty() {
            return names;
        }
        names.extend(batch.iter().map(WalkEntry::name).map(str::to_owned));
    }
}

/// What a walk should give of some names.
fn expected(names: &BTreeSet<String>, options: &WalkOptions) -> Vec<String> {
    let mut found = BTreeSet::new();
    for name in names.iter().filter(|name| name.starts_with(&options.prefix)) {
        let rest = &name[options.prefix.len()..];
        match rest.find('/').filter(|_| !options.recursive) {
            Some(slash) => found.insert(name[..options.prefix.len() + slash + 1].to_owned()),
            None => found.insert(name.clone()),
        };
    }
    let after = &options.after;
    found.retain(|name| after.is_empty() || name > after || (options.inclusive && name == after));
    found.into_iter().collect()
}

async fn check(drive: &dyn Drive, names: &BTreeSet<String>) {
    let starts = names
        .iter()
        .step_by(3)
        .cloned()
        .chain(["", "d", "d1", "d1-", "d1/", "d1/o", "e", "n07/x", "~"].map(str::to_owned));
    for after in starts.collect::<Vec<_>>() {
        for prefix in ["", "d", "d1", "d1/", "d1/e", "n", "n0", "zz"] {
            for (recursive, inclusive) in [(true, false), (true, true), (false, false), (false, true)] {
                let (after, prefix) = (after.clone(), prefix.to_owned());
                let options = WalkOptions { prefix, after, recursive, inclusive, ..WalkOptions::default() };
                assert_eq!(walk(drive, options.clone()).await, expected(names, &options), "{options:?}");
            }
        }
    }
}

#[tokio::test]
async fn every_page_is_what_the_drive_holds_at_the_time_however_large_the_directory() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let slot = LocalSlot::plain(folder.path().join("drive").to_str().expect("text"), World::system());
    let drive: Arc<dyn Drive> = open_formatted(&slot).await.expect("formatted");
    drive.make_bucket("bucket").await.expect("made");
    let mut names: BTreeSet<String> = (0..30).map(|number| format!("n{number:02}")).collect();
    names.extend(["d", "d1", "d1-", "d2"].iter().flat_map(|dir| (0..5).map(move |at| format!("{dir}/o{at}"))));
    names.extend((0..20).map(|at| format!("d1/e{at}/o")));
    names.extend(["d1-o", "d1.", "d0", "d1/e1-", "d1/e1.x"].map(str::to_owned));
    let mut id = 0;
    for name in &names {
        id += 1;
        commit(&*drive, id, name, Sample::new(0, 1).inline(b"x")).await;
    }
    check(&*drive, &names).await;
    for (round, change) in
        ["n07", "d1/o3", "d/o0", "d1-o", "d1/e7/o", "n99", "d1/new/o", "a", "d1/e1"].iter().enumerate()
    {
        id += 1;
        if names.remove(*change) {
            commit(&*drive, id, change, remove(0)).await;
        } else {
            names.insert((*change).to_owned());
            // What is below an object isn't walked.
            let below = format!("{change}/");
            names.retain(|name| !name.starts_with(&below));
            commit(&*drive, id, change, Sample::new(0, 1).inline(b"x")).await;
        }
        if round % 4 == 0 {
            check(&*drive, &names).await;
        } else {
            let all = WalkOptions { recursive: true, ..WalkOptions::default() };
            assert_eq!(walk(&*drive, all.clone()).await, expected(&names, &all), "{change}");
        }
    }
    check(&*drive, &names).await;
    drive.close().await;
}

async fn commit(drive: &dyn Drive, id: u128, name: &str, change: crate::Change) {
    let commit = write(id, "bucket", name, change);
    let id = commit.id;
    drive.commit(commit).await.expect("done");
    drive.settle(id).await.expect("settled");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "what is done to the drive behind its back")]
async fn repairs_see_what_became_of_the_drive_behind_its_back() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let slot = LocalSlot::plain(folder.path().join("drive").to_str().expect("text"), World::system());
    let drive: Arc<dyn Drive> = open_formatted(&slot).await.expect("formatted");
    drive.make_bucket("bucket").await.expect("made");
    for (id, name) in (1..).zip(["a", "b", "c"]) {
        commit(&*drive, id, name, Sample::new(0, 1).inline(b"x")).await;
        drive.read_meta("bucket", name).await.expect("there");
    }
    let all = WalkOptions { recursive: true, ..WalkOptions::default() };
    assert_eq!(walk(&*drive, all.clone()).await, ["a", "b", "c"]);
    let bucket = folder.path().join("drive/bucket");
    while ["a", "b", "c"].iter().any(|name| !bucket.join(name).join("xl.meta").exists()) {
        tokio::task::yield_now().await;
    }
    // Whoever removes such a file waits for the one that is being written.
    drive.remove_file("none/xl.meta").await.expect("missing is fine");
    std::fs::remove_file(bucket.join("a/xl.meta")).expect("removed");
    std::fs::remove_dir_all(bucket.join("b")).expect("removed");
    assert_eq!(walk(&*drive, WalkOptions { anew: true, ..all.clone() }).await, ["c"]);
    assert_eq!(walk(&*drive, all).await, ["c"], "what a repair has seen is known");
    drive.read_meta("bucket", "c").await.expect("there");
    std::fs::remove_file(bucket.join("c/xl.meta")).expect("removed");
    assert!(drive.read_meta("bucket", "c").await.is_ok(), "nobody looked");
    assert!(drive.read_meta_anew("bucket", "c").await.is_err());
    assert!(drive.read_meta("bucket", "c").await.is_err());
    drive.close().await;
}
