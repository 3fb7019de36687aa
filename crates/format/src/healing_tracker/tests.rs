use super::*;
use proptest::prelude::*;

/// The empty tracker, put together by hand from the list of keys in the format's description.
fn empty() -> Vec<u8> {
    const TEXT: &[u8] = &[0xa0];
    const ZERO: &[u8] = &[0];
    const LIST: &[u8] = &[0x90];
    const FALSE: &[u8] = &[0xc2];
    const TIME: &[u8] = &[0xc7, 12, 5, 0xff, 0xff, 0xff, 0xf1, 0x88, 0x6e, 9, 0, 0, 0, 0, 0];
    let fields: [(&str, &[u8]); 29] = [
        ("ID", TEXT),
        ("PoolIndex", ZERO),
        ("SetIndex", ZERO),
        ("DiskIndex", ZERO),
        ("Path", TEXT),
        ("Endpoint", TEXT),
        ("Started", TIME),
        ("LastUpdate", TIME),
        ("ObjectsTotalCount", ZERO),
        ("ObjectsTotalSize", ZERO),
        ("ItemsHealed", ZERO),
        ("ItemsFailed", ZERO),
        ("BytesDone", ZERO),
        ("BytesFailed", ZERO),
        ("Bucket", TEXT),
        ("Object", TEXT),
        ("ResumeItemsHealed", ZERO),
        ("ResumeItemsFailed", ZERO),
        ("ResumeItemsSkipped", ZERO),
        ("ResumeBytesDone", ZERO),
        ("ResumeBytesFailed", ZERO),
        ("ResumeBytesSkipped", ZERO),
        ("QueuedBuckets", LIST),
        ("HealedBuckets", LIST),
        ("HealID", TEXT),
        ("ItemsSkipped", ZERO),
        ("BytesSkipped", ZERO),
        ("RetryAttempts", ZERO),
        ("Finished", FALSE),
    ];
    let mut file = vec![0xde, 0, 29];
    for (key, value) in fields {
        file.push(0xa0 | u8::try_from(key.len()).unwrap());
        file.extend_from_slice(key.as_bytes());
        file.extend_from_slice(value);
    }
    file
}

#[test]
fn all_keys_are_written_in_order() {
    assert_eq!(HealingTracker::default().encode(), empty());
    assert_eq!(HealingTracker::parse(&empty().into()), Ok(HealingTracker::default()));
}

#[test]
fn an_empty_file_is_an_error() {
    assert_eq!(HealingTracker::parse(&Bytes::new()), Err(RecordError::Empty));
}

proptest! {
    #[test]
    fn each_field_comes_back_to_its_place(
        texts in proptest::array::uniform6(".{0,8}"), indices: [i64; 3], totals: [u64; 6], resume: [u64; 6], rest: [u64; 3],
        times: [i64; 2], queued in proptest::collection::vec(".*", 0..3), finished: bool,
    ) {
        let [drive_id, path, endpoint, bucket, object, heal_id] = texts;
        let tracker = HealingTracker {
            drive_id, path, endpoint, bucket, object, heal_id,
            pool_index: indices[0], set_index: indices[1], drive_index: indices[2],
            started: Timestamp::from_nanos(times[0]), last_update: Timestamp::from_nanos(times[1]),
            objects_total_count: totals[0], objects_total_size: totals[1], items_healed: totals[2],
            items_failed: totals[3], bytes_done: totals[4], bytes_failed: totals[5],
            resume_items_healed: resume[0], resume_items_failed: resume[1], resume_items_skipped: resume[2],
            resume_bytes_done: resume[3], resume_bytes_failed: resume[4], resume_bytes_skipped: resume[5],
            healed_buckets: queued.iter().rev().cloned().collect(), queued_buckets: queued,
            items_skipped: rest[0], bytes_skipped: rest[1], retry_attempts: rest[2],
            finished, unknown: UnknownFields::default(),
        };
        prop_assert_eq!(HealingTracker::parse(&tracker.encode().into()), Ok(tracker));
    }

    #[test]
    fn any_bytes_are_a_tracker_or_an_error(at in 0..400usize, byte: u8) {
        let mut file = empty();
        let at = at % file.len();
        file[at] = byte;
        let _ = HealingTracker::parse(&file.into());
    }
}
