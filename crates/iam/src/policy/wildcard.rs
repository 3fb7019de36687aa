//! Patterns with `*` and `?` (spec iam-sts-and-config.md, sections 7.3 and 7.5).
//!
//! Matching goes over bytes, in time proportional to pattern times text at worst and without recursion. What takes the
//! place of a variable is taken literally: a user named `*` does not thereby get everybody's directory.

use super::key::ConditionKey;
use super::values::Values;

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Byte(u8),
    /// `?`: exactly one byte.
    One,
    /// `*`: any bytes, also none.
    Any,
}

/// A pattern, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Tokens(Vec<Token>),
    /// `${key}`, and how it is written.
    Variable(ConditionKey, Vec<Token>),
}

impl Pattern {
    /// A pattern with variables: `${key}` for the keys that every request has.
    pub(crate) fn with_variables(text: &str) -> Pattern {
        let pieces = split_variables(text).map(|piece| match piece {
            Part::Text(text) => Piece::Tokens(tokens(text)),
            Part::Variable(key, written) => Piece::Variable(key, tokens(written)),
        });
        Pattern { text: text.to_owned(), pieces: pieces.collect() }
    }

    /// The same pattern, which was written otherwise.
    pub(crate) fn shown_as(self, text: &str) -> Pattern {
        Pattern { text: text.to_owned(), ..self }
    }

    /// As written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn matches(&self, text: &str, values: &dyn Values) -> bool {
        match self.pieces.as_slice() {
            [] => text.is_empty(),
            [Piece::Tokens(tokens)] => matches(tokens, text.as_bytes()),
            _ => matches(&self.resolve(values), text.as_bytes()),
        }
    }

    /// Whether the pattern, read as plain text, is `text`.
    pub(crate) fn is_text(&self, text: &str, values: &dyn Values) -> bool {
        let written = |token: &Token| match token {
            Token::Byte(byte) => *byte,
            Token::One => b'?',
            Token::Any => b'*',
        };
        match self.pieces.as_slice() {
            [Piece::Tokens(_)] => self.text == text,
            _ => self.resolve(values).iter().map(written).eq(text.bytes()),
        }
    }

    fn resolve(&self, values: &dyn Values) -> Vec<Token> {
        let mut all = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Tokens(tokens) => all.extend_from_slice(tokens),
                Piece::Variable(key, written) => match values.first(key) {
                    Some(value) => all.extend(value.bytes().map(Token::Byte)),
                    None => all.extend_from_slice(written),
                },
            }
        }
        all
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let token = |byte| match byte {
        b'*' => Token::Any,
        b'?' => Token::One,
        byte => Token::Byte(byte),
    };
    text.bytes().map(token).collect()
}

/// Whether `text` fits: after a `*` the match goes on greedily, and comes back to the last `*` when it fails.
pub(crate) fn matches(pattern: &[Token], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    // Where to go on when what follows the last `*` doesn't fit: behind it, one byte later.
    let mut retry: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(Token::Any) => {
                at += 1;
                retry = Some((at, read));
            }
            Some(Token::One) => (at, read) = (at + 1, read + 1),
            Some(Token::Byte(byte)) if *byte == text[read] => (at, read) = (at + 1, read + 1),
            _ => match retry {
                Some((behind, from)) => {
                    (at, read) = (behind, from + 1);
                    retry = Some((behind, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|token| *token == Token::Any)
}

/// Whether `text` fits a pattern of text, as plain patterns do.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    matches(&tokens(pattern), text.as_bytes())
}

/// The variant for principals, in which `?` at the end also matches nothing.
pub(crate) fn fits_simply(pattern: &str, text: &str) -> bool {
    fits(pattern, text) || pattern.strip_suffix('?').is_some_and(|shorter| fits(shorter, text))
}

/// A piece of text that may hold variables.
pub(crate) enum Part<'a> {
    Text(&'a str),
    /// The key, and how the variable is written.
    Variable(ConditionKey, &'a str),
}

/// Cuts at `${key}` where `key` is one that every request has; other text stays as it is.
pub(crate) fn split_variables(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    let mut variable = None;
    std::iter::from_fn(move || {
        if let Some(found) = variable.take() {
            return Some(found);
        }
        if rest.is_empty() {
            return None;
        }
        let mut from = 0;
        while let Some(begin) = rest[from..].find("${").map(|at| at + from) {
            let key = rest[begin + 2..].split_once('}').and_then(|(name, _)| ConditionKey::common(name));
            if let Some(key) = key {
                let end = begin + 3 + key.name().len();
                let (before, written) = (&rest[..begin], &rest[begin..end]);
                rest = &rest[end..];
                if before.is_empty() {
                    return Some(Part::Variable(key, written));
                }
                variable = Some(Part::Variable(key, written));
                return Some(Part::Text(before));
            }
            from = begin + 2;
        }
        Some(Part::Text(std::mem::take(&mut rest)))
    })
}
