//! Decimal numbers of up to 38 digits, the S3 reference's DECIMAL.

use std::cmp::Ordering;
use std::fmt;

/// Digits of the largest decimal.
const MAX_DIGITS: u32 = 38;

/// `mantissa` / 10^`scale`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decimal {
    mantissa: i128,
    /// Digits behind the point, at most [`MAX_DIGITS`].
    scale: u32,
}

impl Decimal {
    /// `None` if the scale or the number is too large.
    pub fn new(mantissa: i128, scale: u32) -> Option<Self> {
        let fits = scale <= MAX_DIGITS && mantissa.unsigned_abs() < 10_u128.pow(MAX_DIGITS);
        fits.then_some(Decimal { mantissa, scale })
    }

    pub fn from_int(value: i64) -> Self {
        Decimal { mantissa: i128::from(value), scale: 0 }
    }

    /// Digits with an optional sign, point and exponent. `None` if it is no number, or not one of 38 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match digits.as_bytes().first()? {
            b'-' => (true, &digits[1..]),
            b'+' => (false, &digits[1..]),
            _ => (false, digits),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            let digit = byte.is_ascii_digit().then_some(byte - b'0')?;
            mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(digit))?;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        if scale < 0 {
            mantissa = mantissa.checked_mul(power(scale.unsigned_abs())?)?;
        }
        Decimal::new(if negative { -mantissa } else { mantissa }, u32::try_from(scale.max(0)).ok()?)
    }

    pub fn negate(self) -> Self {
        Decimal { mantissa: -self.mantissa, ..self }
    }

    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub fn add(self, other: Decimal) -> Option<Self> {
        let (a, b, scale) = align(self, other)?;
        Decimal::new(a.checked_add(b)?, scale)
    }

    pub fn multiply(self, other: Decimal) -> Option<Self> {
        Decimal::new(self.mantissa.checked_mul(other.mantissa)?, self.scale + other.scale)
    }

    /// As many digits as there is room for, then cut. `None` if `other` is zero, too.
    pub fn divide(self, other: Decimal) -> Option<Self> {
        let mut quotient = self.mantissa.checked_div(other.mantissa)?;
        let mut rest = self.mantissa.checked_rem(other.mantissa)?;
        let mut scale = i64::from(self.scale) - i64::from(other.scale);
        while (rest != 0 && scale < 18) || scale < 0 {
            let (Some(more), Some(shifted)) = (rest.checked_mul(10), quotient.checked_mul(10)) else { break };
            quotient = shifted.checked_add(more / other.mantissa)?;
            rest = more % other.mantissa;
            scale += 1;
        }
        Decimal::new(quotient, u32::try_from(scale).ok()?)
    }

    /// What is left of a division, with the sign of `self`.
    pub fn remainder(self, other: Decimal) -> Option<Self> {
        let (a, b, scale) = align(self, other)?;
        Decimal::new(a.checked_rem(b)?, scale)
    }

    /// With so many digits behind the point, half rounded away from zero.
    pub fn rounded(self, scale: u32) -> Option<Self> {
        if scale >= self.scale {
            return Decimal::new(self.mantissa.checked_mul(power(scale - self.scale)?)?, scale);
        }
        let unit = power(self.scale - scale)?;
        let (quotient, rest) = (self.mantissa / unit, self.mantissa % unit);
        let up = rest.abs() >= unit - rest.abs();
        Decimal::new(quotient + if up { rest.signum() } else { 0 }, scale)
    }

    /// Digits of the number without leading zeros; of zero there is one.
    pub fn digits(self) -> u32 {
        self.mantissa.unsigned_abs().checked_ilog10().unwrap_or(0) + 1
    }

    pub fn compare(self, other: Decimal) -> Option<Ordering> {
        match align(self, other) {
            Some((a, b, _)) => Some(a.cmp(&b)),
            None => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a float is what is asked for")]
    pub fn to_f64(self) -> f64 {
        // The text's way is exact to the last digit; the short cut is for what a float holds exactly anyway.
        if self.mantissa.unsigned_abs() < 1 << 53 && self.scale <= 22 {
            return self.mantissa as f64 / 10_f64.powi(i32::try_from(self.scale).unwrap_or(0));
        }
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The whole part, if it is an integer's.
    pub fn to_i64(self) -> Option<i64> {
        i64::try_from(self.mantissa.checked_div(power(self.scale)?)?).ok()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::try_from(self.scale).unwrap_or(0);
        if self.mantissa < 0 {
            f.write_str("-")?;
        }
        if scale == 0 {
            return f.write_str(&digits);
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{whole}.{fraction}")
    }
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// Both with the larger scale.
fn align(a: Decimal, b: Decimal) -> Option<(i128, i128, u32)> {
    let scale = a.scale.max(b.scale);
    let raise = |number: Decimal| number.mantissa.checked_mul(power(scale - number.scale)?);
    Some((raise(a)?, raise(b)?, scale))
}
