//! Where in a request a value of the pagination stands.

use crate::diagnostic::Diagnostic;
use crate::grammar::{self, Read, Reader, Shape, Text, TextKind, record};
use crate::path::Segment;
use crate::source::Place;
use crate::tree::Node;

type Line = Text<grammar::Plain>;

record! {
    /// Where in a request a value stands.
    Send = "send", ExactlyOne of &["query", "header", "body", "form", "path"];
    /// A query parameter; the same as `param`.
    query: optional Line,
    /// A header.
    header: optional Text<grammar::Header>,
    /// A key of the JSON body, or a path of keys in it, such as `$.variables.after`. Only for a `POST`.
    body: optional Keys,
    /// A name in the `form`. Only for a `POST`.
    form: optional Line,
    /// The path of the next request, with the token in it as `cursor`: `/export/{{ cursor }}`. Only for cursors.
    path: optional Text<grammar::Template>,
}

/// `param`, or the longer `send`.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    pub(crate) param: Option<Line>,
    pub(crate) send: Option<Send>,
}

/// A key of an object, or a path of keys from `$`.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) keys: Vec<String>,
    pub(crate) place: Place,
}

impl Read for Keys {
    fn shape() -> Shape {
        Shape::Text(TextKind::Plain)
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(node, "a key, or a path of keys such as `$.page.after`")?.trim();
        let place = node.place.clone();
        if !text.starts_with('$') {
            return Some(Keys { keys: vec![text.to_owned()], place });
        }
        let path = Text::<grammar::Path>::read(node, reader)?;
        let key = |segment: &Segment| match segment {
            Segment::Key(key) => Some(key.clone()),
            _ => None,
        };
        match path.plain().and_then(|segments| segments.iter().map(key).collect::<Option<Vec<String>>>()) {
            Some(keys) if !keys.is_empty() => Some(Keys { keys, place }),
            _ => {
                let fault = Diagnostic::new(format!("`{text}` is no path of keys alone"), place);
                reader.fault(fault.help("write a key, or keys one within the other: `$.page.after`"));
                None
            }
        }
    }
}
