use super::*;
use http::{HeaderName, HeaderValue};

fn names(method: Method, path: &str, query: &str) -> Result<(), ErrorCode> {
    let target = Target::of(path, "localhost", &[]).unwrap();
    let query = Query::parse(query).unwrap();
    check_names(&method, path, &query, &target).map_err(|error| error.code())
}

fn headers(pairs: &[(&str, String)]) -> HeaderMap {
    let pair = |(name, value): &(&str, String)| {
        (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(value.as_str()).unwrap())
    };
    pairs.iter().map(pair).collect()
}

#[test]
fn bucket_names_follow_the_rules() {
    for good in ["abc", "a-b.c", "123", "a--b", &"a".repeat(63), "xn--abc"] {
        assert!(is_bucket_name(good), "{good}");
    }
    for bad in ["ab", "", "Abc", "a_b", "-ab", "ab-", ".ab", "a..b", "a.-b", "a-.b", "1.2.3.4", "a/b", &"a".repeat(64)]
    {
        assert!(!is_bucket_name(bad), "{bad}");
    }
}

#[test]
fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
    for good in ["", "localhost", "bkt.s3.example.com:9000", "127.0.0.1:80", "[::1]", "[::1]:9000", "a_b"] {
        assert!(check_host(good).is_ok(), "{good}");
    }
    for bad in
        ["a b", "a/b", "user@host", "u:p@host:1", "[::1", "::1", "host:port", "host:", "host:65536", "<x>", "h?q"]
    {
        assert_eq!(check_host(bad).unwrap_err().code(), ErrorCode::InvalidRequest, "{bad}");
    }
}

#[test]
fn paths_and_parameters_must_not_climb() {
    let climbing = Err(ErrorCode::InvalidResourceName);
    for path in ["/bkt/../x", "/bkt/a/..", "/bkt/./a", "/bkt/a%5C..%5Cb", "/bkt/a/%2e%2e/b", "/../bkt"] {
        assert_eq!(names(Method::GET, path, ""), climbing, "{path}");
    }
    assert_eq!(names(Method::GET, "/bkt/a..b/...", ""), Ok(()));
    assert_eq!(names(Method::GET, "/bkt", "prefix=../x"), climbing);
    assert_eq!(names(Method::GET, "/bkt", "prefix=a&delimiter=.."), Ok(()));
    assert_eq!(names(Method::GET, &format!("/bkt/{}", "a/".repeat(20_000)), ""), climbing);
}

#[test]
fn the_servers_own_names_are_closed() {
    assert_eq!(names(Method::PUT, "/minio/x", ""), Err(ErrorCode::AllAccessDisabled));
    assert_eq!(names(Method::GET, "/minio", ""), Err(ErrorCode::AllAccessDisabled));
    assert_eq!(names(Method::GET, "/minio/foo", ""), Ok(()));
    assert_eq!(names(Method::GET, "/.minio.sys/format.json", ""), Err(ErrorCode::AllAccessDisabled));
    assert_eq!(names(Method::GET, "/.minio.system", ""), Err(ErrorCode::AllAccessDisabled));
    assert_eq!(names(Method::HEAD, "/Bucket", ""), Err(ErrorCode::InvalidBucketName));
    assert_eq!(names(Method::GET, "/", ""), Ok(()));
}

#[test]
fn headers_have_limits() {
    let check = |pairs: &[(&str, String)]| check_headers(&headers(pairs)).map_err(|error| error.code());
    assert_eq!(check(&[("x-amz-meta-a", "v".repeat(2048 - 12))]), Ok(()));
    assert_eq!(check(&[("x-amz-meta-a", "v".repeat(2048 - 11))]), Err(ErrorCode::MetadataTooLarge));
    assert_eq!(check(&[("x-other", "v".repeat(8192 - 7))]), Ok(()));
    assert_eq!(check(&[("x-other", "v".repeat(8192 - 6))]), Err(ErrorCode::MetadataTooLarge));
    assert_eq!(check(&[("x-minio-internal-a", "v".into())]), Err(ErrorCode::InvalidInternalHeaders));
}

#[test]
fn keys_of_clients_need_a_secure_connection() {
    let check = |name: &str, tls| {
        let headers = headers(&[(name, "AES256".into())]);
        crate::headers::check_customer_keys(&headers, tls).map_err(|error| error.code())
    };
    let (own, source) = (
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-copy-source-server-side-encryption-customer-key-md5",
    );
    assert_eq!(check(own, false), Err(ErrorCode::InsecureCustomerKey));
    assert_eq!(check(source, false), Err(ErrorCode::InsecureCustomerKey));
    assert_eq!((check(own, true), check("x-amz-server-side-encryption", false)), (Ok(()), Ok(())));
}
