//! Identities and what they may do.
//!
//! A front end verifies a signature with [`Iam::signing_secret`] and asks for the [`Caller`]; for each operation it asks
//! [`Iam::authorize`], whose [`Grant`] is the only key to the operations of `service`. There is no other way to be
//! allowed something: root, users, service accounts, sessions and whoever is anonymous all pass the same function.
//!
//! - [`Policy`] and [`BucketPolicy`] are the documents that say who may do what.
//! - Identities are kept as [`Documents`], read by [`Iam::load`] into one snapshot that is swapped whole, and changed
//!   by functions of [`Iam`], each of which leaves a state between two steps in which nobody has more rights than
//!   before or after.
//! - [`Circumstances`] answer what policies ask about a request.
//!
//! Formats and rules: spec iam-sts-and-config.md. It must not know where identities are stored, nor any protocol.

mod access;
mod account;
mod action;
mod caller;
mod change;
mod circumstances;
mod credentials;
mod documents;
mod iam;
mod judge;
mod load;
mod policy;
mod records;
mod rights;
mod snapshot;
#[cfg(test)]
mod testing;
pub mod token;
mod view;

pub use access::{
    ANONYMOUS_ID, Acl, AclGrant, BucketAccess, CannedAcl, Grantee, MAX_GRANTS, ObjectOwnership, Permission,
    PublicAccessBlock,
};
pub use account::{Account, UnusableAccount};
pub use action::{Action, Kind};
pub use caller::Caller;
pub use change::{
    ChangeError, Holder, MAX_DERIVED_ACCESS_KEY, MAX_DERIVED_SECRET_KEY, MAX_SESSION_POLICY, NewServiceAccount,
    ServiceAccountUpdate,
};
pub use circumstances::{Circumstances, Context};
pub use credentials::{BadCredentials, Credentials, MIN_ACCESS_KEY_LENGTH, MIN_SECRET_KEY_LENGTH};
pub use documents::{DocumentError, Documents};
pub use iam::{Denied, Grant, Iam, IamOptions, LookupError, SigningSecret, TokenRule};
pub use judge::ROOT_ID;
pub use load::LoadReport;
pub use policy::{BucketPolicy, ConditionKey, KeyName, MAX_POLICY, Policy, PolicyError, VERSION as POLICY_VERSION};
pub use records::{Expiry, GroupRecord, IdentityRecord, MappingRecord, PolicyRecord, RecordError, Unknown};
pub use view::{GroupView, UserView};
