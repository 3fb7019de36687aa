#![no_main]
//! `Range`: nothing panics, and every range that is read has its ends in order.

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use s3::headers::{byte_range, copy_range};
use service::ByteRange;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let mut headers = HeaderMap::new();
    headers.insert("range", value.clone());
    headers.insert("x-amz-copy-source-range", value);
    if let Some(ByteRange::FromTo { first, last }) = byte_range(&headers) {
        assert!(first <= last);
    }
    if let Ok(Some((first, last))) = copy_range(&headers) {
        assert!(first <= last);
    }
});
