//! JSON whose numbers keep their digits. serde_json's trees hold 64-bit integers and doubles; any other number
//! stands in a tree as an object with one member, [`MARK`], whose value is the number's text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Error, Map, Value};

/// The member that stands for a number. An API that sends it sends a number: only what JSON takes for one counts.
const MARK: &str = "\u{0}number";

/// Levels that a tree may have: as many as serde_json allows.
const MOST_DEEP: usize = 128;

/// A JSON text as a tree that loses no digit.
///
/// # Errors
/// The text is no JSON, or too deep.
pub fn read(text: &str) -> Result<Value, Error> {
    if !has_long_number(text) {
        return serde_json::from_str(text);
    }
    let raw: &RawValue = serde_json::from_str(text)?;
    within(raw.get(), MOST_DEEP, &|number| match holds(number) {
        true => serde_json::from_str(number).unwrap_or_else(|_| marked(number)),
        false => marked(number),
    })
}

/// A JSON text as a tree whose numbers with a fraction or an exponent are as they are written: `12.00` stays so.
///
/// # Errors
/// As [`read`].
pub fn as_written(text: &str) -> Result<Value, Error> {
    let raw: &RawValue = serde_json::from_str(text)?;
    within(raw.get(), MOST_DEEP, &|number| match serde_json::from_str(number) {
        Ok(Value::Number(whole)) if whole.is_i64() || whole.is_u64() => Value::Number(whole),
        _ => marked(number),
    })
}

/// The JSON text of a tree.
pub fn write(tree: &Value) -> String {
    serde_json::to_string(&Written(tree)).unwrap_or_else(|_| tree.to_string())
}

/// A number by its text, as it stands in a tree.
pub fn marked(number: &str) -> Value {
    Value::Object(Map::from_iter([(MARK.to_owned(), Value::from(number))]))
}

/// The text of a number that a tree holds in no other way.
pub fn number(value: &Value) -> Option<&str> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    let text = members.get(MARK)?.as_str()?;
    let is_number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    (is_number && serde_json::from_str::<&RawValue>(text).is_ok()).then_some(text)
}

/// The text of a number, however the tree holds it.
pub fn digits(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        other => number(other).map(str::to_owned),
    }
}

/// Whether a 64-bit integer or a double holds a number: whether all its digits come back from there. Those of a double
/// that was written with seventeen digits, as many programs do, are all its own.
pub fn holds(number: &str) -> bool {
    if number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() {
        return true;
    }
    let is_whole = number.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let seventeen =
        || number.parse().is_ok_and(|double: f64| significant(number) == significant(&format!("{double:.16e}")));
    !is_whole && (survives(number) || seventeen())
}

/// Whether the nearest double, written as short as can be, says all digits that the number has.
pub fn survives(number: &str) -> bool {
    // Fifteen digits always do.
    if number.len() <= 15 && !number.contains(['e', 'E']) {
        return true;
    }
    let double = number.parse::<f64>().ok().filter(|value| value.is_finite());
    let same = |value: f64| value != 0.0 && significant(number) == significant(&format!("{value:e}"));
    double.is_some_and(|value| same(value) || is_zero(number))
}

fn is_zero(number: &str) -> bool {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    mantissa.bytes().all(|b| !b.is_ascii_digit() || b == b'0')
}

/// The digits without zeros around them.
fn significant(number: &str) -> String {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

/// Whether a number in the text may be one that a double does not hold. Most texts have none, and are read at once.
fn has_long_number(text: &str) -> bool {
    let (mut in_text, mut escaped, mut run) = (false, false, 0);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => (in_text, run) = (!in_text, 0),
            _ if in_text => {}
            b'0'..=b'9' | b'.' | b'+' | b'-' => run += 1,
            b'e' | b'E' if run > 0 => return true,
            _ => run = 0,
        }
        if run > 15 {
            return true;
        }
    }
    false
}

/// The tree of a text that is known to be JSON, and may go so deep.
fn within(text: &str, deep: usize, number: &dyn Fn(&str) -> Value) -> Result<Value, Error> {
    if deep == 0 {
        return Err(serde::de::Error::custom(format!("it has more than {MOST_DEEP} levels")));
    }
    let inner = |value: &RawValue| within(value.get(), deep - 1, number);
    match text.as_bytes().first() {
        Some(b'{') => {
            let members = serde_json::Deserializer::from_str(text).deserialize_map(Members)?;
            let tree = |(name, value): (Cow<'_, str>, &RawValue)| Ok((name.into_owned(), inner(value)?));
            members.into_iter().map(tree).collect::<Result<Map<_, _>, Error>>().map(Value::Object)
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(text)?;
            elements.into_iter().map(inner).collect()
        }
        Some(b'-' | b'0'..=b'9') => Ok(number(text)),
        _ => serde_json::from_str(text),
    }
}

struct Members;

#[derive(serde::Deserialize)]
struct Name<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'t> Visitor<'t> for Members {
    type Value = Vec<(Cow<'t, str>, &'t RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'t>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<Name<'t>, &'t RawValue>()? {
            members.push((name.0, value));
        }
        Ok(members)
    }
}

/// A tree as it is written.
struct Written<'v>(&'v Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, number(self.0)) {
            (_, Some(text)) => {
                let raw = RawValue::from_string(text.to_owned()).map_err(serde::ser::Error::custom)?;
                raw.serialize(serializer)
            }
            (Value::Array(elements), None) => serializer.collect_seq(elements.iter().map(Written)),
            (Value::Object(members), None) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, Written(value))))
            }
            (other, None) => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{as_written, holds, number, read, write};
    use serde_json::json;

    #[test]
    fn no_digit_is_lost() {
        let long = r#"{"a":[12345678901234567.890,1.5],"b":123456789012345678901,"c":{"d":1e400,"e\"":"1e400"}}"#;
        assert_eq!(read(long).map(|tree| write(&tree)).ok().as_deref(), Some(long));
        assert_eq!(read(r#"{"a": [1.50, 12]}"#).ok(), Some(json!({"a": [1.5, 12]})));
        assert_eq!(as_written("[12.00, 3, 1e2]").map(|tree| write(&tree)).ok().as_deref(), Some("[12.00,3,1e2]"));
        assert!(read("[12345678901234567.890").is_err());
        assert!(read(&format!("{}1e400{}", "[".repeat(2_000), "]".repeat(2_000))).is_err());
    }

    #[test]
    fn a_double_holds_what_comes_back_from_it() {
        for text in ["1.5", "12.00", "0.30000000000000004", "0.10000000000000001", "52.520006599999995", "1e3", "0e9"] {
            assert!(holds(text), "{text}");
        }
        assert!(holds("9223372036854775807") && holds("18446744073709551615"));
        for text in ["12345678901234567.890", "1234567890123456.7", "18446744073709551616", "1e400", "1e-400"] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn what_an_api_sends_in_place_of_a_number_is_text() {
        assert_eq!(number(&json!({"\u{0}number": "1}, {"})), None);
        assert_eq!(number(&json!({"\u{0}number": "[1]"})), None);
        assert_eq!(number(&json!({"\u{0}number": "-1.0"})), Some("-1.0"));
    }
}
