//! Tars that Python's tarfile and GNU tar made (tests/data), and what hostile ones could try.

use super::{EntryKind, Event, TarEntry, TarError, TarReader};
use base::Timestamp;
use bytes::Bytes;
use proptest::prelude::*;

const GNU: &[u8] = include_bytes!("../../tests/data/gnu.tar");
const PAX: &[u8] = include_bytes!("../../tests/data/pax.tar");
const TEXT: &[u8] = include_bytes!("../../tests/data/text.bin");

/// Entries with their bytes.
type Entries = Vec<(TarEntry, Vec<u8>)>;

/// The entries, whether the tar came to its end, or the error after them.
fn read(tar: &[u8], step: usize) -> (Entries, Result<(), TarError>) {
    let mut reader = TarReader::new();
    let mut pieces = tar.chunks(step);
    let mut all: Vec<(TarEntry, Vec<u8>)> = Vec::new();
    loop {
        match reader.next_event() {
            Ok(Some(Event::Entry(entry))) => all.push((entry, Vec::new())),
            Ok(Some(Event::Data(piece))) => all.last_mut().unwrap().1.extend_from_slice(&piece),
            Ok(Some(Event::EntryEnd)) => {
                let (entry, bytes) = all.last().unwrap();
                assert_eq!(entry.size, bytes.len() as u64);
            }
            Ok(Some(Event::End)) => return (all, Ok(())),
            Err(error) => return (all, Err(error)),
            Ok(None) => match pieces.next() {
                Some(piece) => reader.push(Bytes::copy_from_slice(piece)),
                None => reader.end(),
            },
        }
    }
}

fn long_name() -> String {
    format!("{}/{}", "n".repeat(120), "m".repeat(150))
}

#[test]
fn both_dialects_tell_the_same() {
    for tar in [GNU, PAX] {
        for step in [1, 100, 512, 10_000] {
            let (entries, end) = read(tar, step);
            assert_eq!(end, Ok(()));
            let found: Vec<_> =
                entries.iter().take(7).map(|(entry, bytes)| (entry.name.clone(), entry.kind, bytes.len())).collect();
            let expected = [
                ("a.txt".to_owned(), EntryKind::File, 3),
                ("dir/".to_owned(), EntryKind::Directory, 0),
                (long_name(), EntryKind::File, 9),
                ("link".to_owned(), EntryKind::Other, 0),
                ("pipe".to_owned(), EntryKind::Special, 0),
                ("big.bin".to_owned(), EntryKind::File, 3000),
                ("empty".to_owned(), EntryKind::File, 0),
            ];
            // Directories may come without the slash: the kind tells.
            let trimmed =
                |(name, kind, size): &(String, EntryKind, usize)| (name.trim_end_matches('/').to_owned(), *kind, *size);
            assert!(found.iter().map(trimmed).eq(expected.iter().map(trimmed)));
            assert!(entries[5].1 == TEXT[..3000]);
            assert_eq!(entries[0].0.mod_time, Timestamp::from_secs(1_000_000_000));
            assert_eq!(entries[5].0.mod_time, Timestamp::from_secs(1));
        }
    }
}

#[test]
fn pax_records_are_told() {
    let (entries, _) = read(PAX, 512);
    let (entry, bytes) = &entries[7];
    assert_eq!((entry.name.as_str(), &bytes[..]), ("ü.txt", &b"u"[..]));
    assert_eq!(entry.mod_time, Timestamp::from_nanos(1_000_000_000_250_000_000));
    let record = |key: &str| entry.records.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    assert_eq!(record("minio.metadata.x-amz-meta-foo"), Some("bar"));
    assert_eq!(record("comment"), Some("two\nlines"));
    assert!(entries[0].0.records.is_empty());
}

#[test]
fn names_in_two_fields_are_joined_and_old_times_are_read() {
    let (entries, end) = read(include_bytes!("../../tests/data/ustar.tar"), 512);
    assert_eq!((entries[0].0.name.len(), end), (181, Ok(())));
    let (entries, _) = read(include_bytes!("../../tests/data/negative.tar"), 512);
    assert_eq!(entries[0].0.mod_time, Timestamp::from_secs(-5));
}

#[test]
fn sparse_files_are_refused() {
    assert_eq!(read(include_bytes!("../../tests/data/sparse-gnu.tar"), 512).1, Err(TarError::Sparse));
    assert_eq!(read(include_bytes!("../../tests/data/sparse-pax.tar"), 512).1, Err(TarError::Sparse));
}

#[test]
fn an_end_is_taken_where_one_may_be() {
    // Nothing at all; no end marker; no padding; one zero block.
    assert_eq!(read(&[], 512), (vec![], Ok(())));
    for length in [1024, 515, 700] {
        let (entries, end) = read(&GNU[..length], 512);
        assert_eq!((entries.len(), end), (1, Ok(())), "{length} bytes");
    }
    let one_zero = [&GNU[..1024], &[0; 512]].concat();
    assert_eq!(read(&one_zero, 512).1, Ok(()));
    // Within a header or within data it is none.
    for length in [100, 513, 1024 + 100] {
        assert_eq!(read(&GNU[..length], 512).1, Err(TarError::Truncated), "{length} bytes");
    }
}

#[test]
fn a_short_name_that_ends_in_a_slash_is_only_the_beginning_of_a_long_one() {
    let long = "x/".repeat(60) + "e";
    let mut tar = header("././@LongLink", b'L', format!("{:011o}\0", long.len()).as_bytes().try_into().unwrap());
    tar.extend_from_slice(long.as_bytes());
    tar.resize(1024, 0);
    tar.extend_from_slice(&header(&long[..100], b'0', b"00000000001\0"));
    tar.push(b'q');
    let (entries, end) = read(&tar, 512);
    assert_eq!((entries[0].0.kind, entries[0].0.name.as_str(), end), (EntryKind::File, &*long, Ok(())));
    // The oldest programs wrote directories as files.
    let old = header("dir/", 0, b"00000000000\0");
    assert_eq!(read(&old, 512).0[0].0.kind, EntryKind::Directory);
}

#[test]
fn what_follows_the_end_means_nothing() {
    let followed = [GNU, &[b'x'; 5000]].concat();
    assert_eq!(read(&followed, 512).1, Ok(()));
}

#[test]
fn a_header_that_is_none_is_an_error() {
    assert_eq!(read(&[b'g'; 7000], 512).1, Err(TarError::Header));
    let mut damaged = GNU.to_vec();
    damaged[1024 + 10] ^= 1;
    let (entries, end) = read(&damaged, 512);
    assert_eq!((entries.len(), end), (1, Err(TarError::Header)));
    let after_zero = [&GNU[..1024], &[0; 512], GNU].concat();
    assert_eq!(read(&after_zero, 512).1, Err(TarError::Header));
}

/// A header with a right sum.
fn header(name: &str, kind: u8, size: &[u8; 12]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[124..136].copy_from_slice(size);
    block[148..156].fill(b' ');
    block[156] = kind;
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

#[test]
fn lengths_are_not_believed() {
    let enormous = header("x", b'x', b"77777777777\0");
    assert_eq!(read(&enormous, 512).1, Err(TarError::TooLong));
    let long_name = header("x", b'L', b"00000400000\0");
    assert_eq!(read(&long_name, 512).1, Err(TarError::TooLong));
    let negative = header("x", b'0', &[0xff; 12]);
    assert_eq!(read(&negative, 512).1, Err(TarError::Header));
    let wide = header("x", b'0', &[0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(read(&wide, 512).1, Err(TarError::Header));
    let signs = header("x", b'0', b"+0000000001\0");
    assert_eq!(read(&signs, 512).1, Err(TarError::Header));
}

#[test]
fn pax_records_must_be_well_formed() {
    for records in ["5 a=\n", "x a=b\n", "6 a=b", "99 a=b\n", "6 =ab\n", "6 a=b\nrest", "+6 a=b\n", "0 a=b\n"] {
        let mut tar = header("x", b'x', format!("{:011o}\0", records.len()).as_bytes().try_into().unwrap());
        let mut body = records.as_bytes().to_vec();
        body.resize(512, 0);
        tar.extend_from_slice(&body);
        let valid = records == "5 a=\n";
        assert_eq!(read(&tar, 512).1.is_ok(), valid, "{records:?}");
    }
}

proptest! {
    #[test]
    fn damage_is_no_panic(at in 0..PAX.len(), byte in any::<u8>(), step in 1..2000usize, pax in any::<bool>()) {
        let mut tar = if pax { PAX } else { GNU }.to_vec();
        let at = at % tar.len();
        tar[at] = byte;
        let _ = read(&tar, step);
    }

    #[test]
    fn any_cut_is_an_end_or_an_error(length in 0..GNU.len()) {
        let (whole, _) = read(GNU, 512);
        let (entries, end) = read(&GNU[..length], 512);
        prop_assert!(entries.len() <= whole.len());
        if end.is_ok() {
            prop_assert!(entries.iter().zip(&whole).all(|(one, other)| one == other));
        }
    }
}
