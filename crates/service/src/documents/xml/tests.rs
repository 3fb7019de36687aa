use super::*;

fn parse_any(text: &str) -> Result<Element, ServiceError> {
    parse(text.as_bytes(), &["A"])
}

#[test]
fn elements_text_and_namespace_are_read_and_written_back() {
    let text =
        "<?xml version=\"1.0\"?>\n<A xmlns=\"urn:x\">\n <B>one &amp; &#50;</B><B><![CDATA[<three>]]></B><C/></A>";
    let tree = parse_any(text).unwrap();
    assert_eq!(tree.namespace, "urn:x");
    assert_eq!(tree.all("B").map(|b| b.text.as_str()).collect::<Vec<_>>(), ["one & 2", "<three>"]);
    assert_eq!(tree.child("C").unwrap().children.len(), 0);
    assert_eq!(tree.to_xml(), "<A xmlns=\"urn:x\"><B>one &amp; 2</B><B>&lt;three&gt;</B><C></C></A>");
}

#[test]
fn prefixes_are_left_out_of_names() {
    assert_eq!(parse_any("<s3:A xmlns:s3=\"urn:x\"><s3:B>1</s3:B></s3:A>").unwrap().child("B").unwrap().text, "1");
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for text in ["", "   ", "<A>", "<A></B>", "</A>", "text", "<A/><A/>", "<A>&what;</A>", "<A", "<A/>tail", "<B/>"] {
        assert!(matches!(parse_any(text), Err(ServiceError::MalformedDocument { .. })), "{text:?}");
    }
    assert!(parse(&[b'<', b'A', b'>', 0xff], &["A"]).is_err());
}

#[test]
fn document_types_and_their_entities_are_refused() {
    assert!(parse_any("<!DOCTYPE A [<!ENTITY x \"y\">]><A>&x;</A>").is_err());
}

#[test]
fn depth_and_number_of_elements_are_limited() {
    let deep = format!("{}{}", "<A>".repeat(MAX_DEPTH), "</A>".repeat(MAX_DEPTH));
    assert!(parse_any(&deep).is_ok());
    let deeper = format!("{}{}", "<A>".repeat(MAX_DEPTH + 1), "</A>".repeat(MAX_DEPTH + 1));
    assert!(parse_any(&deeper).is_err());
    let wide = format!("<A>{}</A>", "<B/>".repeat(MAX_ELEMENTS));
    assert!(parse_any(&wide).is_err());
}
