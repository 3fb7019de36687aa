//! Values as lines that people read.

use serde_json::Value;

/// Indented lines, one for each field. Control characters are shown as escapes: a name can't draw on the terminal.
pub fn to_text(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let key = key.escape_debug();
                entry(&format!("{key}:"), value, depth, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| entry("-", item, depth, out)),
        plain => {
            indent(depth, out);
            out.push_str(&scalar(plain));
            out.push('\n');
        }
    }
}

fn entry(head: &str, value: &Value, depth: usize, out: &mut String) {
    indent(depth, out);
    out.push_str(head);
    let nested = match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if nested {
        out.push('\n');
        return write(value, depth + 1, out);
    }
    out.push(' ');
    out.push_str(&scalar(value));
    out.push('\n');
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => {
            text.chars().flat_map(char::escape_debug).collect::<String>().replace("\\'", "'").replace("\\\"", "\"")
        }
        Value::Array(_) | Value::Object(_) => "(none)".to_owned(),
        other => other.to_string(),
    }
}
