//! Identities and what they may do.
//!
//! A front end verifies a signature and asks for the [`Caller`]; for each operation it asks [`Iam::authorize`],
//! whose [`Grant`] is the only key to the operations of `service`. This release knows one identity, root, who may
//! do everything; whoever comes without a signature may do nothing. The shape is the final one.
//!
//! It must not know how identities are stored, nor any protocol.

mod action;
mod authorize;
mod caller;
mod credentials;

pub use action::Action;
pub use authorize::{Context, Denied, Grant, Iam};
pub use caller::Caller;
pub use credentials::{BadCredentials, Credentials, MIN_ACCESS_KEY_LENGTH, MIN_SECRET_KEY_LENGTH};
