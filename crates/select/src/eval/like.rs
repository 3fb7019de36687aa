//! LIKE: `%` stands for any characters, `_` for one.

use crate::error::{Code, SelectError, fail};

/// A pattern, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Like(Vec<Part>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Any,
    One,
    Is(char),
}

impl Like {
    /// A character behind `escape` stands for itself; it must be a wildcard or the escape character.
    pub fn new(pattern: &str, escape: Option<&str>) -> Result<Self, SelectError> {
        let escape = match escape.map(|text| (text.chars().next(), text.chars().nth(1))) {
            None => None,
            Some((Some(character), None)) => Some(character),
            Some(_) => return fail(Code::LikeInvalidInputs, "The ESCAPE of LIKE must be one character."),
        };
        let mut parts = Vec::new();
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            parts.push(match character {
                found if Some(found) == escape => match characters.next() {
                    Some(next) if next == '%' || next == '_' || Some(next) == escape => Part::Is(next),
                    _ => {
                        let message = format!("The LIKE pattern '{pattern}' has an invalid escape sequence.");
                        return fail(Code::EvaluatorLikePatternInvalidEscapeSequence, message);
                    }
                },
                '%' if parts.last() == Some(&Part::Any) => continue,
                '%' => Part::Any,
                '_' => Part::One,
                other => Part::Is(other),
            });
        }
        Ok(Like(parts))
    }

    /// Whether the whole text is as the pattern says. Goes back to the last `%` only, so that the time is at most the
    /// product of the lengths.
    pub fn fits(&self, text: &str) -> bool {
        let (mut part, mut rest) = (0, text.chars());
        let mut back: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            match self.0.get(part) {
                Some(Part::Any) => {
                    part += 1;
                    back = Some((part, rest.clone()));
                    continue;
                }
                None if rest.as_str().is_empty() => return true,
                found => {
                    let next = rest.next();
                    let fits = match (found, next) {
                        (Some(Part::One), Some(_)) => true,
                        (Some(Part::Is(wanted)), Some(character)) => *wanted == character,
                        _ => false,
                    };
                    if fits {
                        part += 1;
                        continue;
                    }
                }
            }
            let Some((from, mut behind)) = back.take() else { return false };
            if behind.next().is_none() {
                return false;
            }
            (part, rest) = (from, behind.clone());
            back = Some((from, behind));
        }
    }
}
