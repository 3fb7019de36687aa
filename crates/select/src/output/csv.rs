//! CSV.

use crate::request::{CsvOutput, QuoteFields};
use crate::value::Value;

pub fn record<'v>(csv: &CsvOutput, values: impl Iterator<Item = Value<'v>>, out: &mut String) {
    let mut text = String::new();
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.push_str(&csv.field_delimiter);
        }
        match &value {
            Value::Text(text) | Value::Field(text) => field(csv, text, out),
            value => {
                text.clear();
                value.write_text(&mut text);
                field(csv, &text, out);
            }
        }
    }
    out.push_str(&csv.record_delimiter);
}

fn field(csv: &CsvOutput, text: &str, out: &mut String) {
    if csv.quote_fields == QuoteFields::AsNeeded && !needs_quotes(csv, text) {
        out.push_str(text);
        return;
    }
    let (quote, escape) = (char::from(csv.quote), char::from(csv.quote_escape));
    out.push(quote);
    for piece in text.split_inclusive([quote, escape]) {
        match piece.strip_suffix([quote, escape]) {
            Some(before) => {
                out.push_str(before);
                out.push(escape);
                out.push_str(&piece[before.len()..]);
            }
            None => out.push_str(piece),
        }
    }
    out.push(quote);
}

/// Whether a reader would take the text for something else without quotes.
fn needs_quotes(csv: &CsvOutput, text: &str) -> bool {
    let special = |byte: u8| {
        byte == csv.quote
            || byte == b'\r'
            || byte == b'\n'
            || csv.field_delimiter.as_bytes().first() == Some(&byte)
            || csv.record_delimiter.as_bytes().first() == Some(&byte)
    };
    text.bytes().any(special) || text.starts_with(' ') || text.ends_with(' ')
}
