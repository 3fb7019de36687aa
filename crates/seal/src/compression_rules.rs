//! Which objects are compressed (section 6.2).

/// Plaintext bytes up to which an object that is written whole isn't compressed. Parts are, of any size.
pub const MIN_SIZE: u64 = 4096;

/// Names and types that are compressed already, whatever the configuration says. The space in front of one type
/// is part of the rule: it has always been there, so that type never matched.
const NEVER_EXTENSIONS: [&str; 12] =
    [".gz", ".bz2", ".rar", ".zip", ".7z", ".xz", ".mp4", ".mkv", ".mov", ".jpg", ".png", ".gif"];
const NEVER_TYPES: [&str; 7] = [
    "video/*",
    "audio/*",
    "application/zip",
    "application/x-gzip",
    "application/x-zip-compressed",
    " application/x-compress",
    "application/x-spoon",
];

/// What the configuration says of compression; the default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompressionRules {
    pub enabled: bool,
    /// Also what is encrypted. It tells an attacker who can add to an object's data how long it became.
    pub allow_encryption: bool,
    /// Endings of names; `*`: all.
    pub extensions: Vec<String>,
    /// Patterns of content types.
    pub mime_types: Vec<String>,
}

impl CompressionRules {
    /// Whether an object is compressed, size aside. `content_type` is what the request said, empty if nothing.
    pub fn apply_to(&self, name: &str, content_type: &str, encrypted: bool) -> bool {
        if !self.enabled || (encrypted && !self.allow_encryption) {
            return false;
        }
        let never = NEVER_EXTENSIONS.iter().any(|ending| ends_with(name, ending))
            || NEVER_TYPES.iter().any(|pattern| matches(pattern, content_type));
        if never {
            return false;
        }
        (self.extensions.is_empty() && self.mime_types.is_empty())
            || self.extensions.iter().any(|ending| ending == "*" || ends_with(name, ending))
            || self.mime_types.iter().any(|pattern| matches(pattern, content_type))
    }
}

/// Whether a name ends with `ending`, in any casing.
fn ends_with(name: &str, ending: &str) -> bool {
    let (name, ending) = (name.as_bytes(), ending.as_bytes());
    name.len() >= ending.len() && name[name.len() - ending.len()..].eq_ignore_ascii_case(ending)
}

/// Whether `text` fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = text.find(piece) else { return false };
        text = &text[at + piece.len()..];
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests;
