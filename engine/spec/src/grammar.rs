//! How the language is written down: each construct is a Rust type whose doc comments are its
//! reference, and from that one definition come the reader, the JSON Schema and the reference page.
//!
//! [`record!`] defines a mapping with known keys, [`words!`] a choice of words. Reading never stops at
//! a fault: what could not be read is `None`, and the fault stands in [`Reader`].

use std::collections::HashSet;

mod text;
mod values;

pub(crate) use text::*;
pub(crate) use values::*;

use crate::diagnostic::Diagnostic;
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
    /// A template that may be empty.
    Sendable,
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
    Header,
    Cookie,
    Host,
    HostPattern,
    Day,
    Endpoint,
    JobEndpoint,
    FieldType,
    Prefix,
}

/// A mapping with known keys.
#[derive(Clone)]
pub(crate) struct RecordShape {
    pub(crate) name: &'static str,
    pub(crate) doc: String,
    pub(crate) keys: Vec<KeyShape>,
    pub(crate) choice: Choice,
}

/// How many of some keys of a mapping may stand there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// As many as there are.
    Free,
    ExactlyOne(&'static [&'static str]),
    AtMostOne(&'static [&'static str]),
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
    /// The key whose value is read.
    owner: Option<Key>,
    /// The config fields that expressions read.
    pub(crate) config_read: HashSet<String>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(source: &'s Source) -> Reader<'s> {
        Reader { source, faults: Vec::new(), owner: None, config_read: HashSet::new() }
    }

    pub(crate) fn fault(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }

    /// A fault for a value of the wrong kind.
    pub(crate) fn expected<T>(&mut self, node: &Node, what: &str) -> Option<T> {
        if let Some(fault) = self.misfit(node, what) {
            self.fault(fault);
        }
        None
    }

    /// A fault for a value of the wrong kind where some words would be right.
    pub(crate) fn expected_word<T>(&mut self, node: &Node, what: &str, words: &[&str]) -> Option<T> {
        let fault = self.misfit(node, what)?;
        self.fault(match &node.value {
            Value::Scalar(scalar) => fault.nearest(&scalar.text, words.iter().copied()),
            _ => fault,
        });
        None
    }

    fn misfit(&self, node: &Node, what: &str) -> Option<Diagnostic> {
        let found = match &node.value {
            Value::Refused => return None,
            Value::Null => "nothing".to_owned(),
            Value::Scalar(scalar) if scalar.plain && scalar.text.chars().count() <= 40 => format!("`{}`", scalar.text),
            Value::Scalar(_) => "a text".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        };
        Some(Diagnostic::new(format!("here must stand {what}, and {found} does"), self.place_of(node)))
    }

    /// Where a value stands: its first line, and for nothing the key that has it.
    fn place_of(&self, node: &Node) -> Place {
        match (&node.value, &self.owner) {
            (Value::Null, Some(owner)) => owner.place.clone(),
            _ => {
                let part = self.source.text().get(node.place.clone()).unwrap_or_default();
                node.place.start..node.place.start + part.find('\n').unwrap_or(part.len())
            }
        }
    }

    /// The text of a scalar; anything else is a fault.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(scalar) if !scalar.text.trim().is_empty() => Some(&scalar.text),
            Value::Scalar(_) => {
                self.fault(Diagnostic::new(format!("{what} cannot be empty"), node.place.clone()));
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

    /// Reports keys that a record has not, lacks, or cannot have at once. Gives the keys that stand there, a
    /// misspelt one under its right name: it is told, and what follows from it is no further fault.
    pub(crate) fn keys(&mut self, node: &Node, entries: &[(Key, Node)], record: &RecordShape) -> Vec<Key> {
        let known = || record.keys.iter().map(|key| key.name);
        let mut keys: Vec<Key> = entries.iter().map(|(key, _)| key.clone()).collect();
        for key in keys.iter_mut().filter(|key| !known().any(|name| name == key.text)) {
            let fault = Diagnostic::new(format!("`{}` has no key `{}`", record.name, key.text), key.place.clone());
            self.fault(fault.nearest(&key.text, known()).help(format!("its keys are {}", list_names(known()))));
            if let Some(meant) = crate::nearest(&key.text, known()) {
                meant.clone_into(&mut key.text);
            }
        }
        let said = |name: &str| keys.iter().any(|key| key.text == name);
        let missing: Vec<_> = record.keys.iter().filter(|key| key.required && !said(key.name)).collect();
        if !missing.is_empty() {
            let (name, place) = self.called(node, entries, record);
            let lacks = format!("{name} lacks {}", list_names(missing.iter().map(|key| key.name)));
            let help: Vec<String> =
                missing.iter().map(|key| format!("`{}`: {}", key.name, key.doc.replace('\n', " "))).collect();
            self.fault(Diagnostic::new(lacks, place).help(help.join("\n")));
        }
        self.choice(node, entries, record.choice, &keys);
        keys
    }

    /// How a record is called and where: by its key, or by what it is and where it begins.
    fn called(&self, node: &Node, entries: &[(Key, Node)], record: &RecordShape) -> (String, Place) {
        match (&self.owner, entries.first()) {
            (Some(owner), _) => (format!("`{}`", owner.text), owner.place.clone()),
            (None, Some((first, _))) => (format!("the {}", record.name), first.place.clone()),
            (None, None) => (format!("the {}", record.name), node.place.clone()),
        }
    }

    fn choice(&mut self, node: &Node, entries: &[(Key, Node)], choice: Choice, said: &[Key]) {
        let (keys, needed) = match choice {
            Choice::Free => return,
            Choice::ExactlyOne(keys) => (keys, true),
            Choice::AtMostOne(keys) => (keys, false),
        };
        let found: Vec<&Key> = entries.iter().map(|(key, _)| key).filter(|key| keys.contains(&&*key.text)).collect();
        match found.as_slice() {
            [first, others @ ..] => {
                for other in others {
                    let message = format!("`{}` and `{}` exclude each other", first.text, other.text);
                    self.fault(Diagnostic::new(message, other.place.clone()).help("keep one of them"));
                }
            }
            [] if needed && !said.iter().any(|key| keys.contains(&&*key.text)) => {
                let message = format!("one of {} must stand here", list_names(keys.iter().copied()));
                let place = self.owner.as_ref().map_or_else(|| self.place_of(node), |owner| owner.place.clone());
                self.fault(Diagnostic::new(message, place));
            }
            [] => {}
        }
    }

    /// Reads the value of a key, if it stands there.
    pub(crate) fn key<T: Read>(&mut self, entries: &[(Key, Node)], name: &str) -> Option<T> {
        let (key, node) = entries.iter().find(|(key, _)| key.text == name)?;
        self.owned(Some(key), node)
    }

    /// Reads a value that belongs to a key, or to a list.
    fn owned<T: Read>(&mut self, key: Option<&Key>, node: &Node) -> Option<T> {
        let outer = std::mem::replace(&mut self.owner, key.cloned());
        let value = T::read(node, self);
        self.owner = outer;
        value
    }

    /// The place of a part of a scalar's text, given in chars; the whole scalar where the two differ
    /// (escapes, folded blocks).
    pub(crate) fn within(&self, node: &Node, range: std::ops::Range<usize>) -> Place {
        let Value::Scalar(scalar) = &node.value else { return node.place.clone() };
        part_of(self.source, &node.place, &scalar.text, range)
    }
}

/// The place of a part (in chars) of a scalar's `text` that stands at `place`. Where the file writes the
/// text otherwise (escapes, blocks of lines), the part itself is looked for.
pub(crate) fn part_of(source: &Source, place: &Place, text: &str, range: std::ops::Range<usize>) -> Place {
    let raw = source.text().get(place.clone()).unwrap_or_default();
    let byte = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    let range = byte(range.start)..byte(range.end);
    let start = match raw.find(text) {
        Some(start) => start + range.start,
        None => match raw.find(&text[range.clone()]) {
            Some(start) => start,
            None => return place.clone(),
        },
    };
    place.start + start..place.start + start + range.len()
}

/// Names that one message lists.
const MOST_NAMES: usize = 40;

/// `a`, `b` and `c`.
pub(crate) fn list_names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.len() > MOST_NAMES {
        let more = format!("{} more", names.len() - MOST_NAMES + 1);
        names.truncate(MOST_NAMES - 1);
        names.push(more);
    }
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
        $name:ident = $title:literal $(, $choice:ident of $choices:expr)? ;
        $( $(#[doc = $kdoc:literal])* $field:ident $(as $key:literal)? : $need:ident $kind:ty , )*
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        #[allow(dead_code, reason = "some keys are read for their faults alone")]
        pub(crate) struct $name {
            pub(crate) place: $crate::source::Place,
            /// The keys that stand there.
            pub(crate) said: Vec<$crate::tree::Key>,
            $( $(#[doc = $kdoc])* pub(crate) $field: Option<$kind>, )*
        }

        impl $crate::grammar::Read for $name {
            fn shape() -> $crate::grammar::Shape {
                $crate::grammar::Shape::Record($name::record().clone())
            }

            fn read(node: &$crate::tree::Node, reader: &mut $crate::grammar::Reader<'_>) -> Option<Self> {
                let entries = reader.entries(node, concat!("a mapping with the keys of `", $title, "`"))?;
                let said = reader.keys(node, entries, $name::record());
                $( let $field = reader.key::<$kind>(entries, record!(@key $field $($key)?)); )*
                Some($name { place: node.place.clone(), said, $($field),* })
            }
        }

        impl $name {
            fn record() -> &'static $crate::grammar::RecordShape {
                static RECORD: std::sync::LazyLock<$crate::grammar::RecordShape> =
                    std::sync::LazyLock::new(|| $crate::grammar::RecordShape {
                        name: $title,
                        doc: $crate::grammar::doc(&[$($doc),*]),
                        keys: vec![ $( $crate::grammar::KeyShape {
                            name: record!(@key $field $($key)?),
                            doc: $crate::grammar::doc(&[$($kdoc),*]),
                            required: record!(@need $need),
                            shape: <$kind as $crate::grammar::Read>::shape,
                        } ),* ],
                        choice: record!(@choice $($choice $choices)?),
                    });
                &RECORD
            }

            /// Where a key stands, also one that is misspelt or whose value could not be read.
            #[allow(dead_code, reason = "not every record is asked")]
            pub(crate) fn said(&self, key: &str) -> Option<&$crate::source::Place> {
                self.said.iter().find(|said| said.text == key).map(|said| &said.place)
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@need required) => { true };
    (@need optional) => { false };
    (@choice) => { $crate::grammar::Choice::Free };
    (@choice $choice:ident $choices:expr) => { $crate::grammar::Choice::$choice($choices) };
}
pub(crate) use record;

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
                let what = format!("one of {}", $crate::grammar::list_names([$($word),*]));
                let text = reader.text(node, &what)?;
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
