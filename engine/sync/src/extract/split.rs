//! Cuts a body into raw records and the few values that a walk reads, in one pass and without a tree.

mod depth;
mod descent;
mod straight;

use std::fmt;
use std::ops::Range;

use serde_json::Value;
use tapwright_spec::counted;
use tapwright_spec::path::{Path, Segment};

use super::archive::ArchiveFault;
pub(super) use depth::DEEPEST;
pub(super) use depth::too_deep;
use descent::{Node, Slot, run};

/// What is wanted of a body: the records, and single values by slot.
#[derive(Debug)]
pub(super) struct Wanted {
    records: Option<Path>,
    values: Vec<Path>,
    /// The places of all paths, if all are plain.
    plan: Option<Node>,
}

/// What stands in a body.
#[derive(Debug, Default)]
pub(super) struct Split {
    /// The records, in order.
    pub(super) records: Vec<Range<usize>>,
    /// For each slot its first value.
    pub(super) values: Vec<Option<Range<usize>>>,
    /// Why the records cannot be trusted.
    pub(super) fault: Option<SplitFault>,
}

/// Why a body cannot be cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SplitFault {
    /// It is not JSON from this byte on.
    NotJson { offset: usize, why: String },
    /// It ends too early.
    Truncated { offset: usize },
    /// It nests too deep, at this byte.
    TooDeep { offset: usize },
    /// It is not XML from this byte on, or none that is read.
    NotXml { offset: usize, why: String },
    /// The records are not there.
    NoRecords(String),
    /// A key on a path stands there twice, the second time at this byte.
    Duplicate { key: String, offset: Option<usize> },
    /// A line is not of the format that it should be of, at this byte of the body.
    Line { number: usize, offset: usize, format: &'static str, why: String },
    /// It is an HTML page.
    Html,
    /// It is a JSON document where a table should be.
    Json,
    /// The first line names none of the columns that are known.
    Header { known: Vec<String> },
    /// The records would be larger than this.
    TooLarge(u64),
    /// It is not packed as it should be.
    Packed(ArchiveFault),
    /// It is not in the charset that it should be in.
    Unreadable(String),
    /// There is nothing in it.
    Nothing,
    /// One of several files cannot be cut.
    InFile { name: String, fault: Box<SplitFault> },
}

impl fmt::Display for SplitFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SplitFault::NotJson { offset, why } => {
                write!(f, "the answer is not JSON at byte {offset}: {why}")
            }
            SplitFault::Truncated { offset } => {
                write!(f, "the answer's JSON breaks off at byte {offset}")
            }
            SplitFault::TooDeep { offset } => {
                write!(f, "the answer nests more than {DEEPEST} deep at byte {offset}")
            }
            SplitFault::NotXml { offset, why } => write!(f, "the answer is not XML at byte {offset}: {why}"),
            SplitFault::NoRecords(why) => write!(f, "no records where they should be: {why}"),
            SplitFault::Line { number, offset, format, why } => {
                write!(f, "line {number} of the answer is no {format}, at byte {offset}: {why}")
            }
            SplitFault::Html => f.write_str("the answer is an HTML page"),
            SplitFault::Json => f.write_str("the answer is JSON, not CSV"),
            SplitFault::Header { known } => write!(
                f,
                "the first line of the answer names none of the columns that the spec knows (`{}`); if it is no error of \
                 the API's, write under `format: {{csv: …}}` its `delimiter`, or its `header` if it has none",
                known.join("`, `")
            ),
            SplitFault::Packed(fault) => fault.fmt(f),
            SplitFault::Unreadable(why) => f.write_str(why),
            SplitFault::Nothing => f.write_str("it is empty; records were expected"),
            SplitFault::InFile { name, fault } => write!(f, "in `{name}` of the archive: {fault}"),
            SplitFault::TooLarge(most) => write!(f, "the records are larger than {}", counted(most, "byte")),
            SplitFault::Duplicate { key, offset: None } => {
                write!(f, "the key `{key}` stands twice in the same object")
            }
            SplitFault::Duplicate { key, offset: Some(offset) } => {
                write!(f, "the key `{key}` stands twice in the same object, again at byte {offset}")
            }
        }
    }
}

impl SplitFault {
    /// The same fault with the places in the body from which the text was made.
    pub(super) fn at(mut self, in_body: &dyn Fn(usize) -> usize) -> SplitFault {
        match &mut self {
            SplitFault::NotJson { offset, .. }
            | SplitFault::Truncated { offset }
            | SplitFault::TooDeep { offset }
            | SplitFault::NotXml { offset, .. }
            | SplitFault::Line { offset, .. }
            | SplitFault::Duplicate { offset: Some(offset), .. } => *offset = in_body(*offset),
            _ => {}
        }
        self
    }
}

impl Wanted {
    /// The records at `records`, if any are wanted, and the values at `values`.
    pub(super) fn new(records: Option<Path>, values: Vec<Path>) -> Wanted {
        let mut plan = Some(Node::default());
        let slots = values.iter().enumerate().map(|(at, path)| (Slot::Value(at), path));
        for (slot, path) in records.iter().map(|path| (Slot::Record, path)).chain(slots) {
            match (&mut plan, path.plain()) {
                (Some(node), Some(segments)) => node.insert(segments, slot),
                _ => plan = None,
            }
        }
        Wanted { records, values, plan }
    }

    /// Cuts `text`.
    pub(super) fn split(&self, text: &str) -> Split {
        let split = match &self.plan {
            Some(plan) => match straight::run(plan, text, self.values.len()) {
                Some(split) => return split,
                None => run(plan, text, self.values.len()),
            },
            None => self.split_by_tree(text),
        };
        match too_deep(text, &split.records).filter(|_| split.fault.is_none()) {
            Some(offset) => Split { fault: Some(SplitFault::TooDeep { offset }), ..split },
            None => split,
        }
    }

    /// For paths that need the full language: a tree tells where they lead, the text is cut there.
    fn split_by_tree(&self, text: &str) -> Split {
        let document: Value = match serde_json::from_str(text) {
            Ok(document) => document,
            Err(error) => {
                return Split {
                    values: vec![None; self.values.len()],
                    fault: Some(syntax(text, &error)),
                    ..Split::default()
                };
            }
        };
        let mut plan = Node::default();
        for (at, path) in self.values.iter().enumerate() {
            for place in path.locate(&document).iter().take(1) {
                plan.insert(place, Slot::Value(at));
            }
        }
        let mut missing = None;
        if let Some(path) = &self.records {
            match path.plain() {
                Some(segments) => plan.insert(segments, Slot::Record),
                None => {
                    missing = no_list(path, &document);
                    for place in path.locate(&document) {
                        plan.insert(&place, Slot::Record);
                    }
                }
            }
        }
        let mut split = run(&plan, text, self.values.len());
        split.fault = split.fault.or(missing);
        split
    }
}

fn syntax(text: &str, error: &serde_json::Error) -> SplitFault {
    if error.is_eof() {
        return SplitFault::Truncated { offset: text.len() };
    }
    let message = error.to_string();
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let offset = before + error.column().saturating_sub(1);
    if message.starts_with("recursion limit") {
        return SplitFault::TooDeep { offset };
    }
    let why = message.split(" at line ").next().unwrap_or(&message);
    SplitFault::NotJson { offset, why: why.to_owned() }
}

/// A filter that finds nothing is no fault, but the list that it goes through must be there.
fn no_list(path: &Path, document: &Value) -> Option<SplitFault> {
    let source = path.source();
    let plain = source
        .char_indices()
        .filter(|(_, c)| matches!(c, '.' | '['))
        .filter_map(|(at, _)| Path::compile(&source[..at]).ok())
        .rfind(|prefix| prefix.plain().is_some())?;
    let places = plain.locate(document);
    let found = places.iter().filter_map(|place| {
        place.iter().try_fold(document, |value, segment| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) => value.get(index),
            Segment::Each => None,
        })
    });
    if found.clone().next().is_none() {
        return Some(SplitFault::NoRecords(format!("there is no `{plain}`")));
    }
    found
        .into_iter()
        .find(|value| !value.is_array() && !value.is_object())
        .map(|value| SplitFault::NoRecords(format!("`{plain}` is {value}")))
}

#[cfg(test)]
mod tests;
