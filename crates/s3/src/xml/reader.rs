//! Reads the small XML documents that S3 requests carry, element by element.

use quick_xml::events::Event;
use std::fmt;

/// Elements within elements: S3's deepest document (lifecycle) has seven levels.
const MAX_DEPTH: usize = 32;
/// Elements in a document: a completion lists 10,000 parts with up to eight each.
const MAX_ELEMENTS: usize = 100_000;

/// Why a document can't be read. The text is what follows the message of the S3 error, in parentheses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum XmlError {
    /// There is no element at all.
    Empty,
    Syntax {
        line: usize,
        reason: String,
    },
    /// The root element is another.
    Root {
        expected: &'static str,
        found: String,
    },
    TooDeep,
    TooManyElements,
    NotUtf8,
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            XmlError::Empty => f.write_str("EOF"),
            XmlError::Syntax { line, reason } => write!(f, "XML syntax error on line {line}: {reason}"),
            XmlError::Root { expected, found } => write!(f, "expected element type <{expected}> but have <{found}>"),
            XmlError::TooDeep => write!(f, "more than {MAX_DEPTH} elements within each other"),
            XmlError::TooManyElements => write!(f, "more than {MAX_ELEMENTS} elements"),
            XmlError::NotUtf8 => f.write_str("invalid UTF-8"),
        }
    }
}

impl std::error::Error for XmlError {}

/// A pull parser. After [`Reader::open`] one is inside the root; [`Reader::child`] enters the next child, which
/// then is left by reading its [`Reader::text`], by [`Reader::skip`], or by taking its children until `None`.
pub struct Reader<'a> {
    inner: quick_xml::Reader<&'a [u8]>,
    bytes: &'a [u8],
    depth: usize,
    elements: usize,
    namespace: Option<String>,
}

impl<'a> Reader<'a> {
    /// Enters the root, which must be named `root` (in any namespace). The caller has bounded the size.
    pub fn open(bytes: &'a [u8], root: &'static str) -> Result<Self, XmlError> {
        Reader::open_any(bytes, &[root])
    }

    /// Enters the root, which must have one of these names.
    pub fn open_any(bytes: &'a [u8], roots: &[&'static str]) -> Result<Self, XmlError> {
        if std::str::from_utf8(bytes).is_err() {
            return Err(XmlError::NotUtf8);
        }
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let mut inner = quick_xml::Reader::from_reader(bytes);
        inner.config_mut().expand_empty_elements = true;
        let mut reader = Reader { inner, bytes, depth: 0, elements: 0, namespace: None };
        let Some(name) = reader.child()? else { return Err(XmlError::Empty) };
        if roots.contains(&name.as_str()) {
            return Ok(reader);
        }
        Err(XmlError::Root { expected: roots.first().copied().unwrap_or(""), found: name })
    }

    /// The default namespace that the root declares.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Enters the next child of the element one is in and gives its name without prefix; `None` leaves the element.
    pub fn child(&mut self) -> Result<Option<String>, XmlError> {
        loop {
            match self.event()? {
                Event::Start(start) => {
                    let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                    if self.depth == 0 {
                        let declared = start.try_get_attribute("xmlns").ok().flatten();
                        self.namespace = declared.map(|a| String::from_utf8_lossy(&a.value).into_owned());
                    }
                    self.entered()?;
                    return Ok(Some(name));
                }
                Event::End(_) => {
                    self.depth -= 1;
                    return Ok(None);
                }
                Event::Eof if self.depth == 0 => return Ok(None),
                Event::Eof => return Err(self.syntax("unexpected EOF")),
                Event::DocType(_) => return Err(self.syntax("document types are not allowed")),
                _ => {}
            }
        }
    }

    /// The text of the element just entered, without that of children; leaves it.
    pub fn text(&mut self) -> Result<String, XmlError> {
        let mut text = String::new();
        let level = self.depth;
        loop {
            match self.event()? {
                Event::Start(_) => self.entered()?,
                Event::End(_) => {
                    self.depth -= 1;
                    if self.depth < level {
                        return Ok(text);
                    }
                }
                Event::Text(piece) if self.depth == level => {
                    let piece = piece.xml_content().map_err(|_| XmlError::NotUtf8)?;
                    text.push_str(&piece);
                }
                Event::CData(piece) if self.depth == level => {
                    text.push_str(std::str::from_utf8(&piece).map_err(|_| XmlError::NotUtf8)?);
                }
                Event::GeneralRef(reference) if self.depth == level => {
                    let name = std::str::from_utf8(&reference).map_err(|_| XmlError::NotUtf8)?.to_owned();
                    let character = match reference.resolve_char_ref() {
                        Ok(found) => found,
                        Err(_) => return Err(self.syntax(&format!("invalid character entity &{name};"))),
                    };
                    match (character, quick_xml::escape::resolve_predefined_entity(&name)) {
                        (Some(character), _) => text.push(character),
                        (None, Some(known)) => text.push_str(known),
                        (None, None) => return Err(self.syntax(&format!("invalid character entity &{name};"))),
                    }
                }
                Event::Eof => return Err(self.syntax("unexpected EOF")),
                _ => {}
            }
        }
    }

    /// Leaves the element just entered, whatever it holds.
    pub fn skip(&mut self) -> Result<(), XmlError> {
        self.text().map(|_| ())
    }

    fn entered(&mut self) -> Result<(), XmlError> {
        self.depth += 1;
        self.elements += 1;
        if self.depth > MAX_DEPTH {
            return Err(XmlError::TooDeep);
        }
        if self.elements > MAX_ELEMENTS {
            return Err(XmlError::TooManyElements);
        }
        Ok(())
    }

    fn event(&mut self) -> Result<Event<'a>, XmlError> {
        match self.inner.read_event() {
            Ok(event) => Ok(event),
            Err(error) => Err(self.syntax(&error.to_string())),
        }
    }

    fn syntax(&self, reason: &str) -> XmlError {
        let at = usize::try_from(self.inner.buffer_position()).unwrap_or(usize::MAX).min(self.bytes.len());
        let line = 1 + self.bytes[..at].iter().filter(|byte| **byte == b'\n').count();
        XmlError::Syntax { line, reason: reason.to_owned() }
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("depth", &self.depth).finish_non_exhaustive()
    }
}
