#![no_main]
//! Paths, hosts and queries: nothing panics, and every request has an operation.

use http::{HeaderMap, Method};
use libfuzzer_sys::fuzz_target;
use s3::query::Query;
use s3::routing::operation;
use s3::target::Target;

fuzz_target!(|text: (&str, &str, &str)| {
    let (path, host, query) = text;
    let domains = ["example.com".to_owned()];
    let (Ok(target), Ok(query)) = (Target::of(path, host, &domains), Query::parse(query)) else { return };
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::DELETE] {
        let _ = operation(&method, &target, &query, &HeaderMap::new());
    }
});
