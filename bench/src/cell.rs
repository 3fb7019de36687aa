//! Cells: the kinds of work that can be measured, and their names.

use std::fmt;

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Writes objects, new ones at first, then over those.
    Put,
    /// Reads whole objects that were just written.
    Get,
    /// Asks for objects' metadata.
    Head,
    /// Deletes each of a number of objects once.
    Delete,
    /// Reads a page of 1000 keys out of 5000, from many starting points.
    List,
    /// 45 % GET, 30 % HEAD, 15 % PUT, 10 % DELETE.
    Mixed,
    /// GET and PUT in turns: for memory under load.
    Getput,
    /// Whole uploads: create, parts of 5 MiB, complete.
    Multipart,
    /// From starting the process to its first answer, on drives with that many buckets.
    Start,
}

impl Operation {
    const ALL: [Operation; 9] = [
        Operation::Put,
        Operation::Get,
        Operation::Head,
        Operation::Delete,
        Operation::List,
        Operation::Mixed,
        Operation::Getput,
        Operation::Multipart,
        Operation::Start,
    ];

    fn name(self) -> &'static str {
        match self {
            Operation::Put => "put",
            Operation::Get => "get",
            Operation::Head => "head",
            Operation::Delete => "delete",
            Operation::List => "list",
            Operation::Mixed => "mixed",
            Operation::Getput => "getput",
            Operation::Multipart => "multipart",
            Operation::Start => "start",
        }
    }
}

/// What a server makes of an object before it stores it.
///
/// Keys that clients send (SSE-C) have no cells: servers take them over TLS only, and what follows is the work of SSE-KMS
/// without a key service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing.
    Plain,
    /// It encrypts it under a key of its own.
    SseS3,
    /// It encrypts it under a key of the key service.
    SseKms,
    /// It compresses it.
    Compressed,
}

impl Form {
    const CHANGED: [Form; 3] = [Form::SseS3, Form::SseKms, Form::Compressed];

    /// What cells of this form have at the end of their names.
    fn suffix(self) -> &'static str {
        match self {
            Form::Plain => "",
            Form::SseS3 => "-sse-s3",
            Form::SseKms => "-sse-kms",
            Form::Compressed => "-compressed",
        }
    }
}

/// One kind of work. Its name is its identity: `put-4k-c16-d4`, `list-c16-d4`, `get-20m-c1-d4-sse-kms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What is done.
    pub operation: Operation,
    /// Bytes of an object; for [`Operation::Start`] the number of buckets; not used by [`Operation::List`].
    pub size: usize,
    /// Connections that are kept busy, each with one request at a time.
    pub connections: usize,
    /// Drives of the server.
    pub drives: usize,
    /// How objects are stored.
    pub form: Form,
}

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const SIZES: [usize; 5] = [KIB, 4 * KIB, 64 * KIB, MIB, 20 * MIB];
const CONNECTIONS: [usize; 3] = [1, 16, 64];
const DRIVES: [usize; 3] = [1, 4, 16];
/// What is measured of objects that aren't stored as they come.
const CHANGED_SIZES: [usize; 2] = [MIB, 20 * MIB];
const CHANGED_CONNECTIONS: [usize; 2] = [1, 16];
/// Buckets of an existing deployment: a few, and many.
const BUCKETS: [usize; 2] = [4, 10_000];

/// What is measured if nothing is said: a minute or two for each server.
pub const SHORT: &str = "put-4k-c16-d4,get-4k-c16-d4,head-4k-c16-d4,delete-4k-c16-d4,list-c16-d4,put-1m-c16-d4,\
                         get-1m-c16-d4,put-20m-c16-d4,get-20m-c16-d4";

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cell { operation, size, connections, drives, form } = *self;
        match operation {
            Operation::List => write!(f, "list-c{connections}-d{drives}"),
            Operation::Start => write!(f, "start-{size}-d{drives}"),
            _ => {
                let (name, size, suffix) = (operation.name(), size_name(size), form.suffix());
                write!(f, "{name}-{size}-c{connections}-d{drives}{suffix}")
            }
        }
    }
}

fn size_name(size: usize) -> String {
    if size >= MIB { format!("{}m", size / MIB) } else { format!("{}k", size / KIB) }
}

/// Every cell there is.
pub fn all() -> Vec<Cell> {
    let mut cells = Vec::new();
    for operation in Operation::ALL {
        let sizes: &[usize] = match operation {
            Operation::List => &[100],
            Operation::Start => &BUCKETS,
            _ => &SIZES,
        };
        let connections: &[usize] = if operation == Operation::Start { &[1] } else { &CONNECTIONS };
        for &size in sizes {
            for &connections in connections {
                let cell = |&drives| Cell { operation, size, connections, drives, form: Form::Plain };
                cells.extend(DRIVES.iter().map(cell));
            }
        }
    }
    cells.extend(changed());
    cells
}

/// The cells of objects that aren't stored as they come.
fn changed() -> Vec<Cell> {
    let mut cells = Vec::new();
    for form in Form::CHANGED {
        for operation in [Operation::Put, Operation::Get] {
            for size in CHANGED_SIZES {
                let cell = |&connections| Cell { operation, size, connections, drives: 4, form };
                cells.extend(CHANGED_CONNECTIONS.iter().map(cell));
            }
        }
    }
    cells
}

/// The cells whose names match one of some patterns, in the order of the patterns, none twice. The pattern that matches
/// no cell is the error.
pub fn select(patterns: &str) -> Result<Vec<Cell>, &str> {
    let all = all();
    let mut chosen: Vec<Cell> = Vec::new();
    for pattern in patterns.split(',') {
        let matching: Vec<&Cell> = all.iter().filter(|cell| matches(pattern, &cell.to_string())).collect();
        if matching.is_empty() {
            return Err(pattern);
        }
        for cell in matching {
            if !chosen.contains(cell) {
                chosen.push(*cell);
            }
        }
    }
    Ok(chosen)
}

/// Whether a name matches a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|skip| rest.is_char_boundary(skip) && matches(after, &rest[skip..]))
        }),
    }
}

#[cfg(test)]
mod tests;
