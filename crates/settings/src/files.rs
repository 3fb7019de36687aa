//! The only place that reads configuration files.

use std::io;
use std::path::Path;

/// Largest configuration file, in bytes: they hold a few lines.
const MAX_FILE: u64 = 1 << 20;

/// Where container runtimes put secrets.
const SECRETS_DIR: &str = "/run/secrets";

/// Reads a configuration file; `None` if there is no such file.
pub fn read(path: &Path) -> io::Result<Option<String>> {
    #[expect(clippy::disallowed_methods, reason = "the owner of configuration files")]
    let opened = std::fs::File::open(path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result?,
    };
    let mut text = String::new();
    let read = io::Read::read_to_string(&mut io::Read::take(file, MAX_FILE + 1), &mut text)?;
    if u64::try_from(read).is_ok_and(|read| read > MAX_FILE) {
        return Err(io::Error::other(format!("{} is larger than {MAX_FILE} bytes", path.display())));
    }
    Ok(Some(text))
}

/// Reads what a variable like `MINIO_ROOT_USER_FILE` names: a secret of the container runtime of that name, else
/// the path itself; `None` if there is neither.
pub fn read_secret(name: &str) -> io::Result<Option<String>> {
    let secret = Path::new(SECRETS_DIR).join(name);
    if secret.is_file() { read(&secret) } else { read(Path::new(name)) }
}
