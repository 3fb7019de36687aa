use super::*;
use base::Timestamp;
use http::{HeaderName, HeaderValue};
use service::{ByteRange, VersionId};
use uuid::Uuid;

fn map(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

#[test]
fn ranges_are_read() {
    let read = |text| byte_range(&map(&[("range", text)]));
    assert_eq!(read("bytes=0-9"), Some(ByteRange::FromTo { first: 0, last: 9 }));
    assert_eq!(read("bytes=5-"), Some(ByteRange::From { first: 5 }));
    assert_eq!(read("bytes=-7"), Some(ByteRange::Last { count: 7 }));
    assert_eq!(read("bytes=5-2"), Some(ByteRange::Unsatisfiable));
    assert_eq!(read("bytes=-0"), Some(ByteRange::Unsatisfiable));
}

#[test]
fn other_ranges_are_ignored() {
    for text in ["bytes=0-1,3-4", "items=0-1", "bytes=", "bytes=-", "bytes=a-b", "bytes=+1-2", "bytes=1- 2", "0-1"] {
        assert_eq!(byte_range(&map(&[("range", text)])), None, "{text}");
    }
    assert_eq!(byte_range(&map(&[("range", "bytes=99999999999999999999-")])), None);
    assert_eq!(byte_range(&map(&[])), None);
}

#[test]
fn a_copied_range_must_be_whole() {
    let read = |text| copy_range(&map(&[("x-amz-copy-source-range", text)])).map_err(|error| error.code());
    assert_eq!(read("bytes=2-9"), Ok(Some((2, 9))));
    assert_eq!(copy_range(&map(&[])).unwrap(), None);
    for bad in ["0-9", "bytes=5-", "bytes=-5", "bytes=9-2", "bytes=a-b", "bytes=0-9,11-12"] {
        assert_eq!(read(bad), Err(ErrorCode::InvalidCopyPartRange), "{bad}");
    }
}

#[test]
fn copy_sources_are_read() {
    let source =
        |bucket: &str, key: &str, version| CopySource { bucket: bucket.to_owned(), key: key.to_owned(), version };
    assert_eq!(CopySource::parse("/b/k/x").unwrap(), source("b", "k/x", None));
    assert_eq!(CopySource::parse("b/k%20%2Bx+y").unwrap(), source("b", "k +x y", None));
    assert_eq!(CopySource::parse("b%2Fk").unwrap(), source("b", "k", None));
    assert_eq!(CopySource::parse("b/100%").unwrap(), source("b", "100%", None), "not encoded");
    assert_eq!(CopySource::parse("b/k?versionId=null").unwrap(), source("b", "k", Some(VersionId::Null)));
    let id = Uuid::from_u128(7);
    let with_id = format!("b/k?versionId={id}");
    assert_eq!(CopySource::parse(&with_id).unwrap(), source("b", "k", Some(VersionId::Id(id))));
}

#[test]
fn bad_copy_sources_are_refused() {
    for (bad, code) in [
        ("b", ErrorCode::InvalidCopySource),
        ("/b/", ErrorCode::InvalidCopySource),
        ("//k", ErrorCode::InvalidCopySource),
        ("b/../k", ErrorCode::InvalidObjectName),
        ("b/k?versionId=what", ErrorCode::InvalidVersionId),
    ] {
        assert_eq!(CopySource::parse(bad).unwrap_err().code(), code, "{bad}");
    }
}

#[test]
fn conditions_are_read_without_quotes() {
    let read = read_conditions(&map(&[
        ("if-match", "\"a\", W/\"b\",c"),
        ("if-none-match", "*"),
        ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("if-unmodified-since", "garbage"),
    ]));
    assert_eq!(read.if_match, Some(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
    assert_eq!(read.if_none_match, Some(vec!["*".to_owned()]));
    assert_eq!(read.if_modified_since, Some(Timestamp::from_secs(784_111_777)));
    assert_eq!(read.if_unmodified_since, None);
    let write = write_conditions(&map(&[("if-none-match", "*")]));
    assert_eq!((write.if_match, write.if_none_match), (None, Some(vec!["*".to_owned()])));
    let source = source_conditions(&map(&[("x-amz-copy-source-if-match", "\"x\""), ("if-match", "y")]));
    assert_eq!(source.if_match, Some(vec!["x".to_owned()]));
}

#[test]
fn metadata_comes_from_headers_and_query() {
    let query = Query::parse("X-Amz-Meta-Query=q&x-amz-meta-both=no&content-type=text/x").unwrap();
    let headers = map(&[
        ("content-encoding", "aws-chunked, gzip"),
        ("cache-control", "no-cache"),
        ("x-amz-meta-both", "yes"),
        ("x-amz-meta-Twice", "1"),
        ("x-amz-meta-twice", "2"),
        ("x-amz-meta-utf", "ö"),
        ("x-amz-meta-empty", ""),
        ("x-amz-meta-", "nameless"),
        ("x-amz-website-redirect-location", "/x"),
    ]);
    let stored: Vec<(String, String)> = object_metadata(&headers, &query).into_iter().collect();
    let expected = [
        ("X-Amz-Meta-Both", "yes"),
        ("X-Amz-Meta-Empty", ""),
        ("X-Amz-Meta-Query", "q"),
        ("X-Amz-Meta-Twice", "1,2"),
        ("X-Amz-Meta-Utf", "ö"),
        ("cache-control", "no-cache"),
        ("content-encoding", "gzip"),
        ("content-type", "text/x"),
        ("x-amz-website-redirect-location", "/x"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(stored, expected);
}

#[test]
fn an_encoding_of_the_transfer_alone_is_not_stored() {
    for encoding in ["aws-chunked", "aws-chunked, aws-chunked", ""] {
        let headers = map(&[("content-encoding", encoding)]);
        assert!(object_metadata(&headers, &Query::default()).is_empty(), "{encoding}");
    }
    for encoding in ["deflate, gzip", "deflate, gzip,aws-chunked", "aws-chunked, deflate, gzip"] {
        let headers = map(&[("content-encoding", encoding)]);
        assert_eq!(object_metadata(&headers, &Query::default())["content-encoding"], "deflate, gzip");
    }
}

#[test]
fn content_md5_must_be_base64_of_sixteen_bytes() {
    let read = |text| content_md5(&map(&[("content-md5", text)])).map_err(|error| error.code());
    assert_eq!(content_md5(&map(&[])).unwrap(), None);
    let empty = [0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0, 0xb2, 4, 0xe9, 0x80, 9, 0x98, 0xec, 0xf8, 0x42, 0x7e];
    assert_eq!(read("1B2M2Y8AsgTpgAmY7PhCfg=="), Ok(Some(empty)));
    for bad in ["", "1B2M2Y8AsgTpgAmY7PhC", "not base64!", "1B2M2Y8AsgTpgAmY7PhCfg"] {
        assert_eq!(read(bad), Err(ErrorCode::InvalidDigest), "{bad}");
    }
}

#[test]
fn page_sizes_are_between_zero_and_two_to_the_31st() {
    let read = |text| integer_between(text, 1000, ErrorCode::InvalidMaxKeys).map_err(|error| error.code());
    assert_eq!(read(None), Ok(1000));
    assert_eq!(read(Some("")), Ok(1000));
    assert_eq!(read(Some("0")), Ok(0));
    assert_eq!(read(Some("2147483647")), Ok(2_147_483_647));
    for bad in ["-1", "x", "2147483648", "1.5"] {
        assert_eq!(read(Some(bad)), Err(ErrorCode::InvalidMaxKeys), "{bad}");
    }
}

#[test]
fn parts_are_numbered_from_one_to_ten_thousand() {
    let read = |text| part_number(text).map_err(|error| error.code());
    assert_eq!(read("1"), Ok(1));
    assert_eq!(read("10000"), Ok(10_000));
    assert_eq!(read("10001"), Err(ErrorCode::InvalidMaxParts));
    for bad in ["0", "-1", "x", ""] {
        assert_eq!(read(bad), Err(ErrorCode::InvalidPart), "{bad}");
    }
}

#[test]
fn lock_headers_come_together() {
    let now = Timestamp::from_secs(1_795_417_362);
    let read = |pairs: &[(&str, &str)]| lock_settings(&map(pairs), now).map_err(|error| error.code());
    let (mode, until) = ("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date");
    assert!(read(&[]).unwrap().is_empty());
    let settings = read(&[(mode, "governance"), (until, "2030-01-01T00:00:00Z")]).unwrap();
    assert_eq!(settings.retention.unwrap().until, Timestamp::from_secs(1_893_456_000));
    assert_eq!(read(&[("x-amz-object-lock-legal-hold", "on")]).unwrap().legal_hold, Some(true));
    assert_eq!(read(&[(mode, "GOVERNANCE")]), Err(ErrorCode::LockHeadersIncomplete));
    assert_eq!(read(&[(mode, "X"), (until, "2030-01-01T00:00:00Z")]), Err(ErrorCode::LockModeUnknown));
    assert_eq!(read(&[(mode, "COMPLIANCE"), (until, "soon")]), Err(ErrorCode::LockDateMalformed));
    assert_eq!(read(&[(mode, "COMPLIANCE"), (until, "2020-01-01T00:00:00Z")]), Err(ErrorCode::LockDatePast));
}
