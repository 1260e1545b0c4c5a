//! Filters of numbers.

use minijinja::Value;
use minijinja::value::ValueKind;

use super::text;

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
    let number = number(&text)?.trunc();
    // Beyond this a double has no longer every whole number.
    if number.abs() > 9_007_199_254_740_992.0 {
        return Err(format!("`{text}` is too large for a number with a fraction"));
    }
    Ok(Value::from(number as i64))
}

pub(super) fn float(value: &Value, _: &[Value]) -> Result<Value, String> {
    number(&text(value)).map(Value::from)
}

pub(super) fn abs(value: &Value, _: &[Value]) -> Result<Value, String> {
    match i128::try_from(value.clone()) {
        Ok(whole) => Ok(Value::from(whole.saturating_abs())),
        Err(_) => f64::try_from(value.clone()).map(|number| Value::from(number.abs())).map_err(|e| e.to_string()),
    }
}

fn number(text: &str) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| format!("`{text}` is no number"))
}
