//! Every behaviour of a drive, shown by a directory of this machine.

use base::World;
use rustfs_drive::LocalSlot;
use rustfs_drive::conformance::{ALL, Bed};
use std::sync::Arc;

#[test]
fn a_directory_behaves_as_a_drive() {
    for (name, behaviour) in ALL {
        println!("{name}");
        let folder = tempfile::tempdir().expect("a folder for the test");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime for the test");
        runtime.block_on(async {
            let path = folder.path().join("drive");
            let slot = LocalSlot::plain(path.to_str().expect("the folder's name is text"), World::system());
            behaviour(&Bed::new(Arc::new(slot))).await;
        });
    }
}
