//! The behaviours that every drive must show, whatever it is made of: each a function over a place where a new
//! drive can be opened, closed and opened again. They panic where a drive doesn't behave.

mod buckets;
mod commits;
mod files;
mod outcomes;
mod shards;
mod uploads;
mod walks;

use crate::testing::{Sample, open_formatted, write};
use crate::{Change, Drive, DriveError, DriveResult, Slot, Staging};
use bytes::Bytes;
use format::xl::XlMeta;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// A place for one drive, empty at first.
#[derive(Debug)]
pub struct Bed {
    slot: Arc<dyn Slot>,
    next_id: AtomicU64,
}

/// One behaviour.
pub type Behaviour = for<'a> fn(&'a Bed) -> BoxFuture<'a, ()>;

macro_rules! behaviours {
    ($($name:path),* $(,)?) => {
        /// All of them, by name. Each wants a place of its own.
        pub const ALL: &[(&str, Behaviour)] = &[$((stringify!($name), |bed| Box::pin($name(bed)))),*];
    };
}

behaviours![
    buckets::are_made_listed_and_deleted,
    buckets::with_objects_are_not_deleted_unless_forced,
    buckets::that_are_missing_are_said_to_be,
    commits::write_what_is_read,
    commits::need_a_bucket,
    commits::add_versions_in_order,
    commits::replace_a_version_and_its_data,
    commits::never_replace_a_newer_version,
    commits::keep_inline_data_when_asked_to,
    commits::remove_versions_and_at_last_the_name,
    commits::remove_only_the_version_of_that_time,
    commits::keep_data_that_two_versions_share,
    commits::heal_in_place,
    commits::purge_remains,
    commits::begin_anew_over_damage_which_can_be_put_back,
    commits::purge_damage_and_the_data_beside_it,
    commits::leave_children_of_the_name_alone,
    commits::refuse_names_that_lead_elsewhere,
    commits::refuse_names_below_a_file,
    commits::are_applied_in_the_order_of_the_calls,
    commits::go_on_when_nobody_waits,
    commits::agree_in_their_digest,
    outcomes::undo_a_first_version,
    outcomes::undo_an_overwrite,
    outcomes::undo_a_removal,
    outcomes::undo_nothing_that_was_overwritten_since,
    outcomes::of_unknown_commits_are_fine,
    outcomes::wait_for_their_commit,
    outcomes::survive_reopening_and_are_settled,
    outcomes::survive_reopening_and_are_undone,
    outcomes::settled_are_not_in_doubt,
    shards::are_read_as_written,
    shards::that_are_short_are_corrupt,
    shards::discarded_are_gone,
    shards::without_a_finish_cannot_be_written_after_failure,
    uploads::take_parts_and_complete,
    uploads::replace_a_part,
    uploads::undone_can_be_completed_again,
    uploads::that_are_gone_take_no_parts,
    walks::are_in_the_order_of_decoded_names,
    walks::stop_at_the_first_slash,
    walks::begin_where_asked,
    walks::do_not_descend_below_objects,
    walks::hide_directories_without_objects,
    walks::come_in_batches,
    walks::report_names_that_cannot_be_read,
    files::are_replaced_whole,
    files::of_trees_go_at_once,
    files::are_tidied_up,
    files::in_use_are_refused_to_a_second_opener,
    files::after_closing_everything_fails,
];

impl Bed {
    pub fn new(slot: Arc<dyn Slot>) -> Self {
        Bed { slot, next_id: AtomicU64::new(1) }
    }

    /// The drive in service; it must not be open already.
    async fn open(&self) -> Arc<dyn Drive> {
        open_formatted(self.slot.as_ref()).await.expect("the drive opens")
    }

    /// A drive with a bucket `bucket`.
    async fn open_with_bucket(&self) -> Arc<dyn Drive> {
        let drive = self.open().await;
        drive.make_bucket(BUCKET).await.expect("the bucket is made");
        drive
    }

    async fn reopen(&self, drive: Arc<dyn Drive>) -> Arc<dyn Drive> {
        drive.close().await;
        drop(drive);
        self.open().await
    }

    fn id(&self) -> Uuid {
        Uuid::from_u128(self.next_id.fetch_add(1, Ordering::Relaxed).into())
    }

    /// A commit whose outcome is left open; its id.
    async fn begin(&self, drive: &dyn Drive, object: &str, change: Change) -> DriveResult<Uuid> {
        let id = self.id();
        drive.commit(write(id.as_u128(), BUCKET, object, change)).await.map(|_| id)
    }

    /// A commit that stands.
    async fn commit(&self, drive: &dyn Drive, object: &str, change: Change) -> DriveResult<()> {
        let id = self.begin(drive, object, change).await?;
        drive.settle(id).await
    }

    /// A shard file `part.1` in staging.
    async fn stage(&self, drive: &dyn Drive, sample: Sample, data: &'static [u8]) -> Staging {
        self.stage_part(drive, sample.data_dir, 1, data).await
    }

    async fn stage_part(&self, drive: &dyn Drive, data_dir: Uuid, part: u32, data: &'static [u8]) -> Staging {
        let staging = Staging(self.id());
        let size = Some(data.len() as u64);
        let mut writer = drive.stage_shard(staging, data_dir, part, size).await.expect("staging begins");
        writer.write(vec![Bytes::from_static(data)]).await.expect("the data is taken");
        writer.finish().await.expect("the data is synced");
        staging
    }
}

const BUCKET: &str = "bucket";

async fn meta(drive: &dyn Drive, object: &str) -> DriveResult<Arc<XlMeta>> {
    drive.read_meta(BUCKET, object).await
}

/// The inline data of a version.
async fn inline(drive: &dyn Drive, object: &str, version: Uuid) -> Option<Bytes> {
    meta(drive, object).await.expect("the name is there").inline.get(version).cloned()
}

/// The whole of a part file.
async fn part(drive: &dyn Drive, object: &str, data_dir: Uuid, part: u32) -> DriveResult<Bytes> {
    let reader = drive.open_shard(BUCKET, object, &data_dir.to_string(), part).await?;
    let length = usize::try_from(reader.len()).expect("a test's file is small");
    reader.read_at(0, length).await
}

/// The modification times of a name's versions, newest first.
async fn times(drive: &dyn Drive, object: &str) -> Vec<i64> {
    let meta = meta(drive, object).await.expect("the name is there");
    meta.versions.iter().map(|entry| entry.header.mod_time.nanos()).collect()
}

#[track_caller]
fn assert_absent<T: std::fmt::Debug>(result: DriveResult<T>) {
    assert!(matches!(result, Err(DriveError::NotFound { .. })), "{result:?}");
}
