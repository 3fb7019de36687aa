//! What the drives say about the parts of an upload.

use super::Address;
use crate::gather::Gather;
use crate::layout::Layout;
use crate::quorum::{Agreed, most_frequent};
use crate::set::{Drives, Set};
use crate::{Store, StoreError, UploadedPart};
use bytes::Bytes;
use drive::{DriveError, DriveResult};
use format::part_record::PartRecord;
use format::xl::{ObjectVersion, Version};
use std::collections::BTreeSet;
use std::sync::Arc;

/// An upload as its record on the drives tells.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) set: Arc<Set>,
    /// `multipart/<H>/<U>`.
    pub(crate) path: String,
    /// The object to be, still without parts.
    pub(crate) object: ObjectVersion,
    pub(crate) layout: Layout,
}

/// A part as enough drives have it.
#[derive(Debug)]
pub(crate) struct AgreedPart {
    pub(crate) record: PartRecord,
    /// The record as stored.
    pub(crate) bytes: Bytes,
    /// By position: whether the drive has the part with this very record.
    pub(crate) holders: Vec<bool>,
}

impl AgreedPart {
    pub(super) fn info(&self) -> UploadedPart {
        let record = &self.record;
        UploadedPart {
            number: record.number,
            etag: record.etag.clone(),
            size: record.size,
            actual_size: u64::try_from(record.actual_size).unwrap_or(record.size),
            mod_time: record.mod_time,
            checksums: record.checksums.clone(),
        }
    }
}

impl Store {
    /// All parts of an upload, by number. [`StoreError::UploadNotFound`].
    pub async fn list_parts(&self, bucket: &str, key: &str, upload_id: &str) -> Result<Vec<UploadedPart>, StoreError> {
        self.bucket(bucket).await?;
        let found = self.find_upload(Address::new(self, bucket, key, upload_id)?).await?;
        let drives = found.record.set.drives();
        let numbers = found.record.numbers(&drives).await?;
        let parts = found.record.parts(&drives, &numbers).await?;
        Ok(parts.iter().flatten().map(AgreedPart::info).collect())
    }
}

impl Record {
    /// [`StoreError::Damaged`] if what the drives agree on can't be an upload.
    pub(crate) fn new(set: Arc<Set>, path: String, agreed: Agreed) -> Result<Self, StoreError> {
        let damaged = |reason: String| StoreError::Damaged { what: format!("the record of upload '{path}'"), reason };
        let Version::Object(object) = agreed.version else {
            return Err(damaged("it isn't one of an object".to_owned()));
        };
        if object.distribution.len() != set.size() {
            return Err(damaged("it was written to a set of another size".to_owned()));
        }
        let layout = Layout::of(&object).map_err(|error| damaged(error.to_string()))?;
        Ok(Record { set, path, object, layout })
    }

    /// Drives that must have a part for it to count.
    fn read_quorum(&self) -> usize {
        self.layout.geometry.data()
    }

    /// The numbers of the parts that any drive has.
    pub(crate) async fn numbers(&self, drives: &Drives) -> Result<Vec<u32>, StoreError> {
        let questions = drives
            .iter()
            .enumerate()
            .filter_map(|(at, drive)| Some((at, drive.as_ref()?.list_parts(&self.path, self.object.data_dir))));
        let answers = Gather::new(questions).all(drives.len()).await;
        self.check_answered(&answers)?;
        let numbers: BTreeSet<u32> = answers.into_iter().flatten().flatten().flatten().collect();
        Ok(numbers.into_iter().collect())
    }

    /// The parts asked for, in that order; `None` for those that too few drives have alike.
    pub(crate) async fn parts(&self, drives: &Drives, numbers: &[u32]) -> Result<Vec<Option<AgreedPart>>, StoreError> {
        let questions = drives.iter().enumerate().filter_map(|(at, drive)| {
            Some((at, drive.as_ref()?.read_parts(&self.path, self.object.data_dir, numbers)))
        });
        let answers = Gather::new(questions).all(drives.len()).await;
        self.check_answered(&answers)?;
        let answers: Vec<Option<Vec<DriveResult<Bytes>>>> =
            answers.into_iter().map(|answer| answer.and_then(Result::ok)).collect();
        Ok(numbers.iter().enumerate().map(|(index, &number)| self.agreed(&answers, index, number)).collect())
    }

    fn agreed(&self, answers: &[Option<Vec<DriveResult<Bytes>>>], index: usize, number: u32) -> Option<AgreedPart> {
        let of_drive = |answer: &Option<Vec<DriveResult<Bytes>>>| answer.as_ref()?.get(index)?.as_ref().ok().cloned();
        let records: Vec<Option<Bytes>> = answers.iter().map(of_drive).collect();
        let (bytes, count) = most_frequent(records.iter().flatten().cloned())?;
        if count < self.read_quorum() {
            return None;
        }
        let record =
            PartRecord::parse(&bytes).ok().filter(|record| record.number == number && record.error.is_empty())?;
        let holders = records.iter().map(|other| other.as_ref() == Some(&bytes)).collect();
        Some(AgreedPart { record, bytes, holders })
    }

    /// With too few answers nothing can be said about the parts.
    fn check_answered<T>(&self, answers: &[Option<DriveResult<T>>]) -> Result<(), StoreError> {
        let told = |answer: &&Option<DriveResult<T>>| match answer {
            Some(Ok(_)) => true,
            Some(Err(error)) => error.is_absence(),
            None => false,
        };
        let (got, needed) = (answers.iter().filter(told).count(), self.read_quorum());
        if got >= needed {
            return Ok(());
        }
        let error = answers.iter().flatten().find_map(|answer| answer.as_ref().err());
        let cause = error.map_or_else(|| "drives are offline".to_owned(), DriveError::to_string);
        let what = format!("the parts of upload '{}'", self.path);
        Err(StoreError::ReadQuorum { what, got, needed, cause })
    }
}
