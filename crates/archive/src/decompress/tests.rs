//! Streams that the formats' own programs made (tests/data), in pieces of every kind.

use super::{CodecError, Unpack};
use bytes::Bytes;
use proptest::prelude::*;
use seal::Transform;

const TEXT: &[u8] = include_bytes!("../../tests/data/text.bin");
const STREAMS: [(&str, &[u8]); 7] = [
    ("two gzip members", include_bytes!("../../tests/data/text.gz")),
    ("gzip with a name, padded", include_bytes!("../../tests/data/named.gz")),
    ("two bzip2 streams", include_bytes!("../../tests/data/text.bz2")),
    ("zstd frames around a skippable one", include_bytes!("../../tests/data/text.zst")),
    ("LZ4, linked blocks, all checksums", include_bytes!("../../tests/data/linked.lz4")),
    ("LZ4, single blocks, size told", include_bytes!("../../tests/data/free.lz4")),
    ("LZ4 frames around a skippable one", include_bytes!("../../tests/data/two.lz4")),
];

fn unpack(stream: &[u8], step: usize) -> Result<Vec<u8>, CodecError> {
    let mut unpack = Unpack::new();
    let mut all = Vec::new();
    let mut drain = |unpack: &mut Unpack| -> Result<(), CodecError> {
        while let Some(piece) = unpack.pull()? {
            // What isn't compressed stays in its pieces; a block of S2 comes out whole.
            assert!(!piece.is_empty() && piece.len() <= 4 << 20);
            all.extend_from_slice(&piece);
        }
        Ok(())
    };
    for piece in stream.chunks(step.max(1)) {
        drain(&mut unpack)?;
        unpack.push(Bytes::copy_from_slice(piece));
    }
    drain(&mut unpack)?;
    unpack.end();
    drain(&mut unpack)?;
    Ok(all)
}

#[test]
fn what_other_programs_compressed_comes_out() {
    for (what, stream) in STREAMS {
        for step in [1, 7, 4096, 65_536, usize::MAX] {
            assert!(unpack(stream, step).unwrap() == TEXT, "{what} in pieces of {step}");
        }
    }
}

#[test]
fn s2_comes_out_as_what_it_was() {
    let mut compress = seal::s2::Compress::new(None);
    let mut stream = Vec::new();
    compress.push(Bytes::from_static(TEXT));
    compress.end();
    while let Some(piece) = compress.pull().unwrap() {
        stream.extend_from_slice(&piece);
    }
    assert!(unpack(&stream, 1000).unwrap() == TEXT);
}

#[test]
fn what_is_not_compressed_stays_as_it_is() {
    for bytes in [&b""[..], b"a", b"BZ", b"plain text", &TEXT[..70_000]] {
        assert!(unpack(bytes, 3).unwrap() == bytes);
    }
}

#[test]
fn a_stream_that_is_cut_off_is_an_error() {
    for (what, stream) in STREAMS {
        for left in [5, 20, stream.len() / 2] {
            assert!(unpack(&stream[..left], 1000).is_err(), "{what} cut to {left} bytes");
        }
    }
}

#[test]
fn a_window_above_the_limit_is_refused() {
    // A frame of one empty block whose window is 1 GiB (RFC 8878: exponent 20, mantissa 0).
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3, 1, 0, 0];
    let small = [0x28, 0xb5, 0x2f, 0xfd, 0, 5 << 3, 1, 0, 0];
    assert_eq!(unpack(&small, 100).unwrap(), b"");
    assert!(matches!(unpack(&frame, 100), Err(CodecError::Unsupported { kind: "zstd", .. })));
}

#[test]
fn a_bomb_comes_out_in_small_pieces() {
    let mut stream = Vec::new();
    let mut encoder = flate2::write::GzEncoder::new(&mut stream, flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, &vec![0; 16 << 20]).unwrap();
    encoder.finish().unwrap();
    let mut unpack = Unpack::new();
    unpack.push(stream.into());
    let mut made = 0;
    while let Some(piece) = unpack.pull().unwrap() {
        assert!(piece.len() <= crate::PIECE);
        made += piece.len();
    }
    assert_eq!(made, 16 << 20);
}

proptest! {
    #[test]
    fn damage_never_passes_for_the_whole(which in prop_oneof![Just(0usize), Just(2), Just(4)], at in 0.0..1.0f64, bit in 0..8u8) {
        // Those that check all of their content.
        let (what, stream) = STREAMS[which];
        let mut stream = stream.to_vec();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the stream")]
        let at = (at * stream.len() as f64) as usize;
        stream[at] ^= 1 << bit;
        if let Ok(bytes) = unpack(&stream, 4096) {
            // Times in headers say nothing of the content; what doesn't begin like a stream is none.
            prop_assert!(bytes == TEXT || bytes == stream, "{} at {}", what, at);
        }
    }

    #[test]
    fn garbage_behind_any_beginning_is_no_panic(which in 0..STREAMS.len(), keep in 0..64usize, garbage in proptest::collection::vec(any::<u8>(), 0..3000)) {
        let mut stream = STREAMS[which].1[..keep].to_vec();
        stream.extend_from_slice(&garbage);
        let _ = unpack(&stream, 100);
    }
}
