//! UploadPart: a body becomes a part on every drive.

use super::{Address, Found};
use crate::gather::Gather;
use crate::lock::NameGuard;
use crate::quorum::write_error;
use crate::stage::{StageRequest, Staged, stage};
use crate::{PartSeal, SealPart, Store, StoreError, UploadedPart};
use base::ByteStream;
use bytes::Bytes;
use drive::{DriveError, DriveResult};
use format::names::SYSTEM_BUCKET;
use format::part_record::PartRecord;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The locks that a part is put under: the upload's, shared, and the part's.
pub(super) type PartGuards = Vec<NameGuard>;

impl Store {
    /// Stores a part, in the place of an earlier one with its number. `seal` is called when the body has ended,
    /// before the part is visible. [`StoreError::UploadNotFound`].
    #[expect(clippy::too_many_arguments, reason = "an upload's address and a body's, both needed")]
    pub async fn put_part(
        &self,
        bucket: &str,
        key: &str,
        upload_id: &str,
        number: u32,
        size: Option<u64>,
        mut body: ByteStream,
        seal: SealPart,
    ) -> Result<UploadedPart, StoreError> {
        self.bucket(bucket).await?;
        let found = Arc::new(self.find_upload(Address::new(self, bucket, key, upload_id)?).await?);
        let staged = self.stage_part(&found, number, size, &mut body).await?;
        let PartSeal { etag, checksums, actual_size, index } = seal(staged.size).map_err(StoreError::Rejected)?;
        drop(body);
        let record = PartRecord {
            etag,
            number,
            size: staged.size,
            actual_size: i64::try_from(actual_size.unwrap_or(staged.size)).unwrap_or(i64::MAX),
            mod_time: self.inner.world().clock.now(),
            checksums,
            index,
            ..PartRecord::default()
        };
        let path = &found.address.path;
        let shared = self.inner.locks.read(SYSTEM_BUCKET, path).await?;
        let part = self.inner.lock(SYSTEM_BUCKET, &format!("{path}/{number}")).await?;
        if self.inner.uploads.has_ended(path) {
            return Err(found.address.not_found());
        }
        // Drives that are still busy with the upload's own record would refuse the part.
        self.inner.shared.commits.all_answered(self.inner.world(), SYSTEM_BUCKET, path).await;
        let bytes = Bytes::from(record.encode());
        self.place_part(&found, number, bytes.clone(), staged, vec![part, shared]).await?;
        let holders = Vec::new();
        Ok(super::records::AgreedPart { record, bytes, holders }.info())
    }

    pub(super) async fn stage_part(
        &self,
        found: &Found,
        number: u32,
        size: Option<u64>,
        body: &mut ByteStream,
    ) -> Result<Staged, StoreError> {
        let request = StageRequest {
            set: &found.record.set,
            bucket: &found.address.bucket,
            key: &found.address.key,
            layout: &found.record.layout,
            data_dir: found.record.object.data_dir,
            part: number,
            size,
        };
        stage(&self.inner.memory, request, body).await
    }

    /// Moves a staged part into the upload on every drive that has it. Answers at the write quorum; goes on, with the
    /// locks held, until every drive has answered, also if the caller is dropped. Where it fails, no drive keeps it.
    pub(super) async fn place_part(
        &self,
        found: &Arc<Found>,
        number: u32,
        record: Bytes,
        staged: Staged,
        guards: PartGuards,
    ) -> Result<(), StoreError> {
        let (sender, outcome) = oneshot::channel();
        let placing = Placing { found: Arc::clone(found), number, record, staged };
        self.inner.world().tasks.spawn(async move {
            placing.run(sender).await;
            drop(guards);
        });
        outcome.await.unwrap_or(Err(StoreError::Closing))
    }
}

/// A part on its way from staging into its upload.
struct Placing {
    found: Arc<Found>,
    number: u32,
    record: Bytes,
    staged: Staged,
}

impl Placing {
    async fn run(self, sender: oneshot::Sender<Result<(), StoreError>>) {
        let quorum = self.found.record.layout.write_quorum();
        let positions = self.staged.drives.len();
        let mut sender = Some(sender);
        let mut answers: Vec<Option<DriveResult<()>>> = (0..positions).map(|_| None).collect();
        let mut placing = Gather::new(self.questions());
        while let Some((position, answer)) = placing.next().await {
            answers[position] = Some(answer);
            if done(&answers) >= quorum
                && let Some(sender) = sender.take()
            {
                // Whoever asked may have gone; the part is there all the same.
                let _gone = sender.send(Ok(()));
            }
        }
        drop(placing);
        let done = done(&answers);
        if done == positions {
            self.staged.files.handed_over();
            return;
        }
        if done >= quorum {
            let record = &self.found.record;
            record.set.heal_later(SYSTEM_BUCKET, &record.path, None, false);
        } else {
            let error = self.error(&answers, done);
            self.take_back(&answers).await;
            if let Some(sender) = sender {
                let _gone = sender.send(Err(error));
            }
        }
    }

    fn questions(&self) -> Vec<(usize, BoxFuture<'_, DriveResult<()>>)> {
        let (path, data_dir) = (&self.found.record.path, self.found.record.object.data_dir);
        let token = self.staged.files.token();
        let with_shard = self.staged.drives.iter().enumerate().filter(|(at, _)| self.staged.has_shard[*at]);
        with_shard
            .filter_map(|(at, drive)| {
                let drive = drive.as_ref()?;
                Some((at, drive.put_part(path, data_dir, self.number, token, self.record.clone())))
            })
            .collect()
    }

    /// Too few drives have the part: none keeps it, or what it had half made of it.
    async fn take_back(&self, answers: &[Option<DriveResult<()>>]) {
        let (path, data_dir) = (&self.found.record.path, self.found.record.object.data_dir);
        let asked = self.staged.drives.iter().enumerate().filter(|(at, _)| answers[*at].is_some());
        let questions =
            asked.filter_map(|(at, drive)| Some((at, drive.as_ref()?.remove_part(path, data_dir, self.number))));
        for error in Gather::new(questions).all(answers.len()).await.into_iter().flatten().filter_map(Result::err) {
            tracing::debug!(%error, "a part that failed stays on a drive");
        }
    }

    fn error(&self, answers: &[Option<DriveResult<()>>], done: usize) -> StoreError {
        let errors: Vec<&DriveError> = answers.iter().flatten().filter_map(|answer| answer.as_ref().err()).collect();
        let absent = errors.iter().filter(|error| error.is_absence()).count();
        if absent > answers.len() / 2 {
            return self.found.address.not_found();
        }
        let address = &self.found.address;
        write_error(&errors, done, self.found.record.layout.write_quorum(), &address.bucket, &address.key)
    }
}

fn done(answers: &[Option<DriveResult<()>>]) -> usize {
    answers.iter().flatten().filter(|answer| answer.is_ok()).count()
}
