//! YAML text to a tree in which every value knows its place; nothing in it is typed yet.
//!
//! The language takes the plain part of YAML: mappings, lists and scalars. Anchors, aliases, tags,
//! merge keys and several documents are refused, so that a spec reads from top to bottom and no
//! file can blow up. The parser is pulled event by event: no recursion, hence no stack to exhaust.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use crate::diagnostic::Diagnostic;
use crate::source::{Place, Source};

/// Bytes of a file that are read. The largest public connector descriptions are a tenth of it.
pub(crate) const MAX_BYTES: usize = 2 << 20;
/// Collections within collections.
const MAX_DEPTH: usize = 64;

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
            Value::Null => serde_json::Value::Null,
            Value::Scalar(scalar) if scalar.plain => match scalar.text.as_str() {
                "true" => true.into(),
                "false" => false.into(),
                text => match text.parse::<i64>() {
                    Ok(number) => number.into(),
                    Err(_) => match text.parse::<f64>() {
                        Ok(number) if number.is_finite() => number.into(),
                        _ => text.into(),
                    },
                },
            },
            Value::Scalar(scalar) => scalar.text.as_str().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|(key, value)| (key.text.clone(), value.to_json())).collect(),
            ),
        }
    }
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
    Map { place: Place, entries: Vec<(Key, Node)>, key: Option<Key> },
}

struct Builder<'s> {
    source: &'s Source,
    /// Byte offset of each character, and of the end.
    offsets: Vec<usize>,
    open: Vec<Open>,
    root: Option<Node>,
    faults: Vec<Diagnostic>,
}

impl<'s> Builder<'s> {
    fn new(source: &'s Source) -> Builder<'s> {
        let text = source.text();
        let offsets = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        Builder { source, offsets, open: Vec::new(), root: None, faults: Vec::new() }
    }

    fn place(&self, span: Span) -> Place {
        let byte = |index: usize| self.offsets[index.min(self.offsets.len() - 1)];
        byte(span.start.index())..byte(span.end.index())
    }

    /// Takes one event; false when reading must end.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        let place = self.place(span);
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
                return self.begin(Open::Map { place, entries: Vec::new(), key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => return self.end(&place),
            Event::Alias(_) => {
                let fault = Diagnostic::new("aliases (`*name`) are not part of the language", place.clone())
                    .help("write the value out; what all streams share stands under `http:`");
                self.faults.push(fault);
                return self.put(Node { place, value: Value::Null });
            }
            _ => {}
        }
        true
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
        if let Some(Open::Map { entries, key: key @ None, .. }) = self.open.last_mut() {
            if entries.iter().any(|(known, _)| known.text == text) {
                self.faults.push(
                    Diagnostic::new(format!("the key `{text}` stands here twice"), place.clone())
                        .help("keep one of the two"),
                );
            }
            *key = Some(Key { text: text.to_owned(), place });
            return true;
        }
        let value = match text {
            "" | "~" | "null" if plain => Value::Null,
            _ => Value::Scalar(Scalar { text: text.to_owned(), plain }),
        };
        let place = self.trim(place);
        self.put(Node { place, value })
    }

    /// Without the white space that block scalars carry at their end.
    fn trim(&self, place: Place) -> Place {
        let end = self.source.text().get(place.clone()).map_or(place.end, |part| place.start + part.trim_end().len());
        place.start..end.max(place.start)
    }

    fn begin(&mut self, open: Open) -> bool {
        let (Open::List(place, _) | Open::Map { place, .. }) = &open;
        if let Some(Open::Map { key: None, .. }) = self.open.last() {
            self.faults.push(self.key_is_no_text(place.start));
            return false;
        }
        if self.open.len() >= MAX_DEPTH {
            self.faults.push(too_deep(place.start));
            return false;
        }
        self.open.push(open);
        true
    }

    /// `key: {{ config.x }}` without quotes is a mapping whose key is a mapping.
    fn key_is_no_text(&self, at: usize) -> Diagnostic {
        let line = self.source.line_at(at);
        match (line.find("{{"), line.rfind("}}")) {
            (Some(start), Some(end)) if start < end => {
                let expression = &line[start..end + 2];
                let offset = self.source.text()[..at].rfind('\n').map_or(0, |newline| newline + 1);
                Diagnostic::new("an expression must stand in quotes", offset + start..offset + end + 2)
                    .help(format!("write \"{expression}\"; without quotes YAML takes the braces for a mapping"))
            }
            _ => Diagnostic::new("a key must be a text", at..at + 1),
        }
    }

    fn end(&mut self, close: &Place) -> bool {
        let Some(open) = self.open.pop() else { return true };
        let node = match open {
            Open::List(place, items) => {
                Node { place: place.start..close.end.max(place.start), value: Value::List(items) }
            }
            Open::Map { place, entries, .. } => {
                Node { place: place.start..close.end.max(place.start), value: Value::Map(entries) }
            }
        };
        let place = self.trim(node.place.clone());
        self.put(Node { place, ..node })
    }

    fn put(&mut self, node: Node) -> bool {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                // The first of two equal keys stands; the second is a fault already.
                Some(key) if entries.iter().any(|(known, _)| known.text == key.text) => {}
                Some(key) => entries.push((key, node)),
                None => {
                    let fault = self.key_is_no_text(node.place.start);
                    self.faults.push(fault);
                    return false;
                }
            },
        }
        true
    }

    fn unreadable(&self, error: &ScanError) -> Diagnostic {
        let at = self.offsets[error.marker().index().min(self.offsets.len() - 1)];
        let line = self.source.line_at(at);
        let line_start = self.source.text()[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let indent = line.len() - line.trim_start().len();
        if let Some(tab) = line[..indent].find('\t') {
            let place = line_start + tab..line_start + tab + 1;
            return Diagnostic::new("a tab cannot indent YAML", place).help("indent with spaces");
        }
        if let Some(start) = unquoted_expression(line) {
            let place = line_start + start..line_start + line.trim_end().len();
            return Diagnostic::new("an expression must stand in quotes", place).help(format!(
                "write \"{}\"; without quotes YAML takes the braces for a mapping",
                line[start..].trim_end()
            ));
        }
        if error.info().contains("recursion limit") {
            return too_deep(at);
        }
        Diagnostic::new(format!("not YAML: {}", error.info()), at..at)
    }
}

fn too_deep(at: usize) -> Diagnostic {
    Diagnostic::new(format!("more than {MAX_DEPTH} lists or mappings stand within each other"), at..at + 1)
}

/// Where, in a line that YAML cannot read, a value begins with `{{` outside quotes.
fn unquoted_expression(line: &str) -> Option<usize> {
    let start = line.find("{{")?;
    let before = line[..start].trim_end();
    (before.ends_with([':', '-', ',', '[']) && !before.contains(['"', '\''])).then_some(start)
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
