use super::*;
use crate::dare::Encrypt;
use crate::s2::{Compress, Padding};
use crate::{Cipher, Key, Transform};
use base::{Random, SeededRandom};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use proptest::prelude::*;

/// An object, as a writer stores it.
struct Made {
    layout: Layout,
    key: ObjectKey,
    plain: Vec<u8>,
    stored: Vec<u8>,
}

fn run<T: Transform>(mut transform: T, plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    transform.push(Bytes::copy_from_slice(plain));
    while let Some(piece) = transform.pull().unwrap() {
        out.extend_from_slice(&piece);
    }
    transform.end();
    while let Some(piece) = transform.pull().unwrap() {
        out.extend_from_slice(&piece);
    }
    out
}

/// Half text, half noise, so that chunks of both kinds come about.
fn body(len: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; len];
    SeededRandom::new(seed).fill(&mut bytes);
    for (at, byte) in bytes.iter_mut().enumerate() {
        if (at >> 20) % 2 == 0 {
            *byte = b"etaoin shrdlu"[usize::from(*byte) % 13];
        }
    }
    bytes
}

fn make(sizes: &[(u32, usize)], encryption: Encryption, compressed: bool) -> Made {
    let random = SeededRandom::new(77);
    let key = ObjectKey::generate(&random);
    let (mut all, mut stored, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    for &(number, len) in sizes {
        let plain = body(len, u64::from(number));
        let mut bytes = plain.clone();
        let mut index = None;
        if compressed {
            let padding = (encryption != Encryption::None && number % 2 == 0).then(|| Padding::new(&random));
            let stream = Compress::new(padding);
            let report = stream.report();
            bytes = run(stream, &bytes);
            let told = report.get().unwrap().index.as_ref();
            index = told.map(|index| Index::parse(index).unwrap());
        }
        let part_key = match encryption {
            Encryption::None => None,
            Encryption::Whole => Some(key.key().clone()),
            Encryption::ByPart => Some(key.part_key(number)),
        };
        if let Some(part_key) = part_key {
            bytes = run(Encrypt::new(&part_key, Cipher::Aes256Gcm, &random), &bytes);
        }
        parts.push(StoredPart { number, stored: bytes.len() as u64, plain: len as u64, index });
        stored.extend_from_slice(&bytes);
        all.extend_from_slice(&plain);
    }
    Made { layout: Layout::new(parts, encryption, compressed).unwrap(), key, plain: all, stored }
}

async fn read(made: &Made, range: Range<u64>, piece: usize) -> Result<Vec<u8>, base::StreamError> {
    let plan = made.layout.plan(range).unwrap();
    let at = |offset: u64| usize::try_from(offset).unwrap();
    let wanted = &made.stored[at(plan.stored.start)..at(plan.stored.end)];
    let pieces: Vec<_> = wanted.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let mut out = Vec::new();
    let mut opened = made.layout.open(&plan, Some(&made.key), Box::pin(stream::iter(pieces)));
    while let Some(piece) = opened.next().await {
        out.extend_from_slice(&piece?);
    }
    Ok(out)
}

const KINDS: [(Encryption, bool); 5] = [
    (Encryption::None, false),
    (Encryption::None, true),
    (Encryption::Whole, false),
    (Encryption::ByPart, false),
    (Encryption::ByPart, true),
];

#[tokio::test]
async fn every_range_at_a_border_is_what_it_is_of_the_whole() {
    const SIZES: [(u32, usize); 4] = [(1, 131_072), (2, 65_537), (5, 1), (9, 70_000)];
    for (encryption, compressed) in KINDS {
        let sizes = if encryption == Encryption::Whole { &SIZES[1..2] } else { &SIZES[..] };
        let made = make(sizes, encryption, compressed);
        let size = made.plain.len() as u64;
        assert_eq!(made.layout.size(), size);
        let mut borders = vec![0, 65_536, size];
        let mut end = 0;
        for (_, len) in sizes {
            end += *len as u64;
            borders.extend([end, end + 65_536]);
        }
        let mut points: Vec<u64> = borders.iter().flat_map(|at| [at.saturating_sub(1), *at, at + 1]).collect();
        points.retain(|&at| at <= size);
        points.sort_unstable();
        points.dedup();
        for (at, &from) in points.iter().enumerate() {
            for &to in &points[at..] {
                let got = read(&made, from..to, 40_000).await.unwrap();
                let (from, to) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
                assert!(got == made.plain[from..to], "{encryption:?} {compressed} {from}..{to}");
            }
        }
    }
}

#[tokio::test]
async fn an_index_spares_reading_what_is_not_asked_for() {
    for encryption in [Encryption::None, Encryption::ByPart] {
        let made = make(&[(1, (9 << 20) + 5), (2, (8 << 20) + 1)], encryption, true);
        let size = made.plain.len() as u64;
        for from in
            [0, 1, (1 << 20) - 1, 1 << 20, (5 << 20) + 7, (9 << 20) + 4, (9 << 20) + 5, (12 << 20) + 3, size - 1]
        {
            for len in [1, 70_000, 1 << 20, 2 << 20] {
                let range = from..(from + len).min(size);
                let plan = made.layout.plan(range.clone()).unwrap();
                // At most a chunk more on each side, and what a package rounds to.
                let most = len + (2 << 20) + 3 * PACKAGE as u64;
                assert!(plan.stored.end - plan.stored.start <= most, "{range:?}");
                let got = read(&made, range.clone(), 100_000).await.unwrap();
                let at = |offset: u64| usize::try_from(offset).unwrap();
                assert!(got == made.plain[at(range.start)..at(range.end)], "{encryption:?} {range:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_range_reads_only_its_packages() {
    let made = make(&[(1, 10 * 65_536)], Encryption::Whole, false);
    let plan = made.layout.plan(65_536..131_072).unwrap();
    assert_eq!(plan.stored, 65_568..131_136);
    let plan = made.layout.plan(65_535..131_073).unwrap();
    assert_eq!(plan.stored, 0..3 * 65_568);
}

#[tokio::test]
async fn stored_bytes_that_are_missing_or_changed_end_in_an_error() {
    for (encryption, compressed) in KINDS {
        let sizes: &[(u32, usize)] =
            if encryption == Encryption::Whole { &[(1, 200_000)] } else { &[(1, 150_000), (2, 50_000)] };
        let mut made = make(sizes, encryption, compressed);
        let size = made.plain.len() as u64;
        for cut in [1, 33, made.stored.len() / 2, made.stored.len()] {
            let pieces = vec![Ok(Bytes::copy_from_slice(&made.stored[..made.stored.len() - cut]))];
            let plan = made.layout.plan(0..size).unwrap();
            let opened = made.layout.open(&plan, Some(&made.key), Box::pin(stream::iter(pieces)));
            assert!(opened.collect::<Vec<_>>().await.last().unwrap().is_err(), "{encryption:?} {compressed} {cut}");
        }
        if encryption != Encryption::None {
            for at in [0, 3, 20, made.stored.len() / 2, made.stored.len() - 1] {
                made.stored[at] ^= 4;
                assert!(read(&made, 0..size, 30_000).await.is_err(), "{encryption:?} {compressed} byte {at}");
                made.stored[at] ^= 4;
            }
            made.key = ObjectKey::new(Key::new([0; 32]));
            assert!(read(&made, 0..size, 30_000).await.is_err());
        }
    }
}

#[test]
fn impossible_sizes_and_ranges_are_errors() {
    let part = |stored| StoredPart { number: 4, stored, plain: 0, index: None };
    assert!(matches!(
        Layout::new(vec![part(32)], Encryption::ByPart, false),
        Err(LayoutError::Size { part: 4, source: SizeError(32) })
    ));
    let huge = StoredPart { plain: u64::MAX, ..part(43) };
    for (encryption, compressed) in KINDS.into_iter().filter(|(_, compressed)| *compressed) {
        let layout = Layout::new(vec![huge.clone(), part(43), huge.clone()], encryption, compressed);
        assert_eq!(layout.unwrap_err(), LayoutError::TooLarge);
    }
    assert_eq!(Layout::new(vec![huge], Encryption::None, false).unwrap().size(), 43);
    let layout = Layout::new(vec![part(43)], Encryption::Whole, false).unwrap();
    assert_eq!(layout.size(), 11);
    assert!(layout.plan(0..12).is_err());
    assert_eq!(layout.plan(11..11).unwrap().stored, 0..0);
}

#[test]
fn parts_are_streams_of_their_own_only_when_all_says_so() {
    assert_eq!(encryption_of(true, &[43, 65_568], 34), Encryption::ByPart);
    assert_eq!(encryption_of(false, &[43], 96), Encryption::Whole);
    assert_eq!(encryption_of(true, &[43, 32], 34), Encryption::Whole);
    assert_eq!(encryption_of(true, &[43], 32), Encryption::Whole);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn any_range_is_what_it_is_of_the_whole(
        sizes in proptest::collection::vec(0usize..150_000, 1..5), kind in 0usize..5,
        from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), piece in 1usize..100_000,
    ) {
        let (encryption, compressed) = KINDS[kind];
        let mut sizes: Vec<(u32, usize)> = (1..).step_by(3).zip(sizes).collect();
        if encryption == Encryption::Whole {
            sizes.truncate(1);
        }
        let made = make(&sizes, encryption, compressed);
        let points = (from.index(made.plain.len() + 1), to.index(made.plain.len() + 1));
        let (from, to) = (points.0.min(points.1), points.0.max(points.1));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let got = runtime.block_on(read(&made, from as u64..to as u64, piece)).unwrap();
        prop_assert!(got == made.plain[from..to]);
    }
}
