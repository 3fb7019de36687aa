use super::*;
use crate::error::ErrorCode;
use base::Timestamp;
use service::{ChecksumAlgorithm, DeleteConditions, RetentionMode, Tags};

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_delete_request_is_read() {
    let document = b"<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>\
        <Object><Key>/a&amp;b</Key></Object><Object><VersionId>null</VersionId><Key>c</Key><Size>1</Size></Object></Delete>";
    let request = DeleteRequest::parse(document).unwrap();
    assert!(request.quiet);
    let expected = [("a&b", "", None), ("c", "null", Some(1))].map(|(key, version, size)| DeletedKey {
        key: key.to_owned(),
        version: version.to_owned(),
        conditions: DeleteConditions { size, ..DeleteConditions::default() },
    });
    assert_eq!(request.objects, expected);
}

#[test]
fn a_delete_request_names_one_to_a_thousand_keys() {
    let request = |count: usize| {
        let document = format!("<Delete>{}</Delete>", "<Object><Key>k</Key></Object>".repeat(count));
        DeleteRequest::parse(document.as_bytes()).map_err(|error| error.code())
    };
    assert_eq!(request(0), Err(ErrorCode::MalformedXml));
    assert_eq!(request(1000).unwrap().objects.len(), 1000);
    assert_eq!(request(1001), Err(ErrorCode::MalformedXml));
}

#[test]
fn parts_are_read_with_their_checksums() {
    let document = b"<CompleteMultipartUpload><Part><ETag>&quot;abc&quot;</ETag><PartNumber>2</PartNumber>\
        <ChecksumCRC32C>yZRlqg==</ChecksumCRC32C><ChecksumSHA1></ChecksumSHA1></Part>\
        <Part><PartNumber> 1 </PartNumber><ETag>def</ETag></Part></CompleteMultipartUpload>";
    let parts = parse_parts(document).unwrap();
    assert_eq!((parts[0].number, parts[0].etag.as_str()), (2, "abc"));
    assert_eq!(parts[0].checksums, [(ChecksumAlgorithm::Crc32c, "yZRlqg==".to_owned())]);
    assert_eq!((parts[1].number, parts[1].etag.as_str()), (1, "def"));
    assert!(parts[1].checksums.is_empty());
}

#[test]
fn bad_parts_are_refused() {
    for bad in [
        &b"<X/>"[..],
        b"",
        b"<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>",
    ] {
        assert_eq!(parse_parts(bad).unwrap_err().code(), ErrorCode::MalformedXml);
    }
    let many = format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", "<Part/>".repeat(10_001));
    assert_eq!(parse_parts(many.as_bytes()).unwrap_err().code(), ErrorCode::MalformedXml);
}

#[test]
fn tags_are_read_and_written() {
    let document = b"<Tagging><TagSet><Tag><Key>k2</Key><Value>v 2</Value></Tag><Tag><Key>k1</Key><Value/></Tag></TagSet></Tagging>";
    let tags = Tags::for_object(parse_tagging(document).unwrap()).unwrap();
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Tagging><TagSet><Tag><Key>k1</Key><Value></Value></Tag>\
        <Tag><Key>k2</Key><Value>v 2</Value></Tag></TagSet></Tagging>";
    assert_eq!(text(write_tagging(&tags)), expected);
}

#[test]
fn locations_are_read() {
    let document = b"<CreateBucketConfiguration xmlns=\"x\"><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(location_constraint(document).unwrap(), "eu-west-1");
    assert_eq!(location_constraint(b" \n").unwrap(), "");
    assert!(location_constraint(b"<Other/>").is_err());
}

#[test]
fn retentions_are_read_and_written() {
    let now = Timestamp::from_secs(1_795_417_362);
    let read = |document: &str| parse_retention(document.as_bytes(), now).map_err(|error| error.code());
    let until = "<Mode>COMPLIANCE</Mode><RetainUntilDate>2030-01-01T00:00:00.5Z</RetainUntilDate>";
    let retention = read(&format!("<Retention>{until}</Retention>")).unwrap().unwrap();
    assert_eq!(retention.mode, RetentionMode::Compliance);
    assert!(
        text(write_retention(retention)).ends_with(
            "<Mode>COMPLIANCE</Mode><RetainUntilDate>2030-01-01T00:00:00.500Z</RetainUntilDate></Retention>"
        )
    );
    assert_eq!(read("<Retention/>"), Ok(None));
    for bad in [
        "<Retention><Mode>GOVERNANCE</Mode></Retention>",
        "<Retention><Mode>governance</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>",
        "<Retention><Mode>X</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>",
        "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2020-01-01T00:00:00Z</RetainUntilDate></Retention>",
    ] {
        assert_eq!(read(bad), Err(ErrorCode::MalformedXml), "{bad}");
    }
}

#[test]
fn legal_holds_are_on_or_off() {
    assert!(parse_legal_hold(&write_legal_hold(true)).unwrap());
    assert!(!parse_legal_hold(&write_legal_hold(false)).unwrap());
    assert_eq!(parse_legal_hold(b"<LegalHold/>").unwrap_err().code(), ErrorCode::MalformedXml);
}

fn announced(name: &'static str, value: &'static str) -> S3Result<Digests> {
    let mut headers = HeaderMap::new();
    headers.insert(name, http::HeaderValue::from_static(value));
    Digests::announced(&headers, &Query::default())
}

#[test]
fn digests_of_documents_are_checked() {
    // MD5, CRC-32 and SHA-256 of "hello world" as independent tools give them.
    for (name, value) in [
        ("content-md5", "XrY7u+Ae7tCTyyK7j1rNww=="),
        ("x-amz-checksum-crc32", "DUoRhQ=="),
        ("x-amz-checksum-sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="),
    ] {
        let digests = announced(name, value).unwrap();
        assert!(!digests.is_none());
        digests.check(b"hello world").unwrap();
        assert!(digests.check(b"hello worle").is_err(), "{name}");
    }
    assert!(Digests::announced(&HeaderMap::new(), &Query::default()).unwrap().is_none());
    let wrong = announced("content-md5", "XrY7u+Ae7tCTyyK7j1rNww==").unwrap();
    assert_eq!(wrong.check(b"").unwrap_err().code(), ErrorCode::BadDigest);
}

#[test]
fn lists_are_read_as_they_are_written() {
    use service::{AskedAcl, AskedGrant, AskedGrantee};
    let read = |grants: &str| {
        parse_acl(format!("<AccessControlPolicy>{grants}</AccessControlPolicy>").as_bytes()).map_err(|e| e.code())
    };
    let grant = |grantee: &str| format!("<Grant><Grantee>{grantee}</Grantee><Permission>READ</Permission></Grant>");
    let whole = format!(
        "<Owner><ID>me</ID></Owner><AccessControlList>{}{}</AccessControlList>",
        grant("<ID>you</ID><DisplayName>You</DisplayName>"),
        grant("<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>"),
    );
    let asked = |grantee| AskedGrant { grantee: AskedGrantee::Known(grantee), permission: iam::Permission::Read };
    let grants = vec![asked(iam::Grantee::User("you".to_owned())), asked(iam::Grantee::AllUsers)];
    assert_eq!(read(&whole), Ok(AskedAcl::Grants { owner: Some("me".to_owned()), grants }));
    for (inside, code) in [
        ("<Owner/>".to_owned(), ErrorCode::MalformedAcl),
        ("<AccessControlList><x/></AccessControlList>".to_owned(), ErrorCode::MalformedAcl),
        (format!("<AccessControlList>{}</AccessControlList>", grant("")), ErrorCode::MalformedAcl),
        (
            format!("<AccessControlList>{}</AccessControlList>", grant("<ID>a</ID><URI>b</URI>")),
            ErrorCode::MalformedAcl,
        ),
        (format!("<AccessControlList>{}</AccessControlList>", grant("<URI>nowhere</URI>")), ErrorCode::InvalidArgument),
        (
            format!("<AccessControlList>{}</AccessControlList>", grant("<ID>a</ID>").repeat(102)),
            ErrorCode::MalformedAcl,
        ),
    ] {
        assert_eq!(read(&inside), Err(code), "{inside}");
    }
}

#[test]
fn ownership_and_switches_are_read() {
    let rule = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>";
    assert_eq!(parse_ownership(rule.as_bytes()).ok(), Some(iam::ObjectOwnership::ObjectWriter));
    for bad in [
        "<OwnershipControls/>",
        &rule.replace("ObjectWriter", "Nobody"),
        "<OwnershipControls><Rule/></OwnershipControls>",
    ] {
        assert!(parse_ownership(bad.as_bytes()).is_err(), "{bad}");
    }
    let block = |inside: &str| {
        let root = "PublicAccessBlockConfiguration";
        parse_public_access_block(format!("<{root}>{inside}</{root}>").as_bytes())
    };
    let on = block("<IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicAcls>FALSE</BlockPublicAcls>").expect("read");
    assert!(on.ignore_public_acls && !on.block_public_acls && !on.restrict_public_buckets);
    assert!(block("<IgnorePublicAcls>maybe</IgnorePublicAcls>").is_err() && block("<Other>true</Other>").is_err());
}
