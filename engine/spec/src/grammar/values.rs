//! Lists, mappings with names of the author's own, booleans and whole numbers.

use super::{At, Read, Reader, Shape};
use crate::tree::{Key, Node, Value};

impl<T: Read> Read for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::List(items) => Some(items.iter().filter_map(|item| reader.owned(None, item)).collect()),
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
            Value::List(items) => {
                let read: Vec<T> = Vec::read(node, reader)?;
                // None at all where none could be read, so that nothing is said of an empty list.
                (items.is_empty() || !read.is_empty()).then_some(OneOrMany(read))
            }
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
            (At { value: key.text.clone(), place: key.place.clone() }, reader.owned(Some(key), node))
        };
        Some(Map(entries.iter().map(read).collect()))
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
            Value::Scalar(scalar) => {
                let meant = match scalar.text.to_lowercase().as_str() {
                    "true" | "yes" | "on" => Some("did you mean `true`?"),
                    "false" | "no" | "off" => Some("did you mean `false`?"),
                    _ => None,
                };
                let fault = reader.misfit(node, "`true` or `false`")?;
                reader.fault(match meant {
                    Some(_) if !scalar.plain => fault.help("take the quotes off"),
                    Some(meant) => fault.label(meant),
                    None => fault,
                });
                return None;
            }
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
            None => {
                let fault = reader.misfit(node, &format!("a whole number from {LEAST} on"))?;
                let quoted =
                    matches!(&node.value, Value::Scalar(text) if !text.plain && text.text.parse::<i64>().is_ok());
                reader.fault(if quoted { fault.help("take the quotes off") } else { fault });
                None
            }
        }
    }
}
