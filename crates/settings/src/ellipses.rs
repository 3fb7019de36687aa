//! `{1...4}`: patterns that stand for many drives (server command line reference, "Ellipses grammar").

#[cfg(test)]
mod tests;

/// Most drives that one argument may stand for: far above any deployment, far below what exhausts memory.
const MAX_EXPANSION: u64 = 1 << 16;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EllipsesError {
    #[error(
        "Invalid ellipsis format in ({argument}), Ellipsis range must be provided in format {{N...M}} where N and M \
         are positive integers, M must be greater than N,  with an allowed minimum range of 4"
    )]
    Format { argument: String },
    #[error("strconv.ParseUint: parsing \"{text}\": invalid syntax")]
    Number { text: String },
    #[error("Incorrect range start {start} cannot be bigger than end {end}")]
    Backwards { start: u64, end: u64 },
    #[error("'{argument}' stands for more than {MAX_EXPANSION} drives")]
    TooMany { argument: String },
}

/// An argument cut into text and ranges, in the order in which they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// One more than there are ranges: what stands before, between and after them.
    texts: Vec<String>,
    ranges: Vec<Vec<String>>,
}

/// Whether an argument is meant as a pattern.
pub(crate) fn has_ellipses(argument: &str) -> bool {
    argument.contains("...") || (argument.contains('{') && argument.contains('}'))
}

impl Pattern {
    pub fn parse(argument: &str) -> Result<Self, EllipsesError> {
        let format_error = || EllipsesError::Format { argument: argument.to_owned() };
        let mut texts = Vec::new();
        let mut ranges = Vec::new();
        let mut rest = argument;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) = after.split_once('}').ok_or_else(format_error)?;
            let (start, end) = inside.split_once("...").ok_or_else(format_error)?;
            let allowed = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
            if before.contains('}') || !allowed(start) || !allowed(end) {
                return Err(format_error());
            }
            texts.push(before.to_owned());
            ranges.push(values(argument, start, end)?);
            rest = after;
        }
        if ranges.is_empty() || rest.contains('}') {
            return Err(format_error());
        }
        texts.push(rest.to_owned());
        let pattern = Pattern { texts, ranges };
        if pattern.count().is_none_or(|count| count > MAX_EXPANSION) {
            return Err(EllipsesError::TooMany { argument: argument.to_owned() });
        }
        Ok(pattern)
    }

    /// How many values the leftmost range has.
    pub fn leftmost(&self) -> usize {
        self.ranges.first().map_or(0, Vec::len)
    }

    /// Everything it stands for. The leftmost range changes fastest.
    pub fn expand(&self) -> Vec<String> {
        let count: usize = self.ranges.iter().map(Vec::len).product();
        (0..count).map(|index| self.nth(index)).collect()
    }

    fn nth(&self, mut index: usize) -> String {
        let mut text = self.texts[0].clone();
        for (range, after) in self.ranges.iter().zip(&self.texts[1..]) {
            text.push_str(&range[index % range.len()]);
            text.push_str(after);
            index /= range.len();
        }
        text
    }

    fn count(&self) -> Option<u64> {
        self.ranges.iter().try_fold(1u64, |count, range| count.checked_mul(u64::try_from(range.len()).ok()?))
    }
}

/// The values of one range: decimal, or both ends in hexadecimal if one needs it for printing (each end is still
/// read as decimal where it can be).
fn values(argument: &str, start: &str, end: &str) -> Result<Vec<String>, EllipsesError> {
    let (first, first_is_hex) = number(start)?;
    let (last, last_is_hex) = number(end)?;
    if first > last {
        return Err(EllipsesError::Backwards { start: first, end: last });
    }
    if last - first >= MAX_EXPANSION {
        return Err(EllipsesError::TooMany { argument: argument.to_owned() });
    }
    let hex = first_is_hex || last_is_hex;
    let padded = (start.starts_with('0') && start.len() > 1) || end.starts_with('0');
    let width = if padded { end.len() } else { 0 };
    Ok((first..=last).map(|value| if hex { format!("{value:0width$x}") } else { format!("{value:0width$}") }).collect())
}

fn number(text: &str) -> Result<(u64, bool), EllipsesError> {
    let decimal = text.parse().ok().map(|value| (value, false));
    decimal
        .or_else(|| u64::from_str_radix(text, 16).ok().map(|value| (value, true)))
        .ok_or_else(|| EllipsesError::Number { text: text.to_owned() })
}
