use super::*;

fn path_style(path: &str) -> S3Result<Target> {
    Target::of(path, "127.0.0.1:9000", &[])
}

fn target(bucket: &str, key: &str) -> Target {
    Target { bucket: bucket.to_owned(), key: key.to_owned() }
}

#[test]
fn the_first_segment_is_the_bucket() {
    assert_eq!(path_style("/").unwrap(), target("", ""));
    assert_eq!(path_style("//").unwrap(), target("", ""));
    assert_eq!(path_style("/bkt").unwrap(), target("bkt", ""));
    assert_eq!(path_style("/bkt/").unwrap(), target("bkt", ""));
    assert_eq!(path_style("/bkt/a/b%20c+d").unwrap(), target("bkt", "a/b c+d"));
    assert_eq!(path_style("/bkt/dir/").unwrap(), target("bkt", "dir/"));
    assert_eq!(path_style("/b%6Bt/a%2Fb").unwrap(), target("bkt", "a/b"));
}

#[test]
fn a_leading_slash_of_a_key_is_dropped() {
    assert_eq!(path_style("/bkt//a").unwrap(), target("bkt", "a"));
    assert_eq!(path_style("/bkt/%2Fa").unwrap(), target("bkt", "a"));
    assert_eq!(path_style("/bkt//").unwrap_err().code(), ErrorCode::InvalidObjectName);
}

#[test]
fn what_cannot_be_decoded_is_no_name() {
    assert_eq!(path_style("/bkt/%zz").unwrap_err().code(), ErrorCode::InvalidObjectName);
    assert_eq!(path_style("/bkt/%ff").unwrap_err().code(), ErrorCode::InvalidObjectName);
    assert_eq!(path_style("/bkt/%4").unwrap_err().code(), ErrorCode::InvalidObjectName);
}

#[test]
fn below_a_domain_the_host_names_the_bucket() {
    let domains = ["s3.example.com".to_owned(), "other.org".to_owned()];
    let of = |path: &str, host: &str| Target::of(path, host, &domains).unwrap();
    assert_eq!(of("/a/b", "bkt.s3.example.com:9000"), target("bkt", "a/b"));
    assert_eq!(of("/", "bkt.S3.Example.com"), target("bkt", ""));
    assert_eq!(of("/a", "my.bkt.other.org"), target("my.bkt", "a"));
    assert_eq!(of("/a/b", "s3.example.com"), target("a", "b"), "the domain itself is path style");
    assert_eq!(of("/a/b", "bkts3.example.com"), target("a", "b"));
    assert_eq!(of("/a/b", "[::1]:9000"), target("a", "b"));
}
