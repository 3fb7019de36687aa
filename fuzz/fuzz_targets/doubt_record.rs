//! Records of commits in doubt: any bytes are a record or an error, and what is read comes back. The checksum is made
//! right half of the time, or none would ever be read.
#![no_main]

use bytes::Bytes;
use drive::DoubtRecord;
use libfuzzer_sys::fuzz_target;
use xxhash_rust::xxh3::xxh3_64;

fuzz_target!(|data: &[u8]| {
    let _any = DoubtRecord::decode(&Bytes::copy_from_slice(data));

    let mut sealed = b"RFSDOUBT\x01\x00".to_vec();
    sealed.extend_from_slice(data);
    sealed.extend(xxh3_64(&sealed).to_le_bytes());
    if let Ok(record) = DoubtRecord::decode(&sealed.into()) {
        assert_eq!(DoubtRecord::decode(&record.encode()), Ok(record));
    }
});
