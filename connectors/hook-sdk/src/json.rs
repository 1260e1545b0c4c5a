//! Reads JSON where it stands: a value is its text, and its parts are slices of it.
//!
//! Reading has no errors to handle: text that is no JSON panics. In a component that is a trap: the call ends with nothing
//! given, the engine hands the records of the batch to a new instance one by one, and the one with that text is set aside in
//! `_sdc_rejected`, or fails the stream where the spec says `on_error: fail`. A stream fails in any case at which a hook
//! breaks down ten times; so a hook that expects such a text should look at it first and return an `Err`.

use std::borrow::Cow;

use crate::swift;

/// A value, as its text.
///
/// ```
/// use tapwright_hook_sdk::Json;
/// let record = Json::new(r#"{"id": 7, "tags": ["a", "b"]}"#);
/// assert_eq!(record.get("id").and_then(Json::integer), Some(7));
/// assert_eq!(record.get("tags").map(|tags| tags.items().count()), Some(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number of any length.
    Number,
    /// A text in quotes.
    Text,
    /// `[…]`
    List,
    /// `{…}`
    Object,
}

impl<'a> Json<'a> {
    /// A value of one JSON document.
    pub fn new(text: &'a str) -> Self {
        Json(trimmed(text))
    }

    /// The text, exactly as it was written.
    pub fn raw(self) -> &'a str {
        self.0
    }

    /// What it is, told by its first character.
    pub fn kind(self) -> Kind {
        match self.0.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'"') => Kind::Text,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            _ => broken(self.0),
        }
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// A text without its quotes and escapes; copied only where there are escapes.
    pub fn text(self) -> Option<Cow<'a, str>> {
        (self.kind() == Kind::Text).then(|| unescaped(&self.0[1..self.0.len() - 1]))
    }

    /// `true` or `false`.
    pub fn boolean(self) -> Option<bool> {
        match self.0 {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// A number as it was written.
    pub fn number(self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then_some(self.0)
    }

    /// A whole number of 64 bits.
    pub fn integer(self) -> Option<i64> {
        self.number()?.parse().ok()
    }

    /// The values of a list; none where it is something else.
    pub fn items(self) -> Items<'a> {
        Items(inside(self.0, b'['))
    }

    /// The members of an object, in order; none where it is something else.
    pub fn members(self) -> Members<'a> {
        Members(inside(self.0, b'{'))
    }

    /// The member of that name; the last, where there are several.
    pub fn get(self, name: &str) -> Option<Json<'a>> {
        self.members().filter(|(own, _)| own == name).last().map(|(_, value)| value)
    }

    /// The member of a member, and so on: `link.at(&["_links", "self", "href"])`.
    pub fn at(self, names: &[&str]) -> Option<Json<'a>> {
        names.iter().try_fold(self, |value, name| value.get(name))
    }
}

/// The values of a list.
pub struct Items<'a>(&'a str);

impl<'a> Iterator for Items<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        (!self.0.is_empty()).then(|| {
            let value = first(self.0);
            self.0 = behind(&self.0[value.len()..]);
            Json(value)
        })
    }
}

/// The members of an object.
pub struct Members<'a>(&'a str);

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, Json<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let (end, escapes) = match self.0.as_bytes() {
            [b'"', ..] => string_end(self.0.as_bytes(), 1),
            _ => None,
        }
        .unwrap_or_else(|| broken(self.0));
        let name = &self.0[1..end - 1];
        let name = if escapes { unescaped(name) } else { Cow::Borrowed(name) };
        let rest = start(&self.0[end..]);
        let rest = start(rest.strip_prefix(':').unwrap_or_else(|| broken(rest)));
        let value = first(rest);
        self.0 = behind(&rest[value.len()..]);
        Some((name, Json(value)))
    }
}

const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Most texts have no white space around them.
#[inline]
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b' ' | b'\t' | b'\n' | b'\r', ..] | [.., b' ' | b'\t' | b'\n' | b'\r'] => text.trim_matches(WHITE),
        _ => text,
    }
}

#[inline]
fn start(text: &str) -> &str {
    match text.as_bytes().first() {
        Some(b' ' | b'\t' | b'\n' | b'\r') => text.trim_start_matches(WHITE),
        _ => text,
    }
}

/// What stands behind a value of a list or an object: the next one, or nothing.
#[inline]
fn behind(text: &str) -> &str {
    let text = start(text);
    match text.as_bytes().first() {
        None => text,
        Some(b',') => start(&text[1..]),
        Some(_) => broken(text),
    }
}

/// What stands between the brackets; nothing, where these are not the brackets.
#[inline]
fn inside(text: &str, open: u8) -> &str {
    match text.as_bytes() {
        [first, .., b']' | b'}'] if *first == open => trimmed(&text[1..text.len() - 1]),
        _ => "",
    }
}

/// The text of the value with which a text begins.
#[inline]
fn first(text: &str) -> &str {
    let bytes = text.as_bytes();
    let end = match bytes.first() {
        Some(b'"') => string_end(bytes, 1).map(|(end, _)| end),
        Some(b'{' | b'[') => nested_end(bytes),
        _ => bytes.iter().position(|byte| matches!(byte, b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\n' | b'\r')),
    };
    match end.unwrap_or(bytes.len()) {
        0 => broken(text),
        end => &text[..end],
    }
}

/// Behind the closing quote of a text whose opening quote stands before `at`, and whether there are escapes in it.
#[inline]
fn string_end(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let mut escapes = false;
    loop {
        at = swift::mark(bytes, at)?;
        if bytes[at] == b'"' {
            return Some((at + 1, escapes));
        }
        (at, escapes) = (at + 2, true);
    }
}

fn nested_end(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0usize);
    loop {
        match bytes.get(at)? {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b'"' => {
                (at, _) = string_end(bytes, at + 1)?;
                continue;
            }
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if swift::backslash(text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let (character, length) = escape(&rest[at..]);
        plain.push(character);
        rest = &rest[at + length..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The character that an escape stands for, and the length of the escape.
fn escape(text: &str) -> (char, usize) {
    let short = |character| (character, 2);
    match text.as_bytes().get(1) {
        Some(b'n') => short('\n'),
        Some(b'r') => short('\r'),
        Some(b't') => short('\t'),
        Some(b'b') => short('\u{8}'),
        Some(b'f') => short('\u{c}'),
        Some(b'u') => unicode(text),
        Some(&other @ (b'"' | b'\\' | b'/')) => short(char::from(other)),
        _ => broken(text),
    }
}

/// `\u` with four digits, or two of them that make one character; a lone half of a pair is no character and becomes
/// U+FFFD.
fn unicode(text: &str) -> (char, usize) {
    let unit = |at: usize| text.get(at + 2..at + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let first = unit(0).unwrap_or_else(|| broken(text));
    if (0xd800..0xdc00).contains(&first)
        && text[6..].starts_with("\\u")
        && let Some(second @ 0xdc00..0xe000) = unit(6)
    {
        let both = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

/// Panics: in a component a trap, and the record is set aside or fails the stream, as the spec says; see above.
#[cold]
fn broken(text: &str) -> ! {
    panic!("no JSON: {}", text.chars().take(40).collect::<String>())
}

#[cfg(test)]
mod tests;
