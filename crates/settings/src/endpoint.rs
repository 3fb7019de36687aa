//! One drive as the command line names it.

#[cfg(test)]
mod tests;

use std::path::{Component, Path, PathBuf};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    #[error("empty or root endpoint is not supported")]
    EmptyOrRoot,
    #[error("'{argument}': drives on other machines (URL endpoints) are not supported yet")]
    Remote { argument: String },
    #[error("'{argument}': missing scheme http or https")]
    MissingScheme { argument: String },
    #[error("use path style endpoint for single node setup")]
    SingleUrl,
    #[error("mixed style endpoints are not supported")]
    MixedStyle,
    #[error("duplicate endpoints found: {path}")]
    Duplicate { path: String },
    #[error(
        "Cross-device mounts detected on path ({path}) at following locations {mounts:?}. Export path should not have \
         any sub-mounts, refusing to start."
    )]
    CrossDeviceMounts { path: String, mounts: Vec<String> },
}

/// Whether an argument is a URL rather than a path.
fn is_url(argument: &str) -> bool {
    argument.split_once("://").is_some_and(|(scheme, _)| ["http", "https"].contains(&scheme))
}

/// The directories that arguments name: made absolute against `directory` and cleaned, each only once.
pub(crate) fn paths(arguments: &[String], directory: &Path) -> Result<Vec<PathBuf>, EndpointError> {
    let urls = arguments.iter().filter(|argument| is_url(argument)).count();
    if urls > 0 && urls < arguments.len() {
        return Err(EndpointError::MixedStyle);
    }
    if urls == 1 {
        return Err(EndpointError::SingleUrl);
    }
    let mut paths = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let path = path(argument, directory)?;
        if paths.contains(&path) {
            return Err(EndpointError::Duplicate { path: path.display().to_string() });
        }
        paths.push(path);
    }
    Ok(paths)
}

fn path(argument: &str, directory: &Path) -> Result<PathBuf, EndpointError> {
    if is_url(argument) {
        return Err(EndpointError::Remote { argument: argument.to_owned() });
    }
    if looks_like_a_host(argument) {
        return Err(EndpointError::MissingScheme { argument: argument.to_owned() });
    }
    let path = clean(&directory.join(argument));
    if argument.is_empty() || path == Path::new("/") { Err(EndpointError::EmptyOrRoot) } else { Ok(path) }
}

/// `10.0.0.1:9000/x`: an address without its scheme, not a relative path.
fn looks_like_a_host(argument: &str) -> bool {
    let first = argument.split('/').next().unwrap_or("");
    first
        .rsplit_once(':')
        .is_some_and(|(host, port)| host.parse::<std::net::IpAddr>().is_ok() && port.parse::<u16>().is_ok())
}

/// Takes out `.`, `..` and repeated slashes, by text alone.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                cleaned.pop();
            }
            other => cleaned.push(other),
        }
    }
    cleaned
}

/// That no other file system is mounted below a drive's directory: what is written there would land on another
/// drive. `mounts` is the content of `/proc/mounts`.
pub fn check_mounts(path: &Path, mounts: &str) -> Result<(), EndpointError> {
    let below: Vec<String> = mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .map(unescape_mount)
        .filter(|mount| Path::new(mount) != path && Path::new(mount).starts_with(path))
        .collect();
    if below.is_empty() {
        Ok(())
    } else {
        Err(EndpointError::CrossDeviceMounts { path: path.display().to_string(), mounts: below })
    }
}

/// The kernel writes blanks and backslashes in mount points as octal escapes.
fn unescape_mount(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}
