//! Extended headers (POSIX pax): records `LENGTH KEY=VALUE\n`.

use super::TarError;
use base::Timestamp;

/// Records in their order.
pub(super) fn parse(mut bytes: &[u8]) -> Result<Vec<(String, String)>, TarError> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let blank = bytes.iter().position(|byte| *byte == b' ').ok_or(TarError::Header)?;
        let length = std::str::from_utf8(&bytes[..blank]).ok().filter(|digits| is_number(digits));
        let length: usize = length.and_then(|digits| digits.parse().ok()).ok_or(TarError::Header)?;
        let record = bytes.get(blank + 1..length).and_then(|record| record.strip_suffix(b"\n"));
        let record = std::str::from_utf8(record.ok_or(TarError::Header)?).map_err(|_| TarError::Header)?;
        let (key, value) = record.split_once('=').ok_or(TarError::Header)?;
        if key.is_empty() {
            return Err(TarError::Header);
        }
        if key.starts_with("GNU.sparse.") {
            return Err(TarError::Sparse);
        }
        records.push((key.to_owned(), value.to_owned()));
        bytes = &bytes[length..];
    }
    Ok(records)
}

fn is_number(digits: &str) -> bool {
    !digits.is_empty() && digits.len() < 8 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Seconds since 1970 with a fraction.
pub(super) fn time(text: &str) -> Result<Timestamp, TarError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().map_err(|_| TarError::Header)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(TarError::Header);
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = digits.fold(0i64, |nanos, digit| nanos * 10 + i64::from(digit - b'0'));
    let nanos = if whole.starts_with('-') { -nanos } else { nanos };
    let all = seconds.checked_mul(1_000_000_000).and_then(|all| all.checked_add(nanos));
    all.map(Timestamp::from_nanos).ok_or(TarError::Header)
}
