//! The tables of a stream: as a load creates them in a kind of destination, and as the pages describe them.

use tapwright_docs::{DescribedColumn, described};
use tapwright_spec::Connector;
use tapwright_spec::model::Stream;
use tapwright_sync::destination::{Kind, Layout, Named, TOMBSTONE, layout};
use tapwright_sync::normalise::{ColumnType, NameFault};

/// A table.
#[derive(Debug, Clone)]
pub struct Table<'a> {
    /// The stream that fills it.
    pub stream: &'a Stream,
    /// Its name.
    pub name: String,
    /// The table in which its list stood; `None` for the stream's own table.
    pub parent: Option<String>,
    /// What a row is.
    pub description: String,
    /// The columns that make a row unique.
    pub key: Vec<String>,
    /// All columns, with those that the engine adds.
    pub columns: Vec<Column>,
    /// Prefixes of the columns that are added as their keys are seen; an empty one stands for all.
    pub open: Vec<String>,
    /// How its rows refer to those of others.
    pub references: Vec<Reference>,
}

/// A column of a [`Table`].
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnType,
    /// Its type as the destination declares it.
    pub declared: &'static str,
    /// What it says; may be empty.
    pub description: String,
    /// Whether a row may be without a value.
    pub nullable: bool,
    /// Whether it tells of the load alone.
    pub of_load: bool,
    /// Whether it tells of a person.
    pub personal: bool,
    /// The values that it takes, where they are known.
    pub values: Vec<String>,
    /// A value as the API might send it.
    pub example: Option<String>,
}

/// How rows of a table refer to those of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Columns that refer.
    pub columns: Vec<String>,
    /// The table to which they refer.
    pub table: String,
    /// Its columns.
    pub to: Vec<String>,
    /// Whether the row is there for certain: rows of a list stand beside the row that has the list, while what the API
    /// refers to may never have been read.
    pub certain: bool,
}

/// All tables of a connector in a destination of this kind, in the order of the spec, those of lists behind their
/// stream's own.
///
/// # Errors
/// A [`NameFault`] for names that collide or are reserved.
pub fn tables<'a>(connector: &'a Connector, kind: &Kind) -> Result<Vec<Table<'a>>, NameFault> {
    let laid: Vec<Vec<Layout>> =
        connector.streams.iter().map(|stream| layout(stream, kind)).collect::<Result<_, _>>()?;
    let mut tables = Vec::new();
    for (stream, layouts) in connector.streams.iter().zip(&laid) {
        let own = Layouts { connector, stream, layouts, laid: &laid };
        tables.extend(layouts.iter().map(|layout| own.table(layout)));
    }
    Ok(tables)
}

/// The tables of a stream among those of all.
struct Layouts<'a, 'l> {
    connector: &'a Connector,
    stream: &'a Stream,
    layouts: &'l [Layout],
    laid: &'l [Vec<Layout>],
}

impl<'a> Layouts<'a, '_> {
    fn table(&self, layout: &Layout) -> Table<'a> {
        let told = described(self.stream).into_iter().find(|told| told.name == layout.said);
        let (description, told) = told.map(|told| (told.description, told.columns)).unwrap_or_default();
        // A tombstone has values in its key alone.
        let bare = self.stream.deleted.as_ref().is_some_and(|deleted| deleted.tombstone);
        let column = |named: &Named| {
            let told = told.iter().find(|told| told.name == named.said);
            let mut column = column(named, told);
            column.nullable &= !layout.key.contains(&named.name);
            column.nullable |= bare && !layout.key.contains(&named.name) && named.meaning.is_none();
            column
        };
        Table {
            stream: self.stream,
            name: layout.table.clone(),
            parent: layout.parent.clone(),
            description,
            key: layout.key.clone(),
            columns: layout.columns.iter().map(column).collect(),
            open: self.open(layout),
            references: self.references(layout),
        }
    }

    fn open(&self, layout: &Layout) -> Vec<String> {
        let told = self.stream.hooks.iter().filter_map(|hook| hook.effect.as_ref());
        // What a hook's records alone will tell.
        let unknown = layout.parent.is_none() && told.into_iter().any(|effect| effect.others.is_some());
        layout.open.iter().cloned().chain(unknown.then(String::new)).collect()
    }

    fn references(&self, layout: &Layout) -> Vec<Reference> {
        let own = &self.layouts[0];
        if layout.parent.is_some() {
            // The key of a row of a list begins with that of the row that has the list.
            let columns = layout.key.iter().take(own.key.len()).cloned().collect();
            return vec![Reference { columns, table: own.table.clone(), to: own.key.clone(), certain: true }];
        }
        let refers = |field: &tapwright_spec::model::Field| {
            let at = self.connector.streams.iter().position(|other| Some(&other.name) == field.references.as_ref())?;
            let (other, there) = (&self.connector.streams[at], self.laid[at].first()?);
            let column = self.stream.naming().column(&field.name);
            let named = own.columns.iter().find(|named| named.said == column)?;
            let [key] = there.key.as_slice() else { return None };
            let same = !other.primary_key.is_empty();
            same.then(|| Reference {
                columns: vec![named.name.clone()],
                table: there.table.clone(),
                to: vec![key.clone()],
                certain: false,
            })
        };
        self.stream.fields.iter().filter_map(refers).collect()
    }
}

fn column(named: &Named, told: Option<&DescribedColumn>) -> Column {
    let ours = named.meaning;
    let description = told.map(|told| told.description.clone()).or_else(|| ours.map(str::to_owned));
    Column {
        name: named.name.clone(),
        kind: named.kind,
        declared: named.declared,
        description: description.unwrap_or_default(),
        nullable: match ours {
            Some(_) => named.said == TOMBSTONE,
            None => told.is_none_or(|told| told.nullable),
        },
        of_load: ours.is_some(),
        personal: told.is_some_and(|told| told.personal),
        values: told.map(|told| told.values.clone()).unwrap_or_default(),
        example: told.and_then(|told| told.example.clone()),
    }
}
