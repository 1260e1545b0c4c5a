//! A load under way: each record of a batch is compared with the row that has its key, and only what is
//! new or changed is written.

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, params};

use super::Trouble;
use super::rows::{self, Source, Stamp};
use super::seen::Seen;
use super::shape::{HASH, SEQUENCE, Shape, quote};
use crate::destination::{Delivery, Mode, Opening, Written};
use crate::normalise::{Cell, Rejected, precedes};

/// Bytes of a rejected record that are kept.
const KEPT: usize = 64 << 10;

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
#[derive(Debug)]
pub(super) struct Load {
    pub(super) stream: String,
    pub(super) mode: Mode,
    pub(super) version: Option<i64>,
    pub(super) shapes: Vec<Shape>,
    pub(super) base: Base,
    /// Rows of the base that came and were left alone, or wait in the stage.
    pub(super) seen: Seen,
    pub(super) texts: Texts,
    replication_key: Option<String>,
}

/// SQL texts by table and number of rows.
#[derive(Debug, Default)]
pub(super) struct Texts {
    inserts: std::collections::HashMap<(usize, usize), String>,
    most: std::collections::HashMap<usize, usize>,
}

impl Texts {
    pub(super) fn clear(&mut self) {
        self.inserts.clear();
        self.most.clear();
    }

    /// How many of `rows` rows the next INSERT takes.
    pub(super) fn fit(&mut self, table: usize, shape: &Shape, rows: usize) -> usize {
        let most = *self.most.entry(table).or_insert_with(|| shape.most());
        match rows >= most {
            true => most,
            false => 1 << rows.ilog2(),
        }
    }

    pub(super) fn insert(&mut self, table: usize, shape: &Shape, rows: usize) -> &str {
        self.inserts.entry((table, rows)).or_insert_with(|| shape.insert(rows))
    }
}

/// A row that has the key of a record.
#[derive(Debug, Clone, Copy)]
struct Found {
    rowid: i64,
    hash: u64,
    sequence: i64,
}

/// What is to be done with a record whose key is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Leave,
    Overwrite,
    /// The real row is right after all: what waits in the stage goes.
    Unstage,
}

/// The statements that look rows up, ready for a batch.
struct Lookups<'c> {
    base: CachedStatement<'c>,
    target: CachedStatement<'c>,
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
            texts: Texts::default(),
            replication_key,
        }
    }

    /// Whether rows wait in a stage until the load is complete.
    pub(super) fn staged(&self) -> bool {
        matches!(self.mode, Mode::Replace | Mode::Rebuild)
    }

    fn keyed(&self) -> bool {
        self.shapes[0].keyed()
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
            batch: delivery.batch,
            tables: delivery.tables,
            stamp: Stamp { received: rows::moment(delivery.received), batched: now, version: self.version, first },
            surrogates: match self.keyed() {
                true => Vec::new(),
                false => rows::surrogates(records, first),
            },
        };
        let rejected = delivery.batch.rejected().len() as u64;
        let mut written = Written { rejected, ..Written::default() };
        let mut pending: Vec<usize> = Vec::with_capacity(records);
        match self.keyed() && self.base.has_rows {
            true => self.compare(connection, &source, &mut pending, &mut written)?,
            false => pending.extend(0..records),
        }
        self.insert(connection, &source, &pending, &mut written)?;
        Ok(written)
    }

    /// Looks each record's row up; those that have none are left in `pending`.
    fn compare(
        &mut self,
        connection: &Connection,
        source: &Source<'_, '_>,
        pending: &mut Vec<usize>,
        written: &mut Written,
    ) -> Result<(), Trouble> {
        let mut lookups = self.lookups(connection)?;
        for root in 0..source.batch.records() {
            let Some(found) = find(&mut lookups.base, source, root)? else {
                pending.push(root);
                continue;
            };
            let hash = source.batch.hashes()[root];
            let again = match self.staged() {
                true => !self.seen.insert(found.rowid),
                false => found.sequence >= self.base.start || self.seen.contains(found.rowid),
            };
            if again {
                self.repeat(connection, &mut lookups, source, root)?;
                written.repeated += 1;
            } else if found.hash == hash {
                self.seen.insert(found.rowid);
                written.unchanged += 1;
            } else {
                self.overwrite(connection, source, root)?;
                written.changed += 1;
            }
        }
        Ok(())
    }

    fn lookups<'c>(&self, connection: &'c Connection) -> Result<Lookups<'c>, Trouble> {
        let own = &self.shapes[0];
        let sql = |table: &str| {
            let by_key = own.by_key();
            format!("SELECT _rowid_, {HASH}, {SEQUENCE} FROM {} {by_key}", quote(table))
        };
        Ok(Lookups {
            base: connection.prepare_cached(&sql(&own.real))?,
            target: connection.prepare_cached(&sql(&own.target))?,
        })
    }

    /// Inserts records of which no row is known. If one is there nonetheless, its key came before in
    /// this load.
    fn insert(
        &mut self,
        connection: &Connection,
        source: &Source<'_, '_>,
        pending: &[usize],
        written: &mut Written,
    ) -> Result<(), Trouble> {
        let mut rest = pending;
        while !rest.is_empty() {
            let count = self.texts.fit(0, &self.shapes[0], rest.len());
            let (roots, after) = rest.split_at(count);
            rest = after;
            let sql = self.texts.insert(0, &self.shapes[0], count);
            let made = source.execute(&mut *connection.prepare_cached(sql)?, 0, roots)?;
            written.new += made as u64;
            if made == count {
                source.insert_children(connection, &self.shapes, &mut self.texts, roots)?;
            } else {
                self.sort_out(connection, source, roots)?;
                written.repeated += (count - made) as u64;
            }
        }
        Ok(())
    }

    /// Some of these records were not inserted, since their key was there.
    fn sort_out(&mut self, connection: &Connection, source: &Source<'_, '_>, roots: &[usize]) -> Result<(), Trouble> {
        let mut lookups = self.lookups_of_target(connection)?;
        for root in roots {
            let sequence = source.stamp.first + *root as i64;
            let found = find(&mut lookups.target, source, *root)?;
            if found.is_some_and(|found| found.sequence == sequence) {
                source.insert_children(connection, &self.shapes, &mut self.texts, &[*root])?;
            } else {
                self.repeat(connection, &mut lookups, source, *root)?;
            }
        }
        Ok(())
    }

    /// As [`Load::lookups`], where the real table may not exist yet.
    fn lookups_of_target<'c>(&self, connection: &'c Connection) -> Result<Lookups<'c>, Trouble> {
        match self.base.has_base {
            true => self.lookups(connection),
            false => {
                let mut own = self.shapes[0].clone();
                own.real.clone_from(&own.target);
                let by_key = own.by_key();
                let sql = format!("SELECT _rowid_, {HASH}, {SEQUENCE} FROM {} {by_key}", quote(&own.target));
                Ok(Lookups { base: connection.prepare_cached(&sql)?, target: connection.prepare_cached(&sql)? })
            }
        }
    }

    /// A record whose key came before in this load: the version with the greater replication key stays,
    /// of equal ones the later.
    fn repeat(
        &mut self,
        connection: &Connection,
        lookups: &mut Lookups<'_>,
        source: &Source<'_, '_>,
        root: usize,
    ) -> Result<(), Trouble> {
        let hash = source.batch.hashes()[root];
        let staged = find(&mut lookups.target, source, root)?;
        let base = match self.base.has_base && self.staged() {
            true => find(&mut lookups.base, source, root)?,
            false => None,
        };
        let table = match staged {
            Some(_) => self.shapes[0].target.clone(),
            None => self.shapes[0].real.clone(),
        };
        let verdict = match staged.or(base) {
            Some(found) if found.hash == hash => Verdict::Leave,
            Some(_) if self.is_older(connection, &table, source, root)? => Verdict::Leave,
            _ if base.is_some_and(|found| found.hash == hash) => Verdict::Unstage,
            _ => Verdict::Overwrite,
        };
        match verdict {
            Verdict::Leave => Ok(()),
            Verdict::Overwrite => self.overwrite(connection, source, root),
            Verdict::Unstage => {
                let own = &self.shapes[0];
                self.delete_children(connection, source, root)?;
                let sql = format!("DELETE FROM {} {}", quote(&own.target), own.by_key());
                let mut statement = connection.prepare_cached(&sql)?;
                source.bind_key(&mut statement, root)?;
                statement.raw_execute()?;
                Ok(())
            }
        }
    }

    /// Whether the record's replication key is smaller than that of the row in `table`.
    fn is_older(
        &self,
        connection: &Connection,
        table: &str,
        source: &Source<'_, '_>,
        root: usize,
    ) -> Result<bool, Trouble> {
        let (Some(name), Some(column)) = (&self.replication_key, source.tables.replication_key()) else {
            return Ok(false);
        };
        let by_key = self.shapes[0].by_key();
        let sql = format!("SELECT {} FROM {} {by_key}", quote(name), quote(table));
        let mut statement = connection.prepare_cached(&sql)?;
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

    /// Writes a record over the row with its key, and its child rows in place of the old ones.
    fn overwrite(&mut self, connection: &Connection, source: &Source<'_, '_>, root: usize) -> Result<(), Trouble> {
        let sql = self.shapes[0].overwrite();
        source.execute(&mut *connection.prepare_cached(&sql)?, 0, &[root])?;
        self.delete_children(connection, source, root)?;
        source.insert_children(connection, &self.shapes, &mut self.texts, &[root])?;
        Ok(())
    }

    fn delete_children(&self, connection: &Connection, source: &Source<'_, '_>, root: usize) -> Result<(), Trouble> {
        for shape in &self.shapes[1..] {
            let sql = format!("DELETE FROM {} {}", quote(&shape.target), shape.by_source());
            let mut statement = connection.prepare_cached(&sql)?;
            source.bind_key(&mut statement, root)?;
            statement.raw_execute()?;
        }
        Ok(())
    }

    fn reject(&self, connection: &Connection, rejected: &[Rejected<'_>], now: &str) -> Result<(), Trouble> {
        let sql = "INSERT INTO _sdc_rejected VALUES (?, ?, ?, ?)";
        for one in rejected {
            let mut end = one.record.len().min(KEPT);
            while !one.record.is_char_boundary(end) {
                end -= 1;
            }
            let cut = match end < one.record.len() {
                true => format!(" (record cut after {end} of {} bytes)", one.record.len()),
                false => String::new(),
            };
            let reason = format!("{}{cut}", one.reason);
            let table = &self.shapes[0].real;
            connection.prepare_cached(sql)?.execute(params![now, table, reason, &one.record[..end]])?;
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
    Ok(Some(Found {
        rowid: row.get(0)?,
        // A row that somebody else put in has no hash and differs from everything.
        hash: row.get::<_, Option<i64>>(1)?.unwrap_or(0).cast_unsigned(),
        sequence: row.get::<_, Option<i64>>(2)?.unwrap_or(0),
    }))
}
