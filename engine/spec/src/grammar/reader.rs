//! Reading a tree: values, keys and choices, with a fault for each that is wrong.

use std::collections::{BTreeMap, HashSet};

use super::{Choice, Read, RecordShape, list_names};
use crate::diagnostic::Diagnostic;
use crate::source::{Place, Source};
use crate::tree::{Key, Node, Value};

/// Collects faults while a tree is read.
pub(crate) struct Reader<'s> {
    pub(crate) source: &'s Source,
    pub(crate) faults: Vec<Diagnostic>,
    /// The key whose value is read.
    pub(super) owner: Option<Key>,
    /// The config fields that expressions read.
    pub(crate) config_read: HashSet<String>,
    /// Hooks that something names.
    pub(crate) hooks_named: HashSet<String>,
    /// Texts of the files that the spec names, by how it names them.
    pub(crate) files: BTreeMap<String, String>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(source: &'s Source) -> Reader<'s> {
        let (config_read, hooks_named) = (HashSet::new(), HashSet::new());
        Reader { source, faults: Vec::new(), owner: None, config_read, hooks_named, files: source.files().clone() }
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

    pub(super) fn misfit(&self, node: &Node, what: &str) -> Option<Diagnostic> {
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
        for choice in &record.choices {
            self.choice(node, entries, *choice, &keys);
        }
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
    pub(super) fn owned<T: Read>(&mut self, key: Option<&Key>, node: &Node) -> Option<T> {
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
