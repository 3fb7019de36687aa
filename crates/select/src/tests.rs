//! Requests on objects in memory, from bytes to messages.

mod formats;
mod malformed;
mod sql;

use crate::{
    Code, Compression, CsvInput, CsvOutput, Header, Input, InputFormat, JsonInput, JsonOutput, Output, Request,
    ScanRange, SelectError, Selects, Source, select,
};
use base::{ByteStream, ManualClock, StreamError};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use std::ops::Range;
use std::sync::Arc;

/// An object that comes in pieces of a few bytes, so that every edge between two is somewhere.
struct Memory {
    bytes: Bytes,
    piece: usize,
}

impl Source for Memory {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&self, range: Range<u64>) -> BoxFuture<'_, Result<ByteStream, StreamError>> {
        let at = |offset: u64| usize::try_from(offset).expect("an object in memory");
        let bytes = self.bytes.slice(at(range.start)..at(range.end));
        let pieces: Vec<_> = bytes.chunks(self.piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        async move { Ok(Box::pin(stream::iter(pieces)) as ByteStream) }.boxed()
    }
}

/// A message of the answer.
#[derive(Debug, Clone, PartialEq)]
struct Message {
    headers: Vec<(String, String)>,
    payload: Vec<u8>,
}

impl Message {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }
}

/// Takes messages apart, as a client does; checks their checksums.
fn messages(mut bytes: &[u8]) -> Vec<Message> {
    let number = |bytes: &[u8]| u32::from_be_bytes(*bytes.first_chunk().expect("four bytes"));
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let (total, headers) = (number(bytes) as usize, number(&bytes[4..]) as usize);
        assert_eq!(number(&bytes[8..]), crc32fast::hash(&bytes[..8]), "the prelude's checksum");
        assert_eq!(number(&bytes[total - 4..]), crc32fast::hash(&bytes[..total - 4]), "the message's checksum");
        let mut block = &bytes[12..12 + headers];
        let mut found = Vec::new();
        while let [length, rest @ ..] = block {
            let (name, rest) = rest.split_at(usize::from(*length));
            assert_eq!(rest[0], 7, "a text");
            let length = usize::from(u16::from_be_bytes([rest[1], rest[2]]));
            let (value, rest) = rest[3..].split_at(length);
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
            found.push((text(name), text(value)));
            block = rest;
        }
        messages.push(Message { headers: found, payload: bytes[12 + headers..total - 4].to_vec() });
        bytes = &bytes[total..];
    }
    messages
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn answer(request: Request, object: &[u8], piece: usize) -> Result<Vec<Message>, SelectError> {
    runtime().block_on(async {
        let source = Arc::new(Memory { bytes: Bytes::copy_from_slice(object), piece });
        let clock = Arc::new(ManualClock::new(base::Timestamp::from_secs(1_700_000_000)));
        let mut body = select(&Selects::new(clock), request, source).await?;
        let mut all = Vec::new();
        while let Some(piece) = body.next().await {
            all.extend_from_slice(&piece.expect("a stream that never fails"));
        }
        Ok(messages(&all))
    })
}

/// The records of an answer; an error of its last message, too.
fn records(request: Request, object: &[u8]) -> Result<String, Code> {
    let messages = answer(request, object, 7).map_err(|error| error.code)?;
    let last = messages.last().expect("a message");
    if last.header(":message-type") == "error" {
        panic!("an error in mid-stream: {last:?}");
    }
    assert_eq!(last.header(":event-type"), "End");
    let records = messages.iter().filter(|message| message.header(":event-type") == "Records");
    Ok(String::from_utf8(records.flat_map(|message| message.payload.clone()).collect()).expect("UTF-8"))
}

fn request(expression: &str, format: InputFormat, output: Output) -> Request {
    let input = Input { format, compression: Compression::None };
    Request { expression: expression.to_owned(), input, output, progress: false, scan_range: None }
}

fn csv(expression: &str, header: Header) -> Request {
    let input = CsvInput { header, ..CsvInput::default() };
    request(expression, InputFormat::Csv(input), Output::Csv(CsvOutput::default()))
}

fn json(expression: &str, kind: JsonInput) -> Request {
    request(expression, InputFormat::Json(kind), Output::Json(JsonOutput::default()))
}

/// The value of an expression, as CSV shows it.
fn value(expression: &str) -> Result<String, Code> {
    let records = records(csv(&format!("SELECT {expression} FROM S3Object s"), Header::None), b"x,7,\n")?;
    Ok(records.trim_end_matches('\n').to_owned())
}
