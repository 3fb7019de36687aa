//! SelectObjectContent: SQL over the bytes of one object.
//!
//! [`select`] takes a request and a [`Source`] that gives the object's bytes, and gives the messages of the answer in
//! their framing. It knows neither HTTP nor where bytes come from. What is wrong with the request, or with the
//! first of the data, is an error before there is an answer; what is found later is the last message.
//!
//! Evaluation runs on a thread of its own, since it may take long: [`Selects`] limits how many there are. The thread asks
//! a task for bytes and hands it messages, over queues that are a few pieces long, so that memory depends on the limits
//! in [`limits`] and not on the object.
//!
//! Syntax, semantics, messages and error codes: the S3 reference's SelectObjectContent, SQL reference for S3
//! Select, and list of its error codes; compressions beyond gzip and bzip2 are MinIO's (s3-api.md, 7.12).

mod bridge;
mod engine;
mod error;
mod eval;
mod input;
pub mod limits;
mod message;
mod output;
mod request;
mod sql;
#[cfg(test)]
mod tests;
mod value;

pub use bridge::{Selects, Source, select};
pub use error::{Code, SelectError};
pub use request::{
    Compression, CsvInput, CsvOutput, Header, Input, InputFormat, JsonInput, JsonOutput, Output, QuoteFields, Request,
    ScanRange,
};
