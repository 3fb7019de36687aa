//! Object encryption, key sealing, admin body encryption, compression: streams to streams.
//!
//! Everything here is a function of its arguments: no I/O, no clock, no key service. Randomness comes in as
//! [`base::Random`]. The crate knows the spelling of the metadata that it fills in (`format::object_meta_keys`)
//! and no other part of an object; it doesn't know buckets' rules, drives, requests or where keys come from.
//!
//! What it promises:
//! - No plaintext leaves before the package or fragment it was in is authenticated, none after the first that
//!   is not; a stream that was cut ends in an error.
//! - Any bytes at all give a result or an error, never a panic; no output piece is larger than 4 MiB, whatever
//!   the input says, and one is made at a time.
//! - Keys have no `Debug`, are wiped when dropped, and are compared in constant time.
//!
//! Formats: `docs/encryption-and-compression.md`, whose section numbers the comments use.

pub mod admin_body;
mod aead;
mod base64_text;
pub mod compression_rules;
pub mod config_file;
mod context;
mod customer_key;
pub mod dare;
mod envelope;
mod fragments;
mod key;
pub mod layout;
mod object_key;
pub mod s2;
mod static_kms;
mod transform;

pub use aead::Cipher;
pub use context::{Context, ContextError, object_path};
pub use customer_key::{CustomerKey, CustomerKeyError};
pub use envelope::{
    Envelope, EnvelopeError, Kind, SealAlgorithm, SealedDataKey, ShownEtag, is_encrypted, kind_of, shown_etag,
};
pub use fragments::FragmentError;
pub use key::Key;
pub use object_key::{KeyMismatch, Label, ObjectKey};
pub use static_kms::{DataKey, KmsError, StaticKey};
pub use transform::{Transform, Window, WindowError, through};
