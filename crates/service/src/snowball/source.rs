//! The tar as it comes out of a request's body.

use crate::ServiceError;
use archive::decompress::{CodecError, Unpack};
use archive::tar::{Event, TarEntry, TarReader};
use base::{ByteStream, StreamError};
use bytes::Bytes;
use futures_util::StreamExt;
use seal::Transform;
use store::StoreError;

/// What comes next.
pub(super) enum TarPiece {
    Entry(TarEntry),
    Data(Bytes),
    EntryEnd,
}

/// A body read as a tar, decompressed if it is compressed.
pub(super) struct Tar {
    body: ByteStream,
    body_ended: bool,
    unpack: Unpack,
    reader: TarReader,
    over: bool,
}

impl Tar {
    pub fn new(body: ByteStream) -> Self {
        Tar { body, body_ended: false, unpack: Unpack::new(), reader: TarReader::new(), over: false }
    }

    /// `None`: the tar is over.
    pub async fn next(&mut self) -> Result<Option<TarPiece>, ServiceError> {
        while !self.over {
            let event = self.reader.next_event().map_err(|error| bad(error.to_string()))?;
            match event {
                Some(Event::Entry(entry)) => return Ok(Some(TarPiece::Entry(entry))),
                Some(Event::Data(piece)) => return Ok(Some(TarPiece::Data(piece))),
                Some(Event::EntryEnd) => return Ok(Some(TarPiece::EntryEnd)),
                Some(Event::End) => self.over = true,
                None => self.fill().await?,
            }
        }
        Ok(None)
    }

    /// Reads what is left of the body: what was announced of it can only be judged at its end.
    pub async fn drain(&mut self) -> Result<(), ServiceError> {
        while !self.body_ended {
            self.read().await?;
        }
        Ok(())
    }

    /// Gives the reader what comes next.
    async fn fill(&mut self) -> Result<(), ServiceError> {
        loop {
            match self.unpack.pull() {
                Ok(Some(piece)) => {
                    self.reader.push(piece);
                    return Ok(());
                }
                Ok(None) if self.body_ended => {
                    self.reader.end();
                    return Ok(());
                }
                Ok(None) => {}
                Err(CodecError::Truncated(_)) => return Err(bad("unexpected EOF".to_owned())),
                Err(error) => return Err(bad(error.to_string())),
            }
            match self.read().await? {
                Some(piece) => self.unpack.push(piece),
                None => self.unpack.end(),
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Bytes>, ServiceError> {
        let piece = self.body.next().await.transpose().map_err(broken)?;
        self.body_ended |= piece.is_none();
        Ok(piece)
    }
}

fn bad(reason: String) -> ServiceError {
    ServiceError::BadTar { reason }
}

/// A body that broke off; what a transform of ours refused comes back as what it was.
fn broken(error: StreamError) -> ServiceError {
    StoreError::Body(error).into()
}
