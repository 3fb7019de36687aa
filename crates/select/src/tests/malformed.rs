//! Objects that aren't what the request says.

use super::*;
use proptest::prelude::*;

#[test]
fn damaged_objects_are_errors() {
    let lines = |object: &[u8]| records(json("SELECT * FROM S3Object", JsonInput::Lines), object);
    assert_eq!(lines(b"{\"a\":"), Err(Code::JSONParsingError));
    assert_eq!(lines(b"{\"a\":1]"), Err(Code::JSONParsingError));
    assert_eq!(lines(b"nul"), Err(Code::JSONParsingError));
    assert_eq!(lines(&[b'['; 500]), Err(Code::JSONParsingError));
    assert_eq!(lines(b"\"\xff\""), Err(Code::InvalidTextEncoding));
    let member = |object: &[u8]| records(json("SELECT * FROM S3Object[*].a", JsonInput::Document), object);
    assert_eq!(member(b"{\"a\" 1}"), Err(Code::JSONParsingError));
    assert_eq!(member(b"{\"b\":1 \"a\":2}"), Err(Code::JSONParsingError));
    assert_eq!(records(csv("SELECT * FROM S3Object", Header::None), b"\xff\n"), Err(Code::InvalidTextEncoding));
    assert_eq!(records(csv("SELECT * FROM S3Object", Header::None), b"\"a"), Err(Code::CSVUnescapedQuote));
}

#[test]
fn records_beyond_the_limit_are_errors() {
    let long = "x".repeat(crate::limits::MAX_RECORD + 1);
    let by = |request: Request, object: &[u8]| answer(request, object, 1 << 16).map(|_| ()).map_err(|error| error.code);
    assert_eq!(by(csv("SELECT * FROM S3Object", Header::None), long.as_bytes()), Err(Code::OverMaxRecordSize));
    let quoted = format!("\"{long}\"");
    let request = json("SELECT * FROM S3Object", JsonInput::Document);
    assert_eq!(by(request, quoted.as_bytes()), Err(Code::OverMaxRecordSize));
    let fields = ",".repeat(crate::limits::MAX_COLUMNS + 1);
    assert_eq!(by(csv("SELECT * FROM S3Object", Header::None), fields.as_bytes()), Err(Code::OverMaxColumn));
}

fn parquet(expression: &str) -> Request {
    request(expression, InputFormat::Parquet, Output::Json(JsonOutput::default()))
}

#[test]
fn what_is_no_parquet_is_an_error() {
    let select = |object: &[u8]| records(parquet("SELECT * FROM S3Object"), object);
    assert_eq!(select(b"PAR1"), Err(Code::ParquetParsingError));
    assert_eq!(select(b"PAR1\xff\xff\xff\xffPAR1"), Err(Code::ParquetParsingError));
    assert_eq!(select(b"PAR1\0\0\0\0PAR1"), Err(Code::ParquetParsingError));
}

/// Written by PyArrow: columns `id` (INT64), `name` (UTF8, one of three null), `price` (DECIMAL(7,2)), `day` (DATE32),
/// `at` (TIMESTAMP of milliseconds), `tags` (list of UTF8), `pos` (struct of two DOUBLEs); three rows, snappy.
const FILE: &[u8] = include_bytes!("../../tests/small.parquet");

#[test]
fn parquet_columns_by_name() {
    let select = |text: &str| records(parquet(text), FILE);
    assert_eq!(select("SELECT COUNT(*) FROM S3Object").as_deref(), Ok("{\"_1\":3}\n"));
    let one = "SELECT s.name, s.price, s.day, s.\"at\", s.tags[1], s.pos.x FROM S3Object s WHERE s.id = 1";
    let expected = "{\"name\":\"ann\",\"price\":12.50,\"day\":\"2020-02-29T\",\
                    \"at\":\"2020-02-29T12:00:00.500Z\",\"_5\":\"b\",\"x\":1.5}\n";
    assert_eq!(select(one).as_deref(), Ok(expected));
    assert_eq!(select("SELECT s.id FROM S3Object s WHERE s.name IS NULL").as_deref(), Ok("{\"id\":2}\n"));
    assert_eq!(select("SELECT SUM(s.price) FROM S3Object s").as_deref(), Ok("{\"_1\":36.75}\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any damage is an error or another value, never a panic that gets out.
    #[test]
    fn a_damaged_parquet_file_is_survived(at in 0..FILE.len(), byte: u8, cut in 0..FILE.len()) {
        let mut object = FILE.to_vec();
        object[at] = byte;
        let _ = answer(parquet("SELECT * FROM S3Object"), &object, 4096);
        let _ = answer(parquet("SELECT * FROM S3Object"), &FILE[..cut], 4096);
    }

    #[test]
    fn any_bytes_are_survived(object in prop::collection::vec(any::<u8>(), 0..200), piece in 1_usize..20) {
        for request in [
            csv("SELECT * FROM S3Object", Header::Use),
            json("SELECT * FROM S3Object[*].a[*]", JsonInput::Document),
            parquet("SELECT * FROM S3Object"),
        ] {
            for compression in [Compression::None, Compression::Gzip, Compression::Zstd, Compression::Lz4, Compression::S2, Compression::Bzip2] {
                let mut request = request.clone();
                request.input.compression = compression;
                let _ = answer(request, &object, piece);
            }
        }
    }
}
