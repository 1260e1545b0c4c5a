//! The tables that a stream will have in a destination, before anything is loaded.

use serde::Serialize;
use tapwright_spec::model::{ID, LoadMode, Stream};

use super::columns::{TOMBSTONE, meaning};
use super::shape::{Column, Shape};
use super::{Kind, Mode};
use crate::normalise::{ColumnType, NameFault, Normaliser};

/// A table as it will be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layout {
    /// Its name.
    pub table: String,
    /// Its name before the destination's rules for names.
    #[serde(skip)]
    pub said: String,
    /// How records become its rows.
    #[serde(skip)]
    pub mode: LoadMode,
    /// The table in which its list stood; `None` for the stream's own table.
    pub parent: Option<String>,
    /// The columns that make a row unique.
    pub key: Vec<String>,
    /// All columns in their order, with those that the engine adds.
    pub columns: Vec<Named>,
    /// Prefixes of the columns that open objects add as their keys are seen; an empty one for the members of records
    /// that no field reads.
    pub open: Vec<String>,
}

/// A column with its declared type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// The declared type.
    #[serde(rename = "type")]
    pub declared: &'static str,
    /// Its name before the destination's rules for names.
    #[serde(skip)]
    pub said: String,
    /// What it holds.
    #[serde(skip)]
    pub kind: ColumnType,
    /// What it is for, if the engine adds it.
    #[serde(skip)]
    pub meaning: Option<&'static str>,
}

/// The tables of `stream` in a destination of this kind, its own first.
///
/// # Errors
/// A [`NameFault`] for names that collide or are reserved.
pub fn layout(stream: &Stream, kind: &Kind) -> Result<Vec<Layout>, NameFault> {
    let normaliser = Normaliser::new(stream)?;
    let tables = normaliser.tables();
    let versioned = matches!(Mode::of(stream), Mode::Replace);
    let types = kind.capabilities.types;
    let one = |at: usize| {
        let table = &tables.all()[at];
        let shape = Shape::new(kind.dialect, tables, table, versioned);
        let named = |column: Column| {
            let Column { said, name, kind } = column;
            let is_ours = said != ID || stream.naming().makes_id();
            let meaning = meaning(stream.load_mode, &said).filter(|_| is_ours);
            Named { name, declared: types(kind), said, kind, meaning }
        };
        // Rows that files hold are marked where a table's are changed.
        let marked = kind.compact.is_some() && shape.is_own && shape.is_marked();
        let mark = marked.then(|| Column::ours(TOMBSTONE, ColumnType::Boolean));
        let columns = shape.columns().into_iter().chain(mark).map(named);
        let open = normaliser.open_objects().filter(|(table, _)| *table == at).map(|(_, prefix)| prefix.to_owned());
        Layout {
            table: shape.name.clone(),
            said: shape.said.clone(),
            mode: shape.mode,
            parent: table.parent.map(|parent| kind.dialect.tables.fit(&tables.all()[parent].name).into_owned()),
            key: shape.key.iter().map(|column| column.name.clone()).collect(),
            columns: columns.collect(),
            open: open.collect(),
        }
    };
    Ok((0..tables.all().len()).map(one).collect())
}
