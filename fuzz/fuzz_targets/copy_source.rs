#![no_main]
//! `x-amz-copy-source`: nothing panics, and no source has an empty name or climbs.

use libfuzzer_sys::fuzz_target;
use s3::headers::CopySource;

fuzz_target!(|text: &str| {
    if let Ok(source) = CopySource::parse(text) {
        assert!(!source.bucket.is_empty() && !source.key.is_empty() && !source.bucket.contains('/'));
        assert!(source.key.split('/').all(|segment| segment != ".." && segment != "."));
    }
});
