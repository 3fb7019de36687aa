//! A 256-bit secret.

use base::Random;
use ring::hmac;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A 32-byte key: not printable, wiped when dropped, compared in constant time.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; Key::LEN]>);

impl Key {
    /// Length in bytes.
    pub const LEN: usize = 32;

    pub fn new(bytes: [u8; Key::LEN]) -> Self {
        Key(Zeroizing::new(bytes))
    }

    /// A fresh random key.
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; Key::LEN]);
        random.fill(&mut bytes[..]);
        Key(bytes)
    }

    /// A key from bytes that must be exactly as long as a key.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Key::new)
    }

    /// The bytes. Every call is a place to check that they are neither stored nor printed.
    pub fn expose(&self) -> &[u8; Key::LEN] {
        &self.0
    }

    /// HMAC-SHA256 of the concatenated `pieces` under this key.
    pub(crate) fn mac(&self, pieces: &[&[u8]]) -> [u8; Key::LEN] {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.0[..]));
        for piece in pieces {
            context.update(piece);
        }
        let mut mac = [0; Key::LEN];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }

    /// A key derived from this one: HMAC-SHA256 of the concatenated `pieces`.
    pub(crate) fn derive(&self, pieces: &[&[u8]]) -> Key {
        Key::new(self.mac(pieces))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for Key {}
