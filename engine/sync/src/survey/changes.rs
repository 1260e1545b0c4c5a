//! What a load changes of the tables that its stream had before: one line each for the report.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::drop_seen;
use crate::destination::{Destination, Fault, Opening, Prospect};
use crate::normalise::Normaliser;

/// A change of a table that was there before the load. Tables that a stream's first load makes are none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum SchemaChange {
    /// The stream got a further table.
    TableAdded {
        /// The table, as the destination calls it.
        table: String,
    },
    /// A table got a column.
    ColumnAdded {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type, as the destination calls it.
        #[serde(rename = "type")]
        declared: String,
    },
    /// A table got a column for the values that another one does not take.
    ColumnSplit {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type, as the destination calls it.
        #[serde(rename = "type")]
        declared: String,
        /// The column that keeps its type.
        beside: String,
    },
    /// The table was made anew, with another primary key.
    KeyChanged {
        /// The table.
        table: String,
        /// The key that it had.
        before: String,
        /// The key that it has.
        now: String,
    },
    /// The table was made anew, and a column has another type.
    TypeChanged {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The type that it had.
        before: String,
        /// The type that it has.
        now: String,
    },
    /// No field fills the column any more: it stays, and is emptied with each row that is written.
    ColumnEmptied {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The table was made anew, without the column.
    ColumnDropped {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
}

impl fmt::Display for SchemaChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SchemaChange::TableAdded { table } => write!(f, "new table `{table}`"),
            SchemaChange::ColumnAdded { table, column, declared } => {
                write!(f, "new column `{column}` of `{table}`: {declared}")
            }
            SchemaChange::ColumnSplit { table, column, declared, beside } => {
                write!(f, "new column `{column}` of `{table}`: {declared}, for what `{beside}` does not take")
            }
            SchemaChange::KeyChanged { table, before, now } => {
                write!(f, "the primary key of `{table}` is {now} now and was {before}")
            }
            SchemaChange::TypeChanged { table, column, before, now } => {
                write!(f, "column `{column}` of `{table}` is {now} now and was {before}")
            }
            SchemaChange::ColumnEmptied { table, column } => {
                write!(
                    f,
                    "column `{column}` of `{table}` is filled by no field any more: it is emptied with each row written"
                )
            }
            SchemaChange::ColumnDropped { table, column } => {
                write!(f, "column `{column}` of `{table}` is gone: the table was made anew")
            }
        }
    }
}

/// What a load has changed so far.
#[derive(Debug, Default)]
pub struct Changes {
    /// Whether the stream had tables; known once the load begins.
    had_tables: Option<bool>,
    /// By table: the columns that the destination was asked about.
    widths: Vec<usize>,
    all: BTreeSet<SchemaChange>,
}

impl Changes {
    /// Looks at what beginning a load will change. `hooked` says that its hooks tell columns that nobody knows yet.
    ///
    /// # Errors
    /// A [`Fault`] if the place cannot be read.
    pub fn begin(
        &mut self,
        destination: &mut dyn Destination,
        opening: &Opening<'_>,
        normaliser: &Normaliser,
        hooked: bool,
    ) -> Result<(), Fault> {
        let mut tables = destination.survey(opening)?;
        // Where the stream is read once more, what the first read made is not what was there before it.
        let had_tables = *self.had_tables.get_or_insert(tables.first().is_some_and(|own| own.is_there));
        self.note(&tables, opening, normaliser);
        drop_seen(&mut tables, normaliser, hooked);
        let empties = had_tables && !opening.mode.is_anew() && !opening.tables.merges();
        for table in tables.iter().filter(|_| empties) {
            let emptied =
                |column: &String| SchemaChange::ColumnEmptied { table: table.table.clone(), column: column.clone() };
            self.all.extend(table.stay.iter().map(emptied));
        }
        Ok(())
    }

    /// Looks at what writing rows with columns that were seen since will change.
    ///
    /// # Errors
    /// A [`Fault`] if the place cannot be read.
    pub fn grow(
        &mut self,
        destination: &mut dyn Destination,
        opening: &Opening<'_>,
        normaliser: &Normaliser,
    ) -> Result<(), Fault> {
        let is_known = self.widths.iter().copied().eq(widths(opening));
        if is_known || self.had_tables != Some(true) {
            return Ok(());
        }
        let tables = destination.survey(opening)?;
        self.note(&tables, opening, normaliser);
        Ok(())
    }

    fn note(&mut self, tables: &[Prospect], opening: &Opening<'_>, normaliser: &Normaliser) {
        self.widths = widths(opening).collect();
        if self.had_tables != Some(true) {
            return;
        }
        for (at, table) in tables.iter().enumerate() {
            let name = || table.table.clone();
            if !table.is_there {
                self.all.insert(SchemaChange::TableAdded { table: name() });
                continue;
            }
            for new in &table.added {
                let (column, declared) = (new.name.clone(), new.declared.clone());
                self.all.insert(match normaliser.beside(at, &new.name) {
                    None => SchemaChange::ColumnAdded { table: name(), column, declared },
                    Some(beside) => {
                        let beside = beside.to_owned();
                        SchemaChange::ColumnSplit { table: name(), column, declared, beside }
                    }
                });
            }
            if opening.mode.is_anew() {
                let changed = table.retyped.iter().map(|one| SchemaChange::TypeChanged {
                    table: name(),
                    column: one.name.clone(),
                    before: one.before.clone(),
                    now: one.now.clone(),
                });
                self.all.extend(changed);
                self.all.extend(table.rekeyed.as_ref().map(|key| SchemaChange::KeyChanged {
                    table: name(),
                    before: key.before.clone(),
                    now: key.now.clone(),
                }));
            }
        }
    }

    /// A load that makes its tables anew is complete: columns that nothing has filled are gone.
    ///
    /// # Errors
    /// A [`Fault`] if the place cannot be read.
    pub fn end_anew(&mut self, destination: &mut dyn Destination, opening: &Opening<'_>) -> Result<(), Fault> {
        let tables = if self.had_tables == Some(true) { destination.survey(opening)? } else { Vec::new() };
        for table in &tables {
            let dropped =
                |column: &String| SchemaChange::ColumnDropped { table: table.table.clone(), column: column.clone() };
            self.all.extend(table.stay.iter().map(dropped));
        }
        Ok(())
    }

    /// Nothing of it stays.
    pub fn discard(&mut self) {
        self.all.clear();
    }

    /// The changes, in the order of tables and columns.
    pub fn all(&self) -> impl Iterator<Item = &SchemaChange> {
        self.all.iter()
    }
}

fn widths(opening: &Opening<'_>) -> impl Iterator<Item = usize> {
    opening.tables.all().iter().map(|table| table.columns.len())
}
