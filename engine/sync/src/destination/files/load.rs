//! A load under way: each record becomes a version of its row in a file, unless it came before in this load.

use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_128;

use super::Trouble;
use super::format::{Format, Lane, Maker};
use super::repeats::{Repeats, Version, count_new};
use crate::destination::columns::TOMBSTONE;
use crate::destination::row::{Put, Source};
use crate::destination::shape::{Column, Shape, rejected_columns};
use crate::destination::{Delivery, Mode, Opening, Written, columns};
use crate::normalise::{Cell, ColumnType, Rejected};

/// A load of one stream.
pub(super) struct Load {
    pub(super) stream: String,
    pub(super) mode: Mode,
    pub(super) version: Option<i64>,
    pub(super) shapes: Vec<Shape>,
    /// Rows on their way, by table.
    pub(super) lanes: Vec<Lane>,
    /// Records that became no row.
    pub(super) rejected: Lane,
    /// Files of records that earlier loads set aside.
    pub(super) earlier: HashSet<String>,
    /// There is a table already.
    pub(super) has_base: bool,
    pub(super) repeats: Repeats,
    /// Keys whose rows stay, since their new versions were set aside.
    pub(super) kept: HashSet<u128>,
    /// What was not told yet.
    pub(super) untold: Written,
}

/// The columns of a table's files: those of the load, and those that only earlier loads had.
pub(super) fn columns_of(shape: &Shape) -> Vec<Column> {
    let mut all = shape.columns();
    if shape.is_own && shape.is_marked() {
        all.push(Column::ours(TOMBSTONE, ColumnType::Boolean));
    }
    for (name, declared) in &shape.there {
        let kind = shape.dialect.kind_of(declared).filter(|_| !all.iter().any(|column| column.name == *name));
        all.extend(kind.map(|kind| Column::ours(name, kind)));
    }
    all
}

impl Load {
    pub(super) fn new(opening: &Opening<'_>, shapes: Vec<Shape>) -> Load {
        Load {
            stream: opening.stream.to_owned(),
            mode: opening.mode,
            version: opening.version,
            lanes: shapes.iter().map(|shape| Lane::new(columns_of(shape))).collect(),
            shapes,
            rejected: Lane::new(rejected_columns()),
            earlier: HashSet::new(),
            has_base: false,
            repeats: Repeats::default(),
            kept: HashSet::new(),
            untold: Written::default(),
        }
    }

    /// Whether rows wait until the load is complete.
    pub(super) fn staged(&self) -> bool {
        matches!(self.mode, Mode::Replace | Mode::Rebuild)
    }

    pub(super) fn write(&mut self, maker: &mut Maker, delivery: &Delivery<'_, '_>, first: i64) -> Result<(), Trouble> {
        let source = Source::new(delivery, &self.shapes[0], self.version, first);
        self.reject(maker, delivery.batch.rejected(), source.stamp.batched)?;
        let mut key = Vec::new();
        for root in 0..delivery.batch.records() {
            let is_bare = delivery.batch.tombstones().binary_search(&root).is_ok();
            let wanted = match self.shapes[0].recognises() {
                true => self.judge(maker, &mut key, (&source, root), is_bare)?,
                false => {
                    count_new(&mut self.untold, source.is_marked(root));
                    true
                }
            };
            if wanted {
                self.put(maker, &source, root, is_bare)?;
            }
        }
        Ok(())
    }

    /// Whether a record is a version to write: not one that came before, nor older than that by its replication key.
    fn judge(
        &mut self,
        maker: &Maker,
        bytes: &mut Vec<u8>,
        (source, root): (&Source<'_, '_>, usize),
        is_bare: bool,
    ) -> Result<bool, Trouble> {
        bytes.clear();
        let key = &self.shapes[0].key;
        source.key(key, root, &mut |kind, value| maker.format.put_key(bytes, kind, value)).map_err(Trouble::Said)?;
        let order = source.tables.replication_key().map_or(&Cell::Null, |column| source.cell(root, column));
        let (key, hash, is_marked) = (xxh3_128(bytes), source.batch.hashes()[root], source.is_marked(root));
        let version = Version { key, hash, order, is_bare, may_lack_order: is_bare, is_marked };
        Ok(self.repeats.is_news(&version, &mut self.untold, &maker.aside)?)
    }

    fn put(&mut self, maker: &mut Maker, source: &Source<'_, '_>, root: usize, is_bare: bool) -> Result<(), Trouble> {
        for (table, shape) in self.shapes.iter().enumerate() {
            for number in source.batch.table(table).of_root(root) {
                let out = self.lanes[table].out(maker)?;
                let put = &mut |kind, value: Put<'_>| out.put(kind, value);
                source.row(shape, (table, number), put).map_err(Trouble::Said)?;
                if is_bare && table == 0 {
                    // Each column before it was told of.
                    let _ = out.put(ColumnType::Boolean, Put::Cell(&Cell::Bool(true)));
                }
                out.end_row()?;
            }
        }
        Ok(())
    }

    fn reject(&mut self, maker: &mut Maker, rejected: &[Rejected<'_>], at: i64) -> Result<(), Trouble> {
        let keeps = self.staged() && self.has_base && self.shapes[0].recognises();
        for one in rejected {
            let (record, reason) = columns::kept(one.record, &one.reason);
            let out = self.rejected.out(maker)?;
            let values = [Put::Moment(at), Put::Text(&self.shapes[0].name), Put::Text(&reason), Put::Text(record)];
            for (column, value) in rejected_columns().iter().zip(values) {
                // Its columns are made for these values.
                let _ = out.put(column.kind, value);
            }
            out.end_row()?;
            if let Some(key) = one.key.as_ref().filter(|_| keeps) {
                self.keep(maker.format, key);
            }
        }
        self.untold.rejected += rejected.len() as u64;
        Ok(())
    }

    /// The row of a record that was set aside stays as it is: it is not gone at the source.
    fn keep(&mut self, format: Format, key: &[Cell<'_>]) {
        let mut bytes = Vec::new();
        let columns = self.shapes[0].key.iter().zip(key);
        let whole = columns.map(|(column, cell)| format.put_key(&mut bytes, column.kind, Put::Cell(cell)));
        // No row can have a key that cannot be held.
        if whole.collect::<Option<Vec<()>>>().is_some() {
            self.kept.insert(xxh3_128(&bytes));
        }
    }
}
