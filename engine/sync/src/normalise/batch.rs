//! What comes out of records: rows by table, rejected records, and the replication keys that were seen.
//!
//! Cells borrow from the text of the records. The cells of a table lie in one list, row after row; a
//! row that was made before a column was known is shorter, and what is missing is null.

mod trace;

use std::borrow::Cow;
use std::ops::Range;

use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_64;

use super::identity::Identities;
use super::table::{ColumnType, Tables};
use crate::state::KeyValue;
use trace::put_row;

/// A value, ready for a destination.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// The record does not say: the row keeps what it has. Only where records are merged onto rows.
    Absent,
    /// No value.
    Null,
    /// Boolean.
    Bool(bool),
    /// Integer.
    Integer(i64),
    /// Double, never infinite.
    Number(f64),
    /// Text, and whatever is kept as text.
    Text(Cow<'a, str>),
}

impl Cell<'_> {
    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        matches!(self, Cell::Absent | Cell::Null)
    }
}

/// Members of a record that are written as the row's columns are, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// The column of the first one.
    pub column: usize,
    /// How many there are.
    pub columns: usize,
    /// `"name":value,"name":value`
    pub text: &'a str,
}

/// Where a row's cells lie, and whose child it is.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    start: usize,
    end: usize,
    /// Where its runs end; they begin where those of the row before end.
    runs: usize,
    /// Position in the batch of the stream's own row to which this one belongs, or its own.
    pub root: usize,
}

/// The rows of one table.
#[derive(Debug, Default)]
pub struct Rows<'a> {
    pub(super) cells: Vec<Cell<'a>>,
    pub(super) rows: Vec<Row>,
    pub(super) levels: Vec<i64>,
    pub(super) open: usize,
    pub(super) runs: Vec<Run<'a>>,
    bytes: u64,
}

impl<'a> Rows<'a> {
    /// Bytes of the values: texts as long as they are, others 8.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The rows in the order in which they stood in the records.
    pub fn all(&self) -> &[Row] {
        &self.rows
    }

    /// The cells of a row; columns beyond the last are null.
    pub fn cells(&self, row: Row) -> &[Cell<'a>] {
        &self.cells[row.start..row.end]
    }

    /// What the row with this number has in common with its record, to the letter; in the order of the columns.
    pub fn runs(&self, number: usize) -> &[Run<'a>] {
        let from = number.checked_sub(1).map_or(0, |before| self.rows[before].runs);
        &self.runs[from..self.rows[number].runs]
    }

    /// The positions in the lists, outermost first, of the row with this number.
    pub fn levels(&self, number: usize, depth: usize) -> &[i64] {
        &self.levels[number * depth..(number + 1) * depth]
    }

    /// The numbers of the rows that belong to the stream's own row `root`.
    pub fn of_root(&self, root: usize) -> Range<usize> {
        let from = self.rows.partition_point(|row| row.root < root);
        let to = from + self.rows[from..].partition_point(|row| row.root == root);
        from..to
    }

    pub(super) fn close(&mut self, start: usize, root: usize) {
        let end = self.cells.len();
        self.rows.push(Row { start, end, runs: self.runs.len(), root });
    }

    fn mark(&self) -> Mark {
        Mark { cells: self.cells.len(), rows: self.rows.len(), levels: self.levels.len(), runs: self.runs.len() }
    }

    fn cut(&mut self, mark: Mark) {
        self.cells.truncate(mark.cells);
        self.rows.truncate(mark.rows);
        self.levels.truncate(mark.levels);
        self.runs.truncate(mark.runs);
    }
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    cells: usize,
    rows: usize,
    levels: usize,
    runs: usize,
}

/// A record that became no row, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected<'a> {
    /// Names field, value and type.
    pub reason: String,
    /// The record's text.
    pub record: &'a str,
    /// Its primary key, if that can be read: the row of the last good version stays in a full table.
    pub key: Option<Vec<Cell<'a>>>,
}

/// The replication keys of a batch, in the order in which the records came.
#[derive(Debug, Clone, PartialEq)]
pub struct Keys {
    /// The first record's that has one.
    pub first: KeyValue,
    /// The last record's that has one.
    pub last: KeyValue,
    /// The greatest of them.
    pub greatest: KeyValue,
    /// Whether none was smaller than the one before it.
    pub ascending: bool,
}

/// Rows, child rows and rejected records, borrowed from the records' text.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    pub(super) tables: Vec<Rows<'a>>,
    pub(super) hashes: Vec<u64>,
    pub(super) rejected: Vec<Rejected<'a>>,
    identities: Identities,
    keys: Option<[Cell<'a>; 3]>,
    descending: bool,
    without_key: u64,
    tombstones: Vec<usize>,
    marks: Vec<Mark>,
    discarded: Vec<String>,
    /// How many of these the records before the one under way brought.
    discarded_before: usize,
}

impl<'a> Batch<'a> {
    /// Nothing yet.
    pub fn new() -> Batch<'a> {
        Batch::default()
    }

    /// Nothing yet, with room for the own rows of so many records.
    pub(super) fn for_records(records: usize, tables: &Tables) -> Batch<'a> {
        let mut batch = Batch::default();
        let own = Rows {
            cells: Vec::with_capacity(records * tables.all[0].columns.len()),
            rows: Vec::with_capacity(records),
            ..Rows::default()
        };
        batch.tables.push(own);
        batch.hashes.reserve(records);
        batch
    }

    /// How many records became rows.
    pub fn records(&self) -> usize {
        self.hashes.len()
    }

    /// How many rows there are, child rows included.
    pub fn rows(&self) -> usize {
        self.tables.iter().map(|table| table.rows.len()).sum()
    }

    /// The rows of a table, by its place in [`Tables::all`].
    pub fn table(&self, table: usize) -> &Rows<'a> {
        &self.tables[table]
    }

    /// For each record a hash of its cells, its child rows and their columns' names.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// What each record is known by, where records are known by all of their values or merged onto rows; otherwise empty.
    /// Of merged records it is the same for those that say the same.
    pub fn identities(&self) -> &[u128] {
        self.identities.all()
    }

    /// The records that became no row.
    pub fn rejected(&self) -> &[Rejected<'a>] {
        &self.rejected
    }

    /// The places among the records of those that carry only their key and the mark of their deletion, in order.
    pub fn tombstones(&self) -> &[usize] {
        &self.tombstones
    }

    /// Why values of records that became rows were left out of them, one by one.
    pub fn discarded(&self) -> &[String] {
        &self.discarded
    }

    /// A value of the record under way is left out.
    pub(super) fn discard(&mut self, reason: String) {
        self.discarded.push(reason);
    }

    /// The record under way is a tombstone.
    pub(super) fn entomb(&mut self) {
        self.tombstones.push(self.hashes.len());
    }

    /// How many records have no replication key.
    pub fn without_key(&self) -> u64 {
        self.without_key
    }

    /// The replication keys, if the stream has one and a record had a value for it.
    pub fn keys(&self, tables: &Tables) -> Option<Keys> {
        let column = &tables.all[0].columns[tables.replication_key?];
        let [first, last, greatest] = self.keys.as_ref()?;
        let value = |cell| key_value(cell, column.kind);
        Some(Keys { first: value(first)?, last: value(last)?, greatest: value(greatest)?, ascending: !self.descending })
    }

    /// The rows of the record under way in a table.
    pub(super) fn under_way(&self, table: usize) -> impl Iterator<Item = &[Cell<'a>]> {
        let (rows, mark) = (&self.tables[table], &self.marks[table]);
        let own = (table == 0).then(|| &rows.cells[mark.cells..]);
        own.into_iter().chain(rows.rows[mark.rows..].iter().map(|row| rows.cells(*row)))
    }

    pub(super) fn start_record(&mut self, tables: &Tables) {
        self.tables.resize_with(tables.all.len(), Rows::default);
        self.marks.clear();
        self.marks.extend(self.tables.iter().map(Rows::mark));
        self.discarded_before = self.discarded.len();
    }

    /// Takes back what the record under way has left so far.
    pub(super) fn cut(&mut self) {
        for (rows, mark) in self.tables.iter_mut().zip(&self.marks) {
            rows.cut(*mark);
        }
        self.discarded.truncate(self.discarded_before);
    }

    /// Sets a record aside that was not begun: its expressions cannot be computed.
    pub(super) fn refuse(&mut self, rejected: Rejected<'a>) {
        self.rejected.push(rejected);
    }

    pub(super) fn reject(&mut self, rejected: Rejected<'a>) {
        self.cut();
        self.rejected.push(rejected);
    }

    /// Closes the record's own row and hashes it with its child rows.
    pub(super) fn end_record(&mut self, tables: &Tables, bytes: &mut Vec<u8>) {
        let root = self.hashes.len();
        let start = self.marks[0].cells;
        self.tables[0].close(start, root);
        bytes.clear();
        for ((rows, table), mark) in self.tables.iter_mut().zip(&tables.all).zip(&self.marks) {
            for number in mark.rows..rows.rows.len() {
                rows.bytes += put_row(bytes, (table, tables.merges()), rows, number);
            }
        }
        self.hashes.push(xxh3_64(bytes));
        if tables.append_only {
            let column = tables.replication_key.map(|column| (start + column, tables.all[0].columns[column].kind));
            let key = column.and_then(|(at, kind)| key_value(&self.tables[0].cells[at], kind));
            self.identities.add(bytes, key.as_ref());
        }
        if tables.merges() {
            self.identities.note(bytes);
        }
        if let Some(column) = tables.replication_key {
            self.note_key(start + column);
        }
    }

    fn note_key(&mut self, at: usize) {
        let cell = &self.tables[0].cells[at];
        if cell.is_empty() {
            self.without_key += 1;
            return;
        }
        let Some([_, last, greatest]) = &mut self.keys else {
            self.keys = Some([cell.clone(), cell.clone(), cell.clone()]);
            return;
        };
        self.descending |= precedes(cell, last);
        if precedes(greatest, cell) {
            greatest.clone_from(cell);
        }
        last.clone_from(cell);
    }
}

/// Whether `a` is the smaller of two values of a replication key. Canonical timestamps compare as
/// texts once their `Z` is gone. No value is smaller than any.
pub(crate) fn precedes(a: &Cell<'_>, b: &Cell<'_>) -> bool {
    match (a, b) {
        (Cell::Integer(a), Cell::Integer(b)) => a < b,
        (Cell::Number(a), Cell::Number(b)) => a < b,
        (Cell::Text(a), Cell::Text(b)) => without_zone(a) < without_zone(b),
        (Cell::Null | Cell::Absent, other) => !other.is_empty(),
        _ => false,
    }
}

fn without_zone(text: &str) -> &str {
    match text.strip_suffix('Z') {
        Some(moment) if moment.len() >= 19 && moment.as_bytes()[10] == b'T' => moment,
        _ => text,
    }
}

fn key_value(cell: &Cell<'_>, kind: ColumnType) -> Option<KeyValue> {
    match (cell, kind) {
        (Cell::Integer(number), _) => Some(KeyValue::Integer(*number)),
        (Cell::Text(text), ColumnType::Timestamp) => text.parse::<Timestamp>().ok().map(KeyValue::Timestamp),
        (Cell::Text(text), ColumnType::Date) => {
            let midnight = format!("{text}T00:00:00Z");
            midnight.parse::<Timestamp>().ok().map(KeyValue::Timestamp)
        }
        (Cell::Text(text), _) => Some(KeyValue::Text(text.to_string())),
        _ => None,
    }
}
