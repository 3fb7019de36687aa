//! `xl.meta` and `xl.json`: any bytes are a file or an error, and what is read comes back.
#![no_main]

use bytes::Bytes;
use format::xl::{LegacyVersion, VersionEntry, XlMeta, metadata_size};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file = Bytes::copy_from_slice(data);
    let _ = metadata_size(&file);
    let _ = XlMeta::parse_without_inline(&file);
    let _ = LegacyVersion::parse_json(data);
    // The checksum keeps the fuzzer out of the bodies: give it a door to them.
    if let Ok(entry) = VersionEntry::from_body(file.clone()) {
        come_back(&entry);
    }
    if let Ok(meta) = XlMeta::parse(&file) {
        let again = XlMeta::parse(&meta.encode().into()).expect("what was written can be read");
        assert_eq!(again, meta);
        meta.versions.iter().for_each(come_back);
    }
});

fn come_back(entry: &VersionEntry) {
    let _ = entry.data_dir();
    let _ = entry.for_shard(1);
    if let Ok(version) = entry.decode() {
        assert_eq!(VersionEntry::from_version(&version).decode(), Ok(version));
    }
}
