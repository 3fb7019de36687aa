//! From volume arguments to pools and sets (server command line reference, "From arguments to pools and sets").
//!
//! What is decided here is what is on drives: the order of drives, their division into sets, and the text that
//! names a pool must come out as MinIO makes them, or existing drives can't be taken over.

#[cfg(test)]
mod tests;

use crate::ellipses::{EllipsesError, Pattern, has_ellipses};
use crate::endpoint::{self, EndpointError};
use std::path::{Path, PathBuf};

/// Sizes that an erasure set may have.
const SET_SIZES: std::ops::RangeInclusive<usize> = 2..=16;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error("no drives are given")]
    NoDrives,
    #[error(transparent)]
    Ellipses(#[from] EllipsesError),
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    #[error("all args must have ellipses for pool expansion (Invalid arguments specified) args: [{}]", .arguments.join(" "))]
    MixedPools { arguments: Vec<String> },
    #[error("Input args ([{}]) has duplicate ellipses", .arguments.join(" "))]
    DuplicateDrives { arguments: Vec<String> },
    #[error("Incorrect number of endpoints provided [{arguments}]")]
    TooFewDrives { arguments: String },
    #[error(
        "Incorrect number of endpoints provided [{arguments}], number of drives {drives} is not divisible by any \
         supported erasure set sizes {:?}", SET_SIZES.collect::<Vec<_>>()
    )]
    Indivisible { arguments: String, drives: usize },
    #[error("Invalid set drive count. Acceptable values for {drives} number drives are {acceptable:?}")]
    BadSetSize { drives: usize, acceptable: Vec<usize> },
    #[error(
        "No symmetric distribution detected with input endpoints provided {arguments}, drives {drives} cannot be spread \
         symmetrically by any supported erasure set sizes {candidates:?}"
    )]
    Asymmetric { arguments: String, drives: usize, candidates: Vec<usize> },
}

/// Drives in pools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// In the order of the arguments.
    pub pools: Vec<Pool>,
}

/// One pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The text that names the pool on drives.
    pub argument: String,
    /// Directories, in the order in which they are cut into sets.
    pub drives: Vec<PathBuf>,
    /// Drives of a set; 1 for a single drive without erasure coding.
    pub set_size: usize,
}

impl Layout {
    /// Whether this is one drive without erasure coding.
    pub fn is_single_drive(&self) -> bool {
        matches!(self.pools.as_slice(), [pool] if pool.set_size == 1)
    }

    /// From the volume arguments. `set_size` is the size asked for; relative paths start at `directory`.
    pub fn from_arguments(
        arguments: &[String],
        set_size: Option<usize>,
        directory: &Path,
    ) -> Result<Self, LayoutError> {
        let pools = if arguments.iter().any(|argument| has_ellipses(argument)) {
            ellipses_pools(arguments, set_size)?
        } else {
            vec![plain_pool(arguments, set_size)?]
        };
        let all: Vec<String> = pools.iter().flat_map(|pool| pool.drives.clone()).collect();
        let mut paths = endpoint::paths(&all, directory)?.into_iter();
        let pools = pools.into_iter().map(|pool| Pool {
            drives: paths.by_ref().take(pool.drives.len()).collect(),
            argument: pool.argument,
            set_size: pool.set_size,
        });
        Ok(Layout { pools: pools.collect() })
    }
}

/// A pool whose drives are still text.
struct TextPool {
    argument: String,
    drives: Vec<String>,
    set_size: usize,
}

fn plain_pool(arguments: &[String], set_size: Option<usize>) -> Result<TextPool, LayoutError> {
    let argument = arguments.join(" ");
    let drives = arguments.to_vec();
    check_distinct(&drives)?;
    match arguments {
        [] => Err(LayoutError::NoDrives),
        [_] => Ok(TextPool { argument, drives, set_size: 1 }),
        _ => {
            let set_size = choose_set_size(&argument, drives.len(), None, set_size)?;
            Ok(TextPool { argument, drives, set_size })
        }
    }
}

fn ellipses_pools(arguments: &[String], set_size: Option<usize>) -> Result<Vec<TextPool>, LayoutError> {
    if !arguments.iter().all(|argument| has_ellipses(argument)) {
        return Err(LayoutError::MixedPools { arguments: arguments.to_vec() });
    }
    let pool = |argument: &String| {
        let pattern = Pattern::parse(argument)?;
        let drives = pattern.expand();
        check_distinct(&drives)?;
        let set_size = choose_set_size(argument, drives.len(), Some(pattern.leftmost()), set_size)?;
        Ok(TextPool { argument: argument.clone(), drives, set_size })
    };
    arguments.iter().map(pool).collect()
}

fn check_distinct(drives: &[String]) -> Result<(), LayoutError> {
    let mut sorted: Vec<&String> = drives.iter().collect();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(LayoutError::DuplicateDrives { arguments: drives.to_vec() });
    }
    Ok(())
}

/// The size of a pool's sets. `leftmost`: how many values the leftmost range of its pattern has, if it has one.
fn choose_set_size(
    argument: &str,
    drives: usize,
    leftmost: Option<usize>,
    asked: Option<usize>,
) -> Result<usize, LayoutError> {
    let arguments = argument.to_owned();
    if drives < *SET_SIZES.start() {
        return Err(LayoutError::TooFewDrives { arguments });
    }
    let candidates: Vec<usize> = SET_SIZES.filter(|size| drives.is_multiple_of(*size)).collect();
    if candidates.is_empty() {
        return Err(LayoutError::Indivisible { arguments, drives });
    }
    if let Some(asked) = asked {
        return if candidates.contains(&asked) {
            Ok(asked)
        } else {
            Err(LayoutError::BadSetSize { drives, acceptable: candidates })
        };
    }
    let symmetric = |size: &usize| match leftmost {
        None => true,
        Some(values) if values > *size => values.is_multiple_of(*size),
        Some(values) => size.is_multiple_of(values),
    };
    let largest = candidates.iter().copied().rfind(symmetric);
    largest.ok_or(LayoutError::Asymmetric { arguments, drives, candidates })
}
