#![no_main]
//! The documents of requests: nothing panics, and what is read of tags is written and read back the same.

use libfuzzer_sys::fuzz_target;
use s3::documents;
use service::Tags;

fuzz_target!(|data: &[u8]| {
    let _ = documents::DeleteRequest::parse(data);
    let _ = documents::parse_parts(data);
    let _ = documents::location_constraint(data);
    let _ = documents::grants_full_control(data);
    let _ = documents::parse_retention(data, base::Timestamp::ZERO);
    let _ = documents::parse_legal_hold(data);
    let tags = documents::parse_tagging(data).ok().and_then(|pairs| Tags::for_object(pairs).ok());
    if let Some(tags) = tags {
        let written = documents::write_tagging(&tags);
        let again = documents::parse_tagging(&written).expect("what was written is well-formed");
        assert_eq!(Tags::for_object(again).expect("and still allowed"), tags);
    }
});
