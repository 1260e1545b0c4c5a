//! A load under way: each record of a batch is compared with the row that has its key, and only what is
//! new or changed is written.

use std::collections::HashMap;
use std::ops::Range;

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, params};

use super::Trouble;
use super::merge::Merges;
use super::rows::{self, Source, Stamp};
use super::seen::Seen;
use super::shape::{Conflict, Shape, quote};
use crate::destination::{Delivery, Mode, Opening, Written, columns, surrogate};
use crate::normalise::{Cell, Rejected, precedes};

/// The table of a load as it was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base {
    /// There is a table.
    pub(super) has_base: bool,
    /// It has rows.
    pub(super) has_rows: bool,
    /// `_sdc_sequence` from which on rows are of this load.
    pub(super) start: i64,
    /// The last row of `_sdc_rejected` that is of an earlier load.
    pub(super) rejected: i64,
}

/// A load of one stream.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) stream: String,
    pub(super) mode: Mode,
    pub(super) version: Option<i64>,
    pub(super) shapes: Vec<Shape>,
    pub(super) base: Base,
    /// Rows of the base that came and were left alone, or wait in the stage.
    pub(super) seen: Seen,
    /// SQL texts of INSERTs; they are long.
    pub(super) texts: HashMap<Insert, String>,
    /// SQL texts by which records are merged onto rows.
    pub(super) merges: Merges,
    replication_key: Option<String>,
}

/// Which INSERT: into which table, of how many rows, and what it does with those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Insert {
    pub(super) table: usize,
    pub(super) rows: usize,
    conflict: Conflict,
}

/// A row that has the key of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) rowid: i64,
    /// It is of a record that says the same.
    pub(super) is_same: bool,
    pub(super) sequence: i64,
}

impl Load {
    pub(super) fn new(opening: &Opening<'_>, shapes: Vec<Shape>, base: Base) -> Load {
        let own = &opening.tables.all()[0];
        let replication_key = opening.tables.replication_key().map(|column| own.columns[column].name.clone());
        Load {
            stream: opening.stream.to_owned(),
            mode: opening.mode,
            version: opening.version,
            shapes,
            base,
            seen: Seen::default(),
            texts: HashMap::new(),
            merges: Merges::default(),
            replication_key,
        }
    }

    /// Whether rows wait in a stage until the load is complete.
    pub(super) fn staged(&self) -> bool {
        matches!(self.mode, Mode::Replace | Mode::Rebuild)
    }

    fn recognises(&self) -> bool {
        self.shapes[0].recognises()
    }

    /// The INSERT for the next of `rows` rows: as many as a statement takes, or the greatest power of
    /// two, so that few different statements are in use.
    pub(super) fn fit(&self, table: usize, rows: usize, conflict: Conflict) -> Insert {
        let most = self.shapes[table].most();
        let rows = if rows >= most { most } else { 1 << rows.ilog2() };
        Insert { table, rows, conflict }
    }

    pub(super) fn text(&mut self, insert: Insert) -> &str {
        let shape = &self.shapes[insert.table];
        self.texts.entry(insert).or_insert_with(|| shape.insert(insert.rows, insert.conflict))
    }

    pub(super) fn write(
        &mut self,
        connection: &Connection,
        delivery: &Delivery<'_, '_>,
        first: i64,
    ) -> Result<Written, Trouble> {
        let now = rows::moment(jiff::Timestamp::now());
        self.reject(connection, delivery.batch.rejected(), &now)?;
        let records = delivery.batch.records();
        let source = Source {
            connection,
            batch: delivery.batch,
            tables: delivery.tables,
            stamp: Stamp { received: rows::moment(delivery.received), batched: now, version: self.version, first },
            surrogates: match self.shapes[0].keyed() {
                true => Vec::new(),
                false if self.recognises() => delivery.batch.identities().iter().map(surrogate::of_values).collect(),
                false => surrogate::made_up(records, first),
            },
            said: match delivery.tables.merges() {
                true => delivery.batch.identities().iter().map(surrogate::of_values).collect(),
                false => Vec::new(),
            },
        };
        let rejected = delivery.batch.rejected().len() as u64;
        let mut written = Written { rejected, ..Written::default() };
        if self.recognises() && self.base.has_rows && self.staged() {
            self.keep(connection, delivery.batch.rejected())?;
        }
        let mut from = 0;
        for tombstone in delivery.batch.tombstones() {
            self.take(&source, from..*tombstone, &mut written)?;
            self.bury(&source, *tombstone, &mut written)?;
            from = tombstone + 1;
        }
        self.take(&source, from..records, &mut written)?;
        Ok(written)
    }

    fn take(&mut self, source: &Source<'_, '_>, roots: Range<usize>, written: &mut Written) -> Result<(), Trouble> {
        let pending = match self.recognises() && self.base.has_rows {
            true => self.compare(source, roots, written)?,
            false => roots.collect(),
        };
        self.insert(source, &pending, written)
    }

    /// Looks each record's row up, overwrites those that changed, and gives those that have none.
    fn compare(
        &mut self,
        source: &Source<'_, '_>,
        roots: Range<usize>,
        written: &mut Written,
    ) -> Result<Vec<usize>, Trouble> {
        let mut lookup = source.connection.prepare_cached(&self.lookup(&self.shapes[0].real))?;
        let (mut missing, mut changed) = (Vec::new(), Vec::new());
        for root in roots {
            let Some(found) = find(&mut lookup, source, root)? else {
                missing.push(root);
                continue;
            };
            if !self.seen.insert(found.rowid) || (!self.staged() && found.sequence >= self.base.start) {
                self.overwrite(source, &changed)?;
                changed.clear();
                self.repeat(source, root)?;
                written.repeated += 1;
            } else if found.is_same || source.tables.merges() && !self.merge(source, root, found.rowid)? {
                written.unchanged += 1;
            } else if source.tables.merges() {
                written.changed += 1;
                written.deleted += source.deleted(&[root]);
            } else {
                changed.push(root);
                written.changed += 1;
                written.deleted += source.deleted(&[root]);
            }
        }
        self.overwrite(source, &changed)?;
        Ok(missing)
    }

    /// Rows whose new version is rejected stay as they are: they are not gone at the source.
    fn keep(&mut self, connection: &Connection, rejected: &[Rejected<'_>]) -> Result<(), Trouble> {
        for key in rejected.iter().filter_map(|one| one.key.as_ref()) {
            let mut lookup = connection.prepare_cached(&self.lookup(&self.shapes[0].real))?;
            rows::bind_cells(&mut lookup, key)?;
            if let Some(row) = lookup.raw_query().next()? {
                self.seen.insert(row.get(0)?);
            }
        }
        Ok(())
    }

    fn lookup(&self, table: &str) -> String {
        let by_key = self.shapes[0].by_key();
        let [version, sequence] = self.shapes[0].version();
        format!("SELECT _rowid_, {version}, {sequence} FROM {} {by_key}", quote(table))
    }

    /// Inserts records of which no row is known. If one is there nonetheless, its key came before in
    /// this load.
    fn insert(&mut self, source: &Source<'_, '_>, pending: &[usize], written: &mut Written) -> Result<(), Trouble> {
        let mut rest = pending;
        while !rest.is_empty() {
            let insert = self.fit(0, rest.len(), Conflict::PassOver);
            let (roots, after) = rest.split_at(insert.rows);
            rest = after;
            let mut statement = source.connection.prepare_cached(self.text(insert))?;
            let made = source.execute(&mut statement, 0, roots)?;
            drop(statement);
            written.new += made as u64;
            written.repeated += (roots.len() - made) as u64;
            match made == roots.len() {
                true => {
                    written.deleted += source.deleted(roots);
                    self.insert_children(source, roots)?;
                }
                false => written.deleted += self.sort_out(source, roots)?,
            }
        }
        Ok(())
    }

    /// Some of these records were not inserted, since their key was there. Says how many of the others are marked as
    /// deleted.
    fn sort_out(&mut self, source: &Source<'_, '_>, roots: &[usize]) -> Result<u64, Trouble> {
        let mut deleted = 0;
        for root in roots {
            let sequence = source.sequence(*root);
            match self.find_in(&self.shapes[0].target, source, *root)? {
                Some(found) if found.sequence == sequence => {
                    deleted += source.deleted(&[*root]);
                    self.insert_children(source, &[*root])?;
                }
                _ => self.repeat(source, *root)?,
            }
        }
        Ok(deleted)
    }

    pub(super) fn find_in(&self, table: &str, source: &Source<'_, '_>, root: usize) -> Result<Option<Found>, Trouble> {
        find(&mut source.connection.prepare_cached(&self.lookup(table))?, source, root)
    }

    /// A record whose key came before in this load: the version with the greater replication key stays,
    /// of equal ones the later.
    fn repeat(&mut self, source: &Source<'_, '_>, root: usize) -> Result<(), Trouble> {
        if source.tables.merges() {
            return self.merge_repeat(source, root);
        }
        let own = &self.shapes[0];
        let written = self.find_in(&own.target, source, root)?;
        let base = match self.base.has_base && self.staged() {
            true => self.find_in(&own.real, source, root)?,
            false => None,
        };
        let table = if written.is_some() { &own.target } else { &own.real };
        match written.or(base) {
            Some(found) if found.is_same => Ok(()),
            Some(_) if self.is_older(table, source, root)? => Ok(()),
            // The real row is right after all: what waits in the stage goes.
            _ if base.is_some_and(|found| found.is_same) => self.unstage(source, root),
            _ => self.overwrite(source, &[root]),
        }
    }

    fn unstage(&self, source: &Source<'_, '_>, root: usize) -> Result<(), Trouble> {
        self.delete_children(source, &[root])?;
        let own = &self.shapes[0];
        let sql = format!("DELETE FROM {} {}", quote(&own.target), own.by_key());
        let mut statement = source.connection.prepare_cached(&sql)?;
        source.bind_key(&mut statement, root)?;
        statement.raw_execute()?;
        Ok(())
    }

    /// Whether the record's replication key is smaller than that of the row in `table`.
    pub(super) fn is_older(&self, table: &str, source: &Source<'_, '_>, root: usize) -> Result<bool, Trouble> {
        let (Some(name), Some(column)) = (&self.replication_key, source.tables.replication_key()) else {
            return Ok(false);
        };
        let by_key = self.shapes[0].by_key();
        let sql = format!("SELECT {} FROM {} {by_key}", quote(name), quote(table));
        let mut statement = source.connection.prepare_cached(&sql)?;
        source.bind_key(&mut statement, root)?;
        let mut there = statement.raw_query();
        let own = source.batch.table(0);
        let ours = &own.cells(own.all()[root])[column];
        let Some(row) = there.next()? else {
            return Ok(false);
        };
        Ok(match row.get_ref(0)? {
            ValueRef::Integer(value) => precedes(ours, &Cell::Integer(value)),
            ValueRef::Real(value) => precedes(ours, &Cell::Number(value)),
            ValueRef::Text(text) => precedes(ours, &Cell::Text(String::from_utf8_lossy(text).into_owned().into())),
            _ => false,
        })
    }

    /// Writes records over the rows with their keys, and their child rows in place of the old ones. No
    /// key may be among them twice.
    fn overwrite(&mut self, source: &Source<'_, '_>, roots: &[usize]) -> Result<(), Trouble> {
        let mut rest = roots;
        while !rest.is_empty() {
            let insert = self.fit(0, rest.len(), Conflict::Overwrite);
            let (now, after) = rest.split_at(insert.rows);
            rest = after;
            let mut statement = source.connection.prepare_cached(self.text(insert))?;
            source.execute(&mut statement, 0, now)?;
        }
        if !roots.is_empty() {
            self.delete_children(source, roots)?;
            self.insert_children(source, roots)?;
        }
        Ok(())
    }

    fn reject(&self, connection: &Connection, rejected: &[Rejected<'_>], now: &str) -> Result<(), Trouble> {
        let sql = "INSERT INTO _sdc_rejected VALUES (?, ?, ?, ?)";
        for one in rejected {
            let (record, reason) = columns::kept(one.record, &one.reason);
            let table = &self.shapes[0].real;
            connection.prepare_cached(sql)?.execute(params![now, table, reason, record])?;
        }
        Ok(())
    }
}

fn find(statement: &mut CachedStatement<'_>, source: &Source<'_, '_>, root: usize) -> Result<Option<Found>, Trouble> {
    source.bind_key(statement, root)?;
    let mut rows = statement.raw_query();
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let sequence = match row.get_ref(2)? {
        ValueRef::Integer(sequence) => sequence,
        ValueRef::Text(moment) => std::str::from_utf8(moment).ok().and_then(rows::said_sequence).unwrap_or(0),
        _ => 0,
    };
    Ok(Some(Found { rowid: row.get(0)?, is_same: source.is_same(root, row.get_ref(1)?), sequence }))
}
