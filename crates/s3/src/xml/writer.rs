//! Writes XML straight into bytes.

use base::Timestamp;

/// An XML document being written. Names are trusted, texts are escaped.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

impl Writer {
    /// Begins with the XML declaration and a newline.
    pub fn document() -> Self {
        Writer { out: DECLARATION.to_vec() }
    }

    /// Begins without declaration (some sub-resources are answered so).
    pub fn fragment() -> Self {
        Writer::default()
    }

    /// Room for `bytes` more.
    pub fn reserve(&mut self, bytes: usize) {
        self.out.reserve(bytes);
    }

    pub fn open(&mut self, name: &str) {
        self.raw("<");
        self.raw(name);
        self.raw(">");
    }

    /// Opens the root element with S3's namespace.
    pub fn open_root(&mut self, name: &str) {
        self.raw("<");
        self.raw(name);
        self.raw(" xmlns=\"");
        self.raw(super::NAMESPACE);
        self.raw("\">");
    }

    pub fn close(&mut self, name: &str) {
        self.raw("</");
        self.raw(name);
        self.raw(">");
    }

    /// An element with a text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.open(name);
        self.escaped(text);
        self.close(name);
    }

    /// An element with a text, left out if that is empty.
    pub fn text_unless_empty(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.text(name, text);
        }
    }

    /// An element with a number.
    pub fn number(&mut self, name: &str, number: u64) {
        self.open(name);
        self.digits(number);
        self.close(name);
    }

    /// An element with `true` or `false`.
    pub fn boolean(&mut self, name: &str, value: bool) {
        self.open(name);
        self.raw(if value { "true" } else { "false" });
        self.close(name);
    }

    /// An element with an etag in (escaped) quotes; empty if there is none.
    pub fn etag(&mut self, name: &str, etag: &str) {
        self.open(name);
        if !etag.is_empty() {
            self.raw("&#34;");
            self.escaped(etag);
            self.raw("&#34;");
        }
        self.close(name);
    }

    /// An element with a time: ISO 8601, UTC, milliseconds.
    pub fn time(&mut self, name: &str, time: Timestamp) {
        self.open(name);
        self.out.extend_from_slice(&crate::dates::iso8601(time));
        self.close(name);
    }

    /// Text as it stands.
    pub fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Text with everything escaped that markup or a parser's line-end rule would change. Characters that XML
    /// can't hold become U+FFFD.
    pub fn escaped(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut done = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let replacement: &[u8] = match byte {
                b'"' => b"&#34;",
                b'\'' => b"&#39;",
                b'&' => b"&amp;",
                b'<' => b"&lt;",
                b'>' => b"&gt;",
                b'\t' => b"&#x9;",
                b'\n' => b"&#xA;",
                b'\r' => b"&#xD;",
                0..=0x1f => "\u{fffd}".as_bytes(),
                // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
                0xbe | 0xbf if at >= 2 && bytes[at - 1] == 0xbf && bytes[at - 2] == 0xef => {
                    self.out.extend_from_slice(&bytes[done..at]);
                    self.out.push(0xbd);
                    done = at + 1;
                    continue;
                }
                _ => continue,
            };
            self.out.extend_from_slice(&bytes[done..at]);
            self.out.extend_from_slice(replacement);
            done = at + 1;
        }
        self.out.extend_from_slice(&bytes[done..]);
    }

    /// The document.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    fn digits(&mut self, number: u64) {
        let mut buffer = [0; 20];
        let mut at = buffer.len();
        let mut rest = number;
        loop {
            at -= 1;
            // A digit is below ten, so nothing is cut.
            buffer[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&buffer[at..]);
    }
}
