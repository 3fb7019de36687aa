//! The two large documents of S3, a page of a listing and a list of keys to delete, beside a copy of their bytes.

use base::Timestamp;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rustfs_s3::documents::DeleteRequest;
use rustfs_s3::xml::Writer;
use std::fmt::Write;
use std::hint::black_box;

const KEYS: usize = 1000;

fn page(criterion: &mut Criterion) {
    let keys: Vec<String> = (0..KEYS).map(|at| format!("photos/2024/{:02}/image-{at:06}.jpeg", at % 12)).collect();
    let written = write_page(&keys);
    let mut group = criterion.benchmark_group("page of 1000 keys");
    group.throughput(Throughput::Bytes(written.len() as u64));
    let mut copy = vec![0; written.len()];
    group.bench_function("limit: memory copy", |bencher| bencher.iter(|| copy.copy_from_slice(black_box(&written))));
    group.bench_function("write", |bencher| bencher.iter(|| write_page(black_box(&keys))));
    group.finish();
}

/// What ListObjectsV2 answers.
fn write_page(keys: &[String]) -> Vec<u8> {
    let mut xml = Writer::document();
    xml.reserve(keys.len() * 300);
    xml.open_root("ListBucketResult");
    xml.text("Name", "bucket");
    xml.number("KeyCount", keys.len() as u64);
    for (at, key) in keys.iter().enumerate() {
        xml.open("Contents");
        xml.text("Key", key);
        xml.time("LastModified", Timestamp::from_nanos(1_700_000_000_123_000_000));
        xml.etag("ETag", "9a0364b9e99bb480dd25e1f0284c8555");
        xml.number("Size", 4096 + at as u64);
        xml.text("StorageClass", "STANDARD");
        xml.close("Contents");
    }
    xml.close("ListBucketResult");
    xml.finish()
}

fn delete(criterion: &mut Criterion) {
    let mut document = String::from(r#"<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>"#);
    for at in 0..KEYS {
        let _ = write!(document, "<Object><Key>photos/2024/image-{at:06}.jpeg</Key></Object>");
    }
    document.push_str("</Delete>");
    let mut group = criterion.benchmark_group("1000 keys to delete");
    group.throughput(Throughput::Bytes(document.len() as u64));
    let mut copy = vec![0; document.len()];
    group.bench_function("limit: memory copy", |bencher| {
        bencher.iter(|| copy.copy_from_slice(black_box(document.as_bytes())));
    });
    group.bench_function("parse", |bencher| {
        bencher.iter(|| DeleteRequest::parse(black_box(document.as_bytes())).expect("a valid document"));
    });
    group.finish();
}

criterion_group!(benches, page, delete);
criterion_main!(benches);
