//! Reading and writing `xl.meta`, beside what bounds it: a copy of the same bytes, and the checksum that guards them.

use base::Timestamp;
use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rustfs_format::object_meta_keys::sys;
use rustfs_format::xl::{METADATA_READ_SIZE, ObjectVersion, Part, Version, VersionEntry, XlMeta};
use std::hint::black_box;
use uuid::Uuid;
use xxhash_rust::xxh64::xxh64;

/// The shard of an object of 4 KiB on two data drives, with its hash.
const SHARD: usize = 2048 + 32;

fn one_small_object(criterion: &mut Criterion) {
    let meta = with_versions(1);
    measure(criterion, "xl.meta of a 4 KiB object", &meta);
}

fn a_thousand_versions(criterion: &mut Criterion) {
    let meta = with_versions(1000);
    measure(criterion, "xl.meta of 1000 versions", &meta);
}

fn measure(criterion: &mut Criterion, name: &str, meta: &XlMeta) {
    let file = Bytes::from(meta.encode());
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(file.len() as u64));
    let mut copy = vec![0; file.len()];
    group.bench_function("limit: memory copy", |bencher| bencher.iter(|| copy.copy_from_slice(black_box(&file))));
    group.bench_function("limit: xxHash64 alone", |bencher| bencher.iter(|| xxh64(black_box(&file), 0)));
    group.bench_function("parse", |bencher| bencher.iter(|| XlMeta::parse(black_box(&file)).expect("just written")));
    group.bench_function("parse, decode the latest version", |bencher| {
        bencher.iter(|| {
            let meta = XlMeta::parse(black_box(&file)).expect("just written");
            meta.latest().expect("there is one").decode().expect("just written")
        });
    });
    let prefix = file.slice(..file.len().min(METADATA_READ_SIZE));
    if meta.versions.len() == 1 {
        group.bench_function("parse without inline data", |bencher| {
            bencher.iter(|| XlMeta::parse_without_inline(black_box(&prefix)).expect("just written"));
        });
    }
    group.bench_function("encode", |bencher| bencher.iter(|| black_box(meta).encode()));
    group.bench_function("add a version, encode", |bencher| {
        bencher.iter(|| {
            let mut meta = black_box(meta).clone();
            meta.upsert(VersionEntry::from_version(&Version::Object(object(1 << 64))));
            meta.encode()
        });
    });
    group.finish();
}

/// An object with so many versions, the data of the newest beside its metadata.
fn with_versions(count: u128) -> XlMeta {
    let mut meta = XlMeta::default();
    for id in 1..=count {
        meta.upsert(VersionEntry::from_version(&Version::Object(object(id))));
    }
    meta.inline.set(Uuid::from_u128(count), vec![7; SHARD].into());
    meta
}

fn object(id: u128) -> ObjectVersion {
    let user = [("etag", "9a0364b9e99bb480dd25e1f0284c8555"), ("content-type", "application/octet-stream")];
    ObjectVersion {
        version_id: Uuid::from_u128(id),
        data_dir: Uuid::from_u128(id + 1),
        data: 2,
        parity: 2,
        block_size: 1 << 20,
        index: 1,
        distribution: vec![1, 2, 3, 4],
        parts: vec![Part { number: 1, size: 4096, actual_size: 4096, ..Part::default() }],
        size: 4096,
        mod_time: Timestamp::from_secs(1_700_000_000)
            .plus(std::time::Duration::from_secs(u64::try_from(id).unwrap_or(u64::from(u32::MAX)))),
        meta_sys: [(sys::INLINE_DATA.to_owned(), Bytes::from_static(b"true"))].into(),
        meta_user: user.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        ..ObjectVersion::default()
    }
}

criterion_group!(benches, one_small_object, a_thousand_versions);
criterion_main!(benches);
