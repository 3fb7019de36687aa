//! What a data key is bound to: the associated data that a key service is given (section 2.2).

use crate::base64_text;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Associated data of a data key: names and values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, String>);

/// A client's context is not the base64 of a JSON object of strings.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    #[error("the encryption context is not base64")]
    Base64,
    #[error("the encryption context is not a JSON object of strings")]
    Json(#[source] serde_json::Error),
}

impl Context {
    /// A context of the given pairs.
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Context {
        Context(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    /// The context of an object that SSE-S3 encrypts.
    pub fn of_object(bucket: &str, object: &str) -> Context {
        Context::of([(bucket, &object_path(bucket, object))])
    }

    /// The contexts of a configuration or IAM file, `path` being its place in the system bucket: today's, and
    /// the one that older releases used.
    pub fn of_config_file(path: &str) -> [Context; 2] {
        const SYSTEM: &str = ".minio.sys";
        [Context::of_object(SYSTEM, path), Context::of([(SYSTEM, path)])]
    }

    /// The context of a bucket's remote targets (section 4.3).
    pub fn of_bucket_targets(bucket: &str) -> Context {
        const FILE: &str = "bucket-targets.json";
        Context::of([(bucket, bucket), (FILE, FILE)])
    }

    /// This context as a client's for an object that SSE-KMS encrypts: bound to the object as well, unless the
    /// client used the bucket's name for something else.
    pub fn with_object(&self, bucket: &str, object: &str) -> Context {
        let mut bound = self.clone();
        bound.0.entry(bucket.to_owned()).or_insert_with(|| object_path(bucket, object));
        bound
    }

    /// Reads a client's context, or a stored one.
    pub fn from_base64(text: &[u8]) -> Result<Context, ContextError> {
        let json = base64_text::decode(text).ok_or(ContextError::Base64)?;
        let pairs: Option<BTreeMap<String, Option<String>>> =
            serde_json::from_slice(&json).map_err(ContextError::Json)?;
        let pairs = pairs.unwrap_or_default();
        Ok(Context(pairs.into_iter().map(|(name, value)| (name, value.unwrap_or_default())).collect()))
    }

    /// The stored and shown form.
    pub fn to_base64(&self) -> String {
        base64_text::encode(self.canonical().as_bytes())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes that are authenticated: JSON without spaces, names in byte order, escaped as every
    /// implementation must escape them.
    pub fn canonical(&self) -> String {
        let mut text = String::from("{");
        for (at, (name, value)) in self.0.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            quote(name, &mut text);
            text.push(':');
            quote(value, &mut text);
        }
        text.push('}');
        text
    }
}

fn quote(value: &str, text: &mut String) {
    text.push('"');
    for char in value.chars() {
        match char {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                write!(text, "\\u{:04x}", u32::from(char)).expect("a String takes all that is written");
            }
            _ => text.push(char),
        }
    }
    text.push('"');
}

/// `bucket/object` as keys are bound to it: no empty steps, no slash at the end.
pub fn object_path(bucket: &str, object: &str) -> String {
    let steps = object.split('/').filter(|step| !step.is_empty());
    steps.fold(bucket.to_owned(), |mut path, step| {
        path.push('/');
        path.push_str(step);
        path
    })
}
