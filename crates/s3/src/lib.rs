//! The S3 protocol: operations, XML, streaming bodies, errors.
//!
//! [`S3Handler`] takes the requests of an HTTP server, finds out what each asks for ([`routing`]), who asks, and
//! whether they may; then it reads the request's headers and documents into what `service` understands, and writes
//! what that answers as S3 has it. What an operation means is decided below; what it looks like on the wire, here.
//!
//! The law is the S3 reference of AWS; then MinIO's extensions, and what clients of MinIO rely on.

mod access_record;
mod call;
mod circumstances;
mod cors;
pub mod dates;
pub mod documents;
mod door;
pub mod encode;
pub mod error;
mod form;
mod handler;
pub mod headers;
mod layers;
mod ops;
pub mod query;
mod response;
pub mod routing;
pub mod target;
mod website;
pub mod xml;

pub use door::{Interface, Visitor, json};
pub use error::{ErrorCode, S3Error};
pub use handler::{S3Config, S3Handler};
pub use response::Answer;
