//! `rustfs.bin`: what MinIO doesn't know of a bucket, an object of the pseudo bucket beside `.metadata.bin` (section 8b).

use crate::msgpack::{Error, Reader, UnknownFields, Writer};
use crate::record::{RecordError, STAMP, strip_stamp};
use base::Timestamp;
use bytes::Bytes;
use std::collections::BTreeMap;

/// Most documents of a bucket: there are not half as many kinds of configuration.
const MAX_DOCUMENTS: usize = 64;

/// Documents by name. Names that aren't known are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketExtras {
    /// When the bucket that these belong to was made: those of a bucket that had the same name earlier don't count.
    pub created: Timestamp,
    /// As they were stored; none is empty.
    pub documents: BTreeMap<String, Bytes>,
    /// Unknown fields, kept.
    pub unknown: UnknownFields,
}

impl BucketExtras {
    /// Reads the object's content.
    pub fn parse(content: &Bytes) -> Result<BucketExtras, RecordError> {
        let map = strip_stamp(content)?;
        let mut extras = BucketExtras::default();
        let mut unknown = UnknownFields::default();
        Reader::new(&map).fields(&mut unknown, |key, reader| {
            match key {
                b"Created" => extras.created = reader.time()?,
                b"Documents" => extras.documents = documents(reader)?,
                _ => return Ok(false),
            }
            Ok::<_, Error>(true)
        })?;
        extras.unknown = unknown;
        Ok(extras)
    }

    /// The object's content.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::after(STAMP.to_vec());
        writer.map(2 + self.unknown.count());
        writer.text("Created");
        writer.time(self.created);
        writer.text("Documents");
        writer.map(self.documents.len());
        for (name, document) in &self.documents {
            writer.text(name);
            writer.binary(document);
        }
        self.unknown.write(&mut writer);
        writer.finish()
    }

    /// A document; empty if there is none.
    pub fn document(&self, name: &str) -> Bytes {
        self.documents.get(name).cloned().unwrap_or_default()
    }

    /// Sets a document; an empty one removes it.
    pub fn set(&mut self, name: &str, document: impl Into<Bytes>) {
        match document.into() {
            empty if empty.is_empty() => self.documents.remove(name),
            document => self.documents.insert(name.to_owned(), document),
        };
    }
}

fn documents(reader: &mut Reader<'_>) -> Result<BTreeMap<String, Bytes>, Error> {
    let count = reader.map()?;
    if count > MAX_DOCUMENTS {
        return Err(Error::Range);
    }
    let mut documents = BTreeMap::new();
    for _ in 0..count {
        let name = reader.string()?;
        documents.insert(name, reader.binary_shared()?);
    }
    documents.retain(|_, document| !document.is_empty());
    Ok(documents)
}

#[cfg(test)]
mod tests;
