//! S3 errors: the table of codes, statuses and messages, and an error on its way to the client.
//!
//! Codes, statuses and messages are those that clients of MinIO see; the S3 reference's own where it names one.

mod convert;
mod table;
#[cfg(test)]
mod tests;

pub use table::ErrorCode;

use http::{HeaderName, HeaderValue};
use std::borrow::Cow;
use std::fmt;

/// The result of every operation.
pub type S3Result<T> = Result<T, S3Error>;

/// An error on its way to the client.
#[derive(Clone)]
pub struct S3Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: ErrorCode,
    /// The code's name, where the table has one line for many.
    name: Option<&'static str>,
    message: Option<Cow<'static, str>>,
    /// The bucket and key it is about, where they aren't those of the request (the source of a copy).
    about: Option<(String, String)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    range: Option<UnsatisfiableRange>,
    argument: Option<(&'static str, String)>,
    /// On HEAD, tell the code in headers (most errors) or leave it at the status.
    silent_on_head: bool,
}

/// What the client asked for, and the size that it doesn't fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsatisfiableRange {
    /// First and last byte as asked; an open end is -1.
    pub asked: String,
    /// Size of the object in bytes.
    pub size: u64,
}

impl S3Error {
    /// With the table's message.
    pub fn new(code: ErrorCode) -> Self {
        S3Error(Box::new(Inner {
            code,
            name: None,
            message: None,
            about: None,
            headers: Vec::new(),
            range: None,
            argument: None,
            silent_on_head: false,
        }))
    }

    /// With a message of its own.
    pub fn with(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        let mut error = S3Error::new(code);
        error.0.message = Some(message.into());
        error
    }

    /// With the table's message and a detail in parentheses behind it.
    pub fn detailed(code: ErrorCode, detail: impl fmt::Display) -> Self {
        S3Error::with(code, format!("{} ({detail})", code.message()))
    }

    /// A range that the object of `size` bytes doesn't have.
    pub fn unsatisfiable(asked: String, size: u64) -> Self {
        let message = format!("The requested range 'bytes={asked}' is not satisfiable");
        let mut error = S3Error::with(ErrorCode::InvalidRange, message);
        error.0.range = Some(UnsatisfiableRange { asked, size });
        error
    }

    /// Says that the error is about another object than the one the request names.
    pub fn about(mut self, bucket: &str, key: &str) -> Self {
        self.0.about = Some((bucket.to_owned(), key.to_owned()));
        self
    }

    /// Names the argument that was wrong, and its value.
    pub fn argument(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.argument = Some((name, value.into()));
        self
    }

    /// Adds a response header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// On HEAD the status alone tells it.
    pub fn silent_on_head(mut self) -> Self {
        self.0.silent_on_head = true;
        self
    }

    /// Under another name than the table's.
    pub fn named(mut self, name: &'static str) -> Self {
        self.0.name = Some(name);
        self
    }

    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The code as clients see it.
    pub fn name(&self) -> &'static str {
        self.0.name.unwrap_or(self.0.code.name())
    }

    /// The HTTP status.
    pub fn status(&self) -> http::StatusCode {
        self.0.code.status()
    }

    pub fn message(&self) -> &str {
        self.0.message.as_deref().unwrap_or(self.0.code.message())
    }

    /// The bucket and key it is about, if they aren't the request's.
    pub fn subject(&self) -> Option<(&str, &str)> {
        self.0.about.as_ref().map(|(bucket, key)| (bucket.as_str(), key.as_str()))
    }

    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    pub fn range(&self) -> Option<&UnsatisfiableRange> {
        self.0.range.as_ref()
    }

    /// Name and value of the wrong argument, where the answer names it.
    pub fn wrong_argument(&self) -> Option<(&'static str, &str)> {
        self.0.argument.as_ref().map(|(name, value)| (*name, value.as_str()))
    }

    pub fn is_silent_on_head(&self) -> bool {
        self.0.silent_on_head
    }
}

impl From<ErrorCode> for S3Error {
    fn from(code: ErrorCode) -> Self {
        S3Error::new(code)
    }
}

impl fmt::Display for S3Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.message())
    }
}

impl fmt::Debug for S3Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Error({self})")
    }
}

impl std::error::Error for S3Error {}

/// Where an error answer says it comes from.
#[derive(Clone, Copy, Debug)]
pub struct ErrorContext<'a> {
    /// Decoded path of the request.
    pub resource: &'a str,
    /// Empty if the request names none, or wasn't looked at so far.
    pub bucket: &'a str,
    pub key: &'a str,
    /// The server's region; empty if none is configured.
    pub region: &'a str,
    pub request_id: &'a str,
    pub host_id: &'a str,
}

/// The body of an error answer.
pub fn render(error: &S3Error, context: &ErrorContext<'_>) -> Vec<u8> {
    let (bucket, key) = error.subject().unwrap_or((context.bucket, context.key));
    let mut xml = crate::xml::Writer::document();
    xml.open("Error");
    if let Some((name, value)) = error.wrong_argument() {
        xml.text("ArgumentValue", value);
        xml.text("ArgumentName", name);
    }
    xml.text("Code", error.name());
    xml.text("Message", error.message());
    xml.text_unless_empty("Key", key);
    xml.text_unless_empty("BucketName", bucket);
    xml.text("Resource", context.resource);
    xml.text_unless_empty("Region", context.region);
    xml.text("RequestId", context.request_id);
    xml.text("HostId", context.host_id);
    if let Some(range) = error.range() {
        xml.number("ActualObjectSize", range.size);
        xml.text("RangeRequested", &range.asked);
    }
    xml.close("Error");
    xml.finish()
}
