//! A load under way: rows are encoded as they come, sent by `COPY` into temporary tables, and merged from there
//! when figures are asked for, at the latest with the commit.

use std::collections::HashSet;
use std::ops::Range;

use bytes::{BufMut, BytesMut};
use tokio_postgres::Statement;
use xxhash_rust::xxh3::xxh3_128;

use super::Trouble;
use super::value;
use super::wire::Wire;
use crate::destination::row::{Put, Source, Stamp};
use crate::destination::shape::{Shape, list, quote};
use crate::destination::{Delivery, Mode, Opening, Written, columns};
use crate::normalise::{Cell, ColumnType, Rejected};

/// Bytes that are kept back before they are sent.
const HELD: usize = 1 << 20;

/// The table of a load as it was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base {
    /// There is a table.
    pub(super) has_base: bool,
    /// It has rows.
    pub(super) has_rows: bool,
    /// `_sdc_sequence` from which on rows are of this load.
    pub(super) start: i64,
}

/// Rows of a table on their way.
#[derive(Default)]
struct Lane {
    bytes: BytesMut,
    statement: Option<Statement>,
}

/// A load of one stream.
pub(super) struct Load {
    pub(super) stream: String,
    pub(super) mode: Mode,
    pub(super) version: Option<i64>,
    pub(super) shapes: Vec<Shape>,
    pub(super) base: Base,
    /// Tells its temporary tables from those of other loads.
    pub(super) number: u64,
    /// The schema, as SQL writes it.
    pub(super) schema: String,
    /// The column of the replication key, as the table calls it.
    pub(super) order: Option<(String, ColumnType)>,
    lanes: Vec<Lane>,
    /// Keys whose rows stay, since their new versions were set aside.
    kept: Lane,
    /// Records since the last merge, and how many of them are marked as deleted.
    pub(super) pending: u64,
    pub(super) marked: u64,
    keys: HashSet<u128>,
    /// A key came twice since the last merge.
    pub(super) repeats: bool,
    pub(super) has_kept: bool,
    /// Rows were merged before in this load.
    pub(super) merged: bool,
    /// What was not told yet.
    pub(super) untold: Written,
}

impl Load {
    pub(super) fn new(opening: &Opening<'_>, shapes: Vec<Shape>, base: Base, (number, schema): (u64, String)) -> Load {
        let order = opening.tables.replication_key().map(|at| &shapes[0].cells[at]);
        let order = order.map(|column| (quote(&column.name), column.kind));
        let lanes = shapes.iter().map(|_| Lane::default()).collect();
        Load {
            stream: opening.stream.to_owned(),
            mode: opening.mode,
            version: opening.version,
            shapes,
            base,
            number,
            schema,
            order,
            lanes,
            kept: Lane::default(),
            pending: 0,
            marked: 0,
            keys: HashSet::new(),
            repeats: false,
            has_kept: false,
            merged: false,
            untold: Written::default(),
        }
    }

    /// Whether rows wait until the load is complete.
    pub(super) fn staged(&self) -> bool {
        matches!(self.mode, Mode::Replace | Mode::Rebuild)
    }

    /// A table that people read.
    pub(super) fn real(&self, table: usize) -> String {
        format!("{}.{}", self.schema, quote(&self.shapes[table].name))
    }

    /// A temporary table: `in` for rows that come, `wait` for those of a full table, `seen`, `kept` and `what`.
    pub(super) fn temporary(&self, what: &str, table: usize) -> String {
        format!("pg_temp.{what}_{}_{table}", self.number)
    }

    /// The table that the load writes.
    pub(super) fn target(&self, table: usize) -> String {
        if self.staged() { self.temporary("wait", table) } else { self.real(table) }
    }

    pub(super) fn write(&mut self, wire: &Wire, delivery: &Delivery<'_, '_>, first: i64) -> Result<(), Trouble> {
        let source = Source::new(delivery, &self.shapes[0], self.version, first);
        self.reject(wire, delivery.batch.rejected(), &source.stamp)?;
        let mut from = 0;
        for tombstone in delivery.batch.tombstones() {
            self.take(wire, &source, from..*tombstone)?;
            self.merge(wire)?;
            self.take(wire, &source, *tombstone..tombstone + 1)?;
            self.bury(wire)?;
            from = tombstone + 1;
        }
        self.take(wire, &source, from..delivery.batch.records())
    }

    fn take(&mut self, wire: &Wire, source: &Source<'_, '_>, roots: Range<usize>) -> Result<(), Trouble> {
        for root in roots {
            self.note_key(source, root);
            for table in 0..self.shapes.len() {
                for number in source.batch.table(table).of_root(root) {
                    let (into, shape) = (&mut self.lanes[table].bytes, &self.shapes[table]);
                    into.put_i16(source.width(shape) as i16);
                    let mut put = |kind, value: Put<'_>| value::put_one(into, kind, value);
                    source.row(shape, (table, number), &mut put).map_err(Trouble::Said)?;
                }
            }
            self.pending += 1;
            if self.lanes.iter().map(|lane| lane.bytes.len()).sum::<usize>() > HELD {
                self.send(wire)?;
            }
        }
        Ok(())
    }

    fn note_key(&mut self, source: &Source<'_, '_>, root: usize) {
        self.marked += u64::from(source.is_marked(root));
        if self.shapes[0].recognises() {
            let mut bytes = BytesMut::new();
            // A key that cannot be encoded is told when its row is.
            let _ = source
                .key(&self.shapes[0].key, root, &mut |kind, value: Put<'_>| value::put_one(&mut bytes, kind, value));
            self.repeats |= !self.keys.insert(xxh3_128(&bytes));
        }
    }

    /// Sends the rows that were kept back.
    pub(super) fn send(&mut self, wire: &Wire) -> Result<(), Trouble> {
        for table in 0..self.shapes.len() {
            let into = format!("{} ({})", self.temporary("in", table), list(&self.shapes[table].columns(), ""));
            self.lanes[table].send(wire, &into)?;
        }
        let into = format!("{} ({})", self.temporary("kept", 0), list(&self.shapes[0].key, ""));
        self.kept.send(wire, &into)
    }

    /// Rows are in the tables that people read, or wait; nothing is on its way.
    pub(super) fn settled(&mut self) {
        (self.pending, self.marked, self.repeats, self.has_kept) = (0, 0, false, false);
        self.merged = true;
        self.keys.clear();
    }

    /// The columns of a table have changed.
    pub(super) fn forget_statement(&mut self, table: usize) {
        self.lanes[table].statement = None;
    }

    fn reject(&mut self, wire: &Wire, rejected: &[Rejected<'_>], stamp: &Stamp) -> Result<(), Trouble> {
        if rejected.is_empty() {
            return Ok(());
        }
        let mut lane = Lane::default();
        let keeps = self.staged() && self.base.has_rows && self.shapes[0].recognises();
        for one in rejected {
            let (record, reason) = columns::kept(one.record, &one.reason);
            let written = |text: &str| text.replace('\0', "\\u0000");
            lane.bytes.put_i16(5);
            let _ = value::put_one(&mut lane.bytes, ColumnType::Timestamp, Put::Moment(stamp.batched));
            value::put_text(&mut lane.bytes, &self.shapes[0].name);
            value::put_text(&mut lane.bytes, &written(&reason));
            value::put_text(&mut lane.bytes, &written(record));
            value::put_i64(&mut lane.bytes, stamp.first);
            if let Some(key) = one.key.as_ref().filter(|_| keeps) {
                self.keep(key);
            }
        }
        let columns = "_sdc_rejected_at, table_name, reason, record, _sdc_sequence";
        lane.send(wire, &format!("{}.\"_sdc_rejected\" ({columns})", self.schema))
    }

    /// The row of a record that was set aside stays as it is: it is not gone at the source.
    fn keep(&mut self, key: &[Cell<'_>]) {
        let mut row = BytesMut::new();
        row.put_i16(key.len() as i16);
        let columns = self.shapes[0].key.iter().zip(key);
        let whole = columns.map(|(column, cell)| value::put(&mut row, column.kind, cell)).all(|put| put.is_some());
        // No row can have a key that cannot be held.
        if whole {
            self.kept.bytes.unsplit(row);
            self.has_kept = true;
        }
    }
}

impl Lane {
    fn send(&mut self, wire: &Wire, into: &str) -> Result<(), Trouble> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let statement = match &self.statement {
            Some(statement) => statement.clone(),
            None => wire.prepare(&format!("COPY {into} FROM STDIN (FORMAT binary)"))?,
        };
        self.statement = Some(statement.clone());
        let rows = self.bytes.split();
        let mut all = BytesMut::with_capacity(rows.len() + 32);
        all.put_slice(b"PGCOPY\n\xff\r\n\0");
        all.put_u64(0);
        all.unsplit(rows);
        all.put_i16(-1);
        wire.copy(&statement, all.freeze())?;
        Ok(())
    }
}
