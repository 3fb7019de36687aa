//! `multipart/form-data` (RFC 7578), read as it comes: the fields before the file are held, the file streams by.

use crate::error::{ErrorCode, S3Error, S3Result};
use base::{ByteStream, StreamError};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::HeaderMap;
use service::ServiceError;

/// Fields and their heads before the file, together: S3 allows 20 KB, MinIO's clients send tags and policies beyond that.
const MAX_FIELDS: usize = 1 << 20;
/// Most fields.
const MAX_PARTS: usize = 1000;
/// Longest boundary (RFC 2046, section 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// What stands before the file, and the file.
pub struct Form {
    /// Names in lower case, in the order of the form.
    pub fields: Vec<(String, String)>,
    /// The file's name, without directories.
    pub file_name: String,
    /// The type that the browser gives the file.
    pub file_type: Option<String>,
    /// Ends with an error if the form does not end as it should.
    pub file: ByteStream,
}

/// The boundary that a content type names.
pub fn boundary(headers: &HeaderMap) -> S3Result<String> {
    let malformed =
        || S3Error::detailed(ErrorCode::MalformedPostRequest, "no multipart boundary param in Content-Type");
    let text = headers.get("content-type").and_then(|value| value.to_str().ok()).ok_or_else(malformed)?;
    let parameter = parameter(text, "boundary").ok_or_else(malformed)?;
    if parameter.is_empty() || parameter.len() > MAX_BOUNDARY { Err(malformed()) } else { Ok(parameter) }
}

impl Form {
    /// A field's value by its lower-case name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads up to the file.
    pub async fn read(body: ByteStream, boundary: &str) -> S3Result<Form> {
        let mut reader = Reader { body, held: BytesMut::from(&b"\r\n"[..]), mark: format!("\r\n--{boundary}").into() };
        // What stands before the first boundary is nothing (RFC 2046, section 5.1.1).
        reader.take_part(MAX_FIELDS).await?;
        let (mut fields, mut room) = (Vec::new(), MAX_FIELDS);
        while reader.has_another().await? {
            let head = reader.take_until(b"\r\n\r\n", room).await?;
            let head = std::str::from_utf8(&head).map_err(|_| malformed("a head that isn't text"))?;
            let disposition = header(head, "content-disposition").ok_or_else(|| malformed("a part without a name"))?;
            let name = parameter(disposition, "name").ok_or_else(|| malformed("a part without a name"))?;
            room = room.saturating_sub(head.len());
            if name.eq_ignore_ascii_case("file") {
                let file_name = parameter(disposition, "filename").unwrap_or_default();
                let file_name = file_name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                let file_type = header(head, "content-type").map(str::to_owned);
                return Ok(Form { fields, file_name, file_type, file: reader.into_file() });
            }
            let value = reader.take_part(room).await?;
            room = room.saturating_sub(value.len());
            if fields.len() == MAX_PARTS {
                return Err(malformed("too many fields"));
            }
            let value = String::from_utf8(value.to_vec()).map_err(|_| malformed("a field that isn't text"))?;
            fields.push((name.to_ascii_lowercase(), value));
        }
        Err(malformed("The file or text content is missing"))
    }
}

struct Reader {
    body: ByteStream,
    held: BytesMut,
    /// What stands between parts.
    mark: Bytes,
}

impl Reader {
    /// More of the body; an error at its end.
    async fn more(&mut self) -> S3Result<()> {
        match self.body.next().await {
            Some(Ok(piece)) => self.held.extend_from_slice(&piece),
            Some(Err(error)) => return Err(error.into()),
            None => return Err(malformed("it ends too early")),
        }
        Ok(())
    }

    /// The bytes before `end`, which is taken too.
    async fn take_until(&mut self, end: &[u8], limit: usize) -> S3Result<Bytes> {
        let mut from = 0;
        loop {
            let found = find(&self.held[from..], end);
            if let Some(at) = found.filter(|at| from + at <= limit) {
                let taken = self.held.split_to(from + at).freeze();
                let _ = self.held.split_to(end.len());
                return Ok(taken);
            }
            if found.is_some() || self.held.len() > limit {
                let message = "Your POST request fields preceding the upload file were too large.";
                return Err(S3Error::with(ErrorCode::MaxPostPreDataLengthExceeded, message));
            }
            from = self.held.len().saturating_sub(end.len());
            self.more().await?;
        }
    }

    async fn take_part(&mut self, limit: usize) -> S3Result<Bytes> {
        let mark = self.mark.clone();
        self.take_until(&mark, limit).await
    }

    /// Whether another part follows the boundary that was just taken.
    async fn has_another(&mut self) -> S3Result<bool> {
        let end = self.take_until(b"\n", MAX_BOUNDARY).await;
        // The last boundary has two dashes, and may have nothing behind it.
        match end {
            Ok(rest) => Ok(!rest.starts_with(b"--")),
            Err(_) if self.held.starts_with(b"--") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The rest of the part as a stream.
    fn into_file(self) -> ByteStream {
        Box::pin(stream::unfold(Some(self), |reader| async move {
            let mut reader = reader?;
            loop {
                if let Some(at) = find(&reader.held, &reader.mark) {
                    let last = reader.held.split_to(at).freeze();
                    return (!last.is_empty()).then_some((Ok(last), None));
                }
                // What may be the beginning of the boundary stays.
                let sure = reader.held.len().saturating_sub(reader.mark.len() - 1);
                if sure > 0 {
                    return Some((Ok(reader.held.split_to(sure).freeze()), Some(reader)));
                }
                match reader.body.next().await {
                    Some(Ok(piece)) => reader.held.extend_from_slice(&piece),
                    Some(Err(error)) => return Some((Err(error), None)),
                    None => return Some((Err(StreamError::Gone), None)),
                }
            }
        }))
    }
}

/// A file whose length must be within `range`, in bytes.
pub fn within(file: ByteStream, range: (u64, u64)) -> ByteStream {
    let (least, most) = range;
    Box::pin(stream::unfold(Some((file, 0u64)), move |state| async move {
        let (mut file, mut size) = state?;
        let refused = |error: ServiceError| Some((Err(StreamError::Refused(Box::new(error))), None));
        match file.next().await {
            Some(Ok(piece)) => {
                size += u64::try_from(piece.len()).unwrap_or(u64::MAX);
                if size > most {
                    return refused(ServiceError::EntityTooLarge { size, limit: most });
                }
                Some((Ok(piece), Some((file, size))))
            }
            None if size < least => {
                let etag = String::new();
                refused(ServiceError::EntityTooSmall { number: 1, etag, size, minimum: least })
            }
            Some(Err(error)) => Some((Err(error), None)),
            None => None,
        }
    }))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        if bytes[from + at..].starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// A header of a part's head.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.filter(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

/// A parameter of a header, with or without quotes.
fn parameter(text: &str, name: &str) -> Option<String> {
    let mut rest = text.split_once(';')?.1;
    loop {
        let (found, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let (value, after) = value.split_once(';').unwrap_or((value, ""));
                (value.trim().to_owned(), after)
            }
        };
        if found.trim().trim_start_matches(';').trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

/// A quoted text, its opening quote taken off, and what follows.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, text[at + 1..].trim_start().trim_start_matches(';'))),
            // Browsers don't escape backslashes of Windows paths.
            '\\' if matches!(characters.peek(), Some((_, '"'))) => {
                characters.next();
                value.push('"');
            }
            other => value.push(other),
        }
    }
    None
}

fn malformed(why: &str) -> S3Error {
    S3Error::detailed(ErrorCode::MalformedPostRequest, why)
}
