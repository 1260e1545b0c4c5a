//! What becomes of a record before its fields are read: it is split, flattened, its members are renamed.

use super::about::Positive;
use crate::grammar::{self, At, Map, Read, Reader, Shape, Text, TextKind, record};
use crate::tree::{Node, Value};

type Path = Text<grammar::Path>;

/// A path, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct SplitForm(pub(crate) Split);

record! {
    /// One record becomes as many as a list in it has elements. Pages are counted before.
    Split = "split";
    /// Path to the elements in the record, such as `$.lines[*]`. Each is a record, one that is no object as
    /// `{value: …}`. A null there and an empty list bring none.
    path: required Path,
    /// What each of them gets of the record around it: new names, each with a path in that record.
    keep: optional Map<Path>,
    /// Whether a record may lack the list, and then brings none; default false: a full table fails then, since rows would
    /// be missing, and of an incremental stream the record is set aside.
    optional: optional At<bool>,
}

impl Read for SplitForm {
    fn shape() -> Shape {
        Shape::Either(vec![Path::shape(), Split::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            return Split::read(node, reader).map(SplitForm);
        }
        let path = Some(Path::read(node, reader)?);
        Some(SplitForm(Split { place: node.place.clone(), said: Vec::new(), path, keep: None, optional: None }))
    }
}

/// The members whose own members come up: a name, several, or names with rules.
#[derive(Debug, Clone)]
pub(crate) struct FlattenForm(pub(crate) Vec<(At<String>, Option<FlattenRule>)>);

record! {
    /// How the members of an object come up.
    FlattenRule = "flatten";
    /// What stands before their names; default the object's name and `_`. `""` brings them up as they are.
    prefix: optional Prefix,
    /// How many objects deep; default 1: objects among the members stay objects.
    depth: optional Positive,
}

impl Read for FlattenForm {
    fn shape() -> Shape {
        let name = Text::<grammar::Plain>::shape;
        let named = Shape::Map(Box::new(FlattenRule::shape()));
        Shape::Either(vec![name(), Shape::List(Box::new(name())), named])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            return Map::read(node, reader).map(|rules| FlattenForm(rules.0));
        }
        let names: grammar::OneOrMany<Text<grammar::Plain>> = Read::read(node, reader)?;
        let plain = |name: Text<grammar::Plain>| (At { value: name.value, place: name.place }, None);
        Some(FlattenForm(names.0.into_iter().map(plain).collect()))
    }
}

/// What stands before a name; it may be empty.
#[derive(Debug, Clone)]
pub(crate) struct Prefix(pub(crate) String);

impl Read for Prefix {
    fn shape() -> Shape {
        Shape::Text(TextKind::Prefix)
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Scalar(scalar) => Some(Prefix(scalar.text.clone())),
            _ => reader.expected(node, "a text, or `\"\"` for nothing"),
        }
    }
}
