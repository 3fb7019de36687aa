//! Tars, compressed or not, and zip files: any bytes, in any pieces, give a result or an error. What comes out doesn't depend
//! on the pieces, and no member comes out whole that isn't what the directory says.
#![no_main]

use archive::decompress::Unpack;
use archive::tar::{Event, TarReader};
use archive::zip::{Directory, Entries, Located, Member, TAIL, locate, locate_zip64};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use seal::Transform;

/// More than this of a stream's output is not looked at: a few bytes can stand for megabytes.
const ENOUGH: usize = 4 << 20;

/// All output, and whether it ended well; `None` where there is too much of it.
fn run<T: Transform>(mut transform: T, data: &[u8], piece: usize) -> Option<(Vec<u8>, bool)> {
    let (mut out, mut pieces) = (Vec::new(), data.chunks(piece));
    loop {
        loop {
            match transform.pull() {
                Ok(Some(bytes)) => out.extend_from_slice(&bytes),
                Ok(None) => break,
                Err(_) => return Some((out, false)),
            }
            if out.len() > ENOUGH {
                return None;
            }
        }
        if transform.is_over() {
            return Some((out, true));
        }
        match pieces.next() {
            Some(bytes) => transform.push(Bytes::copy_from_slice(bytes)),
            None => break,
        }
    }
    transform.end();
    loop {
        match transform.pull() {
            Ok(Some(bytes)) => out.extend_from_slice(&bytes),
            Ok(None) => return Some((out, true)),
            Err(_) => return Some((out, false)),
        }
        if out.len() > ENOUGH {
            return None;
        }
    }
}

/// The entries of a tar with their bytes, as far as it can be read, and whether it was whole.
fn tar(data: &[u8], piece: usize) -> (Vec<(String, Vec<u8>)>, bool) {
    let (mut reader, mut entries, mut pieces) = (TarReader::new(), Vec::new(), data.chunks(piece));
    loop {
        match reader.next_event() {
            Ok(Some(Event::Entry(entry))) => entries.push((format!("{entry:?}"), Vec::new())),
            Ok(Some(Event::Data(bytes))) => entries.last_mut().expect("data has an entry").1.extend_from_slice(&bytes),
            Ok(Some(Event::EntryEnd)) => {}
            Ok(Some(Event::End)) => return (entries, true),
            Err(_) => return (entries, false),
            Ok(None) => match pieces.next() {
                Some(bytes) => reader.push(Bytes::copy_from_slice(bytes)),
                None => reader.end(),
            },
        }
    }
}

fn directory(data: &[u8]) -> Option<Directory> {
    let tail = &data[data.len().saturating_sub(TAIL as usize)..];
    match locate(tail, data.len() as u64).ok()? {
        Located::Directory(directory) => Some(directory),
        Located::Zip64 { at } => locate_zip64(&data[usize::try_from(at).ok()?..], at).ok(),
    }
}

fn zip(data: &[u8], piece: usize) {
    let Some(directory) = directory(data) else { return };
    let (from, to) = (directory.offset as usize, (directory.offset + directory.size) as usize);
    let mut entries = Entries::default();
    for bytes in data[from..to].chunks(piece) {
        entries.push(&Bytes::copy_from_slice(bytes));
        while let Ok(Some(entry)) = entries.next_entry() {
            let Ok(span) = entry.fetch_span(&directory) else { continue };
            let stored = &data[span.start as usize..span.end as usize];
            let size = entry.size;
            let Ok(member) = Member::new(entry.clone()) else { continue };
            if let Some((out, true)) = run(member, stored, piece) {
                assert_eq!(out.len() as u64, size, "a member of another length came out whole");
            }
            let Ok(member) = Member::new(entry) else { continue };
            let _ = run(member, &stored[..stored.len() / 2], piece);
        }
    }
    let _ = entries.finish();
}

fuzz_target!(|data: &[u8]| {
    let Some((&piece, data)) = data.split_first() else { return };
    let piece = usize::from(piece) + 1;
    if let (Some((some, true)), Some((whole, true))) = (run(Unpack::new(), data, piece), run(Unpack::new(), data, data.len().max(1))) {
        assert_eq!(some, whole, "the pieces make a difference");
    }
    let (some, whole) = (tar(data, piece), tar(data, data.len().max(1)));
    assert_eq!(some.1, whole.1, "the pieces make a difference");
    if some.1 {
        assert_eq!(some.0, whole.0);
    }
    zip(data, piece);
});
