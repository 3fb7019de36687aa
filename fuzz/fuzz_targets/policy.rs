#![no_main]
//! Policies of identities and buckets: nothing panics, and what is shown of one is the same policy.

use iam::{BucketPolicy, Policy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    if let Ok(policy) = Policy::parse(document) {
        let shown = policy.to_json();
        let again = Policy::parse(shown.to_string().as_bytes()).expect("what was shown can be read");
        assert_eq!(again.to_json(), shown);
    }
    if let Ok(policy) = BucketPolicy::parse(document, "bucket") {
        let shown = policy.to_json();
        let again = BucketPolicy::parse(shown.to_string().as_bytes(), "bucket").expect("what was shown can be read");
        assert_eq!(again.to_json(), shown);
    }
});
