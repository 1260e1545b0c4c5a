//! Values as a field's type, name, values and example have them: the same for the same seed, stream and number.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use tapwright_spec::model::{Field, FieldType};
use tapwright_spec::time::TimeFormat;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::document::{path_of, put};

/// Whose value is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot<'s> {
    pub(crate) seed: u64,
    pub(crate) stream: &'s str,
    /// Number of the record, from 0.
    pub(crate) record: usize,
    /// The time that no record is younger than.
    pub(crate) now: Timestamp,
}

impl Spot<'_> {
    /// A number that hangs on the record and a word.
    pub(crate) fn roll(&self, word: &str) -> u64 {
        xxh3_64_with_seed(format!("{}/{word}/{}", self.stream, self.record).as_bytes(), self.seed)
    }
}

/// A key: unlike that of any other record of the stream, and greater than that of those before it.
pub(crate) fn key(kind: &FieldType, format: &TimeFormat, spot: &Spot<'_>, records: usize) -> Value {
    let number = spot.record + 1;
    match kind {
        FieldType::Integer | FieldType::Number | FieldType::Decimal => json!(number),
        FieldType::Timestamp | FieldType::Date => {
            let days = matches!(kind, FieldType::Date);
            let step = if days { 24 * 60 } else { 60 };
            let back = SignedDuration::from_mins(i64::try_from((records - spot.record) * step).unwrap_or_default());
            moment(format, spot.now.checked_sub(back).unwrap_or(spot.now))
        }
        _ => json!(format!("{}-{number:05}", spot.stream)),
    }
}

/// A value that may be like another record's.
pub(crate) fn value(field: &Field, spot: &Spot<'_>) -> Value {
    if !field.values.is_empty() {
        let at = spot.roll(&field.name) as usize % field.values.len();
        return json!(field.values[at]);
    }
    match (&field.kind, &field.example) {
        (FieldType::String, Some(example)) => json!(example),
        (kind, _) => of_kind(kind, &field.name, &field.format, spot),
    }
}

fn of_kind(kind: &FieldType, name: &str, format: &TimeFormat, spot: &Spot<'_>) -> Value {
    let roll = spot.roll(name);
    match kind {
        FieldType::String => text(name, spot.record),
        FieldType::Integer => json!(roll % 1_000),
        FieldType::Number => json!((roll % 10_000) as f64 / 4.0),
        FieldType::Decimal => json!(format!("{}.{:02}", roll % 1_000, roll % 100)),
        FieldType::Boolean => json!(roll.is_multiple_of(2)),
        FieldType::Timestamp | FieldType::Date => {
            let back = SignedDuration::from_mins(i64::try_from(roll % 100_000).unwrap_or_default());
            moment(format, spot.now.checked_sub(back).unwrap_or(spot.now))
        }
        FieldType::Time => json!(format!("{:02}:{:02}:00", roll % 24, roll % 60)),
        FieldType::Pairs(pairs) => {
            let mut pair = json!({});
            put(&mut pair, &path_of(&pairs.key), json!("mock"));
            put(&mut pair, &path_of(&pairs.value), text(name, spot.record));
            json!([pair])
        }
        FieldType::List(inner) => {
            (0..=roll % 2).map(|at| of_kind(inner, &format!("{name} {at}"), format, spot)).collect::<Vec<_>>().into()
        }
        FieldType::Object(Some(members)) => {
            let each = members.iter().map(|member| {
                let format = if member.kind == FieldType::Date { TimeFormat::Date } else { TimeFormat::Rfc3339 };
                (member.name.clone(), of_kind(&member.kind, &member.name, &format, spot))
            });
            each.collect::<Map<_, _>>().into()
        }
        FieldType::AsJson(kept) => of_kind(kept, name, format, spot),
        FieldType::Json | FieldType::Object(None) => json!({"mock": spot.record + 1}),
    }
}

fn text(name: &str, record: usize) -> Value {
    let lower = name.to_lowercase();
    let number = record + 1;
    match () {
        () if lower.contains("mail") => json!(format!("person{number}@mock.example")),
        () if ["url", "href", "link", "avatar"].iter().any(|word| lower.contains(word)) => {
            json!(format!("https://mock.example/{lower}/{number}"))
        }
        () => json!(format!("{} {number}", name.replace('_', " "))),
    }
}

/// A moment as the API writes it: a number where that is one.
pub(crate) fn moment(format: &TimeFormat, moment: Timestamp) -> Value {
    let whole = Timestamp::from_second(moment.as_second()).unwrap_or(moment);
    let text = format.write(whole);
    match format {
        TimeFormat::Unix | TimeFormat::UnixMs => {
            text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
        }
        _ => json!(text),
    }
}
