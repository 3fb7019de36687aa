//! Encrypted and compressed streams and documents: any bytes, in any pieces, give a result or an error. What comes
//! out doesn't depend on the pieces.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use seal::dare::{Decrypt, Versions};
use seal::s2::{Decompress, Index};
use seal::{Context, Envelope, Key, Transform, config_file};

/// More than this of a stream's output is not looked at: a few bytes can stand for megabytes.
const ENOUGH: usize = 16 << 20;

fn run<T: Transform>(mut transform: T, data: &[u8], piece: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut pieces = data.chunks(piece).map(Bytes::copy_from_slice);
    loop {
        while let Some(bytes) = transform.pull().ok()? {
            out.extend_from_slice(&bytes);
            if out.len() > ENOUGH {
                return None;
            }
        }
        match pieces.next() {
            Some(bytes) => transform.push(bytes),
            None => break,
        }
    }
    transform.end();
    while let Some(bytes) = transform.pull().ok()? {
        out.extend_from_slice(&bytes);
    }
    Some(out)
}

fuzz_target!(|data: &[u8]| {
    let Some((&piece, data)) = data.split_first() else { return };
    let piece = usize::from(piece) + 1;
    assert_eq!(run(Decompress::new(0), data, piece), run(Decompress::new(0), data, data.len().max(1)));
    let key = Key::new([0; 32]);
    let decrypt = || Decrypt::new(&key, Versions::Any);
    assert_eq!(run(decrypt(), data, piece), run(decrypt(), data, data.len().max(1)));
    let _ = Index::parse(data);
    let _ = Context::from_base64(data);
    let _ = Envelope::parse(|name| (name.len() % 7 != piece % 7).then_some(data));
    if let Some(file) = config_file::SealedFile::parse(data) {
        let _ = file.open(&key);
    }
});
