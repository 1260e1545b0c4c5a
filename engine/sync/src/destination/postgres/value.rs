//! Values as PostgreSQL's binary COPY takes them, and those that it cannot hold.

use bytes::{BufMut, BytesMut};
use jiff::civil::{Date, Time};

use super::decimal;
use crate::normalise::{Cell, ColumnType};

/// Type of a column, as a table is declared.
pub(super) fn declared(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "text",
        ColumnType::Integer => "bigint",
        ColumnType::Number => "double precision",
        ColumnType::Boolean => "boolean",
        ColumnType::Decimal => "numeric",
        ColumnType::Timestamp => "timestamp with time zone",
        ColumnType::Date => "date",
        ColumnType::Time => "time without time zone",
        ColumnType::Json => "json",
    }
}

/// The type that a declared type stands for.
pub(super) fn kind_of(text: &str) -> Option<ColumnType> {
    use ColumnType::{Boolean, Date, Decimal, Integer, Json, Number, Text, Time, Timestamp};
    let all = [Text, Integer, Number, Boolean, Decimal, Timestamp, Date, Time, Json];
    all.into_iter().find(|kind| declared(*kind) == text)
}

/// Why a column of this type cannot hold a value.
pub(super) fn refuses(kind: ColumnType, cell: &Cell<'_>) -> Option<&'static str> {
    let Cell::Text(text) = cell else { return None };
    let finer = "is finer than a microsecond, and PostgreSQL holds no more; make it a `string`";
    match kind {
        ColumnType::Text | ColumnType::Json if text.as_bytes().contains(&0) => {
            Some("the text holds the character U+0000, which PostgreSQL cannot hold")
        }
        ColumnType::Timestamp if micros(text).is_none() => Some(finer),
        ColumnType::Time if time_micros(text).is_none() => Some(finer),
        ColumnType::Decimal if decimal::parts(text).is_none() => {
            Some("the number has more digits than PostgreSQL's numeric holds; make it a `string`")
        }
        _ => None,
    }
}

/// Puts a value with its length; `None` if the column cannot hold it, which [`refuses`] tells before.
pub(super) fn put(into: &mut BytesMut, kind: ColumnType, cell: &Cell<'_>) -> Option<()> {
    match (cell, kind) {
        (Cell::Null, _) => into.put_i32(-1),
        (Cell::Bool(value), ColumnType::Boolean) => {
            into.put_i32(1);
            into.put_u8(u8::from(*value));
        }
        (Cell::Integer(value), ColumnType::Integer) => put_i64(into, *value),
        (Cell::Number(value), ColumnType::Number) => {
            into.put_i32(8);
            into.put_f64(*value);
        }
        (Cell::Text(text), ColumnType::Text | ColumnType::Json) => put_text(into, text),
        (Cell::Text(text), ColumnType::Timestamp) => put_i64(into, micros(text)?),
        (Cell::Text(text), ColumnType::Time) => put_i64(into, time_micros(text)?),
        (Cell::Text(text), ColumnType::Date) => {
            let date: Date = text.parse().ok()?;
            into.put_i32(4);
            into.put_i32(days(
                i32::from(date.year()),
                u32::from(date.month().unsigned_abs()),
                u32::from(date.day().unsigned_abs()),
            ));
        }
        (Cell::Text(text), ColumnType::Decimal) => decimal::put(into, text)?,
        _ => return None,
    }
    Some(())
}

pub(super) fn put_i64(into: &mut BytesMut, value: i64) {
    into.put_i32(8);
    into.put_i64(value);
}

pub(super) fn put_text(into: &mut BytesMut, text: &str) {
    // A text is shorter than the body that it came in, which is far below the 1 GiB that a length tells.
    into.put_i32(text.len() as i32);
    into.put_slice(text.as_bytes());
}

/// Days since 2000-01-01, as PostgreSQL counts.
fn days(year: i32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + of_era - 730_425
}

/// Microseconds since 2000-01-01T00:00:00Z of a timestamp as the engine writes it; `None` if it is finer.
pub(super) fn micros(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| bytes[from..to].iter().fold(0_i64, |sum, b| sum * 10 + i64::from(b & 15));
    if bytes.len() < 20 || bytes[4] != b'-' || bytes[bytes.len() - 1] != b'Z' {
        return None;
    }
    let days = days(number(0, 4) as i32, number(5, 7) as u32, number(8, 10) as u32);
    let seconds = (number(11, 13) * 60 + number(14, 16)) * 60 + number(17, 19);
    Some((i64::from(days) * 86_400 + seconds) * 1_000_000 + fraction(&bytes[19..bytes.len() - 1])?)
}

fn time_micros(text: &str) -> Option<i64> {
    let time: Time = text.parse().ok()?;
    let nanos = i64::from(time.subsec_nanosecond());
    let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
    (nanos % 1_000 == 0).then(|| seconds * 1_000_000 + nanos / 1_000)
}

/// Microseconds of `.123`.
fn fraction(text: &[u8]) -> Option<i64> {
    let digits = text.get(1..).unwrap_or_default();
    let whole = digits.len() <= 6 || digits[6..].iter().all(|digit| *digit == b'0');
    let digit = |at: usize| digits.get(at).map_or(0, |digit| i64::from(digit & 15));
    whole.then(|| (0..6).fold(0, |sum, at| sum * 10 + digit(at)))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::{days, micros, time_micros};

    #[test]
    fn what_is_finer_than_a_microsecond_is_refused() {
        assert_eq!(micros("2000-01-01T00:00:01.5Z"), Some(1_500_000));
        assert_eq!(micros("1999-12-31T23:59:59.999999Z"), Some(-1));
        assert_eq!(micros("2000-01-01T00:00:00.1234567Z"), None);
        assert_eq!(time_micros("08:00:00.000001"), Some(28_800_000_001));
        assert_eq!(time_micros("08:00:00.0000001"), None);
        assert_eq!((days(2000, 1, 1), days(2000, 3, 1), days(1, 1, 1)), (0, 60, -730_119));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn moments_are_those_of_the_engine(second in -62_000_000_000_i64..250_000_000_000, micro in 0..1_000_000_i32) {
            let moment = Timestamp::new(second, micro * 1_000).expect("in range");
            prop_assert_eq!(micros(&moment.to_string()), Some(moment.as_microsecond() - 946_684_800_000_000));
        }
    }
}
