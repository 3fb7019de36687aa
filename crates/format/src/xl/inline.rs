//! The inline section: shards of small objects stored behind the metadata (section 4.5).

use crate::msgpack::{self, Reader, Writer};
use bytes::Bytes;
use uuid::Uuid;

/// The shards in a file, by version. Values are framed with their bitrot hashes like part files. The order of
/// insertion is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InlineData {
    entries: Vec<(Bytes, Bytes)>,
    /// The section was there to read but was not read: a file must not be written from this.
    unread: bool,
}

/// Stands for the null version.
const NULL: &str = "null";

/// The first byte of the section.
const VERSION: u8 = 1;

impl InlineData {
    /// The shard of a version; nil asks for the null version.
    pub fn get(&self, version_id: Uuid) -> Option<&Bytes> {
        if version_id.is_nil() {
            return self.by_key(NULL.as_bytes());
        }
        let mut text = Uuid::encode_buffer();
        self.by_key(version_id.hyphenated().encode_lower(&mut text).as_bytes())
    }

    /// The shard of a version, also where releases before the first stable one kept it: under its data
    /// directory's name.
    pub fn get_or_by_data_dir(&self, version_id: Uuid, data_dir: Uuid) -> Option<&Bytes> {
        self.get(version_id).or_else(|| self.by_key(data_dir.to_string().as_bytes()))
    }

    /// Sets the shard of a version, in the place of the one it had.
    pub fn set(&mut self, version_id: Uuid, shard: Bytes) {
        let key = id_text(version_id);
        match self.entries.iter_mut().find(|(other, _)| *other == key.as_bytes()) {
            Some((_, value)) => *value = shard,
            None => self.entries.push((key.into(), shard)),
        }
    }

    /// Removes the shard of a version and returns it.
    pub fn remove(&mut self, version_id: Uuid) -> Option<Bytes> {
        let key = id_text(version_id);
        let at = self.entries.iter().position(|(other, _)| *other == key.as_bytes())?;
        Some(self.entries.remove(at).1)
    }

    /// How many shards there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no shards.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names and shards, oldest insertion first.
    pub fn iter(&self) -> impl Iterator<Item = (&Bytes, &Bytes)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    fn by_key(&self, key: &[u8]) -> Option<&Bytes> {
        self.entries.iter().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    /// The section of a file of which only the metadata was read.
    pub(super) fn unread() -> Self {
        InlineData { entries: Vec::new(), unread: true }
    }

    /// Reads a section. Damage costs the entries from there on, not the file: each shard has its own hashes,
    /// and a shard that is missing is healed. A section of an unknown version has no entries.
    pub(super) fn read(section: &Bytes) -> Self {
        let mut data = InlineData::default();
        if section.first() == Some(&VERSION) {
            // The error says only where the damage begins; what was read before it stands.
            let _damage = data.read_entries(&section.slice(1..));
        }
        data
    }

    fn read_entries(&mut self, map: &Bytes) -> Result<(), msgpack::Error> {
        let mut reader = Reader::new(map);
        // Not `Reader::map`: a count that the bytes can't hold is damage behind entries that may be whole.
        for _ in 0..reader.map_unchecked()? {
            let key = map.slice_ref(reader.key()?);
            let value = reader.binary_shared()?;
            if key.is_empty() {
                return Err(msgpack::Error::Length);
            }
            self.entries.push((key, value));
        }
        Ok(())
    }

    /// How many bytes [`InlineData::write`] appends at most.
    pub(super) fn size_hint(&self) -> usize {
        const HEAD: usize = 1 + 5;
        const ENTRY_HEADS: usize = 5 + 5;
        HEAD + self.entries.iter().map(|(key, value)| ENTRY_HEADS + key.len() + value.len()).sum::<usize>()
    }

    /// Appends the section; nothing if there are no entries.
    ///
    /// Panics if the section was not read: writing would lose the shards.
    pub(super) fn write(&self, mut out: Vec<u8>) -> Vec<u8> {
        assert!(!self.unread, "a file whose inline section was not read must not be written");
        if self.is_empty() {
            return out;
        }
        out.push(VERSION);
        let mut writer = Writer::after(out);
        writer.map(self.entries.len());
        for (key, value) in &self.entries {
            writer.text_bytes(key);
            writer.binary(value);
        }
        writer.finish()
    }
}

/// The name of a version id in this section and in S3: lower-case, `null` for nil.
pub fn id_text(version_id: Uuid) -> String {
    if version_id.is_nil() { NULL.to_owned() } else { version_id.to_string() }
}
