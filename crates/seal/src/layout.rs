//! How a stored object's bytes are laid out, and what to read of it for a range of plaintext (sections 3.5, 3.6, 6.6).

use crate::dare::{self, DecryptParts, PACKAGE, PAYLOAD, SealedPart, SizeError};
use crate::s2::{Decompress, Index};
use crate::{ObjectKey, Window, through};
use base::ByteStream;
use std::ops::Range;

/// A part as it is stored; an object without parts is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// The number it was uploaded with.
    pub number: u32,
    /// Bytes on the drives.
    pub stored: u64,
    /// Bytes that it stands for. Only asked for where the stored size doesn't tell: of compressed parts.
    pub plain: u64,
    /// The index of a compressed part, if it has one that can be read.
    pub index: Option<Index>,
}

/// What the stored bytes of an object are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    None,
    /// One stream under the object's key.
    Whole,
    /// A stream a part, each under its own key.
    ByPart,
}

/// The stored bytes of an object and what they stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    parts: Vec<StoredPart>,
    encryption: Encryption,
    compressed: bool,
}

/// What to read for a range, and what to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The stored bytes to read, counted through all parts.
    pub stored: Range<u64>,
    /// Parts that they touch: position in the layout, bytes of each.
    parts: Vec<(usize, u64)>,
    first_package: u32,
    /// The last part isn't read to its end.
    cut: bool,
    /// Bytes to drop after decryption.
    drop: u64,
    /// The compressed stream isn't read from its beginning.
    from_chunk: bool,
    /// Bytes to drop in the end, and how many follow.
    skip: u64,
    len: u64,
}

/// Why there is no plan for a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error("part {part}: {source}")]
    Size { part: u32, source: SizeError },
    #[error("the sizes of the parts are impossible")]
    TooLarge,
    #[error("the range {from}..{to} is not in the object, which has {size} bytes")]
    Range { from: u64, to: u64, size: u64 },
}

/// All parts as if they were one.
fn joined(parts: &[StoredPart]) -> Result<StoredPart, LayoutError> {
    let index = if let [only] = parts { only.index.clone() } else { None };
    let whole = StoredPart { number: 1, stored: 0, plain: 0, index };
    parts.iter().try_fold(whole, |mut whole, part| {
        whole.stored = whole.stored.checked_add(part.stored).ok_or(LayoutError::TooLarge)?;
        whole.plain = whole.plain.checked_add(part.plain).ok_or(LayoutError::TooLarge)?;
        Ok(whole)
    })
}

/// Whether the parts of an encrypted object are streams of their own. `multipart`: its metadata says so;
/// `etag_len`: characters of the stored etag.
pub fn encryption_of(multipart: bool, stored_sizes: &[u64], etag_len: usize) -> Encryption {
    const PLAIN_ETAG: usize = 32;
    let by_part =
        multipart && etag_len != PLAIN_ETAG && stored_sizes.iter().all(|&size| dare::plain_size(size).is_ok());
    if by_part { Encryption::ByPart } else { Encryption::Whole }
}

impl Layout {
    /// The layout of an object with these parts, in order.
    pub fn new(parts: Vec<StoredPart>, encryption: Encryption, compressed: bool) -> Result<Layout, LayoutError> {
        let mut parts = if encryption == Encryption::Whole { vec![joined(&parts)?] } else { parts };
        for part in &mut parts {
            let opened = match encryption {
                Encryption::None => part.stored,
                _ => {
                    let part_error = |source| LayoutError::Size { part: part.number, source };
                    dare::plain_size(part.stored).map_err(part_error)?
                }
            };
            if !compressed {
                part.plain = opened;
            }
        }
        joined(&parts)?;
        Ok(Layout { parts, encryption, compressed })
    }

    /// Bytes of plaintext.
    pub fn size(&self) -> u64 {
        self.parts.iter().map(|part| part.plain).sum()
    }

    /// What to read for a range of plaintext.
    pub fn plan(&self, range: Range<u64>) -> Result<Plan, LayoutError> {
        let size = self.size();
        if range.start > range.end || range.end > size {
            return Err(LayoutError::Range { from: range.start, to: range.end, size });
        }
        let mut plan = Plan {
            stored: 0..0,
            parts: Vec::new(),
            first_package: 0,
            cut: false,
            drop: 0,
            from_chunk: false,
            skip: 0,
            len: range.end - range.start,
        };
        if plan.len == 0 {
            return Ok(plan);
        }
        // Where the part begins, in plaintext and on the drives.
        let (mut plain, mut stored) = (0, 0);
        for (at, part) in self.parts.iter().enumerate() {
            let covered = plain..plain + part.plain;
            if part.plain > 0 && covered.start < range.end && covered.end > range.start {
                let mut from = 0;
                if plan.parts.is_empty() {
                    from = self.begin(part, range.start - covered.start, &mut plan);
                    plan.stored = stored + from..stored + from;
                }
                let to = if range.end < covered.end { self.end(part, range.end - covered.start) } else { part.stored };
                plan.cut = to < part.stored;
                plan.parts.push((at, to - from));
                plan.stored.end = stored + to;
            }
            (plain, stored) = (covered.end, stored + part.stored);
        }
        Ok(plan)
    }

    /// The stored offset to begin at in a part for a plaintext offset in it.
    fn begin(&self, part: &StoredPart, offset: u64, plan: &mut Plan) -> u64 {
        // The offset in what comes out of decryption.
        let mut opened = offset;
        if self.compressed {
            let entry = part.index.as_ref().filter(|_| offset > 0).and_then(|index| index.before(offset));
            let entry = entry.filter(|entry| entry.compressed < self.opened_size(part));
            plan.from_chunk = entry.is_some();
            opened = entry.map_or(0, |entry| entry.compressed);
            plan.skip = offset - entry.map_or(0, |entry| entry.plain);
        }
        if self.encryption == Encryption::None {
            return opened;
        }
        let package = opened / PAYLOAD as u64;
        plan.first_package = u32::try_from(package).expect("a stream has fewer packages");
        plan.drop = opened % PAYLOAD as u64;
        package * PACKAGE as u64
    }

    /// The stored offset to end at in a part for a plaintext offset in it.
    fn end(&self, part: &StoredPart, offset: u64) -> u64 {
        let mut opened = offset;
        if self.compressed {
            let entry = part.index.as_ref().and_then(|index| index.after(offset));
            match entry {
                Some(entry) => opened = entry.compressed,
                None => return part.stored,
            }
        }
        if self.encryption != Encryption::None {
            opened = opened.div_ceil(PAYLOAD as u64) * PACKAGE as u64;
        }
        opened.min(part.stored)
    }

    /// Bytes of a part after decryption.
    fn opened_size(&self, part: &StoredPart) -> u64 {
        match self.encryption {
            Encryption::None => part.stored,
            _ => dare::plain_size(part.stored).expect("checked when the layout was made"),
        }
    }

    /// The plaintext of a planned range. `body` is what [`Plan::stored`] asks for; `key` the object's, if it is
    /// encrypted.
    ///
    /// # Panics
    /// If the object is encrypted and there is no key.
    pub fn open(&self, plan: &Plan, key: Option<&ObjectKey>, mut body: ByteStream) -> ByteStream {
        if self.encryption != Encryption::None {
            let key = key.expect("an encrypted object is opened with a key");
            body = through(body, DecryptParts::new(self.sealed_parts(plan, key)));
        }
        if self.compressed {
            if plan.drop > 0 {
                body = through(body, Window::from(plan.drop));
            }
            let decompress =
                if plan.from_chunk { Decompress::from_chunk(plan.skip) } else { Decompress::new(plan.skip) };
            through(through(body, decompress), Window::new(0, plan.len))
        } else {
            through(body, Window::new(plan.drop, plan.len))
        }
    }

    fn sealed_parts(&self, plan: &Plan, key: &ObjectKey) -> Vec<SealedPart> {
        let last = plan.parts.len().saturating_sub(1);
        let part = |(nth, &(at, sealed)): (usize, &(usize, u64))| SealedPart {
            key: match self.encryption {
                Encryption::ByPart => key.part_key(self.parts[at].number),
                _ => key.key().clone(),
            },
            sealed,
            first_package: if nth == 0 { plan.first_package } else { 0 },
            cut: plan.cut && nth == last,
        };
        plan.parts.iter().enumerate().map(part).collect()
    }
}

#[cfg(test)]
mod tests;
