//! How a record says that it is deleted at the source.

use crate::grammar::{self, At, OneOrMany, Read, Reader, Shape, Text, record};
use crate::tree::{Node, Value};

type Path = Text<grammar::Path>;

/// A path, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct DeletedForm(pub(crate) Deleted);

record! {
    /// How a record says that it is deleted. Its row stays, and `_sdc_deleted_at` tells when: the value itself if it
    /// is a moment, else when the record was received. The row of a record that comes without the mark again has null
    /// there. The rows of its lists stay as the record has them. Of a deleted record that `keep_if` does not keep the
    /// row is marked, if there is one, and keeps its values.
    Deleted = "deleted";
    /// Path to the mark in a record, as the fields see it. A record in which it is missing, null, `false`, `0` or
    /// empty is not deleted.
    from: required Path,
    /// The value, or the values, that mean deleted, where others do not.
    is: optional OneOrMany<Text<grammar::Plain>>,
    /// How a moment there is written; default `rfc3339`.
    format: optional Text<grammar::TimeFormat>,
    /// Whether a deleted record comes with its key and the mark alone; default false. If so, its row is marked and
    /// keeps its other values; where there is no row with its key, there is nothing to do. No other field can be
    /// missing from it, and `keep_if` is not asked about it.
    tombstone: optional At<bool>,
}

impl Read for DeletedForm {
    fn shape() -> Shape {
        Shape::Either(vec![Path::shape(), Deleted::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            return Deleted::read(node, reader).map(DeletedForm);
        }
        let from = Some(Path::read(node, reader)?);
        let place = node.place.clone();
        Some(DeletedForm(Deleted { place, said: Vec::new(), from, is: None, format: None, tombstone: None }))
    }
}
