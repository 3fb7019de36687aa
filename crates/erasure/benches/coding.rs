//! Encoding, rebuilding and hashing of one block, each beside what bounds it: a memory copy of the same bytes, or the hash
//! alone. Rates are of the block's data.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use highway::{HighwayHash, HighwayHasher};
use rustfs_erasure::{Kernel, ReedSolomon, bitrot};
use std::hint::black_box;

const BLOCK: usize = 1 << 20;
/// Two of four drives, six drives, sixteen drives.
const CODES: [(usize, usize); 3] = [(2, 2), (4, 2), (12, 4)];

fn reed_solomon(criterion: &mut Criterion) {
    let block = noise(BLOCK);
    let mut group = criterion.benchmark_group("block of 1 MiB");
    group.throughput(Throughput::Bytes(BLOCK as u64));
    let mut copy = vec![0; BLOCK];
    group.bench_function("limit: memory copy", |bencher| bencher.iter(|| copy.copy_from_slice(black_box(&block))));
    for (data, parity) in CODES {
        let name = format!("{data}+{parity}");
        let code = ReedSolomon::new(data, parity).expect("a valid code");
        let shard = code.shard_len(BLOCK);
        let mut room = vec![vec![0; shard]; parity];
        group.bench_function(BenchmarkId::new(format!("encode, {}", Kernel::fastest().name()), &name), |bencher| {
            bencher.iter(|| {
                let mut outputs: Vec<&mut [u8]> = room.iter_mut().map(Vec::as_mut_slice).collect();
                code.encode_block(black_box(&block), &mut outputs).expect("shapes fit");
            });
        });
        // The worst that can be survived: as many data shards lost as there are parity shards.
        let lost: Vec<usize> = (0..parity).collect();
        let sources: Vec<usize> = (parity..parity + data).collect();
        let recovery = code.recovery(&sources, &lost).expect("enough shards are left");
        let shards: Vec<Vec<u8>> = (0..data).map(|_| noise(shard)).collect();
        group.bench_function(BenchmarkId::new("rebuild lost shards", &name), |bencher| {
            bencher.iter(|| {
                let inputs: Vec<&[u8]> = shards.iter().map(Vec::as_slice).collect();
                let mut outputs: Vec<&mut [u8]> = room.iter_mut().map(Vec::as_mut_slice).collect();
                recovery.run(black_box(&inputs), &mut outputs).expect("shapes fit");
            });
        });
    }
    group.finish();
}

fn hashing(criterion: &mut Criterion) {
    for (name, length) in [("shard of 2 KiB", 2 << 10), ("shard of 512 KiB", 512 << 10)] {
        let shard = noise(length);
        let mut frame = Vec::new();
        bitrot::append_frame(&mut frame, &shard);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(length as u64));
        let mut copy = vec![0; length];
        group.bench_function("limit: memory copy", |bencher| bencher.iter(|| copy.copy_from_slice(black_box(&shard))));
        group.bench_function("limit: HighwayHash alone", |bencher| {
            bencher.iter(|| HighwayHasher::default().hash256(black_box(&shard)));
        });
        group.bench_function("digest", |bencher| bencher.iter(|| bitrot::digest(black_box(&shard))));
        group.bench_function("seal a frame", |bencher| bencher.iter(|| bitrot::seal_frame(black_box(&mut frame))));
        group.bench_function("verify a frame", |bencher| {
            bencher.iter(|| bitrot::verify_frame(black_box(&frame)).expect("just sealed").len());
        });
        group.finish();
    }
}

/// Bytes without a pattern.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

criterion_group!(benches, reed_solomon, hashing);
criterion_main!(benches);
