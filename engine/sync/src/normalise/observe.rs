//! What a JSON value is by its looks, for columns whose type nobody declared.
//!
//! | value | type |
//! |---|---|
//! | whole number of 64 bits | integer |
//! | other number that a double holds to its last digit | number |
//! | any other number | decimal |
//! | `true`, `false` | boolean |
//! | text `2026-01-31T12:00:00Z`, with fractions and offsets | timestamp |
//! | text `2026-01-31` | date |
//! | any other text | text |
//! | list | JSON |

use std::borrow::Cow;

use tapwright_spec::exact::survives;
use tapwright_spec::time::TimeFormat;

use super::table::ColumnType;

/// The type of a JSON value by its text; `None` for null and for an object, whose members have types.
pub(crate) fn kind_of(raw: &str) -> Option<ColumnType> {
    match raw.as_bytes().first()? {
        b'n' | b'{' => None,
        b'[' => Some(ColumnType::Json),
        b't' | b'f' => Some(ColumnType::Boolean),
        b'"' => {
            let unquoted: Option<Cow<'_, str>> = super::read::unquote(raw).ok();
            Some(unquoted.map_or(ColumnType::Text, |text| kind_of_text(&text)))
        }
        _ => Some(kind_of_number(raw)),
    }
}

/// The type of a text.
pub(super) fn kind_of_text(text: &str) -> ColumnType {
    let bytes = text.as_bytes();
    // Most texts are told from moments by one byte.
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return ColumnType::Text;
    }
    let ends = text.ends_with(|c: char| c == 'Z' || c.is_ascii_digit());
    match bytes.len() {
        10 if TimeFormat::Date.read(text).is_some() => ColumnType::Date,
        20.. if bytes[10] == b'T' && ends && TimeFormat::Rfc3339.read(text).is_some() => ColumnType::Timestamp,
        _ => ColumnType::Text,
    }
}

/// The type of a number.
pub(super) fn kind_of_number(raw: &str) -> ColumnType {
    if raw.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return if raw.parse::<i64>().is_ok() { ColumnType::Integer } else { ColumnType::Decimal };
    }
    if survives(raw) { ColumnType::Number } else { ColumnType::Decimal }
}

/// The narrowest type that takes the values of both without a change, if there is one.
pub(crate) fn widest(one: ColumnType, other: ColumnType) -> Option<ColumnType> {
    use ColumnType::{Date, Decimal, Integer, Number, Text, Timestamp};
    match (one, other) {
        _ if one == other => Some(one),
        (Integer | Number, Integer | Number) => Some(Number),
        (Integer | Number | Decimal, Integer | Number | Decimal) => Some(Decimal),
        (Text | Date | Timestamp, Text | Date | Timestamp) => Some(Text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::ColumnType::{Boolean, Date, Decimal, Integer, Json, Number, Text, Timestamp};
    use super::{kind_of, widest};

    #[test]
    fn values_are_what_they_look_like() {
        for (raw, kind) in [
            ("null", None),
            ("{\"a\":1}", None),
            ("[1]", Some(Json)),
            ("true", Some(Boolean)),
            ("-17", Some(Integer)),
            ("9223372036854775808", Some(Decimal)),
            ("0.1", Some(Number)),
            ("1.50", Some(Number)),
            ("0.30000000000000004", Some(Number)),
            ("3.14159265358979323846", Some(Decimal)),
            ("1e999", Some(Decimal)),
            ("\"2026-01-31\"", Some(Date)),
            ("\"2026-02-31\"", Some(Text)),
            ("\"2026-01-31T12:00:00Z\"", Some(Timestamp)),
            ("\"2026-01-31T12:00:00.5+02:00\"", Some(Timestamp)),
            ("\"2026-01-31T12:00:00\"", Some(Text)),
            ("\"2026-01-31T12:00:00+01[Europe/Berlin]\"", Some(Text)),
            ("\"2026-01-31 12:00:00Z\"", Some(Text)),
            ("\"17\"", Some(Text)),
            ("\"\"", Some(Text)),
        ] {
            assert_eq!(kind_of(raw), kind, "{raw}");
        }
    }

    #[test]
    fn the_wider_type_takes_both() {
        assert_eq!(widest(Integer, Number), Some(Number));
        assert_eq!(widest(Decimal, Integer), Some(Decimal));
        assert_eq!(widest(Date, Timestamp), Some(Text));
        assert_eq!(widest(Integer, Text), None);
        assert_eq!(widest(Json, Json), Some(Json));
    }
}
