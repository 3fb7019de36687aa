//! Where in a compressed stream its chunks begin (section 6.5).

/// Plaintext bytes from which on a stream has an index: more than this.
pub const MIN_PLAIN: u64 = 8 << 20;
/// Plaintext bytes between two entries, at least.
const MIN_DISTANCE: u64 = 1 << 20;
/// Most entries of an index.
const MAX_ENTRIES: usize = 1 << 16;

/// A chunk's place: bytes before it in the compressed stream, and in what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub compressed: u64,
    pub plain: u64,
}

/// The index of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Bytes of the plaintext and of the stream.
    pub(crate) plain: u64,
    pub(crate) compressed: u64,
    /// Plaintext bytes between entries, as the writer expects them to be.
    block: u64,
    entries: Vec<Entry>,
    /// Plaintext bytes between two entries, at least.
    distance: u64,
    /// The stored form doesn't tell the stream's length.
    padded: bool,
}

/// Bytes that are no index. Readers do without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the compression index is not valid")]
pub struct IndexError;

impl Index {
    /// The index of a stream that is about to be written.
    pub(super) fn for_blocks_of(block: u64, padded: bool) -> Index {
        Index { plain: 0, compressed: 0, block, entries: Vec::new(), distance: MIN_DISTANCE, padded }
    }

    /// Notes where a chunk begins; every second entry goes when there are too many.
    pub(super) fn push(&mut self, entry: Entry) {
        let far = |last: &Entry| entry.plain - last.plain >= self.distance;
        if !self.entries.last().is_none_or(far) {
            return;
        }
        if self.entries.len() == MAX_ENTRIES {
            let mut at = 0;
            self.entries.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.distance *= 2;
            self.block *= 2;
        }
        self.entries.push(entry);
    }

    /// The stored form; `None` for streams that are too short to have one.
    pub(super) fn to_stored(&self) -> Option<Vec<u8>> {
        if self.plain <= MIN_PLAIN || self.entries.is_empty() {
            return None;
        }
        let signed = |number: u64| i64::try_from(number).ok();
        let mut out = Vec::new();
        push_varint(signed(self.plain)?, &mut out);
        push_varint(if self.padded { -1 } else { signed(self.compressed)? }, &mut out);
        push_varint(signed(self.block)?, &mut out);
        push_varint(i64::try_from(self.entries.len()).ok()?, &mut out);
        let (plain, compressed) = self.deltas()?;
        let told = plain.iter().any(|&delta| delta != 0);
        out.push(u8::from(told));
        if told {
            plain.into_iter().for_each(|delta| push_varint(delta, &mut out));
        }
        compressed.into_iter().for_each(|delta| push_varint(delta, &mut out));
        Some(out)
    }

    /// How far the entries are from where a reader expects them, in plaintext and in the stream.
    fn deltas(&self) -> Option<(Vec<i64>, Vec<i64>)> {
        let block = i64::try_from(self.block).ok()?;
        let mut expected = Expected::new(block);
        let mut deltas = (Vec::with_capacity(self.entries.len()), Vec::with_capacity(self.entries.len()));
        for entry in &self.entries {
            let (plain, compressed) = (i64::try_from(entry.plain).ok()?, i64::try_from(entry.compressed).ok()?);
            deltas.0.push(plain.checked_sub(expected.plain)?);
            deltas.1.push(compressed.checked_sub(expected.compressed)?);
            expected.next(plain, compressed)?;
        }
        Some(deltas)
    }

    /// Reads the stored form.
    pub fn parse(stored: &[u8]) -> Result<Index, IndexError> {
        let mut reader = stored;
        let index = Index::read(&mut reader).ok_or(IndexError)?;
        if reader.is_empty() { Ok(index) } else { Err(IndexError) }
    }

    fn read(reader: &mut &[u8]) -> Option<Index> {
        let plain = u64::try_from(read_varint(reader)?).ok()?;
        let compressed = read_varint(reader)?;
        let block = read_varint(reader)?;
        let count = usize::try_from(read_varint(reader)?).ok()?;
        let (&told, rest) = reader.split_first()?;
        *reader = rest;
        if block < 0 || count > MAX_ENTRIES || told > 1 {
            return None;
        }
        let mut plain_deltas = vec![0; count];
        if told == 1 {
            for delta in &mut plain_deltas {
                *delta = read_varint(reader)?;
            }
        }
        let mut expected = Expected::new(block);
        let mut entries: Vec<Entry> = Vec::with_capacity(count);
        for delta in plain_deltas {
            let plain_at = expected.plain.checked_add(delta)?;
            let compressed_at = expected.compressed.checked_add(read_varint(reader)?)?;
            expected.next(plain_at, compressed_at)?;
            let entry = Entry { compressed: compressed_at.try_into().ok()?, plain: plain_at.try_into().ok()? };
            let follows = |last: &Entry| last.plain < entry.plain && last.compressed < entry.compressed;
            if entry.plain > plain || !entries.last().is_none_or(follows) {
                return None;
            }
            entries.push(entry);
        }
        Some(Index {
            plain,
            compressed: u64::try_from(compressed).unwrap_or(0),
            block: u64::try_from(block).ok()?,
            entries,
            distance: MIN_DISTANCE,
            padded: compressed < 0,
        })
    }

    /// The last chunk that begins at or before a plaintext offset.
    pub(crate) fn before(&self, plain: u64) -> Option<Entry> {
        let after = self.entries.partition_point(|entry| entry.plain <= plain);
        after.checked_sub(1).map(|at| self.entries[at])
    }

    /// The first chunk that begins at or after a plaintext offset.
    pub(crate) fn after(&self, plain: u64) -> Option<Entry> {
        let at = self.entries.partition_point(|entry| entry.plain < plain);
        self.entries.get(at).copied()
    }
}

/// Where the next entry is expected.
struct Expected {
    block: i64,
    /// The compressed size of a block, as the entries before suggest.
    step: i64,
    plain: i64,
    compressed: i64,
    first: bool,
}

impl Expected {
    fn new(block: i64) -> Self {
        Expected { block, step: block / 2, plain: 0, compressed: 0, first: true }
    }

    /// Takes note of where an entry was.
    fn next(&mut self, plain: i64, compressed: i64) -> Option<()> {
        if !std::mem::replace(&mut self.first, false) {
            self.step = self.step.checked_add(compressed.checked_sub(self.compressed)? / 2)?;
        }
        self.plain = plain.checked_add(self.block)?;
        self.compressed = compressed.checked_add(self.step)?;
        Some(())
    }
}

/// Seven bits a byte, the sign in the lowest.
fn push_varint(number: i64, out: &mut Vec<u8>) {
    let mut rest = (number << 1 ^ number >> 63).cast_unsigned();
    while rest >= 0x80 {
        out.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    out.push(rest.to_le_bytes()[0]);
}

fn read_varint(reader: &mut &[u8]) -> Option<i64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = reader.split_first()?;
        *reader = rest;
        if shift == 63 && byte > 1 {
            return None;
        }
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
        }
    }
    None
}
