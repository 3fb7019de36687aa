//! Bytes per second on one core, by kernel and code: `cargo run --release -p rustfs-erasure --example throughput`.
//!
//! GB/s (10^9) of a block's *data*; a block is 1 MiB, as stored. Each figure is the best of several rounds over blocks in
//! turn: `hot` walks over few blocks, which stay in the cache, as in a server that has just received them; `cold`
//! over many more than the cache holds.

use std::hint::black_box;
use std::time::Instant;

use rustfs_erasure::{Kernel, ReedSolomon, bitrot};

const BLOCK: usize = 1 << 20;
const HOT_BLOCKS: usize = 1;
const COLD_BLOCKS: usize = 128;
const ROUNDS: usize = 7;
/// Data walked over in a round.
const ROUND_BYTES: usize = 128 << 20;

fn main() {
    for (label, blocks) in [("hot", HOT_BLOCKS), ("cold", COLD_BLOCKS)] {
        println!("{label}: {blocks} block(s) of {BLOCK} bytes");
        let source: Vec<Vec<u8>> = (0..blocks).map(|n| noise(n, BLOCK)).collect();
        let mut copies = vec![vec![0; BLOCK]; blocks];
        let copy = measure(blocks, |n| copies[n].copy_from_slice(black_box(&source[n])));
        println!("  {:<38} {copy:6.1} GB/s", "memcpy");
        let hash = measure(blocks, |n| {
            black_box(bitrot::digest(&source[n]));
        });
        println!("  {:<38} {hash:6.1} GB/s", "highwayhash-256");
        for kernel in Kernel::available() {
            for (data, parity) in [(2, 2), (4, 2), (12, 4), (8, 8)] {
                let code = ReedSolomon::with_kernel(data, parity, kernel).expect("a valid code");
                let label = format!("{} {data}+{parity}", kernel.name());
                println!("  {:<38} {:6.1} GB/s", format!("{label} encode"), encode(&code, &source));
                println!("  {:<38} {:6.1} GB/s", format!("{label} decode, {parity} lost"), decode(&code, &source));
            }
        }
        for (data, parity) in [(2, 2), (4, 2), (12, 4)] {
            let code = ReedSolomon::new(data, parity).expect("a valid code");
            let label = format!("{data}+{parity} encode and hash all frames");
            println!("  {label:<38} {:6.1} GB/s", encode_frames(&code, blocks));
        }
    }
}

/// Best GB/s over several rounds of `work(block)` for each of the blocks in turn.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn measure(blocks: usize, mut work: impl FnMut(usize)) -> f64 {
    let turns = ROUND_BYTES / BLOCK;
    let round = |_| {
        let start = Instant::now();
        (0..turns).for_each(|turn| work(turn % blocks));
        start.elapsed().as_secs_f64()
    };
    let best = (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min);
    (turns * BLOCK) as f64 / best / 1e9
}

fn encode(code: &ReedSolomon, source: &[Vec<u8>]) -> f64 {
    let mut parity = vec![vec![vec![0; code.shard_len(BLOCK)]; code.parity()]; source.len()];
    measure(source.len(), |n| {
        let mut outputs: Vec<&mut [u8]> = parity[n].iter_mut().map(Vec::as_mut_slice).collect();
        code.encode_block(black_box(&source[n]), &mut outputs).expect("shapes fit");
    })
}

/// The first K data shards are lost, or all if there are fewer.
fn decode(code: &ReedSolomon, source: &[Vec<u8>]) -> f64 {
    let len = code.shard_len(BLOCK);
    let lost: Vec<usize> = (0..code.parity().min(code.data())).collect();
    let sources: Vec<usize> = (lost.len()..lost.len() + code.data()).collect();
    let recovery = code.recovery(&sources, &lost).expect("M shards are left");
    // What the source shards hold doesn't matter to the arithmetic.
    let mut room = vec![vec![vec![0; len]; lost.len()]; source.len()];
    measure(source.len(), |n| {
        let inputs: Vec<&[u8]> = (0..code.data()).map(|i| &source[n][i * (BLOCK / code.data())..]).collect();
        let inputs: Vec<&[u8]> = inputs.iter().map(|input| &input[..BLOCK / code.data()]).collect();
        let mut outputs: Vec<&mut [u8]> = room[n].iter_mut().map(|output| &mut output[..BLOCK / code.data()]).collect();
        recovery.run(black_box(&inputs), &mut outputs).expect("shapes fit");
    })
}

fn encode_frames(code: &ReedSolomon, blocks: usize) -> f64 {
    let frame = bitrot::DIGEST_LEN + code.shard_len(BLOCK);
    let mut stripes: Vec<Vec<u8>> = (0..blocks).map(|n| noise(n, frame * code.total())).collect();
    measure(blocks, |n| {
        let mut frames: Vec<&mut [u8]> = stripes[n].chunks_exact_mut(frame).collect();
        code.encode_frames(&mut frames).expect("shapes fit");
    })
}

/// `len` bytes without a pattern.
fn noise(seed: usize, len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ seed as u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..len).map(|_| next()).collect()
}
