//! Every limit of this crate, with its reason.

/// Bytes of an expression: the S3 reference's.
pub const MAX_EXPRESSION: usize = 256 << 10;
/// Words and signs of an expression that may nest: `a + b + ...` is a tree as deep as it is long, and trees are walked
/// on the thread's stack. Lists of values don't count.
pub const MAX_OPERATORS: usize = 2048;
/// Expressions in parentheses within each other.
pub const MAX_NESTING: usize = 64;
/// The stack of a thread that evaluates: several KiB for each of [`MAX_OPERATORS`]. Only what is used is memory.
pub const STACK: usize = 32 << 20;
/// Bytes of a record that is read or written: the S3 reference's.
pub const MAX_RECORD: usize = 1 << 20;
/// Fields of a record: a record of the greatest size can't keep more memory busy than a few times its size.
pub const MAX_COLUMNS: usize = 64 << 10;
/// Values within each other in JSON, as `serde_json` has it.
pub const MAX_JSON_DEPTH: usize = 128;
/// Payload of a message with records; messages of some 64 KiB keep their framing below a thousandth.
pub const RECORDS: usize = 64 << 10;
/// Messages that wait to be sent.
pub const MESSAGES: usize = 4;
/// Pieces of the object that wait to be evaluated.
pub const PIECES: usize = 2;
/// Evaluations at a time in a server: a thread and a few MiB each. More wait for their turn.
pub const MAX_SELECTS: usize = 16;
/// Bytes looked at before the answer begins, so that what is wrong with an object from its beginning is an error with
/// a status.
pub const FIRST_LOOK: u64 = 128 << 10;
/// Bytes read of the object between two progress messages.
pub const PROGRESS: u64 = 8 << 20;
/// Seconds without a message after which a continuation message tells that the server is at work.
pub const KEEP_ALIVE: u64 = 5;
/// Bytes of a Parquet file that are read at a time.
pub const PARQUET_BLOCK: u64 = 512 << 10;
/// Blocks of a Parquet file kept, for columns are read side by side.
pub const PARQUET_BLOCKS: usize = 32;
/// Bytes of a Parquet footer: it is held in memory as a whole, several times its size.
pub const MAX_PARQUET_FOOTER: u64 = 16 << 20;
/// Bytes of a page or a piece that a Parquet file makes us read at once. Writers make pages of 1 MiB, seldom 8.
pub const MAX_PARQUET_READ: usize = 64 << 20;
/// Bytes of a row group before compression: the S3 reference's.
pub const MAX_PARQUET_ROW_GROUP: i64 = 512 << 20;
/// Columns, nested ones too, of a Parquet file: each that is read has a page in memory.
pub const MAX_PARQUET_COLUMNS: usize = 4096;
