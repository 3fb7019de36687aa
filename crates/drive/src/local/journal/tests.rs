//! The bytes of the journal, and what is made of damage.

use super::entry::{CommitEntry, Entry, PutBack, UndoEntry};
use super::frame::{self, BLOCK, Found, Frame, Head};
use super::scan::{Broken, Scan, scan};
use crate::local::record::{Digest, Record};
use base::Timestamp;
use bytes::Bytes;
use std::sync::Arc;
use uuid::Uuid;

const DRIVE: Uuid = Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);
const SEGMENT: usize = 16 * BLOCK;

fn record() -> Record {
    Record {
        id: Uuid::from_u128(5),
        bucket: "bucket".into(),
        object: "dir/a".into(),
        version_id: Uuid::from_u128(7),
        mod_time: Timestamp::from_nanos(1_700_000_000_000_000_001),
        removal: false,
        new_data_dir: Uuid::from_u128(9),
        upload: None,
        replaced: vec!["legacy".into()],
        new: Some(Digest::of(b"new")),
        previous: Some(Bytes::from_static(b"previous")),
    }
}

fn entries() -> Vec<Entry> {
    let commit = CommitEntry {
        record: Arc::new(record()),
        new: Some(Bytes::from_static(b"new")),
        staged: Some(Uuid::from_u128(11)),
        decided: true,
    };
    let undo = UndoEntry {
        id: Uuid::from_u128(5),
        bucket: "bucket".into(),
        object: "dir/a".into(),
        put_back: PutBack::Meta(Bytes::from_static(b"previous")),
        data_dir: Uuid::from_u128(9),
        upload: Some("multipart/h/u".into()),
    };
    vec![
        Entry::Commit(CommitEntry { new: None, staged: None, decided: false, ..commit.clone() }),
        Entry::Commit(commit),
        Entry::Settled { id: Uuid::from_u128(5) },
        Entry::Undo(UndoEntry { put_back: PutBack::Nothing, upload: None, ..undo.clone() }),
        Entry::Undo(UndoEntry { put_back: PutBack::Removal, ..undo.clone() }),
        Entry::Undo(undo),
        Entry::RemoveTree { path: "bucket/dir".into() },
        Entry::MakeBucket { bucket: "bucket".into() },
        Entry::Elsewhere { path: ".minio.sys/rustfs/journal/entry-1".into(), checksum: 13 },
    ]
}

fn head(sequence: u64) -> Head {
    Head { drive: DRIVE, epoch: 3, sequence, cut: 0 }
}

fn sample_frame() -> Bytes {
    let entries: Vec<Bytes> = entries().iter().map(Entry::encode).collect();
    frame::encode(Head { cut: 1, ..head(2) }, &entries)
}

/// A change of these bytes is a change of the format and needs a new version number.
#[test]
fn frames_are_written_as_documented() {
    let golden = include_str!("golden.hex").split_whitespace().collect::<String>();
    let bytes = sample_frame();
    assert_eq!(bytes.len() % BLOCK, 0);
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("it isn't empty") + 1;
    assert_eq!(hex::encode(&bytes[..end]), golden);
}

#[test]
fn frames_and_entries_are_read_as_written() {
    let Found::Frame(frame, size) = frame::read(&sample_frame()) else { panic!("it is a frame") };
    assert_eq!(size, BLOCK);
    assert_eq!(frame.head, Head { cut: 1, ..head(2) });
    let read: Vec<Entry> = frame.entries.iter().map(|entry| Entry::decode(entry).expect("it was written")).collect();
    assert_eq!(read, entries());
}

#[test]
fn frames_with_any_byte_changed_or_missing_are_none() {
    let bytes = sample_frame();
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("it isn't empty") + 1;
    for at in 0..end {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1;
        assert_eq!(frame::read(&changed.into()), Found::Nothing, "byte {at}");
        assert_eq!(frame::read(&bytes.slice(..at)), Found::Nothing, "cut at {at}");
    }
}

#[test]
fn frames_torn_at_any_sector_are_none() {
    const SECTOR: usize = 512;
    let long = vec![Bytes::from(vec![b'x'; 3 * BLOCK])];
    let bytes = frame::encode(head(1), &long);
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("it isn't empty") + 1;
    for sector in 0..end.div_ceil(SECTOR) {
        let mut torn = bytes.to_vec();
        torn[sector * SECTOR..(sector + 1) * SECTOR].fill(0);
        assert_eq!(frame::read(&torn.into()), Found::Nothing, "sector {sector}");
    }
}

#[test]
fn entries_cut_short_or_with_something_behind_are_refused() {
    for entry in entries() {
        let bytes = entry.encode();
        for at in 0..bytes.len() {
            Entry::decode(&bytes.slice(..at)).expect_err("it is cut short");
        }
        Entry::decode(&[&bytes[..], b"x"].concat().into()).expect_err("there is something behind");
    }
}

#[test]
fn frames_of_a_later_format_are_not_guessed_at() {
    let mut bytes = frame::encode(head(1), &[]).to_vec();
    bytes[8] = 2;
    let checksum = xxhash_rust::xxh3::xxh3_64(&bytes[..64]);
    bytes[64..72].copy_from_slice(&checksum.to_le_bytes());
    let bytes = Bytes::from(bytes);
    assert_eq!(frame::read(&bytes), Found::UnknownVersion(2));
    assert_eq!(scan(DRIVE, &[bytes]), Err(Broken::UnknownVersion(2)));
}

/// A segment with these frames one after the other, then zeros.
fn segment(frames: &[Bytes]) -> Bytes {
    let mut bytes = frames.concat();
    bytes.resize(SEGMENT, 0);
    bytes.into()
}

fn numbered(sequence: u64, cut: u64) -> Bytes {
    frame::encode(Head { cut, ..head(sequence) }, &[Entry::Settled { id: Uuid::from_u128(sequence.into()) }.encode()])
}

fn live(segments: &[Bytes]) -> Vec<u64> {
    let scan = scan(DRIVE, segments).expect("nothing is wrong with it");
    scan.live.iter().map(|frame: &Frame| frame.head.sequence).collect()
}

#[test]
fn an_empty_journal_has_nothing() {
    assert_eq!(scan(DRIVE, &[]), Ok(Scan::default()));
    assert_eq!(scan(DRIVE, &[segment(&[]), segment(&[])]), Ok(Scan::default()));
}

#[test]
fn a_torn_last_frame_is_the_end() {
    let mut torn = numbered(3, 0).to_vec();
    torn[70] ^= 1;
    assert_eq!(live(&[segment(&[numbered(1, 0), numbered(2, 0), torn.into()])]), [1, 2]);
}

#[test]
fn a_torn_frame_before_whole_ones_is_damage() {
    let mut torn = numbered(2, 0).to_vec();
    torn[70] ^= 1;
    let torn = Bytes::from(torn);
    let broken = Err(Broken::Hole { missing: 2, last: 3 });
    assert_eq!(scan(DRIVE, &[segment(&[numbered(1, 0), torn.clone(), numbered(3, 0)])]), broken);
    assert_eq!(scan(DRIVE, &[segment(&[numbered(1, 0), torn.clone()]), segment(&[numbered(3, 0)])]), broken);
    assert_eq!(live(&[segment(&[numbered(1, 0), torn, numbered(3, 2)])]), [3], "what is cut may be damaged");
}

#[test]
fn frames_are_in_order_whatever_segment_they_are_in() {
    assert_eq!(live(&[segment(&[numbered(3, 0)]), segment(&[numbered(1, 0), numbered(2, 0)])]), [1, 2, 3]);
}

#[test]
fn what_is_cut_and_what_was_written_over_is_left_out() {
    let written_over = segment(&[numbered(5, 3), numbered(2, 0), numbered(3, 0)]);
    assert_eq!(live(&[written_over, segment(&[numbered(4, 3)])]), [4, 5]);
}

#[test]
fn frames_of_earlier_epochs_and_of_other_drives_count_for_nothing() {
    let earlier = frame::encode(Head { epoch: 2, ..head(9) }, &[]);
    let foreign = frame::encode(Head { drive: Uuid::from_u128(1), epoch: 8, ..head(7) }, &[]);
    let scan = scan(DRIVE, &[segment(&[earlier, numbered(1, 0), foreign])]).expect("nothing is wrong with it");
    assert_eq!(scan.epoch, 3);
    assert_eq!(scan.live.len(), 1);
}

#[test]
fn the_next_frame_goes_where_it_destroys_nothing() {
    let place = |segments: &[Bytes]| {
        let next = scan(DRIVE, segments).expect("nothing is wrong with it").next.expect("there is room");
        (next.sequence, next.segment, next.offset)
    };
    assert_eq!(place(&[segment(&[numbered(1, 0)]), segment(&[])]), (2, 0, BLOCK));
    let full: Vec<Bytes> = (1..=16).map(|sequence| numbered(sequence, 0)).collect();
    assert_eq!(place(&[segment(&full), segment(&[])]), (17, 1, 0));
    let after: Vec<Bytes> = (17..=32).map(|sequence| numbered(sequence, if sequence == 32 { 16 } else { 0 })).collect();
    assert_eq!(place(&[segment(&full), segment(&after)]), (33, 0, 0));
}
