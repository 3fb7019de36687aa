//! Zip files made by Python's zipfile (tests/data), and what hostile ones could try.

use super::{Directory, Entries, Entry, Located, Member, TAIL, ZipError, locate, locate_zip64};
use bytes::Bytes;
use proptest::prelude::*;
use seal::Transform;

const PLAIN: &[u8] = include_bytes!("../../tests/data/plain.zip");
const TEXT: &[u8] = include_bytes!("../../tests/data/text.bin");

fn directory(file: &[u8]) -> Result<Directory, ZipError> {
    let tail = &file[file.len().saturating_sub(TAIL as usize)..];
    match locate(tail, file.len() as u64)? {
        Located::Directory(directory) => Ok(directory),
        Located::Zip64 { at } => locate_zip64(&file[at as usize..], at),
    }
}

fn entries(file: &[u8]) -> Result<Vec<Entry>, ZipError> {
    let directory = directory(file)?;
    let bytes = &file[directory.offset as usize..][..directory.size as usize];
    let mut entries = Entries::default();
    let mut all = Vec::new();
    for piece in bytes.chunks(11) {
        entries.push(&Bytes::copy_from_slice(piece));
        while let Some(entry) = entries.next_entry()? {
            all.push(entry);
        }
    }
    entries.finish()?;
    Ok(all)
}

fn member(file: &[u8], name: &str) -> Result<Vec<u8>, ZipError> {
    let entry = entries(file)?.into_iter().find(|entry| entry.name == name).expect("it is listed");
    let span = entry.fetch_span(&directory(file)?)?;
    let mut member = Member::new(entry)?;
    let mut all = Vec::new();
    for piece in file[span.start as usize..span.end as usize].chunks(17) {
        member.push(Bytes::copy_from_slice(piece));
        while let Some(piece) = member.pull()? {
            all.extend_from_slice(&piece);
        }
        if member.is_over() {
            return Ok(all);
        }
    }
    member.end();
    while let Some(piece) = member.pull()? {
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

/// The file with bytes of the directory's record number `record` replaced.
fn with_record(record: usize, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = PLAIN.to_vec();
    let starts: Vec<usize> = (0..file.len() - 4).filter(|at| file[*at..].starts_with(b"PK\x01\x02")).collect();
    file[starts[record] + at..][..bytes.len()].copy_from_slice(bytes);
    file
}

#[test]
fn members_of_a_plain_file_come_out() {
    let names: Vec<_> = entries(PLAIN).unwrap().into_iter().map(|entry| (entry.name, entry.size)).collect();
    let expected = [
        ("stored.txt", 1000),
        ("dir/", 0),
        ("dir/deflated.txt", 150_000),
        ("empty", 0),
        ("bz.txt", 1000),
        ("ünï.txt", 7),
        ("streamed.txt", 5000),
    ];
    assert_eq!(names, expected.map(|(name, size)| (name.to_owned(), size)));
    assert!(member(PLAIN, "stored.txt").unwrap() == TEXT[..1000]);
    assert!(member(PLAIN, "dir/deflated.txt").unwrap() == TEXT);
    assert!(member(PLAIN, "streamed.txt").unwrap() == TEXT[..5000]);
    assert_eq!(member(PLAIN, "empty").unwrap(), b"");
    assert_eq!(member(PLAIN, "ünï.txt").unwrap(), b"unicode");
    assert_eq!(member(PLAIN, "bz.txt"), Err(ZipError::UnsupportedMethod(12)));
}

#[test]
fn zstd_members_come_out() {
    // The stored member's bytes taken for a zstd frame of one raw block: RFC 8878, made by hand.
    let content = b"made by hand";
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, 12, 1 | 12 << 3, 0, 0];
    frame.extend_from_slice(content);
    let file = one_member(93, &frame, content);
    assert_eq!(member(&file, "m").unwrap(), content);
}

/// A file with one member `m`.
fn one_member(method: u16, stored: &[u8], content: &[u8]) -> Vec<u8> {
    let (crc, csize, size) = (crc32fast::hash(content), stored.len() as u32, content.len() as u32);
    let common = |out: &mut Vec<u8>| {
        out.extend_from_slice(&[20, 0, 0, 0]);
        out.extend_from_slice(&method.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        [crc, csize, size].iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
        out.extend_from_slice(&[1, 0, 0, 0]);
    };
    let mut file = b"PK\x03\x04".to_vec();
    common(&mut file);
    file.push(b'm');
    file.extend_from_slice(stored);
    let at = file.len() as u32;
    file.extend_from_slice(b"PK\x01\x02\x14\x00");
    common(&mut file);
    file.extend_from_slice(&[0; 14]);
    file.push(b'm');
    let length = file.len() as u32 - at;
    file.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    [length, at].iter().for_each(|number| file.extend_from_slice(&number.to_le_bytes()));
    file.extend_from_slice(&[0, 0]);
    file
}

#[test]
fn a_64_bit_end_record_is_followed() {
    let place = directory(PLAIN).unwrap();
    let end = (place.offset + place.size) as usize;
    let mut file = PLAIN[..end].to_vec();
    file.extend_from_slice(b"PK\x06\x06");
    [44u64].iter().for_each(|n| file.extend_from_slice(&n.to_le_bytes()));
    file.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    [7, 7, place.size, place.offset].iter().for_each(|n: &u64| file.extend_from_slice(&n.to_le_bytes()));
    file.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    file.extend_from_slice(&(end as u64).to_le_bytes());
    file.extend_from_slice(&[1, 0, 0, 0]);
    file.extend_from_slice(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    assert_eq!(directory(&file).unwrap(), place);
    assert!(member(&file, "dir/deflated.txt").unwrap() == TEXT);
}

#[test]
fn what_is_no_zip_file_is_refused() {
    let cut = &PLAIN[..PLAIN.len() - 15];
    let prefixed = [b"#!/bin/sh\n", PLAIN].concat();
    for file in [&b""[..], b"hello", cut, &prefixed] {
        assert!(matches!(entries(file), Err(ZipError::Invalid(_))));
    }
}

#[test]
fn a_directory_that_is_too_long_is_not_read() {
    let mut file = PLAIN.to_vec();
    let at = file.len() - 22 - 9;
    assert!(file[at..].starts_with(b"PK\x05\x06"));
    file[at + 12..at + 16].copy_from_slice(&(101u32 << 20).to_le_bytes());
    assert_eq!(directory(&file), Err(ZipError::DirectoryTooLong(101 << 20)));
}

#[test]
fn lies_of_the_directory_are_found_out() {
    let crc = with_record(0, 16, &[1, 2, 3, 4]);
    assert_eq!(member(&crc, "stored.txt"), Err(ZipError::Damaged("its CRC-32 differs")));
    let shorter = with_record(2, 24, &100u32.to_le_bytes());
    assert_eq!(member(&shorter, "dir/deflated.txt"), Err(ZipError::Damaged("it is longer")));
    let longer = with_record(2, 24, &150_001u32.to_le_bytes());
    assert_eq!(member(&longer, "dir/deflated.txt"), Err(ZipError::Damaged("it is shorter")));
    let outside = with_record(2, 20, &100_000_000u32.to_le_bytes());
    assert!(matches!(member(&outside, "dir/deflated.txt"), Err(ZipError::Lying(_))));
    let elsewhere = with_record(2, 42, &0u32.to_le_bytes());
    assert_eq!(member(&elsewhere, "dir/deflated.txt"), Err(ZipError::Lying("another member is at its offset")));
    let nowhere = with_record(2, 42, &3u32.to_le_bytes());
    assert_eq!(member(&nowhere, "dir/deflated.txt"), Err(ZipError::Lying("there is no member at its offset")));
    let stored = with_record(0, 24, &999u32.to_le_bytes());
    assert_eq!(member(&stored, "stored.txt"), Err(ZipError::Lying("it is stored in a different size")));
    let encrypted = with_record(0, 8, &[1, 0]);
    assert_eq!(member(&encrypted, "stored.txt"), Err(ZipError::Encrypted));
    let cut = with_record(2, 20, &1000u32.to_le_bytes());
    assert!(member(&cut, "dir/deflated.txt").is_err());
}

#[test]
fn overlapping_members_are_seen() {
    let place = directory(PLAIN).unwrap();
    let all = entries(PLAIN).unwrap();
    let spans: Vec<_> = all.iter().map(|entry| entry.least_span(&place).unwrap()).collect();
    assert!(all.iter().all(|entry| spans.iter().all(|span| !entry.overlaps(span))));
    let within = with_record(3, 42, &50u32.to_le_bytes());
    let all = entries(&within).unwrap();
    assert!(all[3].overlaps(&all[0].least_span(&place).unwrap()));
}

proptest! {
    #[test]
    fn a_damaged_file_is_an_error_or_gives_what_it_says(at in 0..PLAIN.len(), byte in any::<u8>()) {
        let mut file = PLAIN.to_vec();
        file[at] = byte;
        for entry in entries(&file).unwrap_or_default() {
            if let Ok(bytes) = member(&file, &entry.name) {
                prop_assert_eq!(bytes.len() as u64, entries(&file).unwrap().iter().find(|other| other.name == entry.name).unwrap().size);
            }
        }
    }

    #[test]
    fn any_bytes_are_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), end in any::<[u8; 18]>()) {
        let mut file = bytes;
        file.extend_from_slice(b"PK\x05\x06");
        file.extend_from_slice(&end);
        let _ = entries(&file);
    }
}
