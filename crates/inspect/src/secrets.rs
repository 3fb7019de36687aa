//! What isn't shown unless asked for.

use serde_json::Value;

/// What stands in the place of a secret.
const HIDDEN: &str = "(hidden: --show-secrets)";

/// Fields of documents and keys of `config.json` (iam-sts-and-config.md 1.1 and 19) whose values are secrets, or may hold one, in
/// lower case and without what separates words.
const SECRET: &[&str] = &[
    "secretkey",
    "sessiontoken",
    "password",
    "saslpassword",
    "lookupbindpassword",
    "clientsecret",
    "authtoken",
    "token",
    "apikey",
    "license",
    "dsnstring",
    "connectionstring",
    "nkeyseed",
    "storagekey",
    "accountkey",
    "creds",
    "credsjson",
    "spauthclientsecret",
];

/// Whether a field of this name holds a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    SECRET.contains(&plain.as_str())
}

/// Hides secrets in a document: fields by their names, pairs of `key` and `value` by their keys, passwords within URLs.
pub(crate) fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let pair = fields.get("key").and_then(Value::as_str).is_some_and(is_secret);
            for (name, value) in fields.iter_mut() {
                let empty = value.as_str().is_some_and(str::is_empty) || value.is_null();
                if !empty && (is_secret(name) || pair && name == "value") {
                    *value = HIDDEN.into();
                } else {
                    hide(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::String(text) => {
            if let Some(hidden) = without_password(text) {
                *text = hidden;
            }
        }
        _ => {}
    }
}

/// `scheme://user:password@host` without the password; `None` if there is none.
fn without_password(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let (user, host) = rest.split('/').next()?.rsplit_once('@')?;
    let (user, _) = user.split_once(':')?;
    let path = &rest[rest.find('/').unwrap_or(rest.len())..];
    Some(format!("{scheme}://{user}:{HIDDEN}@{host}{path}"))
}
