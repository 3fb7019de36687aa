//! `config.json`: the configuration that is stored on the drives (IAM and configuration reference, section 18.1).
//!
//! An object of sub-systems, each an object of targets (`_`: the default one), each a list of keys with their values,
//! all text. Everything that was read is written again, known or not.

mod subsystems;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use subsystems::{ODD_VARIABLES, REMOVED, SUBSYSTEMS};

/// The path of the document in the system bucket.
pub const CONFIG_PATH: &str = "config/config.json";

/// The target of what has but one.
pub const DEFAULT_TARGET: &str = "_";

/// The stored configuration. No `Debug`: it holds secrets.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredConfig(BTreeMap<String, BTreeMap<String, Option<Vec<Pair>>>>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Pair {
    key: String,
    value: String,
}

/// The document isn't one that can be read. It is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredConfigError {
    #[error("it is not a configuration document (line {line}, column {column})")]
    Malformed { line: usize, column: usize },
    #[error("it has the form of a release before 2019 (version {version}), which only MinIO can bring up to date")]
    Old { version: String },
}

impl StoredConfig {
    /// What a new deployment has.
    pub fn defaults() -> Self {
        let mut config = StoredConfig::default();
        config.complete();
        config
    }

    pub fn parse(document: &[u8]) -> Result<Self, StoredConfigError> {
        #[derive(Deserialize)]
        struct Old {
            version: String,
        }
        serde_json::from_slice(document).map_err(|error| match serde_json::from_slice::<Old>(document) {
            Ok(Old { version }) => StoredConfigError::Old { version },
            Err(_) => StoredConfigError::Malformed { line: error.line(), column: error.column() },
        })
    }

    /// The document as MinIO writes it: sorted, without spaces, and with what HTML knows escaped.
    pub fn encode(&self) -> Vec<u8> {
        let text = serde_json::to_string(&self.0).expect("text is always JSON");
        let mut document = String::with_capacity(text.len());
        for char in text.chars() {
            match char {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    document.push_str(&format!("\\u{:04x}", u32::from(char)));
                }
                _ => document.push(char),
            }
        }
        document.into_bytes()
    }

    /// Adds what is missing with its default, and drops keys of old releases: what is next stored is complete.
    pub fn complete(&mut self) {
        for (name, keys) in SUBSYSTEMS {
            let targets = self.0.entry((*name).to_owned()).or_default();
            targets.entry(DEFAULT_TARGET.to_owned()).or_default();
            for pairs in targets.values_mut().filter(|_| !keys.is_empty()) {
                let pairs = pairs.get_or_insert_default();
                pairs.retain(|pair| !REMOVED.contains(&(name, pair.key.as_str())));
                for (key, default) in *keys {
                    if !pairs.iter().any(|pair| pair.key == *key) {
                        pairs.push(Pair { key: (*key).to_owned(), value: (*default).to_owned() });
                    }
                }
            }
        }
    }

    /// A stored value.
    pub fn value(&self, subsystem: &str, target: &str, key: &str) -> Option<&str> {
        let pairs = self.0.get(subsystem)?.get(target)?.as_ref()?;
        pairs.iter().find(|pair| pair.key == key).map(|pair| pair.value.as_str())
    }

    /// The targets of a sub-system that are stored.
    pub fn targets(&self, subsystem: &str) -> impl Iterator<Item = &str> {
        self.0.get(subsystem).into_iter().flat_map(|targets| targets.keys().map(String::as_str))
    }

    /// The values as the variables that stand above them would give them. Of known sub-systems only: nothing that is
    /// stored can pass for another variable.
    pub fn as_variables(&self) -> impl Iterator<Item = (String, String)> {
        let known = SUBSYSTEMS.iter().filter_map(|(name, _)| Some((*name, self.0.get(*name)?)));
        known.flat_map(|(name, targets)| {
            targets.iter().flat_map(move |(target, pairs)| {
                let pairs = pairs.iter().flatten();
                pairs.map(move |pair| (variable(name, target, &pair.key), pair.value.clone()))
            })
        })
    }
}

/// The variable that overrides a value.
pub fn variable(subsystem: &str, target: &str, key: &str) -> String {
    let odd = ODD_VARIABLES.iter().find(|(of, name, _)| (*of, *name) == (subsystem, key));
    let name = match odd {
        Some((_, _, variable)) => (*variable).to_owned(),
        None => format!("MINIO_{}_{}", subsystem.to_ascii_uppercase(), key.to_ascii_uppercase()),
    };
    if target == DEFAULT_TARGET { name } else { format!("{name}_{target}") }
}
