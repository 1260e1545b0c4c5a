//! Values that come as texts and mean something else.

use crate::{Json, Text, ToJson, Type};

impl<'a> Json<'a> {
    /// What a text means: a number, true or false for `1` or `0`, and null where it is empty, but where a text is meant.
    /// What is none of its type stays as it is, for the engine to judge.
    pub fn meant(self, kind: Type) -> Meant<'a> {
        Meant { kind, value: self }
    }
}

/// A value that may have come as a text; see [`Json::meant`].
#[derive(Clone, Copy, Debug)]
pub struct Meant<'a> {
    kind: Type,
    value: Json<'a>,
}

impl ToJson for Meant<'_> {
    fn write(&self, to: &mut Text) {
        if matches!(self.kind, Type::String | Type::Json) {
            return self.value.write(to);
        }
        let Some(text) = self.value.text() else { return self.value.write(to) };
        match (self.kind, text.trim()) {
            (_, "") => to.push("null"),
            (Type::Boolean, "1" | "true") => to.push("true"),
            (Type::Boolean, "0" | "false") => to.push("false"),
            (Type::Integer, text) => match text.parse::<i64>() {
                Ok(number) => number.write(to),
                Err(_) => self.value.write(to),
            },
            (Type::Number | Type::Decimal, text) if is_number(text) => to.push(text),
            _ => self.value.write(to),
        }
    }
}

/// Whether a text is a number of JSON.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    all(whole) && all(fraction) && all(exponent) && (whole == "0" || !whole.starts_with('0'))
}
