//! What is known of a value before it is there: its type, and which kinds of value it may turn out to be.

use std::fmt;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::digits;
use crate::time::TimeFormat;

/// The type of an expression, as far as the spec tells. Each may also be null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// Nothing is known; nothing is reported.
    Unknown,
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    /// A text that says a point in time.
    Time(TimeFormat),
    /// A number, or a text of one: what an API may send for either.
    Numeral,
    List(Box<Type>),
    Object,
}

impl Type {
    /// A timestamp as the filters give it.
    pub(crate) fn moment() -> Type {
        Type::Time(TimeFormat::Rfc3339)
    }

    /// What a value is that is one or the other.
    pub(super) fn or(self, other: Type) -> Type {
        match (self, other) {
            (Type::Null, one) | (one, Type::Null) => one,
            (one, other) if one == other => one,
            (Type::Numeral, one) | (one, Type::Numeral) if one.is_text() || one.is_number() => Type::Numeral,
            (one, other) if one.is_text() && other.is_text() => Type::Text,
            (one, other) if one.is_number() && other.is_number() => Type::Number,
            _ => Type::Unknown,
        }
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self, Type::Text | Type::Time(_))
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Type::Integer | Type::Number)
    }

    /// As what it may turn out.
    pub(super) fn kinds(&self) -> Kinds {
        match self {
            Type::Unknown | Type::Null => Kinds::ANY,
            Type::Boolean => Kinds::BOOLEAN,
            Type::Integer | Type::Number => Kinds::NUMBER,
            Type::Text => Kinds::TEXT.or(Kinds::MOMENT).or(Kinds::DIGITS),
            Type::Time(TimeFormat::Rfc3339 | TimeFormat::Date) => Kinds::TEXT.or(Kinds::MOMENT),
            Type::Time(_) => Kinds::TEXT.or(Kinds::DIGITS),
            Type::Numeral => Kinds::TEXT.or(Kinds::NUMBER).or(Kinds::DIGITS),
            Type::List(_) => Kinds::LIST,
            Type::Object => Kinds::OBJECT,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Unknown => "of an unknown type",
            Type::Null => "null",
            Type::Boolean => "a boolean",
            Type::Integer => "a whole number",
            Type::Number => "a number",
            Type::Text => "a text",
            Type::Time(TimeFormat::Rfc3339) => "a timestamp (RFC 3339)",
            Type::Time(TimeFormat::Date) => "a day",
            Type::Time(format) => return write!(f, "a time written as `{}`", format.name()),
            Type::Numeral => "a number, or a text of one",
            Type::List(_) => "a list",
            Type::Object => "an object",
        })
    }
}

/// A set of kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const BOOLEAN: Kinds = Kinds(1);
    pub(super) const NUMBER: Kinds = Kinds(2);
    pub(super) const TEXT: Kinds = Kinds(4);
    /// A text that says a timestamp or a day.
    pub(super) const MOMENT: Kinds = Kinds(8);
    /// A text of a number.
    pub(super) const DIGITS: Kinds = Kinds(16);
    pub(super) const LIST: Kinds = Kinds(32);
    pub(super) const OBJECT: Kinds = Kinds(64);
    pub(super) const SCALAR: Kinds = Kinds(1 | 2 | 4);
    pub(super) const ANY: Kinds = Kinds(127);

    pub(super) const fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// Whether a value may be in both.
    pub(super) fn meets(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    /// The kinds of a value that is there.
    pub(super) fn of_value(value: &Value) -> Kinds {
        match value.kind() {
            _ if digits::long(value).is_some() => Kinds::NUMBER,
            ValueKind::Bool => Kinds::BOOLEAN,
            ValueKind::Number => Kinds::NUMBER,
            ValueKind::String => Type::Text.kinds(),
            ValueKind::Map => Kinds::OBJECT,
            ValueKind::Seq | ValueKind::Iterable => Kinds::LIST,
            _ => Kinds::ANY,
        }
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Kinds::BOOLEAN, "a boolean"),
            (Kinds::TEXT, "a text"),
            (Kinds::MOMENT, "a timestamp"),
            (Kinds::DIGITS, "a text of digits"),
            (Kinds::NUMBER, "a number"),
            (Kinds::LIST, "a list"),
            (Kinds::OBJECT, "an object"),
        ];
        let held: Vec<&str> = names.iter().filter(|(kind, _)| self.meets(*kind)).map(|(_, name)| *name).collect();
        match held.as_slice() {
            [rest @ .., last] if !rest.is_empty() => write!(f, "{} or {last}", rest.join(", ")),
            held => f.write_str(&held.join("")),
        }
    }
}
