//! How the language is written down: each construct is a Rust type whose doc comments are its
//! reference, and from that one definition come the reader, the JSON Schema and the reference page.
//!
//! [`record!`] defines a mapping with known keys, [`words!`] a choice of words. Reading never stops at
//! a fault: what could not be read is `None`, and the fault stands in [`Reader`].

mod reader;
mod text;
mod values;

pub(crate) use reader::*;
pub use text::size;
pub(crate) use text::*;
pub(crate) use values::*;

use crate::source::Place;
use crate::tree::Node;

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
    PathTemplate,
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
    Sha256,
}

/// A mapping with known keys.
#[derive(Clone)]
pub(crate) struct RecordShape {
    pub(crate) name: &'static str,
    pub(crate) doc: String,
    pub(crate) keys: Vec<KeyShape>,
    pub(crate) choices: Vec<Choice>,
}

/// How many of some keys of a mapping may stand there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
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
        $name:ident = $title:literal $(, $choice:ident of $choices:expr)* ;
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
                        choices: vec![ $( $crate::grammar::Choice::$choice($choices) ),* ],
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
