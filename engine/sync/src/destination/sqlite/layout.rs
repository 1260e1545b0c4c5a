//! The tables that a stream will have, before anything is loaded.

use serde::Serialize;
use tapwright_spec::model::Stream;

use super::shape::Shape;
use crate::destination::Mode;
use crate::normalise::{NameFault, Normaliser};

/// A table as it will be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layout {
    /// Its name.
    pub table: String,
    /// The table in which its list stood; `None` for the stream's own table.
    pub parent: Option<String>,
    /// The columns that make a row unique.
    pub key: Vec<String>,
    /// All columns in their order, with those that the engine adds.
    pub columns: Vec<SqlName>,
    /// Prefixes of the columns that open objects add as their keys are seen; an empty one for the members of records
    /// that no field reads.
    pub open: Vec<String>,
}

/// A column with its declared type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SqlName {
    /// Its name.
    pub name: String,
    /// The declared type.
    #[serde(rename = "type")]
    pub declared: &'static str,
}

/// The tables of `stream`, its own first.
///
/// # Errors
/// A [`NameFault`] for names that collide or are reserved.
pub fn layout(stream: &Stream) -> Result<Vec<Layout>, NameFault> {
    let normaliser = Normaliser::new(stream)?;
    let tables = normaliser.tables();
    let versioned = matches!(Mode::of(stream), Mode::Replace);
    let one = |at: usize| {
        let table = &tables.all()[at];
        let shape = Shape::new(tables, table, versioned);
        let columns =
            shape.columns().into_iter().map(|column| SqlName { name: column.name, declared: column.declared });
        let open = normaliser.open_objects().filter(|(table, _)| *table == at).map(|(_, prefix)| prefix.to_owned());
        Layout {
            table: table.name.clone(),
            parent: table.parent.map(|parent| tables.all()[parent].name.clone()),
            key: shape.key_names(),
            columns: columns.collect(),
            open: open.collect(),
        }
    };
    Ok((0..tables.all().len()).map(one).collect())
}
