//! Bodies: of requests as they come from the wire, of answers as they go to it, and what is checked in between.

mod chunked;
mod collect;
mod error;
mod open;
mod request;
mod response;
mod sha256;
#[cfg(test)]
mod tests;
mod trailer;

pub use collect::{CollectError, collect};
pub use error::BodyError;
pub use open::{Announced, OpenedBody, Trailers};
pub use request::RequestBody;
pub use response::{ResponseBody, ResponseError};

pub(crate) use request::Wire;
