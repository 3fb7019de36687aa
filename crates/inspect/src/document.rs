//! JSON documents: formats, configuration, identities, policies; in clear or encrypted.

use crate::{Described, InspectError, Look, secrets};
use bytes::Bytes;
use format::drive_format::{FormatError, FormatJson};
use seal::config_file::Stored;
use serde_json::{Value, json};

/// `None` if it isn't such a document at all.
pub(crate) fn describe(bytes: &Bytes, look: Look<'_>) -> Option<Result<Described, InspectError>> {
    match Stored::of(bytes) {
        Stored::Plain(text) => plain(text, look.secrets),
        Stored::Sealed(file) => {
            let mut value = json!({"encrypted with key": file.key_id});
            match (look.opener)(&file) {
                Err(reason) => value["content"] = format!("not shown: {reason}").into(),
                Ok(content) => {
                    let content = String::from_utf8_lossy(&content);
                    let shown = plain(&content, look.secrets).and_then(Result::ok).map(|described| described.value);
                    value["content"] = shown.unwrap_or_else(|| text_value(&content, look.secrets));
                }
            }
            Some(Ok(Described { what: "encrypted document", value }))
        }
        Stored::Other(_) => None,
    }
}

fn plain(text: &str, show: bool) -> Option<Result<Described, InspectError>> {
    let trimmed = text.trim_start();
    if !trimmed.starts_with(['{', '[']) {
        return None;
    }
    let mut value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => return Some(Err(InspectError::broken("JSON document", error))),
    };
    let what = kind(&value);
    if what == "format.json" {
        match FormatJson::parse(text.as_bytes()) {
            Ok(format) => describe_format(&mut value, &format),
            Err(error @ FormatError::Old(_)) => value["note"] = error.to_string().into(),
            Err(error) => return Some(Err(InspectError::broken("format.json", error))),
        }
    }
    if !show {
        secrets::hide(&mut value);
    }
    Some(Ok(Described { what, value }))
}

fn describe_format(value: &mut Value, format: &FormatJson) {
    value["drives"] = format.drives().into();
    value["place"] = match format.position() {
        Ok((set, drive)) => format!("set {}, position {}", set + 1, drive + 1).into(),
        Err(error) => error.to_string().into(),
    };
}

fn kind(value: &Value) -> &'static str {
    let has = |key: &str| value.get(key).is_some();
    if has("xl") && has("format") {
        "format.json"
    } else if has("erasure") && has("parts") {
        "xl.json (object of an early release)"
    } else if has("credentials") && !has("region") {
        "identity"
    } else if has("members") {
        "group"
    } else if has("Policy") && has("CreateDate") || has("Statement") {
        "policy"
    } else if has("policy") && has("updatedAt") {
        "policy mapping"
    } else if has("identity_openid") || has("api") {
        "server configuration (config.json)"
    } else if has("bucketsUsageInfo") {
        "data usage"
    } else {
        "JSON document"
    }
}

/// A change of the configuration, `subsystem key=value ...`: secrets can't be told from the rest.
fn text_value(text: &str, show: bool) -> Value {
    if show { text.into() } else { format!("{} bytes of text, not shown without --show-secrets", text.len()).into() }
}
