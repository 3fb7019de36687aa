use super::*;
use base::Timestamp;

#[test]
fn the_writer_escapes_what_markup_would_change() {
    let mut xml = Writer::fragment();
    xml.text("Key", "a<b>&\"'\t\r\n\u{1}ü\u{fffe}\u{ffff}z");
    let expected = "<Key>a&lt;b&gt;&amp;&#34;&#39;&#x9;&#xD;&#xA;\u{fffd}ü\u{fffd}\u{fffd}z</Key>";
    assert_eq!(String::from_utf8(xml.finish()).unwrap(), expected);
}

#[test]
fn the_writer_writes_each_kind_of_element() {
    let mut xml = Writer::document();
    xml.open_root("R");
    xml.number("N", 0);
    xml.number("M", u64::MAX);
    xml.boolean("B", true);
    xml.etag("E", "abc");
    xml.etag("F", "");
    xml.time("T", Timestamp::from_secs(1_795_417_362));
    xml.text_unless_empty("X", "");
    xml.close("R");
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
        <N>0</N><M>18446744073709551615</M><B>true</B><E>&#34;abc&#34;</E><F></F><T>2026-11-23T07:02:42.000Z</T></R>";
    assert_eq!(String::from_utf8(xml.finish()).unwrap(), expected);
}

#[test]
fn a_written_text_reads_back() {
    let text = "a<b>&\"'\t\r\nüñ \u{10ffff}]]>";
    let mut xml = Writer::document();
    xml.text("Key", text);
    let bytes = xml.finish();
    let mut reader = Reader::open(&bytes, "Key").unwrap();
    assert_eq!(reader.text().unwrap(), text);
}

#[test]
fn the_reader_walks_children() {
    let text = b"<?xml version=\"1.0\"?><!-- c --><p:Root xmlns:p=\"x\" xmlns=\"ns\"><A>1</A><p:B><C/><D>x</D></p:B><E/></p:Root>";
    let mut xml = Reader::open(text, "Root").unwrap();
    assert_eq!(xml.namespace(), Some("ns"));
    assert_eq!(xml.child().unwrap().as_deref(), Some("A"));
    assert_eq!(xml.text().unwrap(), "1");
    assert_eq!(xml.child().unwrap().as_deref(), Some("B"));
    assert_eq!(xml.child().unwrap().as_deref(), Some("C"));
    assert_eq!(xml.text().unwrap(), "");
    assert_eq!(xml.child().unwrap().as_deref(), Some("D"));
    xml.skip().unwrap();
    assert_eq!(xml.child().unwrap(), None);
    assert_eq!(xml.child().unwrap().as_deref(), Some("E"));
    xml.skip().unwrap();
    assert_eq!(xml.child().unwrap(), None);
}

#[test]
fn texts_may_hold_references_and_cdata() {
    let mut xml = Reader::open(b"<K>a&amp;&#65;&#x42;<![CDATA[<&>]]> b<!-- no --></K>", "K").unwrap();
    assert_eq!(xml.text().unwrap(), "a&AB<&> b");
}

#[test]
fn a_text_leaves_out_children() {
    let mut xml = Reader::open(b"<R><K>a<b>x<c>y</c></b>d</K><L>1</L></R>", "R").unwrap();
    xml.child().unwrap();
    assert_eq!(xml.text().unwrap(), "ad");
    assert_eq!(xml.child().unwrap().as_deref(), Some("L"));
}

fn read_all(bytes: &[u8]) -> Result<(), XmlError> {
    let mut xml = Reader::open(bytes, "R")?;
    xml.skip()
}

#[test]
fn what_is_not_xml_is_refused() {
    for bad in
        [&b"<R>"[..], b"<R></S>", b"<R><A></R></A>", b"<R>&nope;</R>", b"<R>&#xFFFFFFFF;</R>", b"<R", b"<R a=</R>"]
    {
        assert!(read_all(bad).is_err(), "{}", String::from_utf8_lossy(bad));
    }
    assert_eq!(read_all(b""), Err(XmlError::Empty));
    assert_eq!(read_all(b"   "), Err(XmlError::Empty));
    assert_eq!(read_all(b"<R>\xff</R>"), Err(XmlError::NotUtf8));
    assert_eq!(read_all(b"<S></S>"), Err(XmlError::Root { expected: "R", found: "S".to_owned() }));
}

#[test]
fn an_error_names_the_line() {
    assert_eq!(read_all(b"<R>\n<A>\n").unwrap_err().to_string(), "XML syntax error on line 3: unexpected EOF");
}

#[test]
fn document_types_are_refused() {
    let bomb = b"<!DOCTYPE R [<!ENTITY a \"aaaa\">]><R>&a;</R>";
    assert!(matches!(read_all(bomb), Err(XmlError::Syntax { .. })));
}

#[test]
fn depth_and_number_of_elements_have_limits() {
    let deep = format!("<R>{}{}</R>", "<a>".repeat(40), "</a>".repeat(40));
    assert_eq!(read_all(deep.as_bytes()), Err(XmlError::TooDeep));
    let many = format!("<R>{}</R>", "<a/>".repeat(100_001));
    assert_eq!(read_all(many.as_bytes()), Err(XmlError::TooManyElements));
}
