//! YAML text to a tree in which every value knows its place; nothing in it is typed yet.
//!
//! The language takes the plain part of YAML: mappings, lists and scalars. Anchors, aliases, tags,
//! merge keys and several documents are refused, so that a spec reads from top to bottom and no
//! file can blow up. The parser is pulled event by event: no recursion, hence no stack to exhaust.

mod unreadable;

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::diagnostic::Diagnostic;
use crate::source::{Place, Source};

/// Bytes of a file that are read. The largest public connector descriptions are a tenth of it.
pub(crate) const MAX_BYTES: usize = 2 << 20;
/// Collections within collections.
const MAX_DEPTH: usize = 64;
/// YAML's key for taking over another mapping's entries.
const MERGE: &str = "<<";

/// A value with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What stands there.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Nothing, or `null`, or `~`.
    Null,
    /// Something that is not part of the language, and told already: it causes no further faults.
    Refused,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// Text with how it was written.
#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Neither in quotes nor a block: `12` is a number where a number is wanted.
    pub(crate) plain: bool,
}

/// A key of a mapping.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) place: Place,
}

impl Node {
    /// As JSON, plain scalars typed by YAML's core schema: what an editor with the JSON Schema sees.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null | Value::Refused => serde_json::Value::Null,
            Value::Scalar(scalar) if scalar.plain => match scalar.text.as_str() {
                "true" => true.into(),
                "false" => false.into(),
                text => number(text).unwrap_or_else(|| text.into()),
            },
            Value::Scalar(scalar) => scalar.text.as_str().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|(key, value)| (key.text.clone(), value.to_json())).collect(),
            ),
        }
    }
}

fn number(text: &str) -> Option<serde_json::Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        // What does not fit stays the text that it is, for a double would round it.
        return text.parse::<i64>().ok().map(Into::into).or_else(|| text.parse::<u64>().ok().map(Into::into));
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Into::into)
}

/// Reads a file into a tree. The tree is there as far as the text could be read; duplicate keys are
/// faults, and their first value stands.
pub(crate) fn read(source: &Source) -> (Option<Node>, Vec<Diagnostic>) {
    if source.text().len() > MAX_BYTES {
        let message = format!("the file has {} bytes; at most {MAX_BYTES} are read", source.text().len());
        return (None, vec![Diagnostic::new(message, 0..0).help("split it, or keep recordings and data out of it")]);
    }
    let mut builder = Builder::new(source);
    for event in Parser::new_from_str(source.text()) {
        match event {
            Ok((event, span)) => {
                if !builder.take(event, span) {
                    break;
                }
            }
            Err(error) => {
                let fault = builder.unreadable(&error);
                // The more is known of a place, the less was said of it before.
                builder.faults.retain(|earlier| earlier.place.start != fault.place.start);
                builder.faults.push(fault);
                return (None, builder.faults);
            }
        }
    }
    if builder.root.is_none() && builder.faults.is_empty() {
        builder.faults.push(Diagnostic::new("the file is empty", 0..0).help("a spec begins with `tapwright: 1`"));
    }
    (builder.root, builder.faults)
}

enum Open {
    List(Place, Vec<Node>),
    Map(OpenMap),
}

#[derive(Default)]
struct OpenMap {
    place: Place,
    entries: Vec<(Key, Node)>,
    /// The keys that were seen, with their places.
    seen: HashMap<String, Place>,
    /// The key whose value comes next.
    key: Option<Key>,
    /// A key in it is no text, which is told.
    refused: bool,
}

impl OpenMap {
    /// Goes on after a key that is not part of the language.
    fn refuse_key(&mut self, place: Place) {
        self.refused = true;
        self.key = Some(Key { text: String::new(), place });
    }
}

struct Builder<'s> {
    source: &'s Source,
    /// Byte offset of each character, and of the end.
    offsets: Vec<usize>,
    open: Vec<Open>,
    /// Collections that are open within a key that is no text; they are passed over.
    skipped: usize,
    root: Option<Node>,
    faults: Vec<Diagnostic>,
}

impl<'s> Builder<'s> {
    fn new(source: &'s Source) -> Builder<'s> {
        let text = source.text();
        let offsets = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        Builder { source, offsets, open: Vec::new(), skipped: 0, root: None, faults: Vec::new() }
    }

    fn place(&self, span: Span) -> Place {
        let byte = |index: usize| self.offsets[index.min(self.offsets.len() - 1)];
        byte(span.start.index())..byte(span.end.index())
    }

    /// Takes one event; false when reading must end.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        let place = self.place(span);
        if self.skipped > 0 {
            return self.skip(&event, place);
        }
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                let fault = Diagnostic::new("a second document begins here", place).help("one file is one connector");
                self.faults.push(fault);
                return false;
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse(anchor, tag.is_some(), &place);
                return self.scalar(&text, style, place);
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse(anchor, tag.is_some(), &place);
                return self.begin(Open::List(place, Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse(anchor, tag.is_some(), &place);
                return self.begin(Open::Map(OpenMap { place, ..OpenMap::default() }));
            }
            Event::SequenceEnd | Event::MappingEnd => return self.end(&place),
            Event::Alias(_) => {
                let fault = Diagnostic::new("aliases (`*name`) are not part of the language", place.clone())
                    .help("write the value out; what all streams share stands under `http:`");
                if !self.merges() {
                    self.faults.push(fault);
                }
                self.put(Node { place, value: Value::Refused });
            }
            _ => {}
        }
        true
    }

    /// Passes over what stands within a key that is no text.
    fn skip(&mut self, event: &Event<'_>, place: Place) -> bool {
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => self.skipped += 1,
            Event::SequenceEnd | Event::MappingEnd => self.skipped -= 1,
            _ => {}
        }
        if let (0, Some(Open::Map(map))) = (self.skipped, self.open.last_mut()) {
            map.refuse_key(place);
        }
        true
    }

    /// Whether the value of a merge key comes next, which is told.
    fn merges(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map(OpenMap { key: Some(key), .. })) if key.text == MERGE)
    }

    fn refuse(&mut self, anchor: usize, tagged: bool, place: &Place) {
        let what = match (anchor > 0, tagged) {
            (true, _) => "anchors (`&name`)",
            (_, true) => "tags (`!name`)",
            _ => return,
        };
        let fault = Diagnostic::new(format!("{what} are not part of the language"), place.clone())
            .help("write the value out; what all streams share stands under `http:`");
        self.faults.push(fault);
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, place: Place) -> bool {
        let plain = style == ScalarStyle::Plain;
        if let Some(Open::Map(map @ OpenMap { key: None, .. })) = self.open.last_mut() {
            if plain && text == MERGE {
                let fault = Diagnostic::new("merge keys (`<<`) are not part of the language", place.clone())
                    .help("write the keys out; what all streams share stands under `http:`");
                self.faults.push(fault);
            } else if let Some(first) = map.seen.get(text) {
                let line = self.source.position(first.start).line;
                let fault = Diagnostic::new(format!("the key `{text}` stands here twice"), place.clone());
                self.faults.push(fault.label(format!("line {line} has it already")).help("keep one of the two"));
            }
            map.key = Some(Key { text: text.to_owned(), place });
            return true;
        }
        let value = match text {
            "" | "~" | "null" if plain => Value::Null,
            _ => Value::Scalar(Scalar { text: text.to_owned(), plain }),
        };
        let place = self.trim(place);
        self.put(Node { place, value });
        true
    }

    /// Without the white space that block scalars carry at their end.
    fn trim(&self, place: Place) -> Place {
        let end = self.source.text().get(place.clone()).map_or(place.end, |part| place.start + part.trim_end().len());
        place.start..end.max(place.start)
    }

    fn begin(&mut self, open: Open) -> bool {
        let (Open::List(place, _) | Open::Map(OpenMap { place, .. })) = &open;
        if let Some(Open::Map(OpenMap { key: None, .. })) = self.open.last() {
            self.faults.push(self.key_is_no_text(place.start));
            self.skipped = 1;
            return true;
        }
        if self.open.len() >= MAX_DEPTH {
            self.faults.push(self.too_deep(place.start));
            return false;
        }
        self.open.push(open);
        true
    }

    /// `key: {{ config.x }}` without quotes is a mapping whose key is a mapping.
    fn key_is_no_text(&self, at: usize) -> Diagnostic {
        let text = self.source.text();
        let rest = text[at..].lines().next().unwrap_or_default();
        match rest.find("}}") {
            Some(end) if rest.starts_with('{') && text[..at].ends_with('{') => {
                let place = at - 1..at + end + 2;
                let help =
                    format!("write \"{}\"; without quotes YAML takes the braces for a mapping", &text[place.clone()]);
                Diagnostic::new("an expression must stand in quotes", place).help(help)
            }
            _ => Diagnostic::new("a key must be a text", self.character(at)),
        }
    }

    /// The place of the character that begins at a byte.
    fn character(&self, at: usize) -> Place {
        at..at + self.source.text()[at..].chars().next().map_or(0, char::len_utf8)
    }

    fn too_deep(&self, at: usize) -> Diagnostic {
        let message = format!("more than {MAX_DEPTH} lists or mappings stand within each other");
        Diagnostic::new(message, self.character(at))
    }

    fn end(&mut self, close: &Place) -> bool {
        let (place, value) = match self.open.pop() {
            None => return true,
            Some(Open::List(place, items)) => (place, Value::List(items)),
            Some(Open::Map(OpenMap { place, refused: true, .. })) => (place, Value::Refused),
            Some(Open::Map(OpenMap { place, entries, .. })) => (place, Value::Map(entries)),
        };
        let place = self.trim(place.start..close.end.max(place.start));
        self.put(Node { place, value });
        true
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(map)) => match map.key.take() {
                // The first of two equal keys stands; the second is a fault already.
                Some(key) if map.seen.contains_key(&key.text) || key.text == MERGE => {}
                Some(key) => {
                    map.seen.insert(key.text.clone(), key.place.clone());
                    map.entries.push((key, node));
                }
                None => map.refuse_key(node.place),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, read};
    use crate::source::Source;

    fn faults(text: &str) -> Vec<String> {
        let (_, faults) = read(&Source::new("test.yaml", text));
        faults.into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn places_are_exact() {
        let source = Source::new("test.yaml", "ä: {b: \"cé\"}\n");
        let (root, faults) = read(&source);
        assert!(faults.is_empty());
        let super::Value::Map(entries) = root.expect("a tree").value else { panic!("no mapping") };
        let super::Value::Map(inner) = &entries[0].1.value else { panic!("no mapping") };
        assert_eq!(&source.text()[inner[0].1.place.clone()], "\"cé\"");
    }

    #[test]
    fn what_could_blow_up_is_a_sentence() {
        let bomb = "a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n";
        assert!(faults(bomb).iter().any(|fault| fault.contains("aliases")));
        assert!(faults(&"[".repeat(100_000))[0].contains("within each other"));
        assert!(faults(&"- ".repeat(100_000))[0].contains("within each other"));
        assert!(faults(&format!("a: {}", "x".repeat(MAX_BYTES)))[0].contains("bytes"));
        assert_eq!(faults(""), ["the file is empty"]);
    }

    #[test]
    fn every_duplicate_is_told() {
        assert_eq!(faults("a: 1\na: 2\nb: 3\nb: 4\n").len(), 2);
    }

    #[test]
    fn an_expression_without_quotes_is_told_so() {
        for text in ["a: {{ config.x }}\n", "a: {{ config.x }}/b\n", "a: [{{ x }}, b]\n"] {
            assert_eq!(faults(text), ["an expression must stand in quotes"], "{text}");
        }
    }
}
