//! `part.N.meta`: any bytes are a record or an error, and what is read comes back.
#![no_main]

use bytes::Bytes;
use format::part_record::PartRecord;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(record) = PartRecord::parse(&Bytes::copy_from_slice(data)) {
        assert_eq!(PartRecord::parse(&record.encode().into()), Ok(record));
    }
});
