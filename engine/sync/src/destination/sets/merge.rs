//! What came meets the rows that are there: each record is new, changed, unchanged or a repetition, told
//! by key and hash, and only what is new or changed is written.

use super::Trouble;
use super::load::Load;
use super::session::Session;
use crate::destination::Written;
use crate::destination::shape::{Column, Shape, equal, list, quote};
use crate::normalise::ColumnType;

/// What became of a record, as the table `what` says it:
///
/// | | |
/// |---|---|
/// | n | new |
/// | c | changed |
/// | u | unchanged |
/// | s | came before in this load, just so |
/// | o | came before in this load, with a greater replication key |
/// | a | came before in this load, and takes that row's place |
/// | b | came before in this load; the row that was there before the load is right after all |
const WRITTEN: &str = "('n', 'c', 'a')";

impl<S: Session> Load<S> {
    /// Merges the records that came since the last time.
    pub(super) fn merge(&mut self, session: &S) -> Result<(), Trouble> {
        if self.pending == 0 && !self.has_kept {
            return Ok(());
        }
        self.send(session)?;
        if self.has_kept {
            session.run(&self.keep_rows())?;
        }
        if self.repeats {
            self.untold.repeated += match self.absent {
                Some(_) => self.fold(session)?,
                None => {
                    let order = self.compared("").map(|order| format!("{order} DESC NULLS LAST, "));
                    session.delete(&self.latest(&order.unwrap_or_default()))?
                }
            };
        }
        let nothing_there = !self.base.has_rows && !self.merged && !self.repeats;
        if nothing_there || !self.shapes[0].recognises() {
            self.untold.new += self.pending;
            self.untold.deleted += self.marked;
            session.run(&self.insert_all())?;
        } else {
            let is_all_new = self.judge(session)? && !self.repeats;
            session.run(&if is_all_new { self.insert_all() } else { self.apply() })?;
        }
        self.settled();
        Ok(())
    }

    /// Rows whose new version was set aside are not gone.
    fn keep_rows(&self) -> String {
        let key = &self.shapes[0].key;
        let (kept, real) = (self.temporary("kept", 0), self.real(0));
        let from = format!("{kept} k JOIN {real} r ON {}", equal(key, "k", key, "r"));
        format!("{} TRUNCATE {kept};", self.note_seen(key, "k", &from))
    }

    /// Notes keys of rows that were left alone.
    fn note_seen(&self, key: &[Column], alias: &str, from: &str) -> String {
        let seen = self.temporary("seen", 0);
        let keys = list(key, &format!("{alias}."));
        match self.shapes[0].dialect.indexed {
            true => format!("INSERT INTO {seen} SELECT {keys} FROM {from} ON CONFLICT DO NOTHING;"),
            false => format!(
                "INSERT INTO {seen} SELECT DISTINCT {keys} FROM {from} WHERE NOT EXISTS (SELECT 1 FROM {seen} s WHERE {});",
                equal(key, alias, key, "s")
            ),
        }
    }

    /// Of records with one key that came together, all but the first in this order, of equal ones the latest, go.
    pub(super) fn latest(&self, order: &str) -> String {
        let (incoming, key) = (self.temporary("in", 0), list(&self.shapes[0].key, ""));
        let sequence = self.marks.sequence;
        format!(
            "DELETE FROM {incoming} i USING (SELECT {sequence}, row_number() OVER (PARTITION BY {key} ORDER BY \
             {order}{sequence} DESC) AS at FROM {incoming}) p WHERE p.{sequence} = i.{sequence} AND p.at > 1"
        )
    }

    /// The replication key of a table, as it is compared: texts by their bytes.
    pub(super) fn compared(&self, prefix: &str) -> Option<String> {
        let (name, kind) = self.order.as_ref()?;
        match kind {
            ColumnType::Json | ColumnType::Boolean => None,
            ColumnType::Text => Some(format!("{prefix}{name}{}", self.shapes[0].dialect.by_bytes)),
            _ => Some(format!("{prefix}{name}")),
        }
    }

    /// Whether the replication key of `i` is smaller than that of `row`; a record that is merged may have none.
    pub(super) fn older(&self, row: &str) -> String {
        match (self.compared("i."), self.compared(&format!("{row}."))) {
            (Some(ours), Some(theirs)) if self.absent.is_some() => format!("{ours} < {theirs}"),
            (Some(ours), Some(theirs)) => format!("({ours} < {theirs} OR {ours} IS NULL AND {theirs} IS NOT NULL)"),
            _ => "FALSE".to_owned(),
        }
    }

    /// Says of each record what it is, counts, and tells whether all are new.
    fn judge(&mut self, session: &S) -> Result<bool, Trouble> {
        let (what, sequence) = (self.temporary("what", 0), self.marks.sequence);
        let marked = self.deleted.as_ref().map_or("FALSE".to_owned(), |name| format!("i.{name} IS NOT NULL"));
        let verdict = match self.absent {
            Some(_) => self.verdict_on_told(),
            None if self.staged() => self.verdict_on_waiting(),
            None => self.verdict_on_written(),
        };
        let told = session.ask(&format!(
            "INSERT INTO {what} SELECT i.{sequence}, {verdict}; \
             SELECT w.what, count(*), count(*) FILTER (WHERE {marked}) FROM {what} w JOIN {} i USING ({sequence}) \
             GROUP BY w.what",
            self.temporary("in", 0)
        ))?;
        let number = |row: &[Option<String>], at: usize| -> u64 {
            row[at].as_ref().and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        let mut sum = Written::default();
        for row in &told {
            let (count, marked) = (number(row, 1), number(row, 2));
            match row[0].as_deref() {
                Some("n") => (sum.new, sum.deleted) = (count, sum.deleted + marked),
                Some("c") => (sum.changed, sum.deleted) = (count, sum.deleted + marked),
                Some("u") => sum.unchanged += count,
                _ => sum.repeated += count,
            }
        }
        self.untold += sum;
        Ok(sum == Written { new: sum.new, deleted: sum.deleted, ..Written::default() })
    }

    /// For loads that write into the tables that people read.
    fn verdict_on_written(&self) -> String {
        let key = &self.shapes[0].key;
        let first = quote(&key[0].name);
        format!(
            "CASE WHEN r.{first} IS NULL THEN 'n' \
             WHEN s.{first} IS NOT NULL OR r.{sequence} >= {start} THEN \
               CASE WHEN r.{said} = i.{said} THEN 's' WHEN {older} THEN 'o' ELSE 'a' END \
             WHEN r.{said} = i.{said} THEN 'u' ELSE 'c' END \
             FROM {incoming} i LEFT JOIN {real} r ON {by_key} LEFT JOIN {seen} s ON {by_seen}",
            sequence = self.marks.sequence,
            said = self.marks.said,
            start = self.marks.number(self.base.start),
            older = self.older("r"),
            incoming = self.temporary("in", 0),
            real = self.real(0),
            by_key = equal(key, "i", key, "r"),
            seen = self.temporary("seen", 0),
            by_seen = equal(key, "i", key, "s"),
        )
    }

    /// For loads whose rows wait for their end.
    fn verdict_on_waiting(&self) -> String {
        let (key, said) = (&self.shapes[0].key, self.marks.said);
        let first = quote(&key[0].name);
        let (incoming, waiting) = (self.temporary("in", 0), self.temporary("wait", 0));
        let by_waiting = equal(key, "i", key, "g");
        let again = format!("CASE WHEN g.{said} = i.{said} THEN 's' WHEN {} THEN 'o'", self.older("g"));
        if !self.base.has_base {
            return format!(
                "CASE WHEN g.{first} IS NULL THEN 'n' ELSE {again} ELSE 'a' END END \
                 FROM {incoming} i LEFT JOIN {waiting} g ON {by_waiting}"
            );
        }
        let has_order = self
            .order
            .as_ref()
            .is_some_and(|(name, _)| self.shapes[0].there.iter().any(|(there, _)| quote(there) == *name));
        let older = if has_order { self.older("r") } else { "FALSE".to_owned() };
        format!(
            "CASE WHEN r.{first} IS NULL AND g.{first} IS NULL THEN 'n' \
             WHEN r.{first} IS NOT NULL AND s.{first} IS NULL THEN CASE WHEN r.{said} = i.{said} THEN 'u' ELSE 'c' END \
             WHEN g.{first} IS NOT NULL THEN {again} WHEN r.{said} = i.{said} THEN 'b' ELSE 'a' END \
             ELSE CASE WHEN r.{said} = i.{said} THEN 's' WHEN {older} THEN 'o' ELSE 'a' END END \
             FROM {incoming} i LEFT JOIN {real} r ON {by_key} LEFT JOIN {waiting} g ON {by_waiting} \
             LEFT JOIN {seen} s ON {by_seen}",
            real = self.real(0),
            by_key = equal(key, "i", key, "r"),
            seen = self.temporary("seen", 0),
            by_seen = equal(key, "i", key, "s"),
        )
    }

    /// Nothing that came is there: all of it goes in.
    fn insert_all(&self) -> String {
        let insert = |table: usize| {
            let columns = list(&self.shapes[table].columns(), "");
            let (target, incoming) = (self.target(table), self.temporary("in", table));
            format!("INSERT INTO {target} ({columns}) SELECT {columns} FROM {incoming};")
        };
        let all: String = (0..self.shapes.len()).map(insert).collect();
        format!("{all}{}", self.clear())
    }

    /// Writes what is new or changed, and notes what was left alone.
    fn apply(&self) -> String {
        let own = &self.shapes[0];
        let (incoming, what, sequence) = (self.temporary("in", 0), self.temporary("what", 0), self.marks.sequence);
        let judged =
            |set: &str| format!("{incoming} i JOIN {what} w ON w.{sequence} = i.{sequence} AND w.what IN {set}");
        // A row that is merged is in one place, also while it waits.
        let waits = self.staged() && self.absent.is_none();
        let (overwritten, inserted, noted) = match waits {
            true => ("('a', 'b')", WRITTEN, "('u', 'c')"),
            false => ("('c', 'a')", "('n')", "('u')"),
        };
        let mut sql = String::new();
        for (at, shape) in self.shapes.iter().enumerate().skip(1) {
            let by_source = shape.by_source("x", own, "i");
            sql += &format!("DELETE FROM {} x USING {} WHERE {by_source};", self.target(at), judged(overwritten));
        }
        let by_key = equal(&own.key, "x", &own.key, "i");
        let (target, judged_so) = (self.target(0), judged(overwritten));
        sql += &match waits {
            true => format!("DELETE FROM {target} x USING {judged_so} WHERE {by_key};"),
            false => {
                let sets = if self.absent.is_some() { self.sets_told("x") } else { own.sets("x", "i") };
                format!("UPDATE {target} x SET {sets} FROM {judged_so} WHERE {by_key};")
            }
        };
        sql += &self.insert_judged(0, own, inserted);
        for (at, shape) in self.shapes.iter().enumerate().skip(1) {
            sql += &self.insert_judged(at, shape, WRITTEN);
        }
        sql += &self.note_seen(&own.key, "i", &judged(noted));
        sql + &self.clear()
    }

    fn insert_judged(&self, table: usize, shape: &Shape, set: &str) -> String {
        let columns = shape.columns();
        format!(
            "INSERT INTO {} ({}) SELECT {} FROM {} i JOIN {} w ON w.{sequence} = i.{sequence} AND w.what IN {set};",
            self.target(table),
            list(&columns, ""),
            list(&columns, "i."),
            self.temporary("in", table),
            self.temporary("what", 0),
            sequence = self.marks.sequence
        )
    }

    /// Empties what rows came through.
    fn clear(&self) -> String {
        let incoming = (0..self.shapes.len()).map(|table| self.temporary("in", table));
        incoming.chain([self.temporary("what", 0)]).map(|table| format!("TRUNCATE {table};")).collect()
    }

    /// Since when the record `i` is deleted, as `row` is to tell it. Where it does not say since when, the moment at which
    /// that was noticed first stays.
    pub(super) fn since(&self, deleted: &str, row: &str) -> String {
        let received = self.marks.received;
        format!("CASE i.{deleted} WHEN i.{received} THEN coalesce({row}.{deleted}, i.{deleted}) ELSE i.{deleted} END")
    }

    /// Marks the row that has the key of the tombstone which came. Where there is none, or it is marked so already,
    /// there is nothing to do. The row's hash is the tombstone's from then on: whatever record comes with its key
    /// is a change.
    pub(super) fn bury(&mut self, session: &S) -> Result<(), Trouble> {
        self.send(session)?;
        let (key, marks) = (&self.shapes[0].key, self.marks);
        let (said, sequence, start) = (marks.said, marks.sequence, marks.number(self.base.start));
        let order = self.compared("i.").unwrap_or_else(|| "NULL".to_owned());
        let repeated = format!("(x.{sequence} >= {start} AND {order} IS NOT NULL AND {})", self.older("x"));
        let stamp = [Some(marks.received), marks.batched, Some(sequence), Some(said)].into_iter().flatten();
        let stamp: String = stamp.map(|name| format!(", {name} = i.{name}")).collect();
        // Only where a deletion has a column there are tombstones.
        let deleted = self.deleted.clone().unwrap_or_default();
        let since = self.since(&deleted, "x");
        let told = session.ask(&format!(
            "SELECT count(*) FILTER (WHERE {repeated}), count(*) FILTER (WHERE {repeated} IS NOT TRUE) FROM {target} x \
               JOIN {incoming} i ON {by_key} WHERE x.{said} IS DISTINCT FROM i.{said}",
            target = self.target(0),
            incoming = self.temporary("in", 0),
            by_key = equal(key, "x", key, "i"),
        ))?;
        session.run(&format!(
            "UPDATE {target} x SET {deleted} = {since}{stamp} FROM {incoming} i WHERE {by_key} AND \
               x.{said} IS DISTINCT FROM i.{said} AND {repeated} IS NOT TRUE; {clear}",
            target = self.target(0),
            incoming = self.temporary("in", 0),
            by_key = equal(key, "x", key, "i"),
            clear = self.clear(),
        ))?;
        let number = |at: usize| told.first().and_then(|row| row[at].as_ref()?.parse().ok()).unwrap_or(0);
        let (repeated, changed): (u64, u64) = (number(0), number(1));
        self.untold.repeated += repeated;
        self.untold.changed += changed;
        self.untold.deleted += changed;
        self.untold.unchanged += self.pending - repeated - changed;
        self.settled();
        Ok(())
    }
}
