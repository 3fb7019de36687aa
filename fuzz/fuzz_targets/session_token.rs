#![no_main]
//! Session tokens: nothing panics, and none is taken that nobody signed.

use base::{Secret, Timestamp};
use iam::token::Claims;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let secret = Secret::new("a-secret-that-the-fuzzer-does-not-know");
    assert!(Claims::verify(&Secret::new(text), &[&secret], Timestamp::from_secs(1_795_416_000)).is_err());
});
