use super::block::{decode, plain_len};
use super::encode::Encoder;
use super::*;
use crate::Transform;
use base::{Random, SeededRandom};
use bytes::Bytes;
use proptest::prelude::*;

fn run<T: Transform>(transform: &mut T, pieces: impl IntoIterator<Item = Bytes>) -> Result<Vec<u8>, T::Error> {
    let mut out = Vec::new();
    for piece in pieces {
        transform.push(piece);
        while let Some(piece) = transform.pull()? {
            out.extend_from_slice(&piece);
        }
    }
    transform.end();
    while let Some(piece) = transform.pull()? {
        out.extend_from_slice(&piece);
    }
    Ok(out)
}

fn pieces(bytes: &[u8], len: usize) -> Vec<Bytes> {
    bytes.chunks(len.max(1)).map(Bytes::copy_from_slice).collect()
}

fn compress(plain: &[u8], piece: usize, padding: Option<Padding>) -> (Vec<u8>, CompressReport) {
    let mut stream = Compress::new(padding);
    let report = stream.report();
    let out = run(&mut stream, pieces(plain, piece)).unwrap();
    (out, report.get().expect("the stream has ended").clone())
}

fn decompress(stream: &[u8], piece: usize) -> Result<Vec<u8>, S2Error> {
    run(&mut Decompress::new(0), pieces(stream, piece))
}

/// Words in an order that a seed gives.
fn words(len: usize, seed: u64) -> Vec<u8> {
    let random = SeededRandom::new(seed);
    let mut text = Vec::new();
    while text.len() < len {
        let word = random.u64();
        text.extend_from_slice(format!("word{} ", word % (50 + seed * 100)).as_bytes());
        if word >> 60 == 0 {
            text.extend_from_slice(&word.to_le_bytes());
        }
    }
    text.truncate(len);
    text
}

fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    SeededRandom::new(5).fill(&mut bytes);
    bytes
}

const TINY: &str = "ff06000053327354774f01080000d4ac3f8174696e79";

fn block(hex_text: &str) -> Result<Vec<u8>, BlockError> {
    let bytes = hex::decode(hex_text).unwrap();
    let (len, elements) = plain_len(&bytes, MAX_BLOCK)?;
    let mut plain = vec![0; len];
    decode(elements, &mut plain).map(|()| plain)
}

#[test]
fn a_stream_that_minio_wrote_is_read_and_written_the_same() {
    let stream = hex::decode(TINY).unwrap();
    assert_eq!(decompress(&stream, 5).unwrap(), b"tiny");
    assert_eq!(hex::encode(compress(b"tiny", 1, None).0), TINY);
    assert!(compress(b"", 1, None).0.is_empty());
    assert!(decompress(b"", 1).unwrap().is_empty());
}

#[test]
fn every_element_of_a_block_is_understood() {
    // Literals with lengths in the tag and in one, two, three and four bytes.
    assert_eq!(block("0300616263").unwrap_err(), BlockError::Corrupt);
    assert_eq!(block("0308616263").unwrap(), b"abc");
    assert_eq!(block("03f002616263").unwrap(), b"abc");
    assert_eq!(block("03f40200616263").unwrap(), b"abc");
    assert_eq!(block("03f8020000616263").unwrap(), b"abc");
    assert_eq!(block("03fc02000000616263").unwrap(), b"abc");
    // Copies with offsets of 11, 16 and 32 bits, overlapping.
    assert_eq!(block("07086162630103").unwrap(), b"abcabca");
    assert_eq!(block("08086162631203 00".replace(' ', "").as_str()).unwrap(), b"abcabcab");
    assert_eq!(block("0808616263130300 0000".replace(' ', "").as_str()).unwrap(), b"abcabcab");
    // The offset again, with each length of length.
    assert_eq!(block("0b0861626301030100").unwrap(), b"abcabcabcab");
    let repeat = |code: &str, len: usize| {
        let mut all =
            format!("{:02x}{:02x}{:02x}", (7 + len) & 0x7f | 0x80, (7 + len) >> 7 & 0x7f | 0x80, (7 + len) >> 14);
        all.push_str("086162630103");
        all.push_str(code);
        assert_eq!(block(&all).unwrap(), b"abc".iter().copied().cycle().take(7 + len).collect::<Vec<_>>(), "{code}");
    };
    repeat("1100", 8);
    repeat("150000", 8);
    repeat("1500ff", 263);
    repeat("19000000", 260);
    repeat("1900ffff", 65795);
    repeat("1d00000000", 65540);
    repeat("1d00010001", 131_077);
}

#[test]
fn corrupt_blocks_are_refused() {
    for (what, bytes) in [
        ("no length", ""),
        ("an endless length", "ffffffffff01"),
        ("longer than a block may be", "81808002"),
        ("a cut literal", "05106162"),
        ("a cut number", "03f4"),
        ("a copy from before the beginning", "0708616263010 4".replace(' ', "").as_str()),
        ("a copy of nothing", "0708616263020000"),
        ("a repeat before any copy", "070861626301 00".replace(' ', "").as_str()),
        ("a repeat before anything", "040100"),
        ("more than it says", "0608616263010 3".replace(' ', "").as_str()),
        ("less than it says", "0808616263010 3".replace(' ', "").as_str()),
        ("a literal past the end", "0208616263"),
    ] {
        assert!(block(bytes).is_err(), "{what}");
    }
}

#[test]
fn snappy_streams_are_read_within_snappy_limits() {
    let mut snappy = b"\xff\x06\x00\x00sNaPpY".to_vec();
    snappy.extend_from_slice(&hex::decode(&TINY[20..]).unwrap());
    assert_eq!(decompress(&snappy, 3).unwrap(), b"tiny");
    let long = compress(&vec![7; MAX_SNAPPY_BLOCK + 1], 1 << 20, None).0;
    let mut too_long = b"\xff\x06\x00\x00sNaPpY".to_vec();
    too_long.extend_from_slice(&long[10..]);
    assert_eq!(decompress(&too_long, 100).unwrap_err(), S2Error::Block(BlockError::TooLong));
}

#[test]
fn chunks_that_mean_nothing_are_passed_over_and_unknown_ones_refused() {
    let tiny = hex::decode(TINY).unwrap();
    let padding = [&tiny[..], b"\xfe\x03\x00\x00abc\x99\x00\x00\x00\x80\x01\x00\x00x", &tiny].concat();
    for piece in 1..12 {
        assert_eq!(decompress(&padding, piece).unwrap(), b"tinytiny");
    }
    assert_eq!(decompress(&[&tiny[..], b"\x02\x00\x00\x00"].concat(), 9).unwrap_err(), S2Error::UnknownChunk(2));
    assert_eq!(decompress(&tiny[10..], 9).unwrap_err(), S2Error::NoIdentifier);
    assert_eq!(decompress(b"\xff\x06\x00\x00other!", 9).unwrap_err(), S2Error::NoIdentifier);
    assert_eq!(decompress(&[&tiny[..], b"\x00\xff\xff\xff"].concat(), 9).unwrap_err(), S2Error::ChunkLength);
    assert_eq!(decompress(&[&tiny[..], b"\xfe\x03\x00\x00ab"].concat(), 9).unwrap_err(), S2Error::Truncated);
}

#[test]
fn a_stream_cut_within_a_chunk_or_changed_is_never_taken_for_whole() {
    let plain = words(5000, 1);
    let (stream, _) = compress(&plain, 5000, None);
    for len in 1..stream.len() {
        let cut = decompress(&stream[..len], 700);
        assert!(cut.is_err() || cut.unwrap().len() < plain.len(), "{len}");
    }
    for at in 0..stream.len() {
        for bit in [1, 0x10, 0x80] {
            let mut changed = stream.clone();
            changed[at] ^= bit;
            // A chunk may become one that is passed over: then bytes are missing, which the reader's window notices.
            // A copy may come from another place that has the same bytes.
            let result = decompress(&changed, 700);
            assert!(result.is_err() || result.is_ok_and(|got| got.is_empty() || got == plain), "byte {at}");
        }
    }
}

#[test]
fn what_is_written_is_smaller_where_it_can_be_and_hardly_larger_where_not() {
    let (text, _) = compress(&words(3 << 20, 1), 1 << 16, None);
    assert!(text.len() < (3 << 20) / 2, "{}", text.len());
    let (zeros, _) = compress(&vec![0; 3 << 20], 1 << 16, None);
    assert!(zeros.len() < 200, "{}", zeros.len());
    let random = noise((2 << 20) + 5);
    let (stream, report) = compress(&random, 1 << 16, None);
    assert_eq!(stream.len(), random.len() + 10 + 3 * 8);
    assert_eq!((report.plain, report.compressed, report.index), (random.len() as u64, stream.len() as u64, None));
    assert_eq!(decompress(&stream, 99_999).unwrap(), random);
}

#[test]
fn padded_streams_are_multiples_of_256() {
    for len in (1..600).step_by(7) {
        let plain = noise(len);
        let (stream, report) = compress(&plain, 100, Some(Padding::new(&SeededRandom::new(1))));
        assert_eq!((stream.len() % 256, report.compressed), (0, stream.len() as u64), "{len}");
        assert_eq!(decompress(&stream, 50).unwrap(), plain);
    }
}

const SAMPLE_INDEX: &str = "f2c08109d0e1ad0380808001140014a5ac10a78108fd9104858c029f8401ab48eb1dc709b313";

#[test]
fn an_index_that_minio_wrote_is_read_and_written_the_same() {
    let stored = hex::decode(SAMPLE_INDEX).unwrap();
    let index = Index::parse(&stored).unwrap();
    let places: Vec<u64> = (0..10).map(|at| index.before(at << 20).unwrap().compressed).collect();
    let expected = [10, 390391, 782106, 1172712, 1563123, 1953648, 2343775, 2734307, 3125182, 3515121];
    assert_eq!(places, expected);
    assert_eq!((index.plain, index.compressed), (9449529, 3520616));
    assert_eq!(index.to_stored().unwrap(), stored);
    assert_eq!(index.before((1 << 20) - 1).unwrap().compressed, 10);
    assert_eq!(index.after(1).unwrap().compressed, 390391);
    assert_eq!(index.after(10 << 20), None);
}

#[test]
fn the_index_of_a_written_stream_names_its_chunks() {
    for padded in [false, true] {
        let plain = [words(5 << 20, 2), noise(1 << 20), words((3 << 20) + 77, 3)].concat();
        let padding = padded.then(|| Padding::new(&SeededRandom::new(1)));
        let (stream, report) = compress(&plain, 777_777, padding);
        let index = Index::parse(&report.index.unwrap()).unwrap();
        assert_eq!(index.plain, plain.len() as u64);
        assert_eq!(index.compressed, if padded { 0 } else { stream.len() as u64 });
        for at in [0, 1, 1 << 20, (5 << 20) + 3, (6 << 20) - 1, (9 << 20) + 1] {
            let entry = index.before(at as u64).unwrap();
            let tail = &stream[usize::try_from(entry.compressed).unwrap()..];
            let skip = at as u64 - entry.plain;
            assert!(skip < 1 << 20);
            assert!(run(&mut Decompress::from_chunk(skip), pieces(tail, 100_000)).unwrap() == plain[at..], "{at}");
        }
    }
}

#[test]
fn an_index_of_too_many_entries_loses_every_second() {
    let mut index = Index::for_blocks_of(BLOCK as u64, false);
    for at in 0..200_000u64 {
        index.push(index::Entry { compressed: 10 + at * 500_000, plain: at << 20 });
    }
    (index.plain, index.compressed) = (200_000 << 20, 10 + 200_000 * 500_000);
    let read = Index::parse(&index.to_stored().unwrap()).unwrap();
    let far = read.before(150_001 << 20).unwrap();
    assert!(far.plain > 149_990 << 20 && far.compressed == 10 + (far.plain >> 20) * 500_000);
}

#[test]
fn bytes_that_are_no_index_are_refused() {
    let stored = hex::decode(SAMPLE_INDEX).unwrap();
    for len in 0..stored.len() {
        assert!(Index::parse(&stored[..len]).is_err());
    }
    assert!(Index::parse(&[&stored[..], &[0]].concat()).is_err());
    // Entries that go back.
    assert!(Index::parse(&hex::decode("f2c08109d0e1ad03808080010400148180 40".replace(' ', "")).unwrap()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_plaintext_in_any_pieces_turns_back(
        len in 0usize..(5 << 19), seed in 0u64..4, written in 1usize..(3 << 20), read in 1usize..(3 << 20),
    ) {
        let plain = words(len, seed);
        let (stream, report) = compress(&plain, written, None);
        prop_assert_eq!((report.plain, report.compressed), (plain.len() as u64, stream.len() as u64));
        prop_assert!(decompress(&stream, read).unwrap() == plain);
        let skip = len / 3;
        let rest = run(&mut Decompress::new(skip as u64), pieces(&stream, read)).unwrap();
        prop_assert!(rest == plain[skip..]);
    }

    #[test]
    fn small_blocks_of_few_letters_turn_back(plain in proptest::collection::vec(0u8..3, 0..400)) {
        let mut out = Vec::new();
        if Encoder::new().encode(&plain, &mut out) {
            let (len, elements) = plain_len(&out, MAX_BLOCK).unwrap();
            let mut decoded = vec![0; len];
            decode(elements, &mut decoded).unwrap();
            prop_assert_eq!(decoded, plain);
        }
    }

    #[test]
    fn any_elements_mean_what_the_format_says(
        elements in proptest::collection::vec((any::<u8>(), any::<u32>(), any::<bool>()), 1..300),
        noise in proptest::collection::vec(any::<u8>(), 64),
    ) {
        let (mut block, mut plain, mut last) = (Vec::new(), Vec::new(), None);
        for (tag, number, is_near) in elements {
            // Not the literals and repeats whose lengths take more bytes, and no offset that leads nowhere.
            let high = usize::from(tag >> 2);
            let most = if is_near { 24 } else { 1 << 16 };
            let offset = number as usize % plain.len().clamp(1, most) + 1;
            match tag & 3 {
                0 if high < 60 => {
                    block.push(tag);
                    block.extend_from_slice(&noise[..=high]);
                    plain.extend_from_slice(&noise[..=high]);
                    continue;
                }
                _ if plain.is_empty() => continue,
                1 if offset < 2048 => block.extend_from_slice(&[(tag & 0x1c) | ((offset >> 8) as u8) << 5 | 1, offset as u8]),
                1 if last.is_some() && high & 7 <= 4 => block.extend_from_slice(&[tag & 0x1d, 0]),
                2 if offset < 1 << 16 => block.extend_from_slice(&[tag, offset as u8, (offset >> 8) as u8]),
                3 => block.extend_from_slice(&[&[tag][..], &(offset as u32).to_le_bytes()].concat()),
                _ => continue,
            }
            let repeats = tag & 3 == 1 && offset >= 2048;
            let from = if repeats { last.expect("looked at above") } else { offset };
            last = Some(from);
            let len = if tag & 3 == 1 { 4 + (high & 7) } else { high + 1 };
            (0..len).for_each(|_| plain.push(plain[plain.len() - from]));
        }
        let mut decoded = vec![0; plain.len()];
        prop_assert_eq!(decode(&block, &mut decoded), Ok(()));
        prop_assert_eq!(&decoded, &plain);
        // Without its last byte, or for a plaintext of another length, it is none.
        if let Some((_, cut)) = block.split_last() {
            prop_assert!(decode(cut, &mut decoded).is_err() || decoded.is_empty());
            decoded.push(0);
            prop_assert!(decode(&block, &mut decoded).is_err());
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), piece in 1usize..50) {
        let _ = run(&mut Decompress::from_chunk(3), pieces(&bytes, piece));
        let _ = Index::parse(&bytes);
        let _ = block(&hex::encode(&bytes));
    }
}
