use crate::error::AdminError;
use crate::route::{Endpoint, endpoint};
use crate::times;
use base::Timestamp;
use http::Method;
use iam::Expiry;
use s3::query::Query;

fn routed(method: Method, path: &str, query: &str) -> Option<Endpoint> {
    endpoint(&method, path, &Query::parse(query).unwrap())
}

#[test]
fn a_route_needs_its_method_its_path_and_its_keys() {
    let path = "/minio/admin/v3/add-user";
    assert_eq!(routed(Method::PUT, path, "accessKey=a"), Some(Endpoint::AddUser));
    assert_eq!(routed(Method::PUT, path, "accessKey="), Some(Endpoint::AddUser), "a value may be empty");
    assert_eq!(routed(Method::PUT, path, ""), None);
    assert_eq!(routed(Method::GET, path, "accessKey=a"), None);
    assert_eq!(routed(Method::PUT, "/minio/admin/v3/add-user/", "accessKey=a"), None);
    assert_eq!(routed(Method::PUT, "/minio/admin/v4/add-user", "accessKey=a"), None);
    let set = "/minio/admin/v3/set-user-or-group-policy";
    assert_eq!(routed(Method::PUT, set, "policyName=&userOrGroup=a&isGroup=true"), Some(Endpoint::SetPolicies));
    assert_eq!(routed(Method::PUT, set, "policyName=&userOrGroup=a&isGroup=yes"), None);
}

#[test]
fn whoever_asks_for_another_version_is_told_which_to_use() {
    let message = |path| AdminError::unknown_route(path, "mode-server-xl").message.into_owned();
    assert_eq!(message("/minio/admin/v3/nope"), "This 'admin' API is not supported by server in 'mode-server-xl'");
    assert!(
        message("/minio/admin/v2/info")
            .starts_with("Server expects client requests with 'admin' API version 'v3', found 'v2'")
    );
    assert!(message("/minio/admin/v4/info").starts_with("Unexpected client 'admin' API version found 'v4'"));
    assert!(message("/minio/admin").starts_with("Unexpected client 'admin' API version found 'unknown'"));
    assert!(message("/minio/admin/v3").starts_with("Unexpected client 'admin' API version found 'unknown'"));
}

#[test]
fn times_are_written_as_clients_expect_them() {
    let at = Timestamp::from_secs(1_795_416_240);
    assert_eq!(times::text(None), "0001-01-01T00:00:00Z");
    assert_eq!(times::end(Expiry::Never), "1970-01-01T00:00:00Z");
    assert_eq!(times::end(Expiry::At(at)), "2026-11-23T06:44:00Z");
    assert_eq!(times::known_end(Expiry::Never), None);
    assert_eq!(times::parse("2026-11-23T06:44:00Z"), Some(Some(at)));
    assert_eq!(times::parse("1970-01-01T00:00:00Z"), Some(None));
    assert_eq!(times::parse("0001-01-01T00:00:00Z"), Some(None));
    assert_eq!(times::parse("tomorrow"), None);
}
