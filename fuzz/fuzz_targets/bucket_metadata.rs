//! `.metadata.bin`: any bytes are metadata or an error, and what is read comes back.
#![no_main]

use bytes::Bytes;
use format::bucket_metadata::BucketMetadata;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(metadata) = BucketMetadata::parse(&Bytes::copy_from_slice(data)) {
        assert_eq!(BucketMetadata::parse(&metadata.encode().into()), Ok(metadata));
    }
});
