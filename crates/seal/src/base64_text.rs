//! Base64 as the formats here have it: standard, padded; readers overlook line ends and unused bits.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

const ENGINE: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// `None`: not base64.
pub(crate) fn decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    let text = text.as_ref();
    let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    if text.iter().any(is_line_end) {
        // What is read may be a secret.
        let joined: Vec<u8> = text.iter().copied().filter(|byte| !is_line_end(byte)).collect();
        return ENGINE.decode(Zeroizing::new(joined).as_slice()).ok();
    }
    ENGINE.decode(text).ok()
}
