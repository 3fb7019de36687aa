use super::*;

const CONTEXT: ErrorContext<'_> = ErrorContext {
    resource: "/bkt/d/y",
    bucket: "bkt",
    key: "d/y",
    region: "us-west-1",
    request_id: "18EA9A941942D611",
    host_id: "38b7",
};

fn text(error: &S3Error, context: &ErrorContext<'_>) -> String {
    String::from_utf8(render(error, context)).unwrap()
}

#[test]
fn an_error_is_written_as_clients_know_it() {
    let error = S3Error::unsatisfiable("10--1".to_owned(), 2);
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidRange</Code>\
        <Message>The requested range &#39;bytes=10--1&#39; is not satisfiable</Message><Key>d/y</Key>\
        <BucketName>bkt</BucketName><Resource>/bkt/d/y</Resource><Region>us-west-1</Region>\
        <RequestId>18EA9A941942D611</RequestId><HostId>38b7</HostId><ActualObjectSize>2</ActualObjectSize>\
        <RangeRequested>10--1</RangeRequested></Error>";
    assert_eq!(text(&error, &CONTEXT), expected);
}

#[test]
fn what_is_empty_is_left_out() {
    let context = ErrorContext { bucket: "", key: "", region: "", ..CONTEXT };
    let written = text(&ErrorCode::AccessDenied.into(), &context);
    for name in ["<Key>", "<BucketName>", "<Region>", "<ActualObjectSize>", "<ArgumentName>"] {
        assert!(!written.contains(name), "{written}");
    }
}

#[test]
fn an_error_about_another_object_names_that() {
    let error = S3Error::new(ErrorCode::NoSuchKey).about("source", "of/copy");
    assert!(text(&error, &CONTEXT).contains("<Key>of/copy</Key><BucketName>source</BucketName>"));
}

#[test]
fn a_wrong_argument_comes_first() {
    let error = S3Error::new(ErrorCode::InvalidAttributeName).argument("x-amz-object-attributes", "Foo");
    assert!(text(&error, &CONTEXT).contains(
        "<Error><ArgumentValue>Foo</ArgumentValue><ArgumentName>x-amz-object-attributes</ArgumentName><Code>"
    ));
}

#[test]
fn statuses_are_those_of_the_reference() {
    for (code, name, status) in [
        (ErrorCode::NoSuchKey, "NoSuchKey", 404),
        (ErrorCode::BucketAlreadyOwnedByYou, "BucketAlreadyOwnedByYou", 409),
        (ErrorCode::MissingContentLength, "MissingContentLength", 411),
        (ErrorCode::PreconditionFailed, "PreconditionFailed", 412),
        (ErrorCode::InvalidRange, "InvalidRange", 416),
        (ErrorCode::SlowDownRead, "SlowDownRead", 503),
        (ErrorCode::StorageFull, "XMinioStorageFull", 507),
        (ErrorCode::NotImplemented, "NotImplemented", 501),
        (ErrorCode::RequestTimeTooSkewed, "RequestTimeTooSkewed", 403),
    ] {
        assert_eq!((code.name(), code.status().as_u16()), (name, status));
    }
}

#[test]
fn no_line_of_the_table_is_there_twice() {
    let mut seen = std::collections::HashSet::new();
    for code in ErrorCode::ALL {
        assert!(seen.insert((code.name(), code.status(), code.message())), "{code:?}");
    }
}

#[test]
fn errors_from_below_become_s3s() {
    use base::StreamError;
    use rustfs_http::BodyError;
    let of_body = |error: BodyError| S3Error::from(StreamError::from(error)).code();
    assert_eq!(of_body(BodyError::Sha256Mismatch), ErrorCode::ContentSha256Mismatch);
    assert_eq!(of_body(BodyError::Signature), ErrorCode::SignatureDoesNotMatch);
    assert_eq!(of_body(BodyError::ExcessData), ErrorCode::ExcessData);
    assert_eq!(S3Error::from(StreamError::Gone).code(), ErrorCode::IncompleteBody);
    let chunk = S3Error::from(BodyError::ChunkTooBig);
    assert_eq!((chunk.code().name(), chunk.message()), ("BadRequest", "chunk too big: choose chunk size <= 16MiB"));
}
