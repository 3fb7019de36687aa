//! What tests share: sample versions, and a file system that writes down what is asked of it.

mod recording;
mod samples;

pub use recording::{Event, Recording, RecordingFs};
pub use samples::{Sample, format_of_one, marker, open_formatted, purge, remove, write};
