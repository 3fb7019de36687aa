//! XML in and out. Reading has limits on size, depth and number of elements and knows no DTDs; writing goes
//! straight into the answer's bytes.

mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use reader::{Reader, XmlError};
pub use writer::Writer;

/// The namespace of S3's documents.
pub const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
