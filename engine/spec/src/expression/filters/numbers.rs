//! Filters of numbers.

use minijinja::Value;
use minijinja::value::ValueKind;

use super::super::digits::{long, too_long};
use super::text;
use crate::exact;

/// Beyond this a double has no longer every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn int(value: &Value, _: &[Value]) -> Result<Value, String> {
    if let Ok(whole) = i128::try_from(value.clone())
        && value.kind() == ValueKind::Number
    {
        return Ok(Value::from(whole));
    }
    let text = text(value);
    if let Ok(whole) = text.trim().parse::<i128>() {
        return Ok(Value::from(whole));
    }
    // The fraction goes, whatever digits it has.
    if let Some((whole, fraction)) = text.trim().split_once('.')
        && fraction.bytes().all(|b| b.is_ascii_digit())
        && let Ok(whole) = whole.parse::<i128>()
    {
        return Ok(Value::from(whole));
    }
    let number = number(&text)?.trunc();
    if number.abs() > EXACT {
        return Err(format!("`{text}` is too large for a number with a fraction"));
    }
    Ok(Value::from(number as i64))
}

pub(super) fn float(value: &Value, _: &[Value]) -> Result<Value, String> {
    let text = text(value);
    let number = number(&text)?;
    // A whole number up to 2^53 is a double; one beyond may be.
    let same = exact::holds(text.trim()) && (number.abs() < EXACT || format!("{number}") == text.trim());
    if same { Ok(Value::from(number)) } else { Err(too_long(text.trim())) }
}

pub(super) fn abs(value: &Value, _: &[Value]) -> Result<Value, String> {
    if let Some(number) = long(value) {
        return Err(too_long(number));
    }
    match i128::try_from(value.clone()) {
        Ok(whole) => Ok(Value::from(whole.saturating_abs())),
        Err(_) => f64::try_from(value.clone()).map(|number| Value::from(number.abs())).map_err(|e| e.to_string()),
    }
}

fn number(text: &str) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| format!("`{text}` is no number"))
}
