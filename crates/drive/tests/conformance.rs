//! Every behaviour of a drive, shown by a directory of this machine, by each engine.

use base::World;
use rustfs_drive::conformance::{ALL, Bed};
use rustfs_drive::{Engine, LocalSlot, NewEngine, PlainEngine, UringEngine};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn behaves_as_a_drive<E: Engine + 'static>(engine: fn(&Path, bool) -> E) {
    for (name, behaviour) in ALL {
        println!("{name}");
        let folder = tempfile::tempdir().expect("a folder for the test");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime for the test");
        runtime.block_on(async {
            let path: PathBuf = folder.path().join("drive");
            let name = path.to_str().expect("the folder's name is text").to_owned();
            let new: NewEngine = Arc::new(move |create| Arc::new(engine(&path, create)));
            behaviour(&Bed::new(Arc::new(LocalSlot::new(&name, World::system(), new)))).await;
        });
    }
}

#[test]
fn a_directory_behaves_as_a_drive() {
    behaves_as_a_drive(PlainEngine::new);
}

#[test]
fn with_reads_by_a_ring_too() {
    behaves_as_a_drive(UringEngine::without_memory);
}

#[test]
fn and_where_the_kernel_gives_no_rings() {
    behaves_as_a_drive(UringEngine::without_rings);
}
