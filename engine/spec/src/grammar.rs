//! How the language is written down: each construct is a Rust type whose doc comments are its
//! reference, and from that one definition come the reader, the JSON Schema and the reference page.
//!
//! [`record!`] defines a mapping with known keys, [`words!`] a choice of words. Reading never stops at
//! a fault: what could not be read is `None`, and the fault stands in [`Reader`].

use std::marker::PhantomData;

use crate::diagnostic::Diagnostic;
use crate::expression::ExpressionFault;
use crate::source::{Place, Source};
use crate::tree::{Key, Node, Value};

/// Something the language can say.
pub(crate) trait Read: Sized {
    /// What it looks like.
    fn shape() -> Shape;
    /// Reads it; faults go to the reader.
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self>;
}

/// What a value looks like: the source of the JSON Schema and of the reference page.
#[derive(Clone)]
pub(crate) enum Shape {
    /// Text of a kind.
    Text(TextKind),
    Integer {
        least: i64,
    },
    Boolean,
    /// One of these words.
    Words(Vec<(&'static str, String)>),
    List(Box<Shape>),
    /// Names of the author's own with values of one shape.
    Map(Box<Shape>),
    Record(RecordShape),
    /// One of several forms, the short one first.
    Either(Vec<Shape>),
    /// Any JSON value.
    Any,
}

/// What a text must be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextKind {
    Plain,
    Markdown,
    Template,
    Condition,
    Path,
    Duration,
    Size,
    TimeFormat,
    Name,
    Anchor,
    Version,
    Url,
    Pattern,
    Endpoint,
    FieldType,
}

/// A mapping with known keys.
#[derive(Clone)]
pub(crate) struct RecordShape {
    pub(crate) name: &'static str,
    pub(crate) doc: String,
    pub(crate) keys: Vec<KeyShape>,
    /// Exactly one of these keys stands there; empty: no such rule.
    pub(crate) one_of: &'static [&'static str],
}

/// A key of a [`RecordShape`].
#[derive(Clone)]
pub(crate) struct KeyShape {
    pub(crate) name: &'static str,
    pub(crate) doc: String,
    pub(crate) required: bool,
    pub(crate) shape: fn() -> Shape,
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

impl<T> std::ops::Deref for At<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Collects faults while a tree is read.
pub(crate) struct Reader<'s> {
    pub(crate) source: &'s Source,
    pub(crate) faults: Vec<Diagnostic>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(source: &'s Source) -> Reader<'s> {
        Reader { source, faults: Vec::new() }
    }

    pub(crate) fn fault(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }

    /// A fault for a value of the wrong kind.
    pub(crate) fn expected<T>(&mut self, node: &Node, what: &str) -> Option<T> {
        let found = match &node.value {
            Value::Null => "nothing",
            Value::Scalar(scalar) if scalar.plain => "this word",
            Value::Scalar(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        };
        let place = self.first_line(&node.place);
        self.fault(Diagnostic::new(format!("here must stand {what}, and {found} does"), place));
        None
    }

    fn first_line(&self, place: &Place) -> Place {
        let part = self.source.text().get(place.clone()).unwrap_or_default();
        place.start..place.start + part.find('\n').unwrap_or(part.len())
    }

    /// The text of a scalar; anything else is a fault.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(scalar) if !scalar.text.trim().is_empty() => Some(&scalar.text),
            Value::Scalar(_) => {
                self.fault(Diagnostic::new(format!("{what} must not be empty"), node.place.clone()));
                None
            }
            _ => self.expected(node, what),
        }
    }

    /// The entries of a mapping; anything else is a fault.
    pub(crate) fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [(Key, Node)]> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            _ => self.expected(node, what),
        }
    }

    /// Reports keys that are none of `known`.
    pub(crate) fn known_keys(&mut self, entries: &[(Key, Node)], record: &str, known: &[&str]) {
        for (key, _) in entries {
            if !known.contains(&key.text.as_str()) {
                let fault = Diagnostic::new(format!("{record} has no key `{}`", key.text), key.place.clone())
                    .nearest(&key.text, known.iter().copied())
                    .help(format!("its keys are {}", list_names(known.iter().copied())));
                self.fault(fault);
            }
        }
    }

    /// Reads the value of a key, if it stands there.
    pub(crate) fn key<T: Read>(&mut self, entries: &[(Key, Node)], name: &str) -> Option<T> {
        let (_, node) = entries.iter().find(|(key, _)| key.text == name)?;
        T::read(node, self)
    }

    /// The place of a part of a scalar's text, given in chars; the whole scalar where the two differ
    /// (escapes, folded blocks).
    pub(crate) fn within(&self, node: &Node, range: std::ops::Range<usize>) -> Place {
        let Value::Scalar(scalar) = &node.value else { return node.place.clone() };
        part_of(self.source, &node.place, &scalar.text, range)
    }
}

/// The place of a part (in chars) of a scalar's `text` that stands at `place`.
pub(crate) fn part_of(source: &Source, place: &Place, text: &str, range: std::ops::Range<usize>) -> Place {
    let raw = source.text().get(place.clone()).unwrap_or_default();
    let Some(start) = raw.find(text) else { return place.clone() };
    let byte = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    place.start + start + byte(range.start)..place.start + start + byte(range.end)
}

/// `a`, `b` and `c`.
pub(crate) fn list_names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Doc comment lines as one text.
pub(crate) fn doc(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Defines a mapping with known keys, its reader and its shape. A key that is a Rust word or differs
/// from the field is said as `field as "key"`.
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        $name:ident = $title:literal $(, one of $one:expr)? ;
        $( $(#[doc = $kdoc:literal])* $field:ident $(as $key:literal)? : $need:ident $kind:ty , )*
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        #[allow(dead_code, reason = "some keys are read for their faults alone")]
        pub(crate) struct $name {
            pub(crate) place: $crate::source::Place,
            $( $(#[doc = $kdoc])* pub(crate) $field: Option<$kind>, )*
        }

        impl $crate::grammar::Read for $name {
            fn shape() -> $crate::grammar::Shape {
                $crate::grammar::Shape::Record($crate::grammar::RecordShape {
                    name: $title,
                    doc: $crate::grammar::doc(&[$($doc),*]),
                    keys: vec![ $( $crate::grammar::KeyShape {
                        name: record!(@key $field $($key)?),
                        doc: $crate::grammar::doc(&[$($kdoc),*]),
                        required: record!(@need $need),
                        shape: <$kind as $crate::grammar::Read>::shape,
                    } ),* ],
                    one_of: record!(@one $($one)?),
                })
            }

            fn read(node: &$crate::tree::Node, reader: &mut $crate::grammar::Reader<'_>) -> Option<Self> {
                let what = concat!("`", $title, "`: a mapping");
                let entries = reader.entries(node, what)?;
                let known = [ $( record!(@key $field $($key)?) ),* ];
                reader.known_keys(entries, concat!("`", $title, "`"), &known);
                $(
                    let key = record!(@key $field $($key)?);
                    if record!(@need $need) && !entries.iter().any(|(known, _)| known.text == key) {
                        let first = entries.first().map_or(node.place.clone(), |(key, _)| key.place.clone());
                        reader.fault($crate::diagnostic::Diagnostic::new(
                            format!(concat!("`", $title, "` lacks `{}`"), key), first,
                        ).help(format!("`{key}`: {}", $crate::grammar::doc(&[$($kdoc),*]))));
                    }
                    let $field = reader.key::<$kind>(entries, key);
                )*
                $crate::grammar::one_of(reader, node, entries, record!(@one $($one)?));
                Some($name { place: node.place.clone(), $($field),* })
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@need required) => { true };
    (@need optional) => { false };
    (@one) => { &[] };
    (@one $one:expr) => { $one };
}
pub(crate) use record;

/// Reports a record of which not exactly one of `keys` stands there.
pub(crate) fn one_of(reader: &mut Reader<'_>, node: &Node, entries: &[(Key, Node)], keys: &[&str]) {
    if keys.is_empty() {
        return;
    }
    let found: Vec<&Key> = entries.iter().map(|(key, _)| key).filter(|key| keys.contains(&key.text.as_str())).collect();
    let fault = match found.as_slice() {
        [_] => return,
        [] => {
            Diagnostic::new(format!("one of {} must stand here", list_names(keys.iter().copied())), node.place.clone())
        }
        [first, second, ..] => {
            Diagnostic::new(format!("`{}` and `{}` exclude each other", first.text, second.text), second.place.clone())
                .help("keep one of them")
        }
    };
    reader.fault(fault);
}

/// Defines a choice of words with its reader and shape.
macro_rules! words {
    (
        $(#[doc = $doc:literal])*
        $name:ty = $what:literal { $( $(#[doc = $wdoc:literal])* $word:literal => $value:expr, )* }
    ) => {
        impl $crate::grammar::Read for $crate::grammar::At<$name> {
            fn shape() -> $crate::grammar::Shape {
                $crate::grammar::Shape::Words(vec![ $( ($word, $crate::grammar::doc(&[$($wdoc),*])) ),* ])
            }

            fn read(node: &$crate::tree::Node, reader: &mut $crate::grammar::Reader<'_>) -> Option<Self> {
                let text = reader.text(node, $what)?;
                let place = node.place.clone();
                match text {
                    $( $word => Some($crate::grammar::At { value: $value, place }), )*
                    wrong => {
                        let words = [$($word),*];
                        reader.fault(
                            $crate::diagnostic::Diagnostic::new(format!(concat!("`{}` is no ", $what), wrong), place)
                                .nearest(wrong, words)
                                .help(format!("there are {}", $crate::grammar::list_names(words))),
                        );
                        None
                    }
                }
            }
        }
    };
}
pub(crate) use words;

impl<T: Read> Read for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::List(items) => Some(items.iter().filter_map(|item| T::read(item, reader)).collect()),
            _ => reader.expected(node, "a list"),
        }
    }
}

/// One or several: a single value may stand without the list.
#[derive(Debug, Clone)]
pub(crate) struct OneOrMany<T>(pub(crate) Vec<T>);

impl<T: Read> Read for OneOrMany<T> {
    fn shape() -> Shape {
        Shape::Either(vec![T::shape(), Shape::List(Box::new(T::shape()))])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::List(_) => Vec::read(node, reader).map(OneOrMany),
            _ => T::read(node, reader).map(|one| OneOrMany(vec![one])),
        }
    }
}

/// A mapping with names of the author's own. A value that could not be read keeps its name, so that
/// references to it are no further faults.
#[derive(Debug, Clone)]
pub(crate) struct Map<T>(pub(crate) Vec<(At<String>, Option<T>)>);

impl<T> Map<T> {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.value.as_str())
    }
}

impl<T: Read> Read for Map<T> {
    fn shape() -> Shape {
        Shape::Map(Box::new(T::shape()))
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let entries = reader.entries(node, "a mapping of names to values")?;
        let read = |(key, node): &(Key, Node)| {
            (At { value: key.text.clone(), place: key.place.clone() }, T::read(node, reader))
        };
        Some(Map(entries.iter().map(read).collect()))
    }
}

/// A text of a kind that is read by a function of its own.
pub(crate) trait Kind {
    /// What it becomes.
    type Value;
    /// For the shape.
    const KIND: TextKind;
    /// What must stand there, with its article.
    const WHAT: &'static str;
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
        let text = reader.text(node, K::WHAT)?;
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
    /// A duration in words.
    Duration: crate::time::Duration = "a duration such as `30 minutes`", |text| Ok(crate::time::Duration::parse(text)?);
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
}

/// Patterns of the shaped texts, for the JSON Schema, with what they mean.
pub(crate) const NAME: (&str, &str) = ("^[a-z][a-z0-9_]*$", "lower case letters, digits and `_`, a letter first");
pub(crate) const ANCHOR: (&str, &str) = ("^[a-z][a-z0-9-]*$", "lower case letters, digits and `-`, a letter first");
pub(crate) const VERSION: (&str, &str) = ("^[0-9]+\\.[0-9]+\\.[0-9]+$", "three numbers with points, as in `1.0.0`");
pub(crate) const SIZE: &str = "^[0-9]+ ?(B|KiB|MiB|GiB)$";

fn shaped(text: &str, what: &str, (pattern, meaning): (&str, &str)) -> Result<String, String> {
    let matches = regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
    if matches { Ok(text.to_owned()) } else { Err(format!("`{text}` is no {what}: it has {meaning}")) }
}

fn size(text: &str) -> Result<u64, String> {
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

impl Read for At<bool> {
    fn shape() -> Shape {
        Shape::Boolean
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let value = match &node.value {
            Value::Scalar(scalar) if scalar.plain && scalar.text == "true" => true,
            Value::Scalar(scalar) if scalar.plain && scalar.text == "false" => false,
            _ => return reader.expected(node, "`true` or `false`"),
        };
        Some(At { value, place: node.place.clone() })
    }
}

/// A whole number of at least `LEAST`.
#[derive(Debug, Clone)]
pub(crate) struct Whole<const LEAST: i64>(pub(crate) At<i64>);

impl<const LEAST: i64> Read for Whole<LEAST> {
    fn shape() -> Shape {
        Shape::Integer { least: LEAST }
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let number = match &node.value {
            Value::Scalar(scalar) if scalar.plain => scalar.text.parse::<i64>().ok(),
            _ => None,
        };
        match number.filter(|number| (LEAST..=i64::from(u32::MAX)).contains(number)) {
            Some(value) => Some(Whole(At { value, place: node.place.clone() })),
            None => reader.expected(node, &format!("a whole number from {LEAST} on")),
        }
    }
}
