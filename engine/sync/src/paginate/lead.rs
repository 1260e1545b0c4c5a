//! What a page says of the next one, as values for its request.

use serde_json::Value;
use tapwright_spec::exact;
use tapwright_spec::model::Carrier;

use super::{Carried, PagingFault};

/// A next URL; null, absent and "" are none.
pub(super) fn next_text(value: Option<&Value>) -> Result<Option<String>, PagingFault> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(PagingFault::Next(format!("{} is not a URL", exact::write(other)))),
    }
}

/// A cursor; null, absent and "" are none.
pub(super) fn token(value: Option<&Value>) -> Result<Option<Value>, PagingFault> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(token) if token.is_string() || exact::digits(token).is_some() => Ok(Some(token.clone())),
        Some(other) => Err(PagingFault::Next(format!("{other} is not a cursor"))),
    }
}

/// The members of an object as query parameters; null, absent and `{}` are none.
pub(super) fn members(value: Option<&Value>) -> Result<Option<Vec<Carried>>, PagingFault> {
    let object = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(object)) if object.is_empty() => return Ok(None),
        Some(Value::Object(object)) => object,
        Some(other) => return Err(PagingFault::Next(format!("{other} is no object to merge"))),
    };
    let carried = |(name, value): (&String, &Value)| match value {
        one if one.is_string() || one.is_boolean() || exact::digits(one).is_some() => {
            Ok(Carried { carrier: Carrier::Query(name.clone()), value: one.clone() })
        }
        other => Err(PagingFault::Next(format!("`{name}` is {other}, which no query parameter carries"))),
    };
    object.iter().map(carried).collect::<Result<Vec<Carried>, _>>().map(Some)
}

/// `first` moved on by `number`.
pub(super) fn count(first: i64, number: u64) -> Value {
    first.saturating_add(i64::try_from(number).unwrap_or(i64::MAX)).into()
}
