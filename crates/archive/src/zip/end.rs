//! The end of a zip file, which says where the directory is.

use super::{MAX_DIRECTORY, ZipError, le16, le32, le64};

/// Bytes from the end of the file that [`locate`] needs: the end record (22), its longest comment, and the pointer to
/// the 64-bit end record (20) before it.
pub const TAIL: u64 = (END + LOCATOR + 0xffff) as u64;
/// Bytes of the 64-bit end record that [`locate_zip64`] needs.
pub const ZIP64_END: u64 = 56;

const END: usize = 22;
const LOCATOR: usize = 20;
const END_SIGNATURE: u32 = 0x0605_4b50;
const LOCATOR_SIGNATURE: u32 = 0x0706_4b50;
const ZIP64_SIGNATURE: u32 = 0x0606_4b50;

/// Where the directory is: it lies within the file, before the end record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directory {
    pub offset: u64,
    pub size: u64,
    /// How many members it says it has.
    pub entries: u64,
}

/// What the end of the file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Located {
    Directory(Directory),
    /// The file is large: [`ZIP64_END`] bytes at this offset are for [`locate_zip64`].
    Zip64 {
        at: u64,
    },
}

/// Finds the directory of a file of `size` bytes, of which `tail` is the end: [`TAIL`] bytes or all.
pub fn locate(tail: &[u8], size: u64) -> Result<Located, ZipError> {
    let tail_start = size.checked_sub(tail.len() as u64).ok_or(ZipError::Invalid("it is shorter than its end"))?;
    let at = find_end(tail).ok_or(ZipError::Invalid("it has no end record"))?;
    let end = &tail[at..];
    let (disk, directory_disk) = (le16(end, 4), le16(end, 6));
    let (count, length, offset) = (le16(end, 10), le32(end, 12), le32(end, 16));
    let wide = count == u16::MAX || length == u32::MAX || offset == u32::MAX;
    if wide
        && let Some(locator) = at.checked_sub(LOCATOR).map(|start| &tail[start..at])
        && le32(locator, 0) == LOCATOR_SIGNATURE
    {
        let record = le64(locator, 8);
        let latest = (tail_start + at as u64 - LOCATOR as u64).checked_sub(ZIP64_END);
        if latest.is_none_or(|latest| record > latest) {
            return Err(ZipError::Invalid("its 64-bit end record lies outside"));
        }
        return Ok(Located::Zip64 { at: record });
    }
    if disk != 0 || directory_disk != 0 {
        return Err(ZipError::SeveralDisks);
    }
    let directory = Directory { offset: offset.into(), size: length.into(), entries: count.into() };
    check(directory, tail_start + at as u64).map(Located::Directory)
}

/// Reads the 64-bit end record found `at` this offset.
pub fn locate_zip64(record: &[u8], at: u64) -> Result<Directory, ZipError> {
    if (record.len() as u64) < ZIP64_END || le32(record, 0) != ZIP64_SIGNATURE {
        return Err(ZipError::Invalid("its 64-bit end record is missing"));
    }
    if le32(record, 16) != 0 || le32(record, 20) != 0 {
        return Err(ZipError::SeveralDisks);
    }
    let directory = Directory { offset: le64(record, 48), size: le64(record, 40), entries: le64(record, 32) };
    check(directory, at)
}

/// The last place where an end record can stand: its comment must fit behind it.
fn find_end(tail: &[u8]) -> Option<usize> {
    let last = tail.len().checked_sub(END)?;
    (0..=last)
        .rev()
        .find(|&at| le32(tail, at) == END_SIGNATURE && at + END + usize::from(le16(tail, at + 20)) <= tail.len())
}

fn check(directory: Directory, end: u64) -> Result<Directory, ZipError> {
    if directory.size > MAX_DIRECTORY {
        return Err(ZipError::DirectoryTooLong(directory.size));
    }
    match directory.offset.checked_add(directory.size) {
        Some(directory_end) if directory_end <= end => Ok(directory),
        _ => Err(ZipError::Invalid("its directory lies outside")),
    }
}
