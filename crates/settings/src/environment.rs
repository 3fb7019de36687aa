//! The environment: variables of the process, then secret files, then the environment file.

#[cfg(test)]
mod tests;

use crate::StoredConfig;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Variables whose value names a file with the value of another one; later ones win.
const SECRET_FILES: [(&str, &str); 4] = [
    ("MINIO_ACCESS_KEY_FILE", "MINIO_ROOT_USER"),
    ("MINIO_SECRET_KEY_FILE", "MINIO_ROOT_PASSWORD"),
    ("MINIO_ROOT_USER_FILE", "MINIO_ROOT_USER"),
    ("MINIO_ROOT_PASSWORD_FILE", "MINIO_ROOT_PASSWORD"),
];

/// The static key of key management and the variable that names a file with it: only one of them may be there.
const KMS_KEY: &str = "MINIO_KMS_SECRET_KEY";
const KMS_KEY_FILE: &str = "MINIO_KMS_SECRET_KEY_FILE";

const CONFIG_FILE: &str = "MINIO_CONFIG_ENV_FILE";

/// Why the environment can't be read.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    #[error("Unable to validate credentials inherited from the secret file(s): {name}: {source}")]
    SecretFile { name: String, source: io::Error },
    #[error("Unable to read the config environment file: {name}: {source}")]
    ConfigFile { name: String, source: io::Error },
    #[error(
        "Unable to read the config environment file: envEntry malformed; {line}, expected to be of form 'KEY=value'"
    )]
    Malformed { line: String },
    #[error("Invalid KMS configuration specified: kms: both {KMS_KEY} and {KMS_KEY_FILE} are present")]
    TwoKmsKeys,
    #[error("{name}: values fetched from a server (env://, env+tls://) are not supported yet")]
    Remote { name: String },
}

/// The variables. A variable set to nothing but white space counts as not set.
#[derive(Clone, Default)]
pub struct Environment {
    /// As the process was started: what flags are bound to.
    process: BTreeMap<String, String>,
    /// With what the files add.
    effective: BTreeMap<String, String>,
    /// What is stored, which counts where no variable is set.
    stored: BTreeMap<String, String>,
}

impl Environment {
    /// The variables of the process. Those that aren't UTF-8 are left out.
    #[expect(clippy::disallowed_methods, reason = "the owner of the environment")]
    pub fn from_process() -> Self {
        let utf8 =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::from_pairs(utf8)
    }

    /// Given variables.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let process: BTreeMap<String, String> =
            pairs.into_iter().map(|(name, value)| (name, value.trim().to_owned())).collect();
        Environment { effective: process.clone(), process, stored: BTreeMap::new() }
    }

    /// Adds what the secret files and the environment file say. `read` gives the content of what a variable names,
    /// `None` where there is no such file ([`crate::files::read_secret`]).
    pub fn load_files(mut self, read: impl Fn(&str) -> io::Result<Option<String>>) -> Result<Self, EnvironmentError> {
        for (variable, target) in SECRET_FILES {
            let Some(name) = self.get(variable).map(str::to_owned) else { continue };
            match read(&name) {
                Ok(Some(content)) => self.set(target, content.trim()),
                Ok(None) => {}
                Err(source) => return Err(EnvironmentError::SecretFile { name, source }),
            }
        }
        if let Some(name) = self.get(CONFIG_FILE).map(str::to_owned) {
            match read(&name) {
                Ok(Some(content)) => self.load_lines(&content)?,
                Ok(None) => {}
                Err(source) => return Err(EnvironmentError::ConfigFile { name, source }),
            }
        }
        if let Some(name) = self.get(KMS_KEY_FILE).map(str::to_owned) {
            match read(&name) {
                Ok(Some(_)) if self.get(KMS_KEY).is_some() => return Err(EnvironmentError::TwoKmsKeys),
                Ok(Some(content)) => self.set(KMS_KEY, content.trim()),
                Ok(None) => {}
                Err(source) => return Err(EnvironmentError::SecretFile { name, source }),
            }
        }
        let mut all = self.effective.iter();
        if let Some((name, _)) = all.find(|(name, value)| name.starts_with("MINIO_") && is_remote(value)) {
            return Err(EnvironmentError::Remote { name: name.clone() });
        }
        Ok(self)
    }

    /// These variables with a stored configuration beneath them.
    pub fn above(mut self, stored: &StoredConfig) -> Self {
        self.stored = stored.as_variables().map(|(name, value)| (name, value.trim().to_owned())).collect();
        self
    }

    /// A variable, or what is stored beneath it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.first(&[name])
    }

    /// Whether a variable is there, though it be empty.
    pub fn exists(&self, name: &str) -> bool {
        self.effective.contains_key(name)
    }

    /// All of them, in the order of their names, with what the files add.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.effective.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What follows `name` in the names of all that is set or stored beneath it: nothing, or `_` and a target.
    pub(crate) fn suffixes(&self, name: &str) -> BTreeSet<String> {
        let all = self.effective.keys().chain(self.stored.keys());
        let suffixes = all.filter_map(|key| key.strip_prefix(name));
        suffixes.filter(|suffix| suffix.is_empty() || suffix.starts_with('_')).map(str::to_owned).collect()
    }

    /// The first of several names of the same variable that is set; then the first beneath which something is stored.
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        let set = |value: &&String| !value.is_empty();
        let mut tables = [&self.effective, &self.stored].into_iter();
        let found = tables.find_map(|table| names.iter().find_map(|name| table.get(*name).filter(set)));
        found.map(String::as_str)
    }

    /// A variable that a flag is bound to: files don't count, they are read after the command line.
    pub fn bound(&self, name: &str) -> Option<&str> {
        self.process.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn set(&mut self, name: &str, value: &str) {
        self.effective.insert(name.to_owned(), value.to_owned());
    }

    fn load_lines(&mut self, content: &str) -> Result<(), EnvironmentError> {
        for line in content.lines() {
            if let Some((name, value)) = parse_line(line)? {
                self.set(name, value.trim());
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Environment {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.effective.keys()).finish()
    }
}

/// One line of the environment file; `None` for blank lines and comments.
fn parse_line(line: &str) -> Result<Option<(&str, &str)>, EnvironmentError> {
    let trimmed = line.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Ok(None);
    }
    let assignment = trimmed.strip_prefix("export ").unwrap_or(trimmed);
    match assignment.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok(Some((name.trim(), unquote(value.trim())))),
        _ => Err(EnvironmentError::Malformed { line: line.to_owned() }),
    }
}

/// Takes off one layer of matching quotes.
fn unquote(value: &str) -> &str {
    let inside = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

fn is_remote(value: &str) -> bool {
    value.starts_with("env://") || value.starts_with("env+tls://")
}
