//! The fields that our own records on a drive are made of: little-endian numbers, and texts with their length in front.

use bytes::{BufMut, Bytes, BytesMut};
use uuid::Uuid;

/// The bytes end too early or make no sense.
#[derive(Debug)]
pub(super) struct Malformed;

pub(super) fn put_length(out: &mut BytesMut, length: usize) {
    out.put_u32_le(u32::try_from(length).expect("an xl.meta is far smaller than 4 GiB, a list shorter"));
}

pub(super) fn put_bytes(out: &mut BytesMut, bytes: &[u8]) {
    put_length(out, bytes.len());
    out.put_slice(bytes);
}

pub(super) fn put_text(out: &mut BytesMut, text: &str) {
    put_bytes(out, text.as_bytes());
}

/// What hasn't been read yet.
pub(super) struct Rest {
    pub(super) bytes: Bytes,
}

impl Rest {
    pub(super) fn take(&mut self, length: usize) -> Result<Bytes, Malformed> {
        if length > self.bytes.len() {
            return Err(Malformed);
        }
        Ok(self.bytes.split_to(length))
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let taken = self.take(N)?;
        taken.as_ref().try_into().map_err(|_| Malformed)
    }

    pub(super) fn uuid(&mut self) -> Result<Uuid, Malformed> {
        Ok(Uuid::from_bytes(self.array()?))
    }

    pub(super) fn length(&mut self) -> Result<usize, Malformed> {
        usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| Malformed)
    }

    /// Bytes with their length in front.
    pub(super) fn bytes(&mut self) -> Result<Bytes, Malformed> {
        let length = self.length()?;
        self.take(length)
    }

    pub(super) fn text(&mut self) -> Result<String, Malformed> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| Malformed)
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), Malformed> {
        if self.bytes.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}
