//! The object's bytes on the thread that evaluates: asked for, decompressed, and looked at.

use crate::error::{Code, SelectError, fail};
use crate::limits::PIECES;
use crate::request::Compression;
use archive::decompress::{Bzip2, Codec, Gzip, Lz4, Pump, Zstd};
use base::StreamError;
use bytes::{Buf, Bytes};
use seal::Transform;
use seal::s2::Decompress;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// A range that the thread asks for, and where its pieces are to go.
pub struct Ask {
    pub range: Range<u64>,
    pub pieces: mpsc::Sender<Result<Bytes, StreamError>>,
}

/// Gives ranges of the object. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    asks: mpsc::Sender<Ask>,
    size: u64,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    scanned: AtomicU64,
    processed: AtomicU64,
}

impl Feed {
    pub fn new(asks: mpsc::Sender<Ask>, size: u64) -> Self {
        Feed { asks, size, counters: Arc::default() }
    }

    /// Bytes of the object.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes read so far, and bytes of them after decompression.
    pub fn counts(&self) -> (u64, u64) {
        (self.counters.scanned.load(Ordering::Relaxed), self.counters.processed.load(Ordering::Relaxed))
    }

    /// The bytes of a range, as they are stored.
    pub fn read(&self, range: Range<u64>) -> Result<FeedPieces, SelectError> {
        let (sender, pieces) = mpsc::channel(PIECES);
        let ask = Ask { range: range.start..range.end.min(self.size), pieces: sender };
        // Nobody listens any more when the client has gone.
        if ask.range.start < ask.range.end && self.asks.blocking_send(ask).is_err() {
            return fail(Code::InternalError, "The client went away.");
        }
        Ok(FeedPieces { pieces, counters: Arc::clone(&self.counters) })
    }

    /// The bytes of a range in memory; they count as processed.
    pub fn read_whole(&self, range: Range<u64>) -> Result<Bytes, SelectError> {
        let mut pieces = self.read(range)?;
        let mut all = Vec::new();
        while let Some(piece) = pieces.next()? {
            all.extend_from_slice(&piece);
        }
        self.processed(all.len());
        Ok(all.into())
    }

    fn processed(&self, bytes: usize) {
        self.counters.processed.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// Bytes that come in pieces.
pub trait Pieces {
    fn next(&mut self) -> Result<Option<Bytes>, SelectError>;
}

/// A range of the object.
pub struct FeedPieces {
    pieces: mpsc::Receiver<Result<Bytes, StreamError>>,
    counters: Arc<Counters>,
}

impl Pieces for FeedPieces {
    fn next(&mut self) -> Result<Option<Bytes>, SelectError> {
        match self.pieces.blocking_recv() {
            None => Ok(None),
            Some(Ok(piece)) => {
                self.counters.scanned.fetch_add(piece.len() as u64, Ordering::Relaxed);
                Ok(Some(piece))
            }
            Some(Err(error)) => Err(SelectError::of_stream(&error)),
        }
    }
}

/// What comes out of a decompressor.
struct Decompressed<T> {
    pieces: Box<dyn Pieces>,
    transform: T,
    ended: bool,
}

impl<T: Transform> Pieces for Decompressed<T> {
    fn next(&mut self) -> Result<Option<Bytes>, SelectError> {
        loop {
            match self.transform.pull() {
                Ok(Some(piece)) => return Ok(Some(piece)),
                Ok(None) if self.ended => return Ok(None),
                Ok(None) => {}
                Err(error) => {
                    let message = format!("The object isn't compressed as CompressionType says: {error}.");
                    return fail(Code::InvalidCompressionFormat, message);
                }
            }
            match self.pieces.next()? {
                Some(piece) => self.transform.push(piece),
                None => {
                    self.transform.end();
                    self.ended = true;
                }
            }
        }
    }
}

/// The bytes after decompression.
fn decompress(pieces: Box<dyn Pieces>, compression: Compression) -> Result<Box<dyn Pieces>, SelectError> {
    let codec: Box<dyn Codec> = match compression {
        Compression::None => return Ok(pieces),
        Compression::Gzip => Box::new(Gzip::new()),
        Compression::Bzip2 => Box::new(Bzip2::new()),
        Compression::Lz4 => Box::new(Lz4::new()),
        Compression::Zstd => match Zstd::new() {
            Ok(zstd) => Box::new(zstd),
            Err(error) => return fail(Code::InternalError, error.to_string()),
        },
        Compression::S2 | Compression::Snappy => {
            return Ok(Box::new(Decompressed { pieces, transform: Decompress::new(0), ended: false }));
        }
    };
    Ok(Box::new(Decompressed { pieces, transform: Pump::new(codec), ended: false }))
}

/// Bytes to look at, one after the other.
pub struct Input {
    pieces: Box<dyn Pieces>,
    piece: Bytes,
    /// Where the first byte of `piece` is, after decompression.
    offset: u64,
    ended: bool,
    feed: Feed,
}

impl Input {
    /// The object from a byte on, decompressed.
    pub fn open(feed: &Feed, from: u64, compression: Compression) -> Result<Self, SelectError> {
        let pieces = decompress(Box::new(feed.read(from..feed.size())?), compression)?;
        Ok(Input { pieces, piece: Bytes::new(), offset: from, ended: false, feed: feed.clone() })
    }

    /// Where the next byte is.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What is at hand: nothing only at the end.
    pub fn at_hand(&mut self) -> Result<&[u8], SelectError> {
        self.ensure(1)?;
        Ok(&self.piece)
    }

    pub fn peek(&mut self) -> Result<Option<u8>, SelectError> {
        Ok(self.at_hand()?.first().copied())
    }

    /// Passes over bytes that are at hand.
    pub fn advance(&mut self, count: usize) {
        self.piece.advance(count);
        self.offset += count as u64;
    }

    /// Whether these bytes come next.
    pub fn starts_with(&mut self, expected: &[u8]) -> Result<bool, SelectError> {
        self.ensure(expected.len())?;
        Ok(self.piece.starts_with(expected))
    }

    /// Has so many bytes at hand, or all that there are.
    fn ensure(&mut self, count: usize) -> Result<(), SelectError> {
        while self.piece.len() < count && !self.ended {
            match self.pieces.next()? {
                None => self.ended = true,
                Some(more) => {
                    self.feed.processed(more.len());
                    self.piece = if self.piece.is_empty() { more } else { [&self.piece[..], &more].concat().into() };
                }
            }
        }
        Ok(())
    }
}
