//! Replication keys: as requests write them, and as records hold them.

use jiff::Timestamp;
use serde_json::Value;
use tapwright_spec::exact;
use tapwright_spec::model::{Bound, Field, FieldType, Replication, Stream, Take};

use xxhash_rust::xxh3::xxh3_64;

use super::split::Wanted;
use crate::paginate::Key;
use crate::state::KeyValue;

/// `value` as the stream's requests write it: where the API leaves out what equals it, an earlier one.
pub(super) fn key(stream: &Stream, value: KeyValue) -> Key {
    let sent = match (&value, &stream.replication) {
        (KeyValue::Timestamp(moment), Replication::Incremental(incremental)) => {
            let format = &incremental.format;
            format.write(if incremental.exclusive { format.earlier(*moment) } else { *moment })
        }
        (KeyValue::Integer(number), Replication::Incremental(incremental)) if incremental.exclusive => {
            number.saturating_sub(1).to_string()
        }
        (KeyValue::Token(token), _) => token.clone(),
        (other, _) => other.to_string(),
    };
    Key { value, sent }
}

/// `until` as the stream's requests write it.
pub(super) fn until_of(stream: &Stream, until: Option<Timestamp>) -> Option<String> {
    match &stream.replication {
        Replication::Incremental(incremental) => until.map(|until| incremental.until_format.write(until)),
        Replication::FullTable | Replication::Feed(_) => None,
    }
}

/// The query parameters that carry the ends of what is read, with their values.
pub(super) fn bound_params(stream: &Stream, since: Option<&str>, until: Option<&str>) -> Vec<(String, String)> {
    let Replication::Incremental(incremental) = &stream.replication else {
        return Vec::new();
    };
    let carried = |(bound, sent): (&Option<Bound>, Option<&str>)| {
        let bound = bound.as_ref()?;
        Some((bound.param.clone(), format!("{}{}", bound.prefix, sent?)))
    };
    [(&incremental.since, since), (&incremental.until, until)].into_iter().filter_map(carried).collect()
}

/// What tells a record from others: the values of its primary key, or its text where they do not stand in it.
pub(super) fn identity(stream: &Stream, record: &str) -> u64 {
    let fields = stream.primary_key.iter().map(|name| stream.field(name).filter(|field| !field.added));
    let values: Option<Vec<KeyValue>> = fields.map(|field| key_of(field?, record)).collect();
    match values {
        Some(values) if !values.is_empty() => xxh3_64(format!("{values:?}").as_bytes()),
        _ => xxh3_64(record.as_bytes()),
    }
}

/// The key in a record; `None` if it is not there or not readable.
pub(super) fn key_of(field: &Field, record: &str) -> Option<KeyValue> {
    let record = exact::as_written(record).ok()?;
    let value = match &field.from {
        None => record.get(&field.name)?.clone(),
        Some(path) => {
            let wanted = Wanted::new(None, vec![path.clone()]);
            let text = exact::write(&record);
            let range = wanted.split(&text).values.pop().flatten()?;
            exact::as_written(&text[range]).ok()?
        }
    };
    let text = match (&value, field.take) {
        (Value::String(text), Some(Take::LastSegment)) => text.rsplit('/').next()?.to_owned(),
        (Value::String(text), None) => text.clone(),
        (other, _) => exact::digits(other)?,
    };
    match field.kind {
        FieldType::Timestamp | FieldType::Date => field.format.read(&text).map(KeyValue::Timestamp),
        FieldType::Integer => text.parse().ok().map(KeyValue::Integer),
        _ => Some(KeyValue::Text(text)),
    }
}
