//! Event-stream messages: a prelude of two lengths with its CRC-32, headers, a payload, and a CRC-32 of all. The S3
//! reference's appendix to SelectObjectContent.

use crate::SelectError;
use bytes::{BufMut, Bytes, BytesMut};

/// Bytes of the two lengths and their checksum.
const PRELUDE: usize = 12;
/// Bytes of the checksum at the end.
const TRAILER: usize = 4;
/// The type of header values that are text.
const TEXT: u8 = 7;

/// How much was read, decompressed, and given back, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub scanned: u64,
    pub processed: u64,
    pub returned: u64,
}

pub fn records(payload: &[u8]) -> Bytes {
    event("Records", "application/octet-stream", payload)
}

pub fn continuation() -> Bytes {
    event("Cont", "", &[])
}

pub fn progress(counts: Counts) -> Bytes {
    event("Progress", "text/xml", counts.document("Progress").as_bytes())
}

pub fn stats(counts: Counts) -> Bytes {
    event("Stats", "text/xml", counts.document("Stats").as_bytes())
}

pub fn end() -> Bytes {
    event("End", "", &[])
}

/// Says that what was sent so far is all, and why.
pub fn error(error: &SelectError) -> Bytes {
    let headers =
        [(":message-type", "error"), (":error-code", error.code.name()), (":error-message", error.message.as_str())];
    message(&headers, &[])
}

impl Counts {
    fn document(self, root: &str) -> String {
        let Counts { scanned, processed, returned } = self;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root}><BytesScanned>{scanned}</BytesScanned>\
             <BytesProcessed>{processed}</BytesProcessed><BytesReturned>{returned}</BytesReturned></{root}>"
        )
    }
}

fn event(kind: &str, content_type: &str, payload: &[u8]) -> Bytes {
    let headers = [(":message-type", "event"), (":event-type", kind), (":content-type", content_type)];
    let count = if content_type.is_empty() { 2 } else { 3 };
    message(&headers[..count], payload)
}

/// Payloads are within [`crate::limits`], far below the format's 4 GiB.
fn message(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let mut block = Vec::new();
    for (name, value) in headers {
        let value = cut(value);
        block.put_u8(u8::try_from(name.len()).unwrap_or(u8::MAX));
        block.extend_from_slice(name.as_bytes());
        block.put_u8(TEXT);
        block.put_u16(u16::try_from(value.len()).unwrap_or(u16::MAX));
        block.extend_from_slice(value.as_bytes());
    }
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    let total = PRELUDE + block.len() + payload.len() + TRAILER;
    let mut out = BytesMut::with_capacity(total);
    out.put_u32(length(total));
    out.put_u32(length(block.len()));
    out.put_u32(crc32fast::hash(&out));
    out.extend_from_slice(&block);
    out.extend_from_slice(payload);
    out.put_u32(crc32fast::hash(&out));
    out.freeze()
}

/// No more than a header holds.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(4096);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
