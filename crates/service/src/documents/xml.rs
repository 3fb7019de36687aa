//! A small tree for small XML documents: elements, their text and their default namespace.
//!
//! Documents come from clients and from drives: depth and number of elements are limited, document type
//! declarations and entities other than XML's own five are refused.

#[cfg(test)]
mod tests;

use crate::ServiceError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Deepest nesting: twice what the deepest S3 document has.
const MAX_DEPTH: usize = 16;
/// Most elements: above what 1000 lifecycle rules with ten tags each need.
const MAX_ELEMENTS: usize = 100_000;

/// An element. Prefixes are left out of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub name: String,
    /// The value of its own `xmlns`, empty without one.
    pub namespace: String,
    /// Others, to be written; those that are read are left out.
    pub attributes: Vec<(&'static str, &'static str)>,
    /// Its own text, trimmed.
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn new(name: &str) -> Self {
        Element { name: name.to_owned(), ..Element::default() }
    }

    pub fn with_text(name: &str, text: &str) -> Self {
        Element { name: name.to_owned(), text: text.to_owned(), ..Element::default() }
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Every child of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Without declaration and without white space between elements, as drives hold documents.
    pub fn to_xml(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        if !self.namespace.is_empty() {
            out.push_str(" xmlns=\"");
            escape(&self.namespace, out);
            out.push('"');
        }
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        out.push('>');
        escape(&self.text, out);
        for child in &self.children {
            child.write(out);
        }
        out.push_str("</");
        out.push_str(&self.name);
        out.push('>');
    }
}

/// Parses a document whose root has one of these names.
pub(crate) fn parse(document: &[u8], roots: &[&str]) -> Result<Element, ServiceError> {
    let text = std::str::from_utf8(document).map_err(|_| malformed("not UTF-8"))?;
    let root = parse_tree(text)?;
    if roots.contains(&root.name.as_str()) {
        Ok(root)
    } else {
        Err(malformed(format!("expected element <{}> but have <{}>", roots.join("> or <"), root.name)))
    }
}

fn parse_tree(text: &str) -> Result<Element, ServiceError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut count = 0;
    loop {
        match reader.read_event().map_err(|error| malformed(format!("XML syntax error: {error}")))? {
            Event::Start(start) => {
                count += 1;
                if root.is_some() || open.len() == MAX_DEPTH || count > MAX_ELEMENTS {
                    return Err(malformed("more elements than allowed"));
                }
                open.push(element(&start)?);
            }
            Event::End(_) => {
                let mut done = open.pop().ok_or_else(|| malformed("an end without a start"))?;
                done.text = done.text.trim().to_owned();
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => root = Some(done),
                }
            }
            Event::Text(text) => append(&mut open, &text.decode().map_err(|error| malformed(error.to_string()))?)?,
            Event::CData(data) => append(&mut open, &data.decode().map_err(|error| malformed(error.to_string()))?)?,
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| malformed(error.to_string()))?;
                let name = reference.decode().map_err(|error| malformed(error.to_string()))?;
                match (character, resolve_predefined_entity(&name)) {
                    (Some(character), _) => append(&mut open, character.encode_utf8(&mut [0; 4]))?,
                    (None, Some(text)) => append(&mut open, text)?,
                    (None, None) => return Err(malformed("an unknown entity")),
                }
            }
            Event::DocType(_) => return Err(malformed("document types are not allowed")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
            Event::Eof if open.is_empty() => return root.ok_or_else(|| malformed("EOF")),
            Event::Eof => return Err(malformed("unexpected EOF")),
        }
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, ServiceError> {
    let name = std::str::from_utf8(start.local_name().into_inner()).map_err(|_| malformed("not UTF-8"))?.to_owned();
    let mut namespace = String::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| malformed(error.to_string()))?;
        if attribute.key.as_ref() == b"xmlns" {
            namespace = attribute.unescape_value().map_err(|error| malformed(error.to_string()))?.into_owned();
        }
    }
    Ok(Element { name, namespace, ..Element::default() })
}

fn append(open: &mut [Element], text: &str) -> Result<(), ServiceError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(malformed("text outside of the root element")),
    }
    Ok(())
}

/// The escapes that Go's encoder writes, so that rewritten documents equal MinIO's.
fn escape(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

pub(crate) fn malformed(reason: impl Into<String>) -> ServiceError {
    ServiceError::MalformedDocument { reason: reason.into() }
}
