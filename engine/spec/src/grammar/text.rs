//! Texts of a kind: what a name, a path, a template or a duration must look like.

use std::marker::PhantomData;

use super::{Read, Reader, Shape, TextKind};
use crate::diagnostic::Diagnostic;
use crate::expression::ExpressionFault;
use crate::source::Place;
use crate::tree::{Node, Value};

/// A text of a kind that is read by a function of its own.
pub(crate) trait Kind {
    /// What it becomes.
    type Value;
    /// For the shape.
    const KIND: TextKind;
    /// What must stand there, with its article.
    const WHAT: &'static str;
    /// Whether `""` is one too.
    const MAY_BE_EMPTY: bool = false;
    /// Reads it, or says why not, and where in the text (in chars).
    fn parse(text: &str) -> Result<Self::Value, TextFault>;
}

/// Why a text is not of its [`Kind`].
pub(crate) struct TextFault {
    message: String,
    range: Option<std::ops::Range<usize>>,
    help: Option<String>,
}

impl From<String> for TextFault {
    fn from(message: String) -> Self {
        TextFault { message, range: None, help: None }
    }
}

impl From<ExpressionFault> for TextFault {
    fn from(fault: ExpressionFault) -> Self {
        TextFault { message: fault.message, range: Some(fault.range), help: fault.help }
    }
}

/// A text of kind `K` with its place.
#[derive(Debug, Clone)]
pub(crate) struct Text<K: Kind> {
    pub(crate) value: K::Value,
    pub(crate) place: Place,
    kind: PhantomData<K>,
}

impl<K: Kind> Text<K> {
    /// A text that no author wrote.
    pub(crate) fn made(value: K::Value, place: Place) -> Text<K> {
        Text { value, place, kind: PhantomData }
    }
}

impl<K: Kind> std::ops::Deref for Text<K> {
    type Target = K::Value;
    fn deref(&self) -> &K::Value {
        &self.value
    }
}

impl<K: Kind> Read for Text<K> {
    fn shape() -> Shape {
        Shape::Text(K::KIND)
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = match &node.value {
            Value::Scalar(scalar) if K::MAY_BE_EMPTY && !scalar.plain => &scalar.text,
            _ => reader.text(node, K::WHAT)?,
        };
        match K::parse(text) {
            Ok(value) => Some(Text { value, place: node.place.clone(), kind: PhantomData }),
            Err(fault) => {
                let place = fault.range.map_or(node.place.clone(), |range| reader.within(node, range));
                let diagnostic = Diagnostic::new(fault.message, place);
                reader.fault(match fault.help {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic,
                });
                None
            }
        }
    }
}

macro_rules! kinds {
    ($( $(#[doc = $doc:literal])* $name:ident: $value:ty = $what:literal, $parse:expr; )*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $name;
        impl Kind for $name {
            type Value = $value;
            const KIND: TextKind = TextKind::$name;
            const WHAT: &'static str = $what;
            fn parse(text: &str) -> Result<$value, TextFault> {
                let parse: fn(&str) -> Result<$value, TextFault> = $parse;
                parse(text)
            }
        }
    )*};
}

kinds! {
    /// One line of text.
    Plain: String = "a text", |text| Ok(text.trim().to_owned());
    /// Markdown.
    Markdown: String = "a text", |text| Ok(text.trim().to_owned());
    /// Text with `{{ … }}`.
    Template: crate::expression::Template = "a text", |text| Ok(crate::expression::Template::compile(text)?);
    /// A condition.
    Condition: crate::expression::Condition = "a condition", |text| Ok(crate::expression::Condition::compile(text)?);
    /// A JSONPath.
    Path: crate::path::Path = "a JSONPath such as `$.items[*]`", |text| crate::path::Path::compile(text).map_err(path_fault);
    /// A JSONPath with `{{ … }}` in it.
    PathTemplate: crate::expression::PathTemplate = "a JSONPath such as `$.properties.{{ field.name }}`", |text| Ok(crate::expression::PathTemplate::compile(text)?);
    /// A duration in words.
    Duration: crate::time::Duration = "a duration such as `30 minutes`", |text| Ok(duration(text)?);
    /// A number of bytes.
    Size: u64 = "a size such as `64 MiB`", |text| Ok(size(text)?);
    /// A time format.
    TimeFormat: crate::time::TimeFormat = "a time format", |text| Ok(crate::time::TimeFormat::parse(text)?);
    /// A name: lower case letters, digits and `_`.
    Name: String = "a name", |text| Ok(shaped(text, "name", NAME)?);
    /// An anchor: lower case letters, digits and `-`.
    Anchor: String = "an anchor", |text| Ok(shaped(text, "anchor", ANCHOR)?);
    /// `MAJOR.MINOR.PATCH`.
    Version: String = "a version such as `1.0.0`", |text| Ok(shaped(text, "version", VERSION)?);
    /// An absolute `http:` or `https:` URL.
    Url: String = "a URL", |text| Ok(url(text)?);
    /// A regular expression.
    Pattern: String = "a regular expression", |text| Ok(pattern(text)?);
    /// The name of an HTTP header.
    Header: String = "a header's name", |text| Ok(header(text)?);
    /// The name of a cookie.
    Cookie: String = "a cookie's name", |text| Ok(shaped(text, "name of a cookie", HEADER)?);
    /// A host, with or without a port.
    Host: String = "a host such as `files.example.com`", |text| Ok(shaped(text, "host", HOST)?);
    /// A host, or all below one.
    HostPattern: crate::model::HostPattern = "a host such as `*.files.example.com`", |text| Ok(crate::model::HostPattern(shaped(text, "host", HOSTS)?));
    /// A SHA-256 in hex.
    Sha256: String = "64 hexadecimal digits", |text| Ok(shaped(&text.to_lowercase(), "SHA-256", SHA256)?);
    /// A day.
    Day: String = "a day such as `2026-01-31`", |text| Ok(day(text)?);
}

/// A template that a request carries: `""` is sent as it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sendable;

impl Kind for Sendable {
    type Value = crate::expression::Template;
    const KIND: TextKind = TextKind::Sendable;
    const WHAT: &'static str = Template::WHAT;
    const MAY_BE_EMPTY: bool = true;
    fn parse(text: &str) -> Result<Self::Value, TextFault> {
        Template::parse(text)
    }
}

/// Patterns of the shaped texts, for the JSON Schema, with what they mean.
pub(crate) const NAME: (&str, &str) = ("^[a-z][a-z0-9_]*$", "lower case letters, digits and `_`, a letter first");
pub(crate) const ANCHOR: (&str, &str) = ("^[a-z][a-z0-9-]*$", "lower case letters, digits and `-`, a letter first");
pub(crate) const VERSION: (&str, &str) = ("^[0-9]+\\.[0-9]+\\.[0-9]+$", "three numbers with points, as in `1.0.0`");
/// Names of headers and of cookies: tokens of RFC 9110.
pub(crate) const HEADER: (&str, &str) =
    ("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "letters, digits and `-`, no space and no colon");
pub(crate) const HOST: (&str, &str) =
    ("^[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*(:[0-9]+)?$", "no scheme and no path, as in `files.example.com`");
pub(crate) const HOSTS: (&str, &str) = (
    "^(\\*\\.)?[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*(:[0-9]+)?$",
    "no scheme and no path, as in `files.example.com`, or `*.example.com` for all hosts below it",
);
pub(crate) const SHA256: (&str, &str) = ("^[0-9A-Fa-f]{64}$", "64 hexadecimal digits, as `sha256sum` prints them");
/// What a day looks like, for the JSON Schema.
pub(crate) const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
pub(crate) const SIZE: &str = "^[0-9]+ ?(B|KiB|MiB|GiB)$";

fn shaped(text: &str, what: &str, (pattern, meaning): (&str, &str)) -> Result<String, String> {
    let matches = regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
    if matches { Ok(text.to_owned()) } else { Err(format!("`{text}` is no {what}; one has {meaning}")) }
}

/// The bytes of a size as people write it.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no size; write a whole number and B, KiB, MiB or GiB");
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
    let shift = match text[digits..].trim_start() {
        "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err(wrong()),
    };
    number.checked_shl(shift).filter(|bytes| *bytes >> shift == number && number > 0).ok_or_else(wrong)
}

/// A duration that lasts: none of the places for one has a use for nothing.
fn duration(text: &str) -> Result<crate::time::Duration, String> {
    let duration = crate::time::Duration::parse(text)?;
    if duration.as_std().is_zero() { Err(format!("`{text}` is no time at all")) } else { Ok(duration) }
}

pub(crate) fn header(text: &str) -> Result<String, String> {
    shaped(text, "name of a header", HEADER)
}

fn day(text: &str) -> Result<String, String> {
    match text.parse::<jiff::civil::Date>() {
        Ok(_) if text.len() == 10 => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is no day; write it as `2026-01-31`")),
    }
}

fn url(text: &str) -> Result<String, String> {
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is no URL that begins with `https://` or `http://`")),
    }
}

fn pattern(text: &str) -> Result<String, String> {
    match regex::Regex::new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Err(format!("`{text}` is no regular expression: {reason}"))
        }
    }
}

fn path_fault(fault: crate::path::PathFault) -> TextFault {
    TextFault {
        message: fault.message,
        range: fault.at.map(|at| at..at + 1),
        help: Some("a path is JSONPath (RFC 9535), such as `$._embedded.entries[*]`".into()),
    }
}
