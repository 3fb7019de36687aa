//! JSON, an object a record. What is missing is left out.

use crate::request::JsonOutput;
use crate::value::{Value, write_quoted};

pub fn record<'v>(
    json: &JsonOutput,
    names: impl Iterator<Item = &'v str>,
    values: impl Iterator<Item = Value<'v>>,
    out: &mut String,
) {
    out.push('{');
    let mut first = true;
    for (name, value) in names.zip(values) {
        if matches!(value, Value::Missing) {
            continue;
        }
        if !first {
            out.push(',');
        }
        first = false;
        write_quoted(name, out);
        out.push(':');
        value.write_json(out);
    }
    out.push('}');
    out.push_str(&json.record_delimiter);
}
