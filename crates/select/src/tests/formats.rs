//! The formats of objects and of records.

use super::*;
use proptest::prelude::*;
use std::io::Write;

#[test]
fn csv_with_names() {
    let object = b"Name,\"Full Name\",age\r\nann,Ann A,30\r\nbob,Bob B,4\r\n";
    let select = |text: &str| records(csv(text, Header::Use), object);
    assert_eq!(select("SELECT name, s.\"Full Name\" FROM S3Object s WHERE AGE > 5").as_deref(), Ok("ann,Ann A\n"));
    assert_eq!(select("SELECT _3 FROM S3Object").as_deref(), Ok("30\n4\n"));
    assert_eq!(select("SELECT \"name\" FROM S3Object"), Err(Code::MissingHeaders));
    assert_eq!(select("SELECT * FROM S3Object LIMIT 1").as_deref(), Ok("ann,Ann A,30\n"));
    assert_eq!(records(csv("SELECT _1 FROM S3Object", Header::Ignore), object).as_deref(), Ok("ann\nbob\n"));
    assert_eq!(records(csv("SELECT a FROM S3Object", Header::Use), b"a,A,b\n1,2,3\n").as_deref(), Ok("1\n"));
    assert_eq!(records(csv("SELECT B FROM S3Object", Header::Use), b"a,b,b\n1,2,3\n"), Err(Code::AmbiguousFieldName));
    let mut request = csv("SELECT * FROM S3Object LIMIT 1", Header::Use);
    request.output = Output::Json(JsonOutput::default());
    let expected = "{\"Name\":\"ann\",\"Full Name\":\"Ann A\",\"age\":\"30\"}\n";
    assert_eq!(records(request, object).as_deref(), Ok(expected));
}

#[test]
fn csv_quotes_comments_and_delimiters() {
    let with = |change: fn(&mut CsvInput), object: &[u8]| {
        let mut input = CsvInput::default();
        change(&mut input);
        let request = request("SELECT * FROM S3Object", InputFormat::Csv(input), Output::Csv(CsvOutput::default()));
        records(request, object)
    };
    assert_eq!(with(|_| {}, b"#no\n\"a\"\"b\",\"c,d\"\n\nx").as_deref(), Ok("\"a\"\"b\",\"c,d\"\nx\n"));
    assert_eq!(with(|csv| csv.quote_escape = Some(b'\\'), b"\"a\\\"b\"\n").as_deref(), Ok("\"a\"\"b\"\n"));
    assert_eq!(with(|_| {}, b"\"a\nb\"\n"), Err(Code::CSVUnescapedQuote));
    assert_eq!(with(|csv| csv.quoted_record_delimiter = true, b"\"a\nb\",c\n").as_deref(), Ok("\"a\nb\",c\n"));
    assert_eq!(with(|csv| csv.field_delimiter = "||".into(), b"a||b|c\n").as_deref(), Ok("a,b|c\n"));
    assert_eq!(with(|csv| csv.field_delimiter = "¦".into(), "a¦b§\n".as_bytes()).as_deref(), Ok("a,b§\n"));
    assert_eq!(with(|csv| csv.record_delimiter = "\r\n".into(), b"a\nb\r\nc\r\n").as_deref(), Ok("\"a\nb\"\nc\n"));
    assert_eq!(with(|csv| csv.record_delimiter = "\t".into(), b"a,b\tc\t").as_deref(), Ok("a,b\nc\n"));
    assert_eq!(with(|csv| csv.quote = None, b"\"a\",b\n").as_deref(), Ok("\"\"\"a\"\"\",b\n"));
    assert_eq!(with(|_| {}, "\u{feff}a\n".as_bytes()).as_deref(), Ok("a\n"));
}

#[test]
fn csv_output_quotes_where_it_must_or_always() {
    let mut request = csv("SELECT _1, 1 FROM S3Object", Header::None);
    request.output = Output::Csv(CsvOutput {
        quote_fields: crate::QuoteFields::Always,
        record_delimiter: "#".into(),
        field_delimiter: "$".into(),
        quote: b'\'',
        quote_escape: b'\\',
    });
    assert_eq!(records(request, b"it's\n").as_deref(), Ok("'it\\'s'$'1'#"));
}

#[test]
fn json_paths_are_the_references() {
    let rules = br#"{ "Rules": [ {"id": "1"}, {"expr": "y > x"}, {"id": "2", "expr": "z = DEBUG"} ]}
                    { "created": "June 27", "modified": "July 6" }"#;
    let select = |text: &str, object: &[u8]| records(json(text, JsonInput::Document), object);
    let expected = "{\"id\":\"1\"}\n{}\n{\"id\":\"2\"}\n{}\n";
    assert_eq!(select("SELECT id FROM S3Object[*].Rules[*].id", rules).as_deref(), Ok(expected));
    let known = "SELECT id FROM S3Object[*].Rules[*].id WHERE id IS NOT MISSING";
    assert_eq!(select(known, rules).as_deref(), Ok("{\"id\":\"1\"}\n{\"id\":\"2\"}\n"));
    let deep = br#"{"a":{"B":[{"c":1},{"c":[2,3]}]}}"#;
    assert_eq!(select("SELECT s.a.b[1].c[0] FROM S3Object s", deep).as_deref(), Ok("{\"_1\":2}\n"));
    assert_eq!(select("SELECT s.a.\"b\"[0] FROM S3Object s", deep).as_deref(), Ok("{}\n"));
    assert_eq!(select("SELECT x.c FROM S3Object[*].a.b[*] x", deep).as_deref(), Ok("{\"c\":1}\n{\"c\":[2,3]}\n"));
    assert_eq!(
        select("SELECT * FROM S3Object[*][*]", br#"[{"z":1,"a":null},7]"#).as_deref(),
        Ok("{\"z\":1,\"a\":null}\n{\"_1\":7}\n")
    );
    assert_eq!(select("SELECT * FROM S3Object", b"[1]").as_deref(), Ok("{\"_1\":[1]}\n"));
    assert_eq!(
        select("SELECT s.x FROM S3Object s", br#"{"x":"q\"\u0001"}"#).as_deref(),
        Ok("{\"x\":\"q\\\"\\u0001\"}\n")
    );
}

#[test]
fn json_lines_and_scan_ranges() {
    let object = b"{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n";
    let part = |start: Option<u64>, end: Option<u64>| {
        let mut request = json("SELECT s.a FROM S3Object s", JsonInput::Lines);
        request.scan_range = Some(ScanRange { start, end });
        records(request, object)
    };
    assert_eq!(part(Some(0), Some(1)).as_deref(), Ok("{\"a\":1}\n"));
    assert_eq!(part(Some(1), Some(9)).as_deref(), Ok("{\"a\":2}\n"));
    assert_eq!(part(Some(8), None).as_deref(), Ok("{\"a\":2}\n{\"a\":3}\n"));
    assert_eq!(part(None, Some(9)).as_deref(), Ok("{\"a\":3}\n"));
    assert_eq!(part(Some(9), Some(8)), Err(Code::InvalidScanRange));
    assert_eq!(part(Some(99), None), Err(Code::InvalidScanRange));
}

#[test]
fn compressed_objects() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"a,1\nb,2\n").expect("a vector");
    let gzip = gzip.finish().expect("a vector");
    let mut request = csv("SELECT _1 FROM S3Object WHERE _2 = 2", Header::None);
    request.input.compression = Compression::Gzip;
    assert_eq!(records(request.clone(), &gzip).as_deref(), Ok("b\n"));
    assert_eq!(records(request.clone(), &gzip[..gzip.len() - 3]), Err(Code::InvalidCompressionFormat));
    assert_eq!(records(request.clone(), b"a,1\n"), Err(Code::InvalidCompressionFormat));
    request.scan_range = Some(ScanRange { start: Some(0), end: None });
    assert_eq!(records(request, &gzip), Err(Code::UnsupportedScanRangeInput));
}

#[test]
fn progress_and_stats_count_bytes() {
    let object = "a,1\n".repeat(1000);
    let mut request = csv("SELECT COUNT(*) FROM S3Object", Header::None);
    request.progress = true;
    let messages = answer(request, object.as_bytes(), 512).expect("an answer");
    let kinds: Vec<_> = messages.iter().map(|message| message.header(":event-type").to_owned()).collect();
    assert_eq!(kinds, ["Records", "Progress", "Stats", "End"]);
    let stats = String::from_utf8(messages[2].payload.clone()).expect("XML");
    assert!(stats.contains("<BytesScanned>4000</BytesScanned><BytesProcessed>4000</BytesProcessed>"), "{stats}");
    assert!(stats.contains("<BytesReturned>5</BytesReturned>"), "{stats}");
}

#[test]
fn an_error_in_mid_stream_is_the_last_message() {
    let mut object = "1\n".repeat(200_000);
    object.push_str("x\n");
    let messages = answer(csv("SELECT CAST(_1 AS INT) FROM S3Object", Header::None), object.as_bytes(), 8192);
    let messages = messages.expect("an answer");
    let last = messages.last().expect("a message");
    assert_eq!((last.header(":message-type"), last.header(":error-code")), ("error", "CastFailed"));
    assert!(messages.iter().any(|message| message.header(":event-type") == "Records"));
    assert!(messages.iter().all(|message| message.header(":event-type") != "End"));
}

proptest! {
    /// What is written as CSV is read as it was, however it is cut into pieces.
    #[test]
    fn csv_comes_back(rows in prop::collection::vec(prop::collection::vec("[a\",\n\r é#]{0,5}", 2..4), 1..5), piece in 1_usize..9) {
        let csv = CsvOutput { quote_fields: crate::QuoteFields::Always, ..CsvOutput::default() };
        let mut object = String::new();
        for row in &rows {
            let fields: Vec<_> = row.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
            object.push_str(&fields.join(","));
            object.push('\n');
        }
        let input = CsvInput { quoted_record_delimiter: true, ..CsvInput::default() };
        let request = request("SELECT * FROM S3Object", InputFormat::Csv(input), Output::Csv(csv));
        let messages = answer(request, object.as_bytes(), piece).expect("an answer");
        let found: Vec<u8> = messages.iter().filter(|m| m.header(":event-type") == "Records").flat_map(|m| m.payload.clone()).collect();
        prop_assert_eq!(String::from_utf8(found).expect("UTF-8"), object);
    }
}
