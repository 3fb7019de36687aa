//! Identities and what they may do.
