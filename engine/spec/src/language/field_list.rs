//! The columns of a stream: each by its name, or as a JSON Schema lists them.

use super::field::FieldForm;
use crate::grammar::{self, Map, Read, Reader, Shape, Text, record};
use crate::tree::{Node, Value};

/// How the name of a schema's file ends; a column that is called `schema` has a type there.
const SUFFIX: &str = ".json";

/// Columns.
#[derive(Debug, Clone)]
pub(crate) struct FieldList {
    /// The file with the schema, whose columns come first.
    pub(crate) schema: Option<Text<grammar::Plain>>,
    /// Those that are written here, and once the file is read, all.
    pub(crate) listed: Map<FieldForm>,
}

record! {
    /// Columns as a JSON Schema lists them: the properties of the object that it describes, with their types, descriptions,
    /// `enum`s and examples. A property that is `required` and not null is `required` here. `format` makes a string a
    /// timestamp (`date-time`), a `date`, a `time` or a `decimal`; an object whose properties are not told is `json`.
    /// References within the file are followed. What a column cannot be, such as one of several types, is an error at
    /// its place in the file, and goes under `also`.
    SchemaForm = "schema";
    /// The file, seen from the spec's: `schemas/order.json`.
    schema: required Text<grammar::Plain>,
    /// Columns beside those of the file, or in their place: those that `add` gives, or stand elsewhere in the record.
    also: optional Map<FieldForm>,
}

impl Read for FieldList {
    fn shape() -> Shape {
        Shape::Either(vec![Map::<FieldForm>::shape(), SchemaForm::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if !names_a_file(node) {
            return Map::read(node, reader).map(FieldList::of);
        }
        let form = SchemaForm::read(node, reader)?;
        if form.also.is_none() && form.said("also").is_some() {
            return None;
        }
        Some(FieldList { schema: Some(form.schema?), listed: form.also.unwrap_or_else(|| Map(Vec::new())) })
    }
}

impl FieldList {
    /// Columns that are all written here.
    pub(crate) fn of(listed: Map<FieldForm>) -> FieldList {
        FieldList { schema: None, listed }
    }
}

impl std::ops::Deref for FieldList {
    type Target = Map<FieldForm>;

    fn deref(&self) -> &Self::Target {
        &self.listed
    }
}

/// No type of a column ends like a file's name, so this holds where `schema` is misspelt, too.
fn names_a_file(node: &Node) -> bool {
    let Value::Map(entries) = &node.value else { return false };
    entries.iter().any(|(_, node)| matches!(&node.value, Value::Scalar(scalar) if scalar.text.trim().ends_with(SUFFIX)))
}
