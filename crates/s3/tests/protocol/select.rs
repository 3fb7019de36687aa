//! SelectObjectContent over the protocol: what its messages hold is tested where they are made (crate `select`).

use crate::server::Server;
use http::Method;

const PATH: &str = "/bkt/k?select&select-type=2";

fn document(expression: &str, input: &str) -> String {
    format!(
        "<SelectObjectContentRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Expression>{expression}</Expression>\
         <ExpressionType>SQL</ExpressionType><InputSerialization>{input}</InputSerialization>\
         <OutputSerialization><CSV/></OutputSerialization></SelectObjectContentRequest>"
    )
}

#[tokio::test]
async fn a_selection_is_answered_in_messages() {
    let server = Server::with_bucket().await;
    server.ask(Method::PUT, "/bkt/k").body("a,1\nb,2\n").send().await.expect(200);
    let body = document("SELECT _1 FROM S3Object WHERE _2 &gt; 1", "<CSV/>");
    let answer = server.ask(Method::POST, PATH).body(body.clone()).send().await.expect(200);
    assert_eq!(answer.header("content-type"), "application/vnd.amazon.eventstream");
    assert_eq!(answer.header("content-length"), "");
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(text.contains("Records") && text.contains("b\n") && text.contains("End"), "{text}");
}

#[tokio::test]
async fn a_selection_that_can_not_be_is_refused_by_its_code() {
    let server = Server::with_bucket().await;
    server.ask(Method::PUT, "/bkt/k").body("a,1\nb,2\n").send().await.expect(200);
    for (body, code) in [
        (document("SELECT", "<CSV/>"), "ParseUnexpectedToken"),
        (document("SELECT x FROM S3Object", "<CSV/>"), "MissingHeaders"),
        (document("", "<CSV/>"), "MissingRequiredParameter"),
        (document("SELECT * FROM S3Object", ""), "MissingRequiredParameter"),
        (document("SELECT * FROM S3Object", "<CSV/><Parquet/>"), "ObjectSerializationConflict"),
        (document("SELECT * FROM S3Object", "<JSON><Type>X</Type></JSON>"), "InvalidJsonType"),
        (document("SELECT * FROM S3Object", "<CSV><FileHeaderInfo>X</FileHeaderInfo></CSV>"), "InvalidFileHeaderInfo"),
        (document("SELECT * FROM S3Object", "<CSV/><CompressionType>X</CompressionType>"), "InvalidCompressionFormat"),
        (document("SELECT * FROM S3Object", "<Parquet/>"), "ParquetParsingError"),
        ("<SelectObjectContentRequest>".to_owned(), "MalformedXML"),
        ("<Other/>".to_owned(), "MalformedXML"),
        (String::new(), "EmptyRequestBody"),
    ] {
        let answer = server.ask(Method::POST, PATH).body(body.clone()).send().await.expect(400);
        assert!(answer.text().contains(&format!("<Code>{code}</Code>")), "{body}: {}", answer.text());
    }
    let body = document("SELECT * FROM S3Object", "<CSV/>");
    let answer =
        server.ask(Method::POST, PATH).header("range", "bytes=0-1").body(body.clone()).send().await.expect(400);
    assert!(answer.text().contains("<Code>UnsupportedRangeHeader</Code>"));
}
