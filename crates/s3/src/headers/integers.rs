//! Numbers in query parameters.

use crate::error::{ErrorCode, S3Error, S3Result};

/// The number in `value`, between 0 and 2,147,483,647 as S3 has it for sizes of pages; `absent` if there is none.
pub fn integer_between(value: Option<&str>, absent: usize, wrong: ErrorCode) -> S3Result<usize> {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(absent) };
    let number = value.parse::<i32>().ok().and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| S3Error::new(wrong))
}

/// Parts are numbered from 1 to this.
const MAX_PART: u32 = 10_000;

/// The number of a part to write.
pub fn part_number(value: &str) -> S3Result<u32> {
    match value.parse::<u32>() {
        Ok(0) | Err(_) => Err(ErrorCode::InvalidPart.into()),
        Ok(number) if number > MAX_PART => Err(ErrorCode::InvalidMaxParts.into()),
        Ok(number) => Ok(number),
    }
}
