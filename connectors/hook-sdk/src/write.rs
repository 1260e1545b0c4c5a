//! Writes values as JSON.

use std::borrow::Cow;

use crate::{Json, Text, swift};

/// What can be written as the value of a member.
pub trait ToJson {
    /// Puts the JSON text behind what is there.
    fn write(&self, to: &mut Text);
}

impl ToJson for Json<'_> {
    fn write(&self, to: &mut Text) {
        to.push(self.raw());
    }
}

impl ToJson for str {
    fn write(&self, to: &mut Text) {
        quote(self, to);
    }
}

impl ToJson for String {
    fn write(&self, to: &mut Text) {
        quote(self, to);
    }
}

impl ToJson for Cow<'_, str> {
    fn write(&self, to: &mut Text) {
        quote(self, to);
    }
}

impl ToJson for bool {
    fn write(&self, to: &mut Text) {
        to.push(if *self { "true" } else { "false" });
    }
}

impl ToJson for i64 {
    fn write(&self, to: &mut Text) {
        let (mut digits, mut at, mut rest) = ([0; 20], 20, self.unsigned_abs());
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if *self < 0 {
            to.push("-");
        }
        to.push_bytes(&digits[at..]);
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn write(&self, to: &mut Text) {
        match self {
            Some(value) => value.write(to),
            None => to.push("null"),
        }
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn write(&self, to: &mut Text) {
        (*self).write(to);
    }
}

impl<T: ToJson> ToJson for [T] {
    fn write(&self, to: &mut Text) {
        to.push("[");
        for (at, value) in self.iter().enumerate() {
            if at > 0 {
                to.push(",");
            }
            value.write(to);
        }
        to.push("]");
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn write(&self, to: &mut Text) {
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
    fn write_name(&self, to: &mut Text);
}

impl Named for Name {
    fn write_name(&self, to: &mut Text) {
        to.push(&self.0);
    }
}

impl Named for str {
    fn write_name(&self, to: &mut Text) {
        quote(self, to);
        to.push(":");
    }
}

impl Named for Cow<'_, str> {
    fn write_name(&self, to: &mut Text) {
        self.as_ref().write_name(to);
    }
}

impl Named for String {
    fn write_name(&self, to: &mut Text) {
        self.as_str().write_name(to);
    }
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    let mut quoted = Text::new();
    quoted.reserve(text.len() + 2);
    quote(text, &mut quoted);
    quoted.into()
}

/// Whole runs of plain characters are copied at once; most texts are one.
fn quote(text: &str, to: &mut Text) {
    to.push("\"");
    let mut rest = text;
    while let Some(at) = swift::escaped(rest.as_bytes()) {
        to.push(&rest[..at]);
        let byte = rest.as_bytes()[at];
        match byte {
            b'"' => to.push("\\\""),
            b'\\' => to.push("\\\\"),
            b'\n' => to.push("\\n"),
            b'\r' => to.push("\\r"),
            b'\t' => to.push("\\t"),
            _ => to.push(&format!("\\u{byte:04x}")),
        }
        rest = &rest[at + 1..];
    }
    to.push(rest);
    to.push("\"");
}
