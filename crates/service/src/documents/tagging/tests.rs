use super::*;

#[test]
fn tags_come_back_as_they_were_written() {
    let tags = Tags::for_bucket([("b".into(), "2".into()), ("a".into(), "one two".into())]).unwrap();
    let xml = to_xml(&tags);
    assert_eq!(
        xml,
        "<Tagging><TagSet><Tag><Key>a</Key><Value>one two</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag></TagSet></Tagging>"
    );
    assert_eq!(from_stored(xml.as_bytes()).unwrap(), tags);
}

#[test]
fn damaged_documents_are_errors() {
    assert!(from_stored(b"<Tagging><TagSet>").is_err());
    assert!(from_stored(b"").is_err());
}
