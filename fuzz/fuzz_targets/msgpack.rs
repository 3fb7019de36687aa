//! The msgpack reader, and the small records made of it: any bytes are a value or an error.
#![no_main]

use bytes::Bytes;
use format::checksum_blob::StoredChecksum;
use format::msgpack::Reader;
use format::{mrf, pool_meta::PoolMeta};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let bytes = Bytes::copy_from_slice(data);
    let mut reader = Reader::new(&bytes);
    while reader.remaining() > 0 {
        let before = reader.position();
        let mut typed = reader.clone();
        let _ = (typed.time(), typed.text(), typed.int(), typed.binary_shared());
        let _ = reader.clone().strings();
        let _ = reader.clone().key();
        match reader.raw() {
            Ok(value) => assert_eq!(value.len(), reader.position() - before),
            Err(_) => break,
        }
    }
    if let Ok(entries) = mrf::parse(&bytes) {
        assert_eq!(mrf::parse(&mrf::encode(&entries).into()), Ok(entries));
    }
    if let Ok(meta) = PoolMeta::parse(&bytes) {
        assert_eq!(PoolMeta::parse(&meta.encode().into()), Ok(meta));
    }
    let _ = StoredChecksum::parse_all(data);
});
