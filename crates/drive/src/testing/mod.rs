//! What tests share: sample versions, a file system that writes down what is asked of it, an engine whose jobs wait.

mod held;
mod recording;
mod samples;

pub use held::HeldEngine;
pub use recording::{Event, Recording, RecordingFs};
pub use samples::{Sample, format_of_one, marker, open_formatted, purge, remove, write};
