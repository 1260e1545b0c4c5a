//! One JSON value and a declared type -> a cell, without loss, or a sentence that says why not.
//!
//! | type | takes |
//! |---|---|
//! | string | texts; numbers and booleans as they are written |
//! | integer | 64-bit integers, `12.0`, and texts of them |
//! | number | numbers and texts of them; an integer that a double cannot hold is refused |
//! | decimal | numbers and texts of them, to the last digit |
//! | boolean | `true` and `false`, 1 and 0, and texts of them |
//! | timestamp | texts and numbers in the field's format, stored in UTC |
//! | date | `YYYY-MM-DD`, the field's format, or a timestamp at midnight |
//! | time | `HH:MM`, `HH:MM:SS` with or without fractions |
//! | json | everything, as it is written |
//!
//! Null and "" are null, except that "" stays "" in a string: an API that writes "" for a missing
//! number or date says nothing more with it.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use tapwright_spec::model::Take;
use tapwright_spec::time::TimeFormat;

use super::batch::Cell;
use super::exact::{integer, is_decimal, number};
use super::table::ColumnType;

/// A field that is a single value: where it goes and how it is read.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub(super) table: usize,
    pub(super) column: usize,
    pub(super) name: String,
    pub(super) kind: ColumnType,
    pub(super) format: TimeFormat,
    pub(super) take: Option<Take>,
}

/// Texts in messages are cut after so many chars.
const SHOWN: usize = 60;

impl Leaf {
    /// Whether a text of the record is the value as it stands.
    #[inline]
    pub(super) fn takes(&self, text: &str) -> bool {
        match (self.kind, self.take) {
            (ColumnType::Text, None) => true,
            (ColumnType::Timestamp, None) => self.format == TimeFormat::Rfc3339 && is_canonical(text.as_bytes()),
            _ => false,
        }
    }

    /// An integer of the record that is written as such.
    #[inline]
    pub(super) fn whole(&self, raw: &str) -> Option<i64> {
        if self.kind == ColumnType::Integer { raw.parse().ok() } else { None }
    }

    /// A text of the record.
    pub(super) fn text<'a>(&self, text: Cow<'a, str>) -> Result<Cell<'a>, String> {
        let text = match self.take {
            Some(Take::LastSegment) => last_segment(text),
            None => text,
        };
        if text.is_empty() && self.kind != ColumnType::Text {
            return Ok(Cell::Null);
        }
        let cell = match self.kind {
            ColumnType::Text => return Ok(Cell::Text(text)),
            ColumnType::Integer => integer(&text).map(Cell::Integer),
            ColumnType::Number => number(&text).map(Cell::Number),
            ColumnType::Boolean => boolean(&text).map(Cell::Bool),
            ColumnType::Decimal if is_decimal(&text) => return Ok(Cell::Text(text)),
            ColumnType::Timestamp => return self.timestamp(text),
            ColumnType::Date => return self.date(text),
            ColumnType::Time => return self.time(&text),
            _ => None,
        };
        cell.ok_or_else(|| self.refusal(&format!("\"{}\"", cut(&text))))
    }

    /// A number of the record, as it is written there.
    pub(super) fn number<'a>(&self, raw: &'a str) -> Result<Cell<'a>, String> {
        match self.kind {
            ColumnType::Integer | ColumnType::Number | ColumnType::Boolean | ColumnType::Timestamp => {
                self.text(Cow::Borrowed(raw)).map_err(|_| self.refusal(raw))
            }
            ColumnType::Text | ColumnType::Decimal => self.text(Cow::Borrowed(raw)),
            ColumnType::Date if self.format != TimeFormat::Rfc3339 => self.text(Cow::Borrowed(raw)),
            _ => Err(self.refusal(raw)),
        }
    }

    /// A boolean of the record.
    pub(super) fn boolean(&self, value: bool) -> Result<Cell<'static>, String> {
        let word = if value { "true" } else { "false" };
        match self.kind {
            ColumnType::Boolean => Ok(Cell::Bool(value)),
            ColumnType::Text => Ok(Cell::Text(Cow::Borrowed(word))),
            _ => Err(self.refusal(word)),
        }
    }

    /// Why `value` cannot be this field's.
    pub(super) fn refusal(&self, value: &str) -> String {
        let wanted = match self.kind {
            ColumnType::Text => "text",
            ColumnType::Integer => "64-bit integer",
            ColumnType::Number => "number that a double holds",
            ColumnType::Boolean => "boolean",
            ColumnType::Decimal => "decimal number",
            ColumnType::Timestamp => {
                let format = self.format.name();
                return format!("field `{}`: {value} is no timestamp of the format {format}", self.name);
            }
            ColumnType::Date => "date",
            ColumnType::Time => "time of day",
            ColumnType::Json => "JSON",
        };
        format!("field `{}`: {value} is no {wanted}", self.name)
    }

    fn timestamp<'a>(&self, text: Cow<'a, str>) -> Result<Cell<'a>, String> {
        if self.format == TimeFormat::Rfc3339 && is_canonical(text.as_bytes()) {
            return Ok(Cell::Text(text));
        }
        let moment = self.format.read(&text).filter(|moment| *moment >= YEAR_ZERO);
        match moment {
            Some(moment) => Ok(Cell::Text(Cow::Owned(moment.to_string()))),
            None => Err(self.refusal(&format!("\"{}\"", cut(&text)))),
        }
    }

    fn date<'a>(&self, text: Cow<'a, str>) -> Result<Cell<'a>, String> {
        let day = match &self.format {
            TimeFormat::Rfc3339 | TimeFormat::Date => day(&text),
            other => other.read(&text).and_then(|moment| {
                let civil = moment.to_zoned(jiff::tz::TimeZone::UTC).datetime();
                at_midnight(civil)
            }),
        };
        match day.filter(|day| day.year() >= 0) {
            Some(day) if text.len() == 10 && day.to_string() == *text => Ok(Cell::Text(text)),
            Some(day) => Ok(Cell::Text(Cow::Owned(day.to_string()))),
            None => Err(self.refusal(&format!("\"{}\"", cut(&text)))),
        }
    }

    fn time(&self, text: &str) -> Result<Cell<'static>, String> {
        let clock = text.as_bytes().get(2) == Some(&b':');
        match text.parse::<Time>().ok().filter(|_| clock) {
            Some(time) => Ok(Cell::Text(Cow::Owned(time.to_string()))),
            None => Err(self.refusal(&format!("\"{}\"", cut(text)))),
        }
    }
}

/// 0000-01-01T00:00:00Z: before it a year has a sign and texts no longer sort like instants.
const YEAR_ZERO: Timestamp = Timestamp::constant(-62_167_219_200, 0);

/// A value for people, not too long.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The cell with a text of its own.
pub(super) fn owned(cell: Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Absent => Cell::Absent,
        Cell::Null => Cell::Null,
        Cell::Bool(value) => Cell::Bool(value),
        Cell::Integer(value) => Cell::Integer(value),
        Cell::Number(value) => Cell::Number(value),
        Cell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
    }
}

fn last_segment(text: Cow<'_, str>) -> Cow<'_, str> {
    let Some(slash) = text.rfind('/') else {
        return text;
    };
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[slash + 1..]),
        Cow::Owned(text) => Cow::Owned(text[slash + 1..].to_owned()),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn day(text: &str) -> Option<Date> {
    if text.len() == 10 {
        return text.parse().ok();
    }
    text.parse::<DateTime>().ok().and_then(at_midnight)
}

fn at_midnight(civil: DateTime) -> Option<Date> {
    (civil.time() == Time::midnight()).then(|| civil.date())
}

/// Whether a text is a timestamp just as we would write it, so that it can be taken over as it stands.
fn is_canonical(text: &[u8]) -> bool {
    let [rest @ .., b'Z'] = text else {
        return false;
    };
    if rest.len() < 19 || !is_fraction(&rest[19..]) {
        return false;
    }
    let form = b"0000-00-00T00:00:00";
    let same = |(b, f): (&u8, &u8)| {
        if *f == b'0' { b.is_ascii_digit() } else { b == f }
    };
    if !rest.iter().zip(form).all(same) {
        return false;
    }
    let pair = |at: usize| u32::from(rest[at] - b'0') * 10 + u32::from(rest[at + 1] - b'0');
    let (month, day) = (pair(5), pair(8));
    let last = match month {
        2 if pair(2) % 4 == 0 && (pair(2) != 0 || pair(0) % 4 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day) && pair(11) < 24 && pair(14) < 60 && pair(17) < 60
}

/// Nothing, or a point and up to nine digits, the last of them no zero.
fn is_fraction(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b'.', digits @ .., last @ b'1'..=b'9'] => {
            digits.len() < 9 && digits.iter().all(u8::is_ascii_digit) && last.is_ascii_digit()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use jiff::Timestamp;
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
    use tapwright_spec::time::TimeFormat;

    use super::super::batch::Cell;
    use super::super::table::ColumnType;
    use super::{Leaf, is_canonical};

    fn leaf(kind: ColumnType, format: &str) -> Leaf {
        let format = TimeFormat::parse(format).expect("a format");
        Leaf { table: 0, column: 0, name: "f".into(), kind, format, take: None }
    }

    fn text(kind: ColumnType, format: &str, value: &str) -> Option<String> {
        match leaf(kind, format).text(Cow::Borrowed(value)).ok()? {
            Cell::Text(text) => Some(text.into_owned()),
            other => Some(format!("{other:?}")),
        }
    }

    #[test]
    fn timestamps_are_written_in_utc() {
        let kind = ColumnType::Timestamp;
        for (format, value, stored) in [
            ("rfc3339", "2026-01-31T12:00:00Z", Some("2026-01-31T12:00:00Z")),
            ("rfc3339", "2026-01-31T12:00:00.500+02:00", Some("2026-01-31T10:00:00.5Z")),
            ("rfc3339", "2026-02-30T12:00:00Z", None),
            ("rfc3339", "1700000000", None),
            ("unix", "1700000000", Some("2023-11-14T22:13:20Z")),
            ("unix_ms", "1700000000123", Some("2023-11-14T22:13:20.123Z")),
            ("%d/%m/%Y", "31/01/2026", Some("2026-01-31T00:00:00Z")),
            ("rfc3339", "", Some("Null")),
        ] {
            assert_eq!(text(kind, format, value).as_deref(), stored, "{value}");
        }
    }

    #[test]
    fn a_date_is_a_day_and_no_instant() {
        let kind = ColumnType::Date;
        for (value, stored) in [
            ("2026-01-31", Some("2026-01-31")),
            ("2026-01-31T00:00:00+09:00", Some("2026-01-31")),
            ("2026-01-31T08:00:00Z", None),
            ("2026-02-31", None),
        ] {
            assert_eq!(text(kind, "rfc3339", value).as_deref(), stored, "{value}");
        }
        assert_eq!(text(ColumnType::Time, "rfc3339", "8:00"), None);
        assert_eq!(text(ColumnType::Time, "rfc3339", "08:00").as_deref(), Some("08:00:00"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn what_we_write_is_taken_over_as_it_stands(second in -62_000_000_000_i64..250_000_000_000, nano in 0..1_000_000_000_i32) {
            let moment = Timestamp::new(second, nano).expect("in range");
            prop_assert_eq!(is_canonical(moment.to_string().as_bytes()), true);
        }

        #[test]
        fn what_is_taken_over_is_what_we_would_write(y in 0..9_999_u32, mo in 0..14_u32, d in 0..33_u32, h in 0..26_u32, s in 0..62_u32) {
            let text = format!("{y:04}-{mo:02}-{d:02}T{h:02}:30:{s:02}Z");
            let ours = text.parse::<Timestamp>().is_ok_and(|moment| moment.to_string() == text);
            prop_assert_eq!(is_canonical(text.as_bytes()), ours);
        }
    }
}
