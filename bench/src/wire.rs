//! Reading HTTP/1.1 responses, as bytes come in: no I/O.

/// The longest head that is read; servers of this kind send less than 2 KiB.
const MAX_HEAD: usize = 64 << 10;
const MAX_HEADERS: usize = 96;
/// Headers that say how an object is stored.
const STORED_AS: [&str; 2] = ["x-amz-server-side-encryption", "x-minio-compressed"];

/// Why a response can't be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WireError {
    #[error("the head is not HTTP: {0}")]
    Head(#[from] httparse::Error),
    #[error("the head is longer than {MAX_HEAD} bytes")]
    LongHead,
    #[error("a body without length")]
    NoLength,
    #[error("a chunk whose size line is not one")]
    Chunk,
    #[error("{0} bytes behind the end of the response")]
    Surplus(usize),
}

/// A response, once it has been read to its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// 200
    pub status: u16,
    /// Whether the server will close the connection.
    pub close: bool,
    /// Bytes of the body; for an answer to HEAD what its `Content-Length` says.
    pub length: u64,
    /// The `ETag` header, as sent.
    pub etag: String,
    /// What the server says that it made of the object: the cipher or the compression.
    pub stored_as: String,
    /// The body: whole if it was to be kept or the status is an error, or else empty.
    pub body: Vec<u8>,
}

/// Takes the bytes of one response in.
#[derive(Debug)]
pub struct Reader {
    /// The request was HEAD: no body follows.
    head_only: bool,
    keep: bool,
    /// The bytes of an incomplete head or of an incomplete line between chunks.
    pending: Vec<u8>,
    stage: Stage,
    response: Response,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Head,
    /// So many bytes of the body to come.
    Body(u64),
    ChunkSize,
    Chunk(u64),
    /// The line end behind a chunk.
    ChunkEnd,
    /// Lines behind the last chunk, up to an empty one.
    Trailer,
    Done,
}

impl Reader {
    /// A reader for the answer to one request. `head_only`: to a HEAD request. `keep`: hold on to the body.
    pub fn new(head_only: bool, keep: bool) -> Reader {
        Reader { head_only, keep, pending: Vec::new(), stage: Stage::Head, response: Response::default() }
    }

    /// Takes the next bytes; true when the response is whole.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<bool, WireError> {
        while !bytes.is_empty() {
            bytes = match self.stage {
                Stage::Head => self.head(bytes)?,
                Stage::Body(left) => self.content(bytes, left, Stage::Body, Stage::Done),
                Stage::Chunk(left) => self.content(bytes, left, Stage::Chunk, Stage::ChunkEnd),
                Stage::ChunkSize | Stage::ChunkEnd | Stage::Trailer => self.line(bytes)?,
                Stage::Done => return Err(WireError::Surplus(bytes.len())),
            };
        }
        Ok(self.stage == Stage::Done)
    }

    /// Whether anything of the body has come.
    pub fn body_begun(&self) -> bool {
        !self.head_only && self.response.length > 0
    }

    /// The response, once `feed` has said that it is whole.
    pub fn finish(self) -> Response {
        self.response
    }

    fn head<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], WireError> {
        // Nearly always the head comes whole, and is not copied.
        if self.pending.is_empty() {
            return match self.parse_head(bytes)? {
                Some(length) => Ok(&bytes[length..]),
                None => self.wait_for_more(bytes),
            };
        }
        let before = self.pending.len();
        self.pending.extend_from_slice(bytes);
        let pending = std::mem::take(&mut self.pending);
        match self.parse_head(&pending)? {
            Some(length) => Ok(&bytes[length - before..]),
            None => self.wait_for_more(&pending).map(|_| &bytes[..0]),
        }
    }

    fn wait_for_more<'a>(&mut self, head: &[u8]) -> Result<&'a [u8], WireError> {
        if head.len() > MAX_HEAD {
            return Err(WireError::LongHead);
        }
        self.pending = head.to_vec();
        Ok(&[])
    }

    /// The length of the head, if it is whole; the stage is then what follows it.
    fn parse_head(&mut self, bytes: &[u8]) -> Result<Option<usize>, WireError> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(end) = parsed.parse(bytes)? else { return Ok(None) };
        self.response.status = parsed.code.unwrap_or_default();
        self.response.close = parsed.version == Some(0);
        let (mut length, mut chunked) = (None, false);
        for header in parsed.headers.iter() {
            let value = std::str::from_utf8(header.value).unwrap_or_default();
            if header.name.eq_ignore_ascii_case("content-length") {
                length = Some(value.parse::<u64>().map_err(|_| WireError::NoLength)?);
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = value.eq_ignore_ascii_case("chunked");
            } else if header.name.eq_ignore_ascii_case("connection") {
                self.response.close = value.eq_ignore_ascii_case("close");
            } else if header.name.eq_ignore_ascii_case("etag") {
                self.response.etag.push_str(value);
            } else if STORED_AS.iter().any(|name| header.name.eq_ignore_ascii_case(name)) {
                self.response.stored_as.push_str(value);
            }
        }
        self.stage = match (length, chunked) {
            _ if self.head_only || matches!(self.response.status, 204 | 304) => {
                self.response.length = length.unwrap_or(0);
                Stage::Done
            }
            (_, true) => Stage::ChunkSize,
            (Some(0), false) => Stage::Done,
            (Some(length), false) => Stage::Body(length),
            (None, false) => return Err(WireError::NoLength),
        };
        Ok(Some(end))
    }

    /// Takes what belongs to the present run of `left` content bytes.
    fn content<'a>(&mut self, bytes: &'a [u8], left: u64, within: fn(u64) -> Stage, after: Stage) -> &'a [u8] {
        let (taken, rest) = bytes.split_at(usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len()));
        let count = taken.len() as u64;
        self.response.length += count;
        if self.keep || self.response.status >= 300 {
            self.response.body.extend_from_slice(taken);
        }
        self.stage = if left == count { after } else { within(left - count) };
        rest
    }

    /// Takes one line between chunks.
    fn line<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], WireError> {
        let Some(end) = bytes.iter().position(|&byte| byte == b'\n') else {
            self.pending.extend_from_slice(bytes);
            return if self.pending.len() > MAX_HEAD { Err(WireError::LongHead) } else { Ok(&[]) };
        };
        self.pending.extend_from_slice(&bytes[..end]);
        let line = std::mem::take(&mut self.pending);
        let text = std::str::from_utf8(&line).map_err(|_| WireError::Chunk)?.trim_end_matches('\r');
        self.stage = match self.stage {
            Stage::ChunkEnd if text.is_empty() => Stage::ChunkSize,
            Stage::Trailer if text.is_empty() => Stage::Done,
            Stage::Trailer => Stage::Trailer,
            Stage::ChunkSize => {
                let digits = text.split(';').next().unwrap_or_default().trim();
                match u64::from_str_radix(digits, 16).map_err(|_| WireError::Chunk)? {
                    0 => Stage::Trailer,
                    size => Stage::Chunk(size),
                }
            }
            _ => return Err(WireError::Chunk),
        };
        Ok(&bytes[end + 1..])
    }
}

#[cfg(test)]
mod tests;
