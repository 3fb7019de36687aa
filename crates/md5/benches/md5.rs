//! MD5 beside what bounds it: a chain of four or five dependent instructions for each of its 64 steps a block.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rustfs_md5::{Engine, Md5, update_together};
use std::hint::black_box;

const BLOCK: usize = 64;
/// What a body is hashed in, more or less.
const PIECE: usize = 128 << 10;
/// Links of the chain in a block: an addition, a rotation, another addition, and two instructions of F and I, one of G and H.
const LINKS: u32 = 32 * 5 + 32 * 4;

fn one(criterion: &mut Criterion) {
    let piece = vec![0x5a; PIECE];
    let mut group = criterion.benchmark_group("one stream of 128 KiB");
    group.throughput(Throughput::Bytes(PIECE as u64));
    group.bench_function("limit: the chain alone", |bencher| bencher.iter(|| chain(PIECE / BLOCK)));
    group.bench_function("MD5", |bencher| {
        let mut md5 = Md5::new();
        bencher.iter(|| md5.update(black_box(&piece)));
    });
    group.bench_function("MD5, the crate md-5", |bencher| {
        let mut md5 = <md5::Md5 as md5::Digest>::new();
        bencher.iter(|| md5::Digest::update(&mut md5, black_box(&piece)));
    });
    group.finish();
}

fn several(criterion: &mut Criterion) {
    let pieces: Vec<Vec<u8>> = (0..16).map(|stream| vec![stream; PIECE]).collect();
    for engine in Engine::available() {
        let mut group = criterion.benchmark_group(format!("streams of 128 KiB at once, {}", engine.name()));
        for count in [2, 4, 8, 16] {
            group.throughput(Throughput::Bytes((count * PIECE) as u64));
            group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
                let mut hashes = vec![Md5::new(); count];
                bencher.iter(|| {
                    let streams = hashes.iter_mut().zip(&pieces).map(|(md5, piece)| (md5, piece.as_slice()));
                    update_together(engine, black_box(&mut streams.collect::<Vec<_>>()));
                });
            });
        }
        group.finish();
    }
}

/// As many dependent instructions of one cycle as the blocks have links. Additions and exclusive ors in turns don't fold.
fn chain(blocks: usize) -> u32 {
    let mut word: u32 = black_box(1);
    for _ in 0..blocks {
        for _ in 0..LINKS / 2 {
            word = word.wrapping_add(0x5a82_7999) ^ 0x6ed9_eba1;
        }
    }
    word
}

criterion_group!(benches, one, several);
criterion_main!(benches);
