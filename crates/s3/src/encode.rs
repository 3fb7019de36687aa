//! Encodings of text on its way out: keys in listings with `encoding-type=url`, and metadata in headers.

#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;

/// What a listing encodes: all but letters, digits and these, as form encoding has it. A space becomes `%20`, which
/// every decoder understands, whether or not it takes `+` for a space.
const LISTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/').remove(b'*');
/// What the path of a URL encodes.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/').remove(b'~');

/// A name as a listing with `encoding-type=url` gives it.
pub fn listed(name: &str) -> String {
    utf8_percent_encode(name, LISTED).to_string()
}

/// A key as part of a URL's path.
pub fn path(key: &str) -> String {
    utf8_percent_encode(key, PATH).to_string()
}

/// Longest encoded word (RFC 2047, section 2), of which the frame `=?UTF-8?q?` `?=` takes 12.
const WORD: usize = 75 - 12;

/// A metadata value for a header: as it is if it is printable ASCII, else as RFC 2047 encoded words: base64 where
/// a character outside the alphabet of a phrase occurs, else the Q form.
pub fn header_value(text: &str) -> Cow<'_, str> {
    let printable = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
    if text.bytes().all(printable) {
        return Cow::Borrowed(text);
    }
    const PHRASE: &str = "\"#$%&'(),.:;<>@[]^`{|}~";
    let mut words = Vec::new();
    if text.contains(|c| PHRASE.contains(c)) {
        for piece in pieces(text, WORD / 4 * 3, char::len_utf8) {
            words.push(format!("=?UTF-8?b?{}?=", STANDARD.encode(piece)));
        }
    } else {
        for piece in pieces(text, WORD, q_length) {
            words.push(format!("=?UTF-8?q?{}?=", q_form(piece)));
        }
    }
    Cow::Owned(words.join(" "))
}

/// Cuts `text` between characters so that the lengths of each piece's characters sum up to at most `limit`.
fn pieces(text: &str, limit: usize, length: impl Fn(char) -> usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (at, character) in text.char_indices() {
        let more = length(character);
        if used + more > limit {
            pieces.push(&text[start..at]);
            (start, used) = (at, 0);
        }
        used += more;
    }
    pieces.push(&text[start..]);
    pieces
}

fn q_length(character: char) -> usize {
    if is_q_safe(character) { 1 } else { 3 * character.len_utf8() }
}

fn is_q_safe(character: char) -> bool {
    matches!(character, ' '..='~') && !matches!(character, '=' | '?' | '_')
}

fn q_form(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character == ' ' {
            out.push('_');
        } else if is_q_safe(character) {
            out.push(character);
        } else {
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                // Writing to a String can't fail.
                let _ = write!(out, "={byte:02X}");
            }
        }
    }
    out
}
