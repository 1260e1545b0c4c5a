//! Filters of lists and objects.

use std::cmp::Ordering;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::super::digits::{is_rounded, long_within, too_long};
use super::text;

fn elements(value: &Value) -> Result<Vec<Value>, String> {
    if let Some(text) = value.as_str() {
        return Ok(text.chars().map(Value::from).collect());
    }
    value.try_iter().map(Iterator::collect).map_err(|error| error.to_string())
}

fn or_null(value: Option<Value>) -> Value {
    value.unwrap_or_else(|| Value::from(()))
}

pub(super) fn first(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(or_null(elements(value)?.into_iter().next()))
}

pub(super) fn last(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(or_null(elements(value)?.pop()))
}

pub(super) fn join(value: &Value, given: &[Value]) -> Result<Value, String> {
    let shown = |value: &Value| if value.is_none() { String::new() } else { text(value) };
    let texts: Vec<String> = elements(value)?.iter().map(shown).collect();
    Ok(Value::from(texts.join(&text(&given[0]))))
}

pub(super) fn length(value: &Value, _: &[Value]) -> Result<Value, String> {
    value.len().map(Value::from).ok_or_else(|| "this has no length".to_owned())
}

pub(super) fn sort(value: &Value, _: &[Value]) -> Result<Value, String> {
    computable(value)?;
    let mut elements = elements(value)?;
    comparable(&elements)?;
    elements.sort();
    Ok(elements.into_iter().collect())
}

pub(super) fn unique(value: &Value, _: &[Value]) -> Result<Value, String> {
    computable(value)?;
    let mut seen = std::collections::HashSet::new();
    Ok(elements(value)?.into_iter().filter(|one| seen.insert(one.clone())).collect())
}

pub(super) fn sum(value: &Value, _: &[Value]) -> Result<Value, String> {
    computable(value)?;
    let elements = elements(value)?;
    let mut whole = Some(0_i128);
    let mut sum = 0.0;
    for one in &elements {
        let number = f64::try_from(one.clone()).ok().filter(|_| one.kind() == ValueKind::Number);
        sum += number.ok_or_else(|| format!("`{one}` is no number"))?;
        whole = whole.and_then(|sum| sum.checked_add(i128::try_from(one.clone()).ok()?));
    }
    match (whole, elements.iter().find(|one| is_rounded(one))) {
        (Some(whole), _) => Ok(Value::from(whole)),
        (None, Some(rounded)) => Err(too_long(&rounded.to_string())),
        (None, None) => Ok(Value::from(sum)),
    }
}

pub(super) fn min(value: &Value, _: &[Value]) -> Result<Value, String> {
    extreme(value, Ordering::Less)
}

pub(super) fn max(value: &Value, _: &[Value]) -> Result<Value, String> {
    extreme(value, Ordering::Greater)
}

fn extreme(value: &Value, wanted: Ordering) -> Result<Value, String> {
    computable(value)?;
    let elements = elements(value)?;
    comparable(&elements)?;
    Ok(or_null(elements.into_iter().reduce(|kept, one| if one.cmp(&kept) == wanted { one } else { kept })))
}

/// Numbers with too many digits have no order here, and are not known to be equal.
fn computable(value: &Value) -> Result<(), String> {
    long_within(value).map_or(Ok(()), |number| Err(too_long(&number)))
}

/// Numbers among each other and texts among each other have an order.
fn comparable(elements: &[Value]) -> Result<(), String> {
    let first = elements.first().map(Value::kind);
    match elements.iter().find(|one| Some(one.kind()) != first) {
        Some(other) => Err(format!("the list holds {} and {}, which have no order", elements[0].kind(), other.kind())),
        None => Ok(()),
    }
}

pub(super) fn pluck(value: &Value, given: &[Value]) -> Result<Value, String> {
    let name = text(&given[0]);
    let member = |one: Value| match one.kind() {
        ValueKind::Map => Ok(or_null(one.get_attr(&name).ok().filter(|value| !value.is_undefined()))),
        other => Err(format!("{other} has no members")),
    };
    elements(value)?.into_iter().map(member).collect::<Result<Vec<Value>, String>>().map(Value::from)
}

pub(super) fn keys(value: &Value, _: &[Value]) -> Result<Value, String> {
    elements(value).map(Value::from)
}

pub(super) fn default(value: &Value, given: &[Value]) -> Result<Value, String> {
    Ok(if value.is_undefined() { given[0].clone() } else { value.clone() })
}
