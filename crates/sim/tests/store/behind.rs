//! A drive that has missed one change to a name and is alone with the next when the power goes: taking that back leaves it
//! with what was there before both.

use crate::bodies::Body;
use crate::clients::{metadata, seal};
use crate::disks::differences;
use crate::run::{BUCKET, FOUR_TWO, Run, Shape, TWO_TWO};
use rustfs_sim::model::Op;
use rustfs_sim::{Call, Fault};
use rustix::io::Errno;
use std::time::Duration;
use store::{ObjectInfo, PutRequest, StorageClass, Store, StoreError, Versioning, WriteConditions};

const KEY: &str = "a";

async fn put(store: &Store, op: Op) -> Result<ObjectInfo, StoreError> {
    let size = 300;
    let request = PutRequest {
        bucket: BUCKET.to_owned(),
        key: KEY.to_owned(),
        size: Some(size),
        versioning: Versioning::Off,
        storage_class: StorageClass::Standard,
        metadata: metadata(op),
        conditions: WriteConditions::default(),
        mod_time: None,
    };
    let body = Body::of(op, usize::try_from(size).expect("small"));
    store.put_object(request, body.stream(300), seal(op)).await
}

/// `first`: there was something before the change that the drive missed.
fn behind(shape: Shape, bay: usize, first: bool) {
    let run = Run::new(shape, 1);
    let acknowledged = run.live(None, async || {
        let store = run.open().await.expect("it opens");
        if first {
            put(&store, 1).await.expect("stored");
        }
        run.sleep(Duration::from_secs(5)).await;
        let disk = run.machine.disk(bay);
        disk.fail(Fault::every(Call::Access, Errno::ACCESS).at(BUCKET));
        put(&store, 2).await.expect("the others have it");
        // Before the healer is at it.
        disk.clear_faults();
        (0..shape.drives).filter(|&other| other != bay).for_each(|other| run.machine.stall(other, true));
        tokio::select! {
            last = put(&store, 3) => panic!("too few drives have it: {last:?}"),
            () = run.sleep(Duration::from_secs(3)) => {}
        }
    });
    assert!(acknowledged.is_some(), "the power stays on");
    run.live(None, async || {
        let store = run.open().await.expect("it opens");
        let info = store.object_info(BUCKET, KEY, None).await.expect("it is there");
        assert_eq!(info.metadata.user.get("etag").map(String::as_str), Some("e2"), "what was acknowledged last");
        run.sleep(Duration::from_secs(30)).await;
        store.close().await;
    });
    assert_eq!(differences(&run), Vec::<String>::new(), "{shape:?}, drive {bay}");
}

#[test]
fn a_drive_that_is_two_changes_behind_is_healed_after_a_crash() {
    for shape in [TWO_TWO, FOUR_TWO] {
        for bay in 0..shape.drives {
            behind(shape, bay, true);
            behind(shape, bay, false);
        }
    }
}
