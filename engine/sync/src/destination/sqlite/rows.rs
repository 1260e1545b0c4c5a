//! Rows of a batch -> parameters of prepared statements, without a copy on our side.

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement};
use tapwright_spec::model::LoadMode;

use super::shape::SHARED;
use crate::normalise::{Batch, Cell, Tables};

/// What the rows of one batch share.
#[derive(Debug)]
pub(super) struct Stamp {
    pub(super) received: String,
    pub(super) batched: String,
    pub(super) version: Option<i64>,
    /// `_sdc_sequence` of the first record.
    pub(super) first: i64,
}

/// A batch with all that its rows are bound from.
pub(super) struct Source<'b, 'a> {
    pub(super) connection: &'b Connection,
    pub(super) batch: &'b Batch<'a>,
    pub(super) tables: &'b Tables,
    pub(super) stamp: Stamp,
    /// The key that each record is given, if the stream has none of its own.
    pub(super) surrogates: Vec<String>,
    /// `uuid` of each record, where records are merged onto rows.
    pub(super) said: Vec<String>,
}

/// Nanoseconds of a microsecond: what `uuid_ts` tells apart.
const MICROSECOND: i64 = 1_000;

/// A sequence as the rows of a load mode can tell it.
pub(super) fn floor(mode: LoadMode, sequence: i64) -> i64 {
    match mode {
        LoadMode::Stitch => sequence,
        LoadMode::Segment => sequence - sequence.rem_euclid(MICROSECOND),
    }
}

/// The sequence that `uuid_ts` says.
pub(super) fn said_sequence(uuid_ts: &str) -> Option<i64> {
    uuid_ts.parse::<Timestamp>().ok()?.as_microsecond().checked_mul(MICROSECOND)
}

/// The rows of one table to which a statement is bound, one by one.
struct Binding<'s, 'c> {
    statement: &'s mut Statement<'c>,
    next: usize,
}

impl Binding<'_, '_> {
    fn put(&mut self, cell: &Cell<'_>) -> rusqlite::Result<()> {
        let at = self.next;
        self.next += 1;
        match cell {
            Cell::Null | Cell::Absent => self.statement.raw_bind_parameter(at, rusqlite::types::Null),
            Cell::Bool(value) => self.statement.raw_bind_parameter(at, value),
            Cell::Integer(value) => self.statement.raw_bind_parameter(at, value),
            Cell::Number(value) => self.statement.raw_bind_parameter(at, value),
            Cell::Text(text) => self.statement.raw_bind_parameter(at, text.as_ref()),
        }
    }

    fn text(&mut self, text: &str) -> rusqlite::Result<()> {
        self.next += 1;
        self.statement.raw_bind_parameter(self.next - 1, text)
    }

    fn integer(&mut self, value: i64) -> rusqlite::Result<()> {
        self.next += 1;
        self.statement.raw_bind_parameter(self.next - 1, value)
    }
}

impl Source<'_, '_> {
    fn key(&self, binding: &mut Binding<'_, '_>, root: usize) -> rusqlite::Result<()> {
        if let Some(surrogate) = self.surrogates.get(root) {
            return binding.text(surrogate);
        }
        let own = self.batch.table(0);
        let cells = own.cells(own.all()[root]);
        self.tables.key().iter().try_for_each(|column| binding.put(&cells[*column]))
    }

    /// Binds the key of a record, for a lookup or the rows below it.
    pub(super) fn bind_key(&self, statement: &mut Statement<'_>, root: usize) -> rusqlite::Result<()> {
        self.key(&mut Binding { statement, next: 1 }, root)
    }

    /// Greater for a later record.
    pub(super) fn sequence(&self, root: usize) -> i64 {
        match self.tables.load_mode() {
            LoadMode::Stitch => self.stamp.first + root as i64,
            LoadMode::Segment => floor(LoadMode::Segment, self.stamp.first) + root as i64 * MICROSECOND,
        }
    }

    /// Whether a row with this hash, or `uuid`, is of a record that says the same.
    pub(super) fn is_same(&self, root: usize, version: ValueRef<'_>) -> bool {
        match (self.tables.load_mode(), version) {
            // A row that somebody else put in has no hash and differs from everything.
            (LoadMode::Stitch, ValueRef::Integer(hash)) => hash.cast_unsigned() == self.batch.hashes()[root],
            (LoadMode::Segment, ValueRef::Text(uuid)) => {
                let ours = self.said.get(root).or_else(|| self.surrogates.get(root));
                ours.is_some_and(|ours| ours.as_bytes() == uuid)
            }
            _ => false,
        }
    }

    /// Whether the record has a value for the replication key.
    pub(super) fn has_replication_key(&self, root: usize) -> bool {
        self.tables.replication_key().is_some_and(|column| !self.cell(root, column).is_empty())
    }

    /// Whether the record says that it is deleted, and not since when.
    pub(super) fn is_marked_on_receipt(&self, root: usize) -> bool {
        self.tables.deleted().is_some_and(|column| *self.cell(root, column) == Cell::Bool(true))
    }

    pub(super) fn cell(&self, root: usize, column: usize) -> &Cell<'_> {
        let own = self.batch.table(0);
        &own.cells(own.all()[root])[column]
    }

    /// Binds what a tombstone changes in its row, and the row's key.
    pub(super) fn bind_tombstone(&self, statement: &mut Statement<'_>, root: usize) -> rusqlite::Result<()> {
        let mut binding = Binding { statement, next: 1 };
        match self.tables.deleted().map(|column| self.cell(root, column)) {
            Some(moment @ Cell::Text(_)) => binding.put(moment)?,
            _ => binding.text(&self.stamp.received)?,
        }
        self.stamp(&mut binding, root)?;
        self.key(&mut binding, root)
    }

    /// Binds what tells of the load, some cells of a record, and a row.
    pub(super) fn bind_merge(
        &self,
        statement: &mut Statement<'_>,
        root: usize,
        (columns, rowid): (&[usize], i64),
    ) -> rusqlite::Result<()> {
        let mut binding = Binding { statement, next: 1 };
        self.stamp(&mut binding, root)?;
        binding.integer(rowid)?;
        columns.iter().try_for_each(|column| self.put(&mut binding, self.cell(root, *column), Some(*column)))
    }

    /// In the order of [`Shape::stamp`](super::shape::Shape::stamp).
    fn stamp(&self, binding: &mut Binding<'_, '_>, root: usize) -> rusqlite::Result<()> {
        binding.text(&self.stamp.received)?;
        if self.tables.load_mode() == LoadMode::Segment {
            binding.text(&self.said[root])?;
            return binding.text(&self.uuid_ts(root));
        }
        binding.text(&self.stamp.batched)?;
        binding.integer(self.sequence(root))?;
        binding.integer(self.batch.hashes()[root].cast_signed())
    }

    fn uuid_ts(&self, root: usize) -> String {
        let at = Timestamp::from_microsecond(self.sequence(root) / MICROSECOND).unwrap_or_default();
        format!("{at:.6}")
    }

    /// Puts a cell of the stream's own table; `true` as a mark of a deletion is the moment of the receipt.
    fn put(&self, binding: &mut Binding<'_, '_>, cell: &Cell<'_>, column: Option<usize>) -> rusqlite::Result<()> {
        match cell {
            Cell::Bool(true) if column.is_some() && column == self.tables.deleted() => {
                binding.text(&self.stamp.received)
            }
            cell => binding.put(cell),
        }
    }

    fn shared(&self, statement: &mut Statement<'_>) -> rusqlite::Result<()> {
        statement.raw_bind_parameter(1, self.stamp.received.as_str())?;
        if self.tables.load_mode() == LoadMode::Segment {
            return Ok(());
        }
        statement.raw_bind_parameter(2, self.stamp.batched.as_str())?;
        match self.stamp.version {
            Some(version) => statement.raw_bind_parameter(3, version),
            None => Ok(()),
        }
    }

    /// How many of these records are marked as deleted.
    pub(super) fn deleted(&self, roots: &[usize]) -> u64 {
        let Some(column) = self.tables.deleted() else { return 0 };
        let marked = |root: &&usize| !self.cell(**root, column).is_empty();
        roots.iter().filter(marked).count() as u64
    }

    /// Runs an INSERT for these rows of a table; says how many it made.
    pub(super) fn execute(
        &self,
        statement: &mut Statement<'_>,
        table: usize,
        rows: &[usize],
    ) -> rusqlite::Result<usize> {
        self.shared(statement)?;
        let mut binding = Binding { statement, next: SHARED + 1 };
        for row in rows {
            self.row(&mut binding, table, *row)?;
        }
        statement.raw_execute()
    }

    fn row(&self, binding: &mut Binding<'_, '_>, table: usize, number: usize) -> rusqlite::Result<()> {
        let shape = &self.tables.all()[table];
        let rows = self.batch.table(table);
        let row = rows.all()[number];
        if table != 0 || !self.surrogates.is_empty() {
            self.key(binding, row.root)?;
        }
        for level in rows.levels(number, shape.depth) {
            binding.integer(*level)?;
        }
        let cells = rows.cells(row);
        for (column, cell) in cells.iter().enumerate() {
            self.put(binding, cell, (table == 0).then_some(column))?;
        }
        for _ in cells.len()..shape.columns.len() {
            binding.put(&Cell::Null)?;
        }
        if self.tables.load_mode() == LoadMode::Segment {
            self.said.get(number).map_or(Ok(()), |said| binding.text(said))?;
            return binding.text(&self.uuid_ts(number));
        }
        binding.integer(self.sequence(row.root))?;
        match table {
            0 => binding.integer(self.batch.hashes()[number].cast_signed()),
            _ => Ok(()),
        }
    }
}

/// Binds a key that stands alone.
pub(super) fn bind_cells(statement: &mut Statement<'_>, cells: &[Cell<'_>]) -> rusqlite::Result<()> {
    let mut binding = Binding { statement, next: 1 };
    cells.iter().try_for_each(|cell| binding.put(cell))
}

/// Now, as `_sdc_` columns say it: to the millisecond.
pub(super) fn moment(at: Timestamp) -> String {
    let millis = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    millis.to_string()
}
