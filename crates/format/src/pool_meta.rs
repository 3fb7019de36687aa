//! `pool.bin`: the pools of a deployment and whether they are being emptied, an object of the pseudo bucket with
//! a copy in every pool (section 10).

use crate::msgpack::{Error, Reader, UnknownFields, Writer};
use crate::record::{RecordError, STAMP, strip_stamp};
use base::Timestamp;
use bytes::Bytes;

/// The object's name in the pseudo bucket.
pub const POOL_META: &str = "pool.bin";

/// The version of the list.
const VERSION: u64 = 1;

/// The pools in the order of the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolMeta {
    pub pools: Vec<PoolStatus>,
    /// Unknown fields, kept.
    pub unknown: UnknownFields,
}

/// One pool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolStatus {
    /// The pool's index, from 0.
    pub id: i64,
    /// The pool's argument on the command line as typed: this identifies the pool.
    pub command_line: String,
    pub last_update: Timestamp,
    /// Set once the pool is to be emptied: it takes no new objects then.
    pub decommission: Option<Decommission>,
    /// Unknown fields, kept.
    pub unknown: UnknownFields,
}

/// How far the emptying of a pool has come. Sizes in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decommission {
    pub started: Timestamp,
    pub start_size: i64,
    pub total_size: i64,
    pub current_size: i64,
    pub complete: bool,
    pub failed: bool,
    pub canceled: bool,
    /// `bucket` or `bucket/prefix` each.
    pub queued_buckets: Vec<String>,
    pub done_buckets: Vec<String>,
    /// Where the work is.
    pub bucket: String,
    pub prefix: String,
    pub object: String,
    pub items_done: i64,
    pub items_failed: i64,
    pub bytes_done: i64,
    pub bytes_failed: i64,
    /// Unknown fields, kept.
    pub unknown: UnknownFields,
}

impl PoolMeta {
    /// Reads the object's content.
    pub fn parse(content: &Bytes) -> Result<PoolMeta, RecordError> {
        let map = strip_stamp(content)?;
        if map.is_empty() {
            return Err(RecordError::Empty);
        }
        let mut meta = PoolMeta::default();
        let mut unknown = UnknownFields::default();
        let mut version = 0;
        Reader::new(&map).fields(&mut unknown, |key, reader| {
            match key {
                b"v" => version = reader.uint()?,
                b"pls" => {
                    for _ in 0..reader.array_or_nil()?.unwrap_or(0) {
                        meta.pools.push(PoolStatus::read(reader)?);
                    }
                }
                _ => return Ok(false),
            }
            Ok::<_, Error>(true)
        })?;
        if version != VERSION {
            return Err(RecordError::Unsupported { format: 1, version });
        }
        meta.unknown = unknown;
        Ok(meta)
    }

    /// The object's content.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::after(STAMP.to_vec());
        writer.map(2 + self.unknown.count());
        writer.text("v");
        writer.size(VERSION);
        writer.text("pls");
        writer.array(self.pools.len());
        self.pools.iter().for_each(|pool| pool.write(&mut writer));
        self.unknown.write(&mut writer);
        writer.finish()
    }
}

impl PoolStatus {
    fn read(reader: &mut Reader<'_>) -> Result<PoolStatus, Error> {
        let mut pool = PoolStatus::default();
        let mut unknown = UnknownFields::default();
        reader.fields(&mut unknown, |key, reader| {
            match key {
                b"id" => pool.id = reader.int()?,
                b"cl" => pool.command_line = reader.string()?,
                b"lu" => pool.last_update = reader.time()?,
                b"dec" if reader.nil() => pool.decommission = None,
                b"dec" => pool.decommission = Some(Decommission::read(reader)?),
                _ => return Ok(false),
            }
            Ok::<_, Error>(true)
        })?;
        pool.unknown = unknown;
        Ok(pool)
    }

    fn write(&self, writer: &mut Writer) {
        writer.map(4 + self.unknown.count());
        writer.text("id");
        writer.int(self.id);
        writer.text("cl");
        writer.text(&self.command_line);
        writer.text("lu");
        writer.time(self.last_update);
        writer.text("dec");
        match &self.decommission {
            Some(decommission) => decommission.write(writer),
            None => writer.nil(),
        }
        self.unknown.write(writer);
    }
}

impl Decommission {
    fn read(reader: &mut Reader<'_>) -> Result<Decommission, Error> {
        let mut state = Decommission::default();
        let mut unknown = UnknownFields::default();
        reader.fields(&mut unknown, |key, reader| {
            match key {
                b"st" => state.started = reader.time()?,
                b"ss" => state.start_size = reader.int()?,
                b"ts" => state.total_size = reader.int()?,
                b"cs" => state.current_size = reader.int()?,
                b"cmp" => state.complete = reader.bool()?,
                b"fl" => state.failed = reader.bool()?,
                b"cnl" => state.canceled = reader.bool()?,
                b"bkts" => state.queued_buckets = reader.strings()?,
                b"dbkts" => state.done_buckets = reader.strings()?,
                b"bkt" => state.bucket = reader.string()?,
                b"pfx" => state.prefix = reader.string()?,
                b"obj" => state.object = reader.string()?,
                b"id" => state.items_done = reader.int()?,
                b"idf" => state.items_failed = reader.int()?,
                b"bd" => state.bytes_done = reader.int()?,
                b"bf" => state.bytes_failed = reader.int()?,
                _ => return Ok(false),
            }
            Ok::<_, Error>(true)
        })?;
        state.unknown = unknown;
        Ok(state)
    }

    fn write(&self, writer: &mut Writer) {
        writer.map(16 + self.unknown.count());
        writer.text("st");
        writer.time(self.started);
        for (key, value) in [("ss", self.start_size), ("ts", self.total_size), ("cs", self.current_size)] {
            writer.text(key);
            writer.int(value);
        }
        for (key, value) in [("cmp", self.complete), ("fl", self.failed), ("cnl", self.canceled)] {
            writer.text(key);
            writer.bool(value);
        }
        writer.text("bkts");
        writer.strings(&self.queued_buckets);
        writer.text("dbkts");
        writer.strings(&self.done_buckets);
        for (key, value) in [("bkt", &self.bucket), ("pfx", &self.prefix), ("obj", &self.object)] {
            writer.text(key);
            writer.text(value);
        }
        let counters =
            [("id", self.items_done), ("idf", self.items_failed), ("bd", self.bytes_done), ("bf", self.bytes_failed)];
        for (key, value) in counters {
            writer.text(key);
            writer.int(value);
        }
        self.unknown.write(writer);
    }
}

#[cfg(test)]
mod tests;
