//! A batch with all that its rows are made of, told value by value in the order of [`Shape::columns`].

use jiff::Timestamp;
use tapwright_spec::model::LoadMode;

use super::exact::{days, fixed, micros as moment, time_micros};
use super::shape::{Column, Known, Shape};
use super::{Delivery, surrogate};
use crate::normalise::{Batch, Cell, ColumnType, Run, Tables};

/// A value on its way into a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Put<'v> {
    /// A record's.
    Cell(&'v Cell<'v>),
    /// Microseconds since 1970.
    Moment(i64),
    /// A number of the engine's own.
    Integer(i64),
    /// A text of the engine's own.
    Text(&'v str),
    /// Several values of a record, as JSON has them: told only where the destination takes them.
    Members(&'v Run<'v>),
}

/// What the rows of one batch share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp {
    /// When the answer came, in microseconds since 1970.
    pub(super) received: i64,
    /// When the rows are written.
    pub(super) batched: i64,
    pub(super) version: Option<i64>,
    /// `_sdc_sequence` of the first record.
    pub(super) first: i64,
}

/// A batch with all that its rows are made of.
pub(super) struct Source<'b, 'a> {
    pub(super) batch: &'b Batch<'a>,
    pub(super) tables: &'b Tables,
    pub(super) stamp: Stamp,
    surrogates: Vec<String>,
    /// `uuid` of each record, where records are merged.
    said: Vec<String>,
    /// The columns of the stream's own table have the names and types that the normaliser gave them.
    as_normalised: bool,
}

/// A moment as `_sdc_` columns say it: to the millisecond.
fn micros(at: Timestamp) -> i64 {
    at.as_millisecond() * 1_000
}

impl<'b, 'a> Source<'b, 'a> {
    /// `own` is the stream's own table, `first` the sequence of the first record.
    pub(super) fn new(delivery: &Delivery<'b, 'a>, own: &Shape, version: Option<i64>, first: i64) -> Source<'b, 'a> {
        let (received, batched) = (micros(delivery.received), micros(Timestamp::now()));
        let surrogates = match own.known {
            Known::Columns => Vec::new(),
            Known::Values => delivery.batch.identities().iter().map(surrogate::of_values).collect(),
            Known::Never => surrogate::made_up(delivery.batch.records(), first),
        };
        let stamp = Stamp { received, batched, version, first };
        let said = match delivery.tables.merges() {
            true => delivery.batch.identities().iter().map(surrogate::of_values).collect(),
            false => Vec::new(),
        };
        let columns = own.cells.iter().zip(&delivery.tables.all()[0].columns);
        let as_normalised = columns.into_iter().all(|(own, said)| own.name == said.name && own.kind == said.kind);
        let batch = delivery.batch;
        Source { batch, tables: delivery.tables, stamp, surrogates, said, as_normalised }
    }

    /// A cell of a record's own row.
    pub(super) fn cell(&self, root: usize, column: usize) -> &Cell<'a> {
        let own = self.batch.table(0);
        &own.cells(own.all()[root])[column]
    }

    /// Whether a record is marked as deleted.
    pub(super) fn is_marked(&self, root: usize) -> bool {
        self.tables.deleted().is_some_and(|column| !self.cell(root, column).is_empty())
    }

    /// Tells the key of a record.
    ///
    /// # Errors
    /// The name of a column that takes no such value, and the value.
    pub(super) fn key(
        &self,
        key: &[Column],
        root: usize,
        put: &mut impl FnMut(ColumnType, Put<'_>) -> Option<()>,
    ) -> Result<(), String> {
        if let Some(surrogate) = self.surrogates.get(root) {
            return put(ColumnType::Text, Put::Text(surrogate)).ok_or_else(|| unfit(&key[0].name, &Cell::Null));
        }
        for (at, column) in self.tables.key().iter().zip(key) {
            let cell = self.cell(root, *at);
            put(column.kind, Put::Cell(cell)).ok_or_else(|| unfit(&column.name, cell))?;
        }
        Ok(())
    }

    /// How many values [`Source::row`] tells of a row of this table.
    pub(super) fn width(&self, shape: &Shape) -> usize {
        let ahead = if self.is_keyed(shape) { shape.key.len() } else { 0 };
        let behind = match shape.mode {
            LoadMode::Stitch => 3 + usize::from(self.stamp.version.is_some()) + usize::from(shape.is_own),
            LoadMode::Segment => 2 + usize::from(!self.said.is_empty()),
        };
        ahead + shape.cells.len() + behind
    }

    /// Whether the key stands in front of the record's columns.
    fn is_keyed(&self, shape: &Shape) -> bool {
        !shape.is_own || !self.surrogates.is_empty()
    }

    /// Tells the values of one row.
    ///
    /// # Errors
    /// The name of a column that takes no such value, and the value.
    pub(super) fn row(
        &self,
        shape: &Shape,
        (table, number): (usize, usize),
        put: &mut impl FnMut(ColumnType, Put<'_>) -> Option<()>,
    ) -> Result<(), String> {
        let rows = self.batch.table(table);
        let row = rows.all()[number];
        let ours = |told: Option<()>| told.ok_or_else(|| unfit("_sdc", &Cell::Null));
        if self.is_keyed(shape) {
            self.key(&shape.key, row.root, put)?;
            for level in rows.levels(number, shape.depth) {
                ours(put(ColumnType::Integer, Put::Integer(*level)))?;
            }
        }
        let cells = rows.cells(row);
        let marked = self.tables.deleted().filter(|_| table == 0);
        let runs = if shape.is_own && self.as_normalised { rows.runs(number) } else { &[] };
        let (mut runs, mut next) = (runs.iter().peekable(), 0);
        while let Some(column) = shape.cells.get(next) {
            if let Some(run) = runs.next_if(|run| run.column == next) {
                next += run.columns;
                ours(put(ColumnType::Json, Put::Members(run)))?;
                continue;
            }
            let at = next;
            next += 1;
            let cell = cells.get(at).unwrap_or(&Cell::Null);
            let value = match cell {
                Cell::Bool(true) if Some(at) == marked => Put::Moment(self.stamp.received),
                cell => Put::Cell(cell),
            };
            put(column.kind, value).ok_or_else(|| unfit(&column.name, cell))?;
        }
        ours(put(ColumnType::Timestamp, Put::Moment(self.stamp.received)))?;
        if shape.mode == LoadMode::Segment {
            if let Some(said) = self.said.get(number) {
                ours(put(ColumnType::Text, Put::Text(said)))?;
            }
            return ours(put(ColumnType::Timestamp, Put::Moment(self.stamp.first / 1_000 + row.root as i64)));
        }
        ours(put(ColumnType::Timestamp, Put::Moment(self.stamp.batched)))?;
        if let Some(version) = self.stamp.version {
            ours(put(ColumnType::Integer, Put::Integer(version)))?;
        }
        ours(put(ColumnType::Integer, Put::Integer(self.stamp.first + row.root as i64)))?;
        if table == 0 {
            let hash = self.batch.hashes()[number].cast_signed();
            ours(put(ColumnType::Integer, Put::Integer(hash)))?;
        }
        Ok(())
    }
}

/// Puts a value of a key as it is told apart: by what it means, so that two ways to write a moment are one.
pub(super) fn put_key(into: &mut Vec<u8>, kind: ColumnType, value: Put<'_>) -> Option<()> {
    let text = match value {
        Put::Cell(Cell::Null | Cell::Absent) => {
            into.push(0);
            return Some(());
        }
        Put::Cell(Cell::Bool(value)) => return tagged(into, &[u8::from(*value)]),
        Put::Cell(Cell::Number(value)) => return tagged(into, &value.to_le_bytes()),
        Put::Integer(value) | Put::Moment(value) | Put::Cell(&Cell::Integer(value)) => {
            return tagged(into, &value.to_le_bytes());
        }
        Put::Cell(Cell::Text(text)) => text.as_ref(),
        Put::Text(text) => text,
        Put::Members(_) => return None,
    };
    match kind {
        ColumnType::Timestamp => tagged(into, &moment(text)?.to_le_bytes()),
        ColumnType::Time => tagged(into, &time_micros(text)?.to_le_bytes()),
        ColumnType::Date => tagged(into, &days(text)?.to_le_bytes()),
        ColumnType::Decimal => tagged(into, &fixed(text)?.to_le_bytes()),
        _ => tagged(into, text.as_bytes()),
    }
}

pub(super) fn tagged(into: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    into.push(1);
    into.extend_from_slice(&u32::try_from(bytes.len()).ok()?.to_le_bytes());
    into.extend_from_slice(bytes);
    Some(())
}

/// A value that should have been set aside before.
fn unfit(column: &str, cell: &Cell<'_>) -> String {
    format!("the column `{column}` cannot hold {cell:?}")
}
