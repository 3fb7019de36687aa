//! What a frame of the journal holds: one change to the names of a drive each. The bytes are described in
//! docs/durability.md.

use crate::local::fields::{Malformed, Rest, put_bytes, put_text};
use crate::local::record::{Record, RecordError};
use bytes::{BufMut, Bytes, BytesMut};
use std::sync::Arc;
use uuid::Uuid;

const COMMIT: u8 = 1;
const SETTLED: u8 = 2;
const UNDO: u8 = 3;
const REMOVE_TREE: u8 = 4;
const MAKE_BUCKET: u8 = 5;
const ELSEWHERE: u8 = 6;

const FLAG_DECIDED: u8 = 1;
const FLAG_STAGED: u8 = 2;
const FLAG_META: u8 = 4;

const PUT_NOTHING: u8 = 0;
const PUT_META: u8 = 1;
const PUT_REMOVAL: u8 = 2;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Commit(CommitEntry),
    /// The set's outcome of a commit is success.
    Settled {
        id: Uuid,
    },
    Undo(UndoEntry),
    /// A bucket, upload or prefix goes away as a whole; path below the drive's directory.
    RemoveTree {
        path: String,
    },
    MakeBucket {
        bucket: String,
    },
    /// An entry that is too long for a frame: it is in a file of its own.
    Elsewhere {
        path: String,
        checksum: u128,
    },
}

/// A commit: what the name's `xl.meta` becomes, which data moves, what it takes to undo it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitEntry {
    pub record: Arc<Record>,
    /// The new `xl.meta`, whole; `None` removes it.
    pub new: Option<Bytes>,
    /// The staging directory that the data comes from.
    pub staged: Option<Uuid>,
    /// It can't be undone: a repair, or a removal on a full drive.
    pub decided: bool,
}

/// A commit taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoEntry {
    /// The commit's.
    pub id: Uuid,
    pub bucket: String,
    pub object: String,
    pub put_back: PutBack,
    /// The data directory that the commit had moved into place; nil if there was none.
    pub data_dir: Uuid,
    /// The upload it came from, as a path below `.minio.sys`.
    pub upload: Option<String>,
}

/// What becomes of the name's `xl.meta`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutBack {
    /// It stays: the commit had not been applied, or something has come after it.
    Nothing,
    Meta(Bytes),
    Removal,
}

impl Entry {
    pub fn encode(&self) -> Bytes {
        match self {
            Entry::Commit(commit) => commit.encode(),
            Entry::Settled { id } => tagged(SETTLED, |out| out.put_slice(id.as_bytes())),
            Entry::Undo(undo) => undo.encode(),
            Entry::RemoveTree { path } => tagged(REMOVE_TREE, |out| put_text(out, path)),
            Entry::MakeBucket { bucket } => tagged(MAKE_BUCKET, |out| put_text(out, bucket)),
            Entry::Elsewhere { path, checksum } => tagged(ELSEWHERE, |out| {
                put_text(out, path);
                out.put_u128_le(*checksum);
            }),
        }
    }

    /// Why not: damage can't be the reason, as the frame's checksum was right.
    pub fn decode(bytes: &Bytes) -> Result<Entry, String> {
        parse(bytes).map_err(|Malformed| "an entry makes no sense".to_owned())
    }
}

fn tagged(tag: u8, fill: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut out = BytesMut::with_capacity(256);
    out.put_u8(tag);
    fill(&mut out);
    out.freeze()
}

impl CommitEntry {
    fn encode(&self) -> Bytes {
        let record = self.record.encode();
        let new = self.new.as_deref().unwrap_or_default();
        let mut out = BytesMut::with_capacity(32 + record.len() + new.len());
        out.put_u8(COMMIT);
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        out.put_u8(
            flag(self.decided, FLAG_DECIDED)
                | flag(self.staged.is_some(), FLAG_STAGED)
                | flag(self.new.is_some(), FLAG_META),
        );
        out.put_slice(self.staged.unwrap_or_default().as_bytes());
        put_bytes(&mut out, &record);
        put_bytes(&mut out, new);
        out.freeze()
    }

    fn decode(rest: &mut Rest) -> Result<Self, Malformed> {
        let [flags] = rest.array()?;
        let staged = rest.uuid()?;
        let record = Record::decode(&rest.bytes()?).map_err(|_: RecordError| Malformed)?;
        let new = rest.bytes()?;
        Ok(CommitEntry {
            record: Arc::new(record),
            new: (flags & FLAG_META != 0).then_some(new),
            staged: (flags & FLAG_STAGED != 0).then_some(staged),
            decided: flags & FLAG_DECIDED != 0,
        })
    }
}

impl UndoEntry {
    fn encode(&self) -> Bytes {
        tagged(UNDO, |out| {
            let (kind, meta) = match &self.put_back {
                PutBack::Nothing => (PUT_NOTHING, Bytes::new()),
                PutBack::Meta(meta) => (PUT_META, meta.clone()),
                PutBack::Removal => (PUT_REMOVAL, Bytes::new()),
            };
            out.put_u8(kind);
            out.put_slice(self.id.as_bytes());
            out.put_slice(self.data_dir.as_bytes());
            put_text(out, &self.bucket);
            put_text(out, &self.object);
            put_text(out, self.upload.as_deref().unwrap_or_default());
            put_bytes(out, &meta);
        })
    }

    fn decode(rest: &mut Rest) -> Result<Self, Malformed> {
        let [kind] = rest.array()?;
        let (id, data_dir) = (rest.uuid()?, rest.uuid()?);
        let (bucket, object, upload) = (rest.text()?, rest.text()?, rest.text()?);
        let meta = rest.bytes()?;
        let put_back = match kind {
            PUT_NOTHING => PutBack::Nothing,
            PUT_META => PutBack::Meta(meta),
            PUT_REMOVAL => PutBack::Removal,
            _ => return Err(Malformed),
        };
        let upload = Some(upload).filter(|upload| !upload.is_empty());
        Ok(UndoEntry { id, bucket, object, put_back, data_dir, upload })
    }
}

fn parse(bytes: &Bytes) -> Result<Entry, Malformed> {
    let mut rest = Rest { bytes: bytes.clone() };
    let [tag] = rest.array()?;
    let entry = match tag {
        COMMIT => Entry::Commit(CommitEntry::decode(&mut rest)?),
        SETTLED => Entry::Settled { id: rest.uuid()? },
        UNDO => Entry::Undo(UndoEntry::decode(&mut rest)?),
        REMOVE_TREE => Entry::RemoveTree { path: rest.text()? },
        MAKE_BUCKET => Entry::MakeBucket { bucket: rest.text()? },
        ELSEWHERE => Entry::Elsewhere { path: rest.text()?, checksum: u128::from_le_bytes(rest.array()?) },
        _ => return Err(Malformed),
    };
    rest.end()?;
    Ok(entry)
}
