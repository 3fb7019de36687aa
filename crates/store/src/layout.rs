//! How an object's shards are laid over the drives of its set (on-disk-format.md 4 and 5).

use erasure::{Geometry, GeometryError, ReedSolomon};
use format::xl::ObjectVersion;

/// Bytes of body encoded together in everything written today.
pub(crate) const BLOCK_SIZE: u64 = base::MIB;

/// The shape of one object: shards, blocks, and which drive holds which shard.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) geometry: Geometry,
    pub(crate) code: ReedSolomon,
    /// The shard number of each drive, from 1, in the set's order.
    pub(crate) distribution: Vec<u8>,
    /// The parity that the object would have had with all drives there, if it has more.
    pub(crate) upgraded_from: Option<u8>,
}

impl Layout {
    /// The layout of a stored version. Its distribution must be checked against the set by the caller.
    pub(crate) fn of(object: &ObjectVersion) -> Result<Layout, GeometryError> {
        let geometry = Geometry::new(object.data.into(), object.parity.into(), object.block_size)?;
        let code = ReedSolomon::new(object.data.into(), object.parity.into())?;
        Ok(Layout { geometry, code, distribution: object.distribution.clone(), upgraded_from: None })
    }

    /// Drives that must have a new version: M, and one more where that could be two different halves (5.3).
    pub(crate) fn write_quorum(&self) -> usize {
        write_quorum(self.geometry.data(), self.geometry.parity())
    }

    /// The shard, from 0, that the drive at `position` holds.
    pub(crate) fn shard_of(&self, position: usize) -> usize {
        self.distribution.get(position).map_or(0, |number| usize::from(*number).saturating_sub(1))
    }

    /// Data shards as stored in metadata. A geometry has at most 256 shards, a set at most 16.
    pub(crate) fn data_u8(&self) -> u8 {
        u8::try_from(self.geometry.data()).unwrap_or(u8::MAX)
    }

    pub(crate) fn parity_u8(&self) -> u8 {
        u8::try_from(self.geometry.parity()).unwrap_or(u8::MAX)
    }
}

/// Drives that must take part in a write of `data` + `parity` shards.
pub(crate) fn write_quorum(data: usize, parity: usize) -> usize {
    if data == parity { data + 1 } else { data }
}

/// Drives that must take part in a removal or a delete marker (10.3).
pub(crate) fn delete_quorum(drives: usize) -> usize {
    drives / 2 + 1
}
