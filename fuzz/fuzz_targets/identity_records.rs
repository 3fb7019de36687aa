#![no_main]
//! Stored identities, groups, mappings and policies: nothing panics, and what is written again says the same.

use iam::{GroupRecord, IdentityRecord, MappingRecord, PolicyRecord};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    if let Ok(record) = IdentityRecord::parse(document) {
        let again = IdentityRecord::parse(record.to_json().as_bytes()).expect("what was written can be read");
        assert_eq!(again.to_json(), record.to_json());
    }
    if let Ok(record) = GroupRecord::parse(document) {
        assert_eq!(GroupRecord::parse(record.to_json().as_bytes()), Ok(record));
    }
    if let Ok(record) = MappingRecord::parse(document) {
        let again = MappingRecord::parse(record.to_json().as_bytes()).expect("what was written can be read");
        assert_eq!(again.to_json(), record.to_json());
    }
    if let Ok(record) = PolicyRecord::parse(document) {
        PolicyRecord::parse(record.to_json().as_bytes()).expect("what was written can be read");
    }
});
