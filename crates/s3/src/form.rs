//! Forms that browsers upload with (S3 reference, "Browser-based uploads using POST"): fields, then the file.

mod multipart;
mod policy;

pub use multipart::{Form, boundary, within};
pub use policy::Policy;
