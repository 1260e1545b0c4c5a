//! Filters of text.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use minijinja::Value;
use regex::{Regex, RegexBuilder};

use super::text;

/// Bytes that a text may have which a filter makes larger.
const MOST: usize = 1 << 20;
/// Compiled expressions that are kept: each of a spec's, for one that is not written in it is rare.
const MOST_KEPT: usize = 100;

pub(super) fn lower(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(Value::from(text(value).to_lowercase()))
}

pub(super) fn upper(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(Value::from(text(value).to_uppercase()))
}

pub(super) fn trim(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(Value::from(text(value).trim()))
}

pub(super) fn replace(value: &Value, given: &[Value]) -> Result<Value, String> {
    bounded(text(value).replace(&text(&given[0]), &text(&given[1])))
}

pub(super) fn split(value: &Value, given: &[Value]) -> Result<Value, String> {
    let (text, separator) = (text(value), text(&given[0]));
    if separator.is_empty() {
        return Err("an empty separator stands between no parts".to_owned());
    }
    Ok(text.split(&separator).map(Value::from).collect())
}

pub(super) fn last_segment(value: &Value, _: &[Value]) -> Result<Value, String> {
    let text = text(value);
    Ok(Value::from(text.rsplit('/').next().unwrap_or(&text)))
}

pub(super) fn zfill(value: &Value, given: &[Value]) -> Result<Value, String> {
    let text = text(value);
    let width = usize::try_from(given[0].clone()).ok().filter(|width| *width <= MOST);
    let width = width.ok_or_else(|| format!("`{}` is no number of characters", given[0]))?;
    let (sign, digits) = text.strip_prefix('-').map_or(("", &*text), |digits| ("-", digits));
    let zeros = width.saturating_sub(text.chars().count());
    Ok(Value::from(format!("{sign}{}{digits}", "0".repeat(zeros))))
}

pub(super) fn starts_with(value: &Value, given: &[Value]) -> Result<Value, String> {
    Ok(Value::from(text(value).starts_with(&text(&given[0]))))
}

pub(super) fn ends_with(value: &Value, given: &[Value]) -> Result<Value, String> {
    Ok(Value::from(text(value).ends_with(&text(&given[0]))))
}

pub(super) fn matches(value: &Value, given: &[Value]) -> Result<Value, String> {
    Ok(Value::from(regex(&text(&given[0]))?.is_match(&text(value))))
}

pub(super) fn regex_find(value: &Value, given: &[Value]) -> Result<Value, String> {
    let (regex, text) = (regex(&text(&given[0]))?, text(value));
    let found = regex.captures(&text).and_then(|found| found.get(1).or_else(|| found.get(0)));
    Ok(found.map_or_else(|| Value::from(()), |found| Value::from(found.as_str())))
}

pub(super) fn regex_replace(value: &Value, given: &[Value]) -> Result<Value, String> {
    bounded(regex(&text(&given[0]))?.replace_all(&text(value), text(&given[1])).into_owned())
}

pub(super) fn string(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(Value::from(text(value)))
}

fn bounded(text: String) -> Result<Value, String> {
    if text.len() > MOST {
        return Err(format!("the text would have more than {MOST} bytes"));
    }
    Ok(Value::from(text))
}

/// A compiled regular expression. A record is no place to compile one anew.
pub(super) fn regex(source: &str) -> Result<Regex, String> {
    static KEPT: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    if let Some(regex) = KEPT.lock().unwrap_or_else(PoisonError::into_inner).get(source) {
        return Ok(regex.clone());
    }
    let compiled = RegexBuilder::new(source).size_limit(MOST).build();
    let regex = compiled.map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
        format!("`{source}` is no regular expression: {reason}")
    })?;
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < MOST_KEPT {
        kept.insert(source.to_owned(), regex.clone());
    }
    Ok(regex)
}
