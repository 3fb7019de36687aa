//! Checked names. A value of these types can be a path below a drive: no element of it is empty, `.` or `..`,
//! and it has no NUL, so it can't lead out of the drive's directory (section 7).

use std::borrow::Cow;
use std::fmt;

/// The pseudo bucket of the server's own files and objects.
pub const SYSTEM_BUCKET: &str = ".minio.sys";

/// What stands for the last slash of a directory object's name.
pub const DIR_SUFFIX: &str = "__XLDIR__";

/// The longest object key in bytes, S3's limit.
pub const MAX_OBJECT_KEY: usize = 1024;

/// The longest path element in bytes, [`DIR_SUFFIX`] included: what Linux's file systems hold.
pub const MAX_ELEMENT: usize = 255;

/// Bucket names have 3 to 63 bytes, S3's limits.
const BUCKET_LENGTHS: std::ops::RangeInclusive<usize> = 3..=63;

/// Names that are no user's: the API refuses them.
const RESERVED_BUCKETS: [&str; 2] = [SYSTEM_BUCKET, "minio"];

/// Why a name can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No bytes at all.
    #[error("the name is empty")]
    Empty,
    /// More bytes than [`MAX_OBJECT_KEY`].
    #[error("the name is longer than {MAX_OBJECT_KEY} bytes")]
    TooLong,
    /// A NUL byte.
    #[error("the name has a NUL byte")]
    Nul,
    /// A slash at the beginning, or two in a row.
    #[error("the name has an empty path element")]
    EmptyElement,
    /// `.` or `..` between slashes.
    #[error("the name has a path element that is . or ..")]
    DotElement,
    /// A path element with more bytes than [`MAX_ELEMENT`].
    #[error("the name has a path element of more than {MAX_ELEMENT} bytes")]
    ElementTooLong,
    /// Not a bucket's name.
    #[error("not a valid bucket name")]
    Bucket,
}

/// An object's name as drives know it: that of a directory object, `dir/` in S3, is `dir__XLDIR__`. Hashes and
/// paths use this form; the order of a listing is that of [`ObjectName::key`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ObjectName(String);

impl ObjectName {
    /// From the key of a request. One that begins with a slash is refused: the HTTP layer has dropped it.
    pub fn from_key(key: &str) -> Result<ObjectName, NameError> {
        if key.is_empty() {
            return Err(NameError::Empty);
        }
        if key.len() > MAX_OBJECT_KEY {
            return Err(NameError::TooLong);
        }
        check_elements(key.strip_suffix('/').unwrap_or(key))?;
        let name = encode_key(key);
        check_elements(&name)?;
        Ok(ObjectName(name.into_owned()))
    }

    /// From the form that drives hold: a path below a bucket's directory.
    pub fn from_encoded(name: impl Into<String>) -> Result<ObjectName, NameError> {
        let name = name.into();
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if name.len() > MAX_OBJECT_KEY + DIR_SUFFIX.len() {
            return Err(NameError::TooLong);
        }
        check_elements(&name)?;
        Ok(ObjectName(name))
    }

    /// The name as drives hold it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key in S3.
    pub fn key(&self) -> Cow<'_, str> {
        decode_name(&self.0)
    }

    /// Whether this is a directory object. Those are always the null version and put in one part.
    pub fn is_dir(&self) -> bool {
        self.0.ends_with(DIR_SUFFIX)
    }
}

/// The encoded form of a key or prefix: a last slash becomes [`DIR_SUFFIX`].
pub fn encode_key(key: &str) -> Cow<'_, str> {
    match key.strip_suffix('/') {
        Some(dir) if !dir.is_empty() => Cow::Owned(format!("{dir}{DIR_SUFFIX}")),
        _ => Cow::Borrowed(key),
    }
}

/// The key of an encoded name: [`DIR_SUFFIX`] at the end becomes a slash.
pub fn decode_name(name: &str) -> Cow<'_, str> {
    match name.strip_suffix(DIR_SUFFIX) {
        Some(dir) => Cow::Owned(format!("{dir}/")),
        None => Cow::Borrowed(name),
    }
}

/// Checks a prefix of keys, of which only the elements before the last slash are whole: no NUL, and nothing
/// that could lead a walk out of the bucket's directory.
pub fn check_prefix(prefix: &str) -> Result<(), NameError> {
    if prefix.len() > MAX_OBJECT_KEY {
        return Err(NameError::TooLong);
    }
    if prefix.contains('\0') {
        return Err(NameError::Nul);
    }
    match prefix.rsplit_once('/') {
        Some((whole, _)) => check_elements(whole),
        None => Ok(()),
    }
}

/// A bucket's name, or the pseudo bucket's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketName(String);

impl BucketName {
    /// A name by S3's rules, as new buckets must have. Reserved names are accepted: see
    /// [`BucketName::is_reserved`].
    pub fn new(name: &str) -> Result<BucketName, NameError> {
        Self::check(name, |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'))
    }

    /// A name by the rules for directories found on drives, which old releases may have made: upper case, `_`
    /// and `:` too.
    pub fn relaxed(name: &str) -> Result<BucketName, NameError> {
        Self::check(name, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
    }

    /// The pseudo bucket of the server's own objects.
    pub fn system() -> BucketName {
        BucketName(SYSTEM_BUCKET.to_owned())
    }

    /// Whether this is the pseudo bucket.
    pub fn is_system(&self) -> bool {
        self.0 == SYSTEM_BUCKET
    }

    /// Whether the API refuses the name to everybody.
    pub fn is_reserved(&self) -> bool {
        is_reserved_bucket(&self.0)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(name: &str, is_letter: impl Fn(u8) -> bool) -> Result<BucketName, NameError> {
        let bytes = name.as_bytes();
        let ends_in_letters =
            bytes.first().is_some_and(|&byte| is_letter(byte)) && bytes.last().is_some_and(|&byte| is_letter(byte));
        let valid = BUCKET_LENGTHS.contains(&bytes.len())
            && ends_in_letters
            && bytes.iter().all(|&byte| is_letter(byte) || matches!(byte, b'.' | b'-'))
            && !["..", ".-", "-."].iter().any(|pair| name.contains(pair))
            && !looks_like_ipv4(name);
        if valid { Ok(BucketName(name.to_owned())) } else { Err(NameError::Bucket) }
    }
}

/// Whether a bucket name, valid or not, is one that the API refuses to everybody.
pub fn is_reserved_bucket(name: &str) -> bool {
    RESERVED_BUCKETS.contains(&name)
}

fn looks_like_ipv4(name: &str) -> bool {
    let number = |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit());
    name.split('.').count() == 4 && name.split('.').all(number)
}

fn check_elements(name: &str) -> Result<(), NameError> {
    for element in name.split('/') {
        match element {
            "" => return Err(NameError::EmptyElement),
            "." | ".." => return Err(NameError::DotElement),
            _ if element.contains('\0') => return Err(NameError::Nul),
            _ if element.len() > MAX_ELEMENT => return Err(NameError::ElementTooLong),
            _ => {}
        }
    }
    Ok(())
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

impl fmt::Debug for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for ObjectName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for BucketName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests;
