//! A load under way: rows are encoded as they come, sent in bulk into temporary tables, and merged from there
//! when figures are asked for, at the latest with the commit.

use std::collections::HashSet;
use std::ops::Range;

use xxhash_rust::xxh3::xxh3_128;

use super::Trouble;
use super::absent::Absent;
use super::marks::Marks;
use super::session::{Lane, Session, Target};
use crate::destination::row::{Put, Source, Stamp, put_key};
use crate::destination::shape::{Column, Shape, quote, rejected_columns};
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

/// A load of one stream.
pub(super) struct Load<S: Session> {
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
    /// The column that tells when a record was deleted, as SQL writes it.
    pub(super) deleted: Option<String>,
    pub(super) marks: Marks,
    /// What records lack of their rows, where they are merged.
    pub(super) absent: Option<Absent>,
    lanes: Vec<S::Lane>,
    /// Keys whose rows stay, since their new versions were set aside.
    kept: S::Lane,
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

impl<S: Session> Load<S> {
    pub(super) fn new(
        session: &S,
        opening: &Opening<'_>,
        shapes: Vec<Shape>,
        base: Base,
        (number, schema): (u64, String),
    ) -> Load<S> {
        let order = opening.tables.replication_key().map(|at| &shapes[0].cells[at]);
        let order = order.map(|column| (quote(&column.name), column.kind));
        let deleted = opening.tables.deleted().map(|at| quote(&shapes[0].cells[at].name));
        let absent = opening.tables.merges().then(Absent::default);
        let lanes = shapes.iter().map(|shape| session.lane(&columns_of(shape, absent.as_ref()))).collect();
        let kept = session.lane(&shapes[0].key);
        Load {
            stream: opening.stream.to_owned(),
            mode: opening.mode,
            version: opening.version,
            shapes,
            base,
            number,
            schema,
            order,
            deleted,
            marks: Marks::of(opening.tables),
            absent,
            lanes,
            kept,
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
        format!("{}{}", self.shapes[0].dialect.temporary, self.name(what, table))
    }

    fn name(&self, what: &str, table: usize) -> String {
        format!("{what}_{}_{table}", self.number)
    }

    /// The table that the load writes.
    pub(super) fn target(&self, table: usize) -> String {
        if self.staged() { self.temporary("wait", table) } else { self.real(table) }
    }

    pub(super) fn write(&mut self, session: &S, delivery: &Delivery<'_, '_>, first: i64) -> Result<(), Trouble> {
        let source = Source::new(delivery, &self.shapes[0], self.version, first);
        self.reject(session, delivery.batch.rejected(), &source.stamp)?;
        let mut from = 0;
        for tombstone in delivery.batch.tombstones() {
            self.take(session, &source, from..*tombstone)?;
            self.merge(session)?;
            self.take(session, &source, *tombstone..tombstone + 1)?;
            self.bury(session)?;
            from = tombstone + 1;
        }
        self.take(session, &source, from..delivery.batch.records())
    }

    fn take(&mut self, session: &S, source: &Source<'_, '_>, roots: Range<usize>) -> Result<(), Trouble> {
        for root in roots {
            self.note_key(source, root);
            for table in 0..self.shapes.len() {
                for number in source.batch.table(table).of_root(root) {
                    let (lane, shape) = (&mut self.lanes[table], &self.shapes[table]);
                    lane.begin_row(source.width(shape) + usize::from(self.absent.is_some()));
                    let mut put = |kind, value: Put<'_>| lane.put(kind, value);
                    source.row(shape, (table, number), &mut put).map_err(Trouble::Said)?;
                    if let Some(absent) = &mut self.absent {
                        let rows = source.batch.table(table);
                        let came = absent.note(rows.cells(rows.all()[number]), shape.cells.len());
                        // It is a column of texts.
                        let _ = lane.put(ColumnType::Text, Put::Text(came));
                    }
                    lane.end_row();
                }
            }
            self.pending += 1;
            if self.lanes.iter().map(Lane::bytes).sum::<usize>() > HELD {
                self.send(session)?;
            }
        }
        Ok(())
    }

    fn note_key(&mut self, source: &Source<'_, '_>, root: usize) {
        self.marked += u64::from(source.is_marked(root));
        if self.shapes[0].recognises() {
            let mut bytes = Vec::new();
            let mut put = |kind, value: Put<'_>| put_key(&mut bytes, kind, value);
            // Of a key that is not understood it is asked later whether it came twice.
            self.repeats |=
                source.key(&self.shapes[0].key, root, &mut put).is_err() || !self.keys.insert(xxh3_128(&bytes));
        }
    }

    /// Sends the rows that were kept back.
    pub(super) fn send(&mut self, session: &S) -> Result<(), Trouble> {
        for table in 0..self.shapes.len() {
            let (name, columns) = (self.name("in", table), self.coming(table));
            session.send(&mut self.lanes[table], &Target { schema: None, table: &name, columns: &columns })?;
        }
        let target = Target { schema: None, table: &self.name("kept", 0), columns: &self.shapes[0].key };
        session.send(&mut self.kept, &target)
    }

    /// Rows are in the tables that people read, or wait; nothing is on its way.
    pub(super) fn settled(&mut self) {
        (self.pending, self.marked, self.repeats, self.has_kept) = (0, 0, false, false);
        self.absent.iter_mut().for_each(Absent::settled);
        self.merged = true;
        self.keys.clear();
    }

    /// The columns of a table have changed; nothing is on its way.
    pub(super) fn widened(&mut self, session: &S, table: usize) {
        self.lanes[table] = session.lane(&self.coming(table));
    }

    /// The columns of rows as they come.
    pub(super) fn coming(&self, table: usize) -> Vec<Column> {
        columns_of(&self.shapes[table], self.absent.as_ref())
    }

    fn reject(&mut self, session: &S, rejected: &[Rejected<'_>], stamp: &Stamp) -> Result<(), Trouble> {
        if rejected.is_empty() {
            return Ok(());
        }
        let mut columns = rejected_columns();
        let sequence = columns::SEQUENCE.to_owned();
        columns.push(Column { said: sequence.clone(), name: sequence, kind: ColumnType::Integer });
        let mut lane = session.lane(&columns);
        let keeps = self.staged() && self.base.has_rows && self.shapes[0].recognises();
        for one in rejected {
            let (record, reason) = columns::kept(one.record, &one.reason);
            let [reason, record] = [&reason, record].map(|text| text.replace('\0', "\\u0000"));
            let texts = [&self.shapes[0].name, &reason, &record].map(|text| Put::Text(text));
            let values = [[Put::Moment(stamp.batched)].as_slice(), &texts, &[Put::Integer(stamp.first)]].concat();
            lane.begin_row(columns.len());
            for (column, value) in columns.iter().zip(values) {
                // Its columns are made for these values.
                let _ = lane.put(column.kind, value);
            }
            lane.end_row();
            if let Some(key) = one.key.as_ref().filter(|_| keeps) {
                self.keep(session, key);
            }
        }
        session.send(&mut lane, &Target { schema: Some(&self.schema), table: "_sdc_rejected", columns: &columns })
    }

    /// The row of a record that was set aside stays as it is: it is not gone at the source.
    fn keep(&mut self, session: &S, key: &[Cell<'_>]) {
        let columns = || self.shapes[0].key.iter().zip(key);
        let refuses = |(column, cell): (&Column, &Cell<'_>)| {
            session.bounds().refuses.is_some_and(|refuses| refuses(column.kind, cell).is_some())
        };
        // No row can have a key that cannot be held.
        if columns().any(refuses) {
            return;
        }
        self.kept.begin_row(key.len());
        for (column, cell) in self.shapes[0].key.iter().zip(key) {
            // It would have been refused.
            let _ = self.kept.put(column.kind, Put::Cell(cell));
        }
        self.kept.end_row();
        self.has_kept = true;
    }
}

fn columns_of(shape: &Shape, absent: Option<&Absent>) -> Vec<Column> {
    let mut all = shape.columns();
    all.extend(absent.map(|_| Absent::column()));
    all
}
