//! From JSON to the pieces of a policy: names of members in any case, unknown ones passed over.

use super::{MAX_POLICY, PolicyError, VERSION};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// The first JSON value of a document; what stands behind it is ignored.
pub(super) fn document(bytes: &[u8]) -> Result<Value, PolicyError> {
    if bytes.len() > MAX_POLICY {
        return Err(PolicyError::TooLong { limit: MAX_POLICY });
    }
    let json = |error: serde_json::Error| PolicyError::Json(error.to_string());
    // Twice, so that a document that nests too deeply or ends too early is refused before anything is built.
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<IgnoredAny>();
    match values.next() {
        Some(first) => first.map(|_| ()).map_err(json)?,
        None => return Err(PolicyError::Json("the document is empty".to_owned())),
    }
    let end = values.byte_offset();
    serde_json::from_slice(&bytes[..end]).map_err(json)
}

/// What every policy begins with.
pub(super) struct Head<'a> {
    pub id: String,
    pub version: String,
    pub statements: &'a [Value],
}

pub(super) fn head(value: &Value) -> Result<Head<'_>, PolicyError> {
    let empty = Head { id: String::new(), version: String::new(), statements: &[] };
    let map = match value {
        Value::Null => return Ok(empty),
        Value::Object(map) => map,
        _ => return Err(PolicyError::Shape("the policy")),
    };
    let version = text(map, "Version")?.unwrap_or_default();
    if !version.is_empty() && version != VERSION {
        return Err(PolicyError::Version(version));
    }
    let statements = match member(map, "Statement") {
        None => &[][..],
        Some(Value::Array(all)) => all,
        Some(_) => return Err(PolicyError::Shape("Statement")),
    };
    Ok(Head { id: text(map, "ID")?.unwrap_or_default(), version, statements })
}

/// A member, whatever the case of its name; `null` is as good as none.
pub(super) fn member<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    member_or_null(map, name).filter(|value| !value.is_null())
}

pub(super) fn member_or_null<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let any = || map.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    map.get(name).or_else(any)
}

pub(super) fn text(map: &Map<String, Value>, name: &'static str) -> Result<Option<String>, PolicyError> {
    match member(map, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(PolicyError::Shape(name)),
    }
}

/// A string or a list of strings; each once. `None` if there is none.
pub(super) fn texts(map: &Map<String, Value>, name: &'static str) -> Result<Option<Vec<String>>, PolicyError> {
    let mut all = Vec::new();
    match member(map, name) {
        None => return Ok(None),
        Some(Value::String(text)) => all.push(text.clone()),
        Some(Value::Array(values)) => {
            for value in values {
                let Value::String(text) = value else { return Err(PolicyError::Shape(name)) };
                if !all.contains(text) {
                    all.push(text.clone());
                }
            }
        }
        Some(_) => return Err(PolicyError::Shape(name)),
    }
    Ok(Some(all))
}
