//! Writes values as JSON.

use std::borrow::Cow;

use crate::{Json, swift};

/// What can be written as the value of a member.
pub trait ToJson {
    /// Puts the JSON text behind what is there.
    fn write(&self, to: &mut String);
}

impl ToJson for Json<'_> {
    fn write(&self, to: &mut String) {
        to.push_str(self.raw());
    }
}

impl ToJson for str {
    fn write(&self, to: &mut String) {
        quote(self, to);
    }
}

impl ToJson for String {
    fn write(&self, to: &mut String) {
        quote(self, to);
    }
}

impl ToJson for Cow<'_, str> {
    fn write(&self, to: &mut String) {
        quote(self, to);
    }
}

impl ToJson for bool {
    fn write(&self, to: &mut String) {
        to.push_str(if *self { "true" } else { "false" });
    }
}

impl ToJson for i64 {
    fn write(&self, to: &mut String) {
        to.push_str(&self.to_string());
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn write(&self, to: &mut String) {
        match self {
            Some(value) => value.write(to),
            None => to.push_str("null"),
        }
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn write(&self, to: &mut String) {
        (*self).write(to);
    }
}

impl<T: ToJson> ToJson for [T] {
    fn write(&self, to: &mut String) {
        to.push('[');
        for (at, value) in self.iter().enumerate() {
            if at > 0 {
                to.push(',');
            }
            value.write(to);
        }
        to.push(']');
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn write(&self, to: &mut String) {
        self.as_slice().write(to);
    }
}

/// The name of a member that many records get, quoted once for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// A name as it is meant, without quotes and escapes.
    pub fn new(name: &str) -> Self {
        Name(quoted(name) + ":")
    }
}

/// What can be the name of a member: a text, or a [`Name`].
pub trait Named {
    /// Puts the name in quotes and a colon behind what is there.
    fn write_name(&self, to: &mut String);
}

impl Named for Name {
    fn write_name(&self, to: &mut String) {
        to.push_str(&self.0);
    }
}

impl Named for str {
    fn write_name(&self, to: &mut String) {
        quote(self, to);
        to.push(':');
    }
}

impl Named for Cow<'_, str> {
    fn write_name(&self, to: &mut String) {
        self.as_ref().write_name(to);
    }
}

impl Named for String {
    fn write_name(&self, to: &mut String) {
        self.as_str().write_name(to);
    }
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quote(text, &mut quoted);
    quoted
}

/// Whole runs of plain characters are copied at once; most texts are one.
fn quote(text: &str, to: &mut String) {
    to.push('"');
    let mut rest = text;
    while let Some(at) = swift::escaped(rest.as_bytes()) {
        to.push_str(&rest[..at]);
        let byte = rest.as_bytes()[at];
        match byte {
            b'"' => to.push_str("\\\""),
            b'\\' => to.push_str("\\\\"),
            b'\n' => to.push_str("\\n"),
            b'\r' => to.push_str("\\r"),
            b'\t' => to.push_str("\\t"),
            _ => to.push_str(&format!("\\u{byte:04x}")),
        }
        rest = &rest[at + 1..];
    }
    to.push_str(rest);
    to.push('"');
}
