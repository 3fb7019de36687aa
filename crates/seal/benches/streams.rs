//! Encryption and compression beside what bounds them: the cipher alone, and copying.

use base::{Random, SeededRandom};
use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ring::aead::{AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use rustfs_seal::dare::{Decrypt, Encrypt, Versions};
use rustfs_seal::s2::{Compress, Decompress};
use rustfs_seal::{Cipher, Key, Transform};
use std::hint::black_box;

const LEN: usize = 8 << 20;
const PIECE: usize = 1 << 20;

fn run<T: Transform>(transform: &mut T, pieces: Vec<Bytes>) -> usize {
    let mut len = 0;
    for piece in pieces {
        transform.push(piece);
        while let Ok(Some(piece)) = transform.pull() {
            len += black_box(piece).len();
        }
    }
    transform.end();
    while let Ok(Some(piece)) = transform.pull() {
        len += black_box(piece).len();
    }
    len
}

fn gather<T: Transform>(transform: &mut T, pieces: Vec<Bytes>) -> Vec<u8> {
    let mut all = Vec::new();
    for piece in pieces {
        transform.push(piece);
        while let Ok(Some(piece)) = transform.pull() {
            all.extend_from_slice(&piece);
        }
    }
    transform.end();
    while let Ok(Some(piece)) = transform.pull() {
        all.extend_from_slice(&piece);
    }
    all
}

fn own_pieces(bytes: &[u8]) -> Vec<Bytes> {
    bytes.chunks(PIECE).map(Bytes::copy_from_slice).collect()
}

fn shared_pieces(bytes: &Bytes) -> Vec<Bytes> {
    (0..bytes.len()).step_by(PIECE).map(|at| bytes.slice(at..bytes.len().min(at + PIECE))).collect()
}

fn noise() -> Vec<u8> {
    let mut bytes = vec![0; LEN];
    SeededRandom::new(1).fill(&mut bytes);
    bytes
}

/// Lines as a log has them.
fn log() -> Vec<u8> {
    let random = SeededRandom::new(2);
    let mut text = Vec::with_capacity(LEN + 200);
    while text.len() < LEN {
        let word = random.u64();
        let line = format!(
            "2026-11-23T{:02}:{:02}:{:02}.{:03}Z INFO request GET /bucket-{}/object-{} status=200 bytes={} remote=10.0.{}.{}\n",
            word % 24,
            word / 24 % 60,
            word / 3000 % 60,
            word / 7 % 1000,
            word % 5,
            word % 9973,
            word / 11 % 100_000,
            word % 250,
            word % 17
        );
        text.extend_from_slice(line.as_bytes());
    }
    text.truncate(LEN);
    text
}

fn encryption(criterion: &mut Criterion) {
    let (plain, key) = (Bytes::from(noise()), Key::new([7; 32]));
    for (cipher, raw, name) in
        [(Cipher::Aes256Gcm, &AES_256_GCM, "aes-gcm"), (Cipher::ChaCha20Poly1305, &CHACHA20_POLY1305, "chacha20")]
    {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(LEN as u64)).sample_size(20);
        let aead = LessSafeKey::new(UnboundKey::new(raw, key.expose()).expect("32 bytes"));
        let mut text = plain.to_vec();
        group.bench_function("cipher alone, 64 KiB in place", |bench| {
            bench.iter(|| {
                for package in text.chunks_mut(64 << 10) {
                    let nonce = Nonce::assume_unique_for_key([3; 12]);
                    black_box(aead.seal_in_place_separate_tag(nonce, Aad::from([0; 4]), package).is_ok());
                }
            });
        });
        let stream = || Encrypt::new(&key, cipher, &SeededRandom::new(3));
        let sealed = Bytes::from(gather(&mut stream(), vec![plain.clone()]));
        group.bench_function("encrypt", |bench| bench.iter(|| run(&mut stream(), shared_pieces(&plain))));
        group.bench_function("decrypt shared pieces", |bench| {
            bench.iter(|| run(&mut Decrypt::new(&key, Versions::Any), shared_pieces(&sealed)));
        });
        group.bench_function("decrypt own pieces", |bench| {
            let pieces = || own_pieces(&sealed);
            bench.iter_batched(pieces, |own| run(&mut Decrypt::new(&key, Versions::Any), own), BatchSize::PerIteration);
        });
        group.finish();
    }
}

fn compression(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("s2");
    group.throughput(Throughput::Bytes(LEN as u64)).sample_size(20);
    for (name, plain) in [("log", log()), ("noise", noise())] {
        let plain = Bytes::from(plain);
        let stream = Bytes::from(gather(&mut Compress::new(None), vec![plain.clone()]));
        println!("{name}: {} bytes to {}", plain.len(), stream.len());
        group.bench_function(format!("compress {name}"), |bench| {
            bench.iter(|| run(&mut Compress::new(None), shared_pieces(&plain)));
        });
        group.bench_function(format!("decompress {name}"), |bench| {
            bench.iter(|| run(&mut Decompress::new(0), shared_pieces(&stream)));
        });
    }
    group.finish();
}

criterion_group!(benches, encryption, compression);
criterion_main!(benches);
