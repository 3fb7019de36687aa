//! Plain and sealed sizes of a stream (section 1.3).

use super::{OVERHEAD, PACKAGE, PAYLOAD};

/// Plaintext bytes that one stream can hold: package numbers have 32 bits.
const MAX_PLAIN: u64 = 1 << 48;
/// The sealed size of the longest stream.
const MAX_SEALED: u64 = MAX_PLAIN + (1 << 37);

const PAYLOAD_SIZE: u64 = PAYLOAD as u64;
const PACKAGE_SIZE: u64 = PACKAGE as u64;
const OVERHEAD_SIZE: u64 = OVERHEAD as u64;

/// No stream has this size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no encrypted stream has a size of {0} bytes")]
pub struct SizeError(pub u64);

/// Bytes of the stream that holds `plain` bytes.
pub fn sealed_size(plain: u64) -> Result<u64, SizeError> {
    if plain > MAX_PLAIN {
        return Err(SizeError(plain));
    }
    Ok(plain + plain.div_ceil(PAYLOAD_SIZE) * OVERHEAD_SIZE)
}

/// Plaintext bytes in a stream of `sealed` bytes.
pub fn plain_size(sealed: u64) -> Result<u64, SizeError> {
    let last = sealed % PACKAGE_SIZE;
    if sealed > MAX_SEALED || (last > 0 && last <= OVERHEAD_SIZE) {
        return Err(SizeError(sealed));
    }
    Ok(sealed - sealed.div_ceil(PACKAGE_SIZE) * OVERHEAD_SIZE)
}
