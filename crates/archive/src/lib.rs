//! Archives inside objects: the directory and the members of a zip file, the entries of a tar, and what tars are
//! compressed with.
//!
//! Pure functions and [`seal::Transform`]s: bytes are pushed in as they come, and pulled out a piece at a time, so that
//! memory doesn't depend on what an archive claims. Everything here reads bytes that strangers made: lengths are
//! checked before they are believed, and what can't be right is an error that names it.
//!
//! It must not know I/O, objects, or users. Formats: PKWARE's APPNOTE 6.3 (zip), POSIX pax and GNU (tar), RFC 1951, 1952,
//! 8878, the LZ4 frame format; which of them objects may hold: encryption-compression-checksums.md, 9.

pub mod decompress;
pub mod tar;
pub mod zip;

/// Output made at a time: large enough that calls don't count, small enough for thousands of streams.
pub(crate) const PIECE: usize = 64 * 1024;
