//! Every structure MinIO keeps on drives: bytes to types and back.
//!
//! No I/O and no state: each module takes bytes that somebody else has read and gives bytes that somebody
//! else will write. The formats are written down in `docs/on-disk-format.md`; section numbers in this
//! crate's comments are those of that page.
//!
//! What every parser here promises: any bytes at all give a value or an error, never a panic; no allocation
//! is larger than a small multiple of the bytes given; fields that this release doesn't know are kept and
//! written back.

pub mod bucket_extras;
pub mod bucket_metadata;
pub mod checksum_blob;
pub mod drive_format;
pub mod healing_tracker;
pub mod mrf;
pub mod msgpack;
pub mod names;
pub mod object_meta_keys;
pub mod part_record;
pub mod placement;
pub mod pool_meta;
pub mod record;
pub mod time_text;
pub mod upload;
pub mod xl;
