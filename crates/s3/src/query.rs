//! The query of a request: decoded names and values, in order.

use percent_encoding::percent_decode_str;
use rustfs_http::auth;

/// The query can't be decoded: a bad escape, a bare `;`, or text that isn't UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadQuery;

/// Decoded names and values of a query, in order. Names are case-sensitive; all is UTF-8.
#[derive(Debug, Default)]
pub struct Query<'a>(auth::Query<'a>);

impl<'a> Query<'a> {
    /// From the text behind the `?` of a URL.
    pub fn parse(text: &'a str) -> Result<Self, BadQuery> {
        let query = auth::Query::parse(text).ok_or(BadQuery)?;
        let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
        if query.pairs().all(|(name, value)| is_text(name) && is_text(value)) {
            return Ok(Query(query));
        }
        Err(BadQuery)
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    /// The first value of `name` if there is one and it isn't empty.
    pub fn non_empty(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// The first value of `name`, whatever its case.
    pub fn get_any_case(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        // Parsing has checked that all is UTF-8.
        self.0
            .pairs()
            .filter_map(|(name, value)| Some((std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?)))
    }
}

/// Decodes `%xx`; `None` if an escape is broken or the result isn't UTF-8.
pub fn decode_percent(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let broken = bytes.iter().enumerate().any(|(at, byte)| {
        let hex = |offset: usize| bytes.get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        *byte == b'%' && !(hex(1) && hex(2))
    });
    if broken {
        return None;
    }
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
