//! Tables as their pages describe them, for what other programs read.

use tapwright_spec::model::Stream;

use crate::anchor::Anchors;
use crate::markdown::text;
use crate::shape::{Column, Shape};

/// A table that a stream fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedTable {
    /// Its name.
    pub name: String,
    /// What a row is, without marks.
    pub description: String,
    /// What is known of its columns; some of those that the engine adds stand here.
    pub columns: Vec<DescribedColumn>,
}

/// A column of a [`DescribedTable`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedColumn {
    /// Its name.
    pub name: String,
    /// What it says, without marks; may be empty.
    pub description: String,
    /// Whether a row may be without a value.
    pub nullable: bool,
    /// Whether it tells of a person.
    pub personal: bool,
    /// The values that it takes, where they are known.
    pub values: Vec<String>,
    /// A value as the API might send it.
    pub example: Option<String>,
}

impl From<Column> for DescribedColumn {
    fn from(column: Column) -> DescribedColumn {
        let description = match (text(&column.description), column.title) {
            (said, Some(title)) if said.is_empty() => title,
            (said, _) => said,
        };
        let Column { name, nullable, personal, values, example, .. } = column;
        DescribedColumn { name, description, nullable, personal, values, example }
    }
}

/// The tables that `stream` fills, its own first.
pub fn described(stream: &Stream) -> Vec<DescribedTable> {
    let Shape { columns, children } = Shape::of(stream, &mut Anchors::default());
    // What is nested is no column itself.
    let kept = |columns: Vec<Column>| columns.into_iter().filter(|column| !column.nested).map(Into::into).collect();
    let name = stream.naming().table(&stream.name).into_owned();
    let own = DescribedTable { name, description: text(&stream.description), columns: kept(columns) };
    let children = children.into_iter().map(|child| DescribedTable {
        name: child.name,
        description: text(&child.description),
        columns: kept(child.columns),
    });
    std::iter::once(own).chain(children).collect()
}
