//! From the library's values to ours.

use crate::error::{Code, SelectError, fail};
use crate::value::{Datum, Decimal, Moment};
use parquet::data_type::Decimal as ParquetDecimal;
use parquet::record::{Field, Row};

/// A row, as a struct of its columns.
pub fn of_row(row: Row) -> Result<Datum, SelectError> {
    let members = row.into_columns().into_iter().map(|(name, field)| Ok((name, of_field(field)?)));
    Ok(Datum::Struct(members.collect::<Result<_, SelectError>>()?))
}

#[expect(clippy::cast_precision_loss, reason = "what has more than 63 bits is a float, as in JSON")]
fn of_field(field: Field) -> Result<Datum, SelectError> {
    Ok(match field {
        Field::Null => Datum::Null,
        Field::Bool(value) => Datum::Bool(value),
        Field::Byte(value) => Datum::Int(value.into()),
        Field::Short(value) => Datum::Int(value.into()),
        Field::Int(value) | Field::TimeMillis(value) => Datum::Int(value.into()),
        Field::Long(value) | Field::TimeMicros(value) => Datum::Int(value),
        Field::UByte(value) => Datum::Int(value.into()),
        Field::UShort(value) => Datum::Int(value.into()),
        Field::UInt(value) => Datum::Int(value.into()),
        Field::ULong(value) => i64::try_from(value).map_or(Datum::Float(value as f64), Datum::Int),
        Field::Float16(value) => Datum::Float(value.to_f64()),
        // By its text, so that 0.1 stays 0.1.
        Field::Float(value) => Datum::Float(value.to_string().parse().unwrap_or(f64::from(value))),
        Field::Double(value) => Datum::Float(value),
        Field::Decimal(value) => decimal(&value)?,
        Field::Str(text) => Datum::Text(text),
        Field::Bytes(bytes) => match String::from_utf8(bytes.data().to_vec()) {
            Ok(text) => Datum::Text(text),
            Err(_) => return fail(Code::UnsupportedParquetType, "A column holds bytes that aren't UTF-8."),
        },
        Field::Date(days) => moment(Moment::from_days(days))?,
        Field::TimestampMillis(millis) => moment(Moment::from_nanos(i128::from(millis) * 1_000_000, 3))?,
        Field::TimestampMicros(micros) => moment(Moment::from_nanos(i128::from(micros) * 1000, 6))?,
        Field::Group(row) => of_row(row)?,
        Field::ListInternal(list) => {
            let elements = list.elements().iter().cloned().map(of_field);
            Datum::List(elements.collect::<Result<_, _>>()?)
        }
        Field::MapInternal(map) => {
            let entries = map.entries().iter().cloned().map(|(key, value)| {
                let mut name = String::new();
                of_field(key)?.value().write_text(&mut name);
                Ok((name, of_field(value)?))
            });
            Datum::Struct(entries.collect::<Result<_, SelectError>>()?)
        }
    })
}

fn moment(moment: Option<Moment>) -> Result<Datum, SelectError> {
    match moment {
        Some(moment) => Ok(Datum::Moment(moment)),
        None => fail(Code::UnsupportedParquetType, "A column holds a time outside of the years -9999 to 9999."),
    }
}

/// The digits are the bytes of a number, its sign in the first.
fn decimal(decimal: &ParquetDecimal) -> Result<Datum, SelectError> {
    let bytes = decimal.data();
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut mantissa = if negative { -1 } else { 0 };
    for byte in bytes {
        mantissa = (mantissa << 8) | i128::from(*byte);
    }
    let scale = u32::try_from(decimal.scale()).ok();
    match scale.filter(|_| bytes.len() <= 16).and_then(|scale| Decimal::new(mantissa, scale)) {
        Some(decimal) => Ok(Datum::Decimal(decimal)),
        None => fail(Code::UnsupportedParquetType, "A column holds a decimal of more than 38 digits."),
    }
}
