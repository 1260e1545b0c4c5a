//! A value as its field's type has it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value as Json;

use super::may_be_left_out;
use crate::exact;
use crate::grammar::list_names;
use crate::model::{ConfigField, ConfigType};
use crate::tree::{Node, Value};

/// How a day is written.
pub(super) const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// How a point in time is written (RFC 3339).
pub(super) const MOMENT: &str =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$";

/// How the address of a site is written: white space around it does not count.
pub(super) const ADDRESS: &str = r"^\s*[Hh][Tt][Tt][Pp][Ss]?://([^\s/?#@\\]+@)?(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\\\[\]<>^|%]+)(:[0-9]{1,5})?([/?#]\S*)?\s*$";

/// The value of a node, typed by its field; nothing (`null`) is no value.
pub(crate) fn node_value(field: &ConfigField, node: &Node) -> Result<Option<Json>, String> {
    match (&node.value, &field.kind) {
        (Value::Null, _) => Ok(None),
        (Value::Scalar(scalar), ConfigType::Boolean | ConfigType::Integer | ConfigType::Number) if !scalar.plain => {
            Err(format!("here must stand {}, without quotes", wanted(&field.kind)))
        }
        (Value::Scalar(_), ConfigType::List) => Err("here must stand a list, as in `[a, b]`".to_owned()),
        (Value::Scalar(scalar), _) => text_value(field, &scalar.text).map(Some),
        (Value::List(items), ConfigType::List) => {
            let text = |item: &Node| match &item.value {
                Value::Scalar(scalar) => Some(Json::from(scalar.text.as_str())),
                _ => None,
            };
            items
                .iter()
                .map(text)
                .collect::<Option<Vec<_>>>()
                .map(|list| Some(Json::from(list)))
                .ok_or_else(|| format!("here must stand {}", wanted(&field.kind)))
        }
        _ => Err(format!("here must stand {}", wanted(&field.kind))),
    }
}

/// A text as a value of the field's type: `true`, `12`, `a,b` for a list.
pub(super) fn text_value(field: &ConfigField, text: &str) -> Result<Json, String> {
    if text.is_empty() && may_be_left_out(field) && field.kind != ConfigType::List {
        return Ok(Json::from(""));
    }
    let wrong = || format!("here must stand {}", wanted(&field.kind));
    let value = match &field.kind {
        ConfigType::Integer => Json::from(text.trim().parse::<i64>().map_err(|_| wrong())?),
        ConfigType::Number if !exact::holds(text.trim()) && text.trim().parse::<f64>().is_ok() => {
            return Err("this number has more digits than can be computed with, and would be rounded".to_owned());
        }
        ConfigType::Number => {
            let whole = text.trim().parse::<i64>().ok().map(serde_json::Number::from);
            let number = || text.trim().parse::<f64>().ok().and_then(serde_json::Number::from_f64);
            whole.or_else(number).map(Json::Number).ok_or_else(wrong)?
        }
        ConfigType::Boolean => match text.trim() {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            _ => return Err(wrong()),
        },
        ConfigType::List => text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Json::from).collect(),
        _ => Json::from(text),
    };
    value_of(field, &value)
}

/// A JSON value as a value of the field's type, or why it is none.
fn value_of(field: &ConfigField, value: &Json) -> Result<Json, String> {
    let wrong = || format!("here must stand {}", wanted(&field.kind));
    match (&field.kind, value) {
        (ConfigType::Integer, Json::Number(number)) if number.is_i64() => {}
        (ConfigType::Number, Json::Number(_)) | (ConfigType::Boolean, Json::Bool(_)) => {}
        (ConfigType::List, Json::Array(items)) if items.iter().all(Json::is_string) => {}
        (ConfigType::Integer | ConfigType::Number | ConfigType::Boolean | ConfigType::List, _) => return Err(wrong()),
        (kind, Json::String(text)) => return texty(kind, field, text),
        (ConfigType::String, Json::Number(number)) => return texty(&field.kind, field, &number.to_string()),
        _ => return Err(wrong()),
    }
    Ok(value.clone())
}

fn texty(kind: &ConfigType, field: &ConfigField, text: &str) -> Result<Json, String> {
    let wrong = || format!("here must stand {}", wanted(kind));
    let is_written = |form: &str| regex::Regex::new(form).is_ok_and(|regex| regex.is_match(text));
    let mut text = text;
    match kind {
        ConfigType::Date if !is_written(DAY) || text.parse::<Date>().is_err() => return Err(wrong()),
        ConfigType::Timestamp if !is_written(MOMENT) || text.parse::<Timestamp>().is_err() => return Err(wrong()),
        ConfigType::Url if !is_written(ADDRESS) || url::Url::parse(text.trim()).is_err() => return Err(wrong()),
        ConfigType::Url => text = text.trim().trim_end_matches('/'),
        ConfigType::Enum(values) if !values.iter().any(|value| value == text) => {
            return Err(format!("here must stand one of {}", list_names(values.iter().map(String::as_str))));
        }
        _ => {}
    }
    if text.is_empty() && field.required {
        return Err("the value is empty".to_owned());
    }
    if let Some(pattern) = &field.pattern
        && !regex::Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| regex.is_match(text))
    {
        return Err(format!("the value does not match the pattern {pattern}"));
    }
    Ok(Json::from(text))
}

fn wanted(kind: &ConfigType) -> String {
    match kind {
        ConfigType::String => "a text".to_owned(),
        ConfigType::Integer => "a whole number".to_owned(),
        ConfigType::Number => "a number".to_owned(),
        ConfigType::Boolean => "`true` or `false`".to_owned(),
        ConfigType::Date => "a day such as 2026-01-31".to_owned(),
        ConfigType::Timestamp => "a point in time such as 2026-01-31T12:00:00Z".to_owned(),
        ConfigType::Url => "a URL that begins with `https://` or `http://`".to_owned(),
        ConfigType::Enum(values) => format!("one of {}", list_names(values.iter().map(String::as_str))),
        ConfigType::List => "a list of texts".to_owned(),
    }
}
