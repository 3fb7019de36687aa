//! What documents must look like, written as tables: which elements, how often, and what is in them.

#[cfg(test)]
mod tests;

use super::xml::{Element, malformed};
use crate::ServiceError;
use std::ops::RangeInclusive;

/// What an element holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holds {
    /// Any text but none.
    Text,
    /// Any text.
    AnyText,
    /// One of these.
    Word(&'static [&'static str]),
    /// A number from the first to the last.
    Number(u64, u64),
    /// These elements.
    All(&'static [Field]),
    /// Exactly one of these elements.
    One(&'static [Field]),
}

/// An element within another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    name: &'static str,
    holds: Holds,
    least: usize,
    most: usize,
}

impl Field {
    /// It has to be there, once.
    pub const fn one(name: &'static str, holds: Holds) -> Field {
        Field { name, holds, least: 1, most: 1 }
    }

    /// It may be there, once.
    pub const fn maybe(name: &'static str, holds: Holds) -> Field {
        Field { name, holds, least: 0, most: 1 }
    }

    /// It may be there so often.
    pub const fn many(name: &'static str, holds: Holds, count: RangeInclusive<usize>) -> Field {
        Field { name, holds, least: *count.start(), most: *count.end() }
    }
}

/// That an element holds what it should, and nothing else.
pub(crate) fn check(element: &Element, holds: Holds) -> Result<(), ServiceError> {
    let Element { name, text, children, .. } = element;
    let wrong = |what: String| malformed(format!("<{name}> {what}"));
    match holds {
        Holds::All(fields) | Holds::One(fields) => {
            for child in children {
                let field = fields.iter().find(|field| field.name == child.name);
                let field = field.ok_or_else(|| wrong(format!("can't have <{}>", child.name)))?;
                check(child, field.holds)?;
            }
            for field in fields {
                let count = element.all(field.name).count();
                let least = if matches!(holds, Holds::One(_)) { 0 } else { field.least };
                if !(least..=field.most).contains(&count) {
                    return Err(wrong(format!("has {count} of <{}>", field.name)));
                }
            }
            if matches!(holds, Holds::One(_)) && children.len() != 1 {
                return Err(wrong(format!("has {} elements instead of one", children.len())));
            }
            Ok(())
        }
        _ if !children.is_empty() => Err(wrong("can't have elements".to_owned())),
        Holds::AnyText => Ok(()),
        Holds::Text if text.is_empty() => Err(wrong("is empty".to_owned())),
        Holds::Text => Ok(()),
        Holds::Word(words) if words.contains(&text.as_str()) => Ok(()),
        Holds::Word(words) => Err(wrong(format!("is none of {}", words.join(", ")))),
        Holds::Number(least, most) => match text.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(()),
            _ => Err(wrong(format!("is no number from {least} to {most}"))),
        },
    }
}
