//! The journal of a drive, and records of commits in doubt (docs/durability.md, docs/drives.md).

use crate::InspectError;
use crate::meta::time_text;
use bytes::Bytes;
use drive::journal_frame::{BLOCK, Found, read};
use drive::{DoubtRecord, JournalEntry, PutBack};
use serde_json::{Value, json};

/// Whether a frame stands in any block: segments are zeros where nothing was written.
pub(crate) fn is_segment(bytes: &Bytes) -> bool {
    bytes.len() >= BLOCK && bytes.len().is_multiple_of(BLOCK) && blocks(bytes).next().is_some()
}

enum Block {
    Frame(drive::journal_frame::Frame, usize),
    Unknown(u16),
}

fn blocks(bytes: &Bytes) -> impl Iterator<Item = (usize, Block)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let begin = at;
            match read(&bytes.slice(at..)) {
                Found::Nothing => at += BLOCK,
                Found::UnknownVersion(version) => {
                    at += BLOCK;
                    return Some((begin, Block::Unknown(version)));
                }
                Found::Frame(frame, size) => {
                    at += size.max(BLOCK);
                    return Some((begin, Block::Frame(frame, size)));
                }
            }
        }
        None
    })
}

pub(crate) fn segment(bytes: &Bytes) -> Result<Value, InspectError> {
    let frames: Vec<Value> = blocks(bytes)
        .map(|(offset, block)| match block {
            Block::Unknown(version) => json!({"offset": offset, "unknown version": version}),
            Block::Frame(frame, size) => json!({
                "offset": offset, "bytes": size, "drive": frame.head.drive.to_string(), "epoch": frame.head.epoch,
                "sequence": frame.head.sequence, "durable up to": frame.head.cut,
                "changes": frame.entries.iter().map(entry).collect::<Vec<_>>(),
            }),
        })
        .collect();
    Ok(json!({"bytes": bytes.len(), "frames": frames}))
}

fn entry(bytes: &Bytes) -> Value {
    match JournalEntry::decode(bytes) {
        Err(reason) => json!({"error": reason}),
        Ok(JournalEntry::Commit(commit)) => json!({
            "change": "commit", "commit": record(&commit.record), "xl.meta": commit.new.as_ref().map_or(0, Bytes::len),
            "staged": commit.staged.map(|staged| staged.to_string()), "decided": commit.decided,
        }),
        Ok(JournalEntry::Settled { id }) => json!({"change": "settled", "id": id.to_string()}),
        Ok(JournalEntry::Undo(undo)) => json!({
            "change": "taken back", "id": undo.id.to_string(), "bucket": undo.bucket, "object": undo.object,
            "put back": match &undo.put_back {
                PutBack::Nothing => "nothing".to_owned(),
                PutBack::Meta(bytes) => format!("xl.meta of {} bytes", bytes.len()),
                PutBack::Removal => "removal".to_owned(),
            },
        }),
        Ok(JournalEntry::RemoveTree { path }) => json!({"change": "removal of a tree", "path": path}),
        Ok(JournalEntry::MakeBucket { bucket }) => json!({"change": "new bucket", "bucket": bucket}),
        Ok(JournalEntry::Elsewhere { path, .. }) => json!({"change": "in a file of its own", "path": path}),
    }
}

fn record(record: &DoubtRecord) -> Value {
    json!({
        "id": record.id.to_string(), "bucket": record.bucket, "object": record.object,
        "version": format::xl::id_text(record.version_id), "modified": time_text(record.mod_time), "removal": record.removal,
        "data directory": record.new_data_dir.to_string(), "upload": record.upload, "replaces": record.replaced,
        "previous xl.meta": record.previous.as_ref().map_or(0, Bytes::len),
    })
}

pub(crate) fn doubt(bytes: &Bytes) -> Result<Value, InspectError> {
    DoubtRecord::decode(bytes)
        .map(|decoded| record(&decoded))
        .map_err(|error| InspectError::broken("doubt record", error))
}
