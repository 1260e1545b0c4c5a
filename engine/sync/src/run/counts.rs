//! What came for the tables of a stream, and what was set aside.

use std::collections::BTreeMap;

use crate::normalise::{Batch, Tables};
use crate::report::{Discard, Rejection, TableRows};

/// Reasons that are told apart.
const REASONS: usize = 20;

/// Rows of tables and reasons of rejections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    /// By place of the table.
    rows: Vec<u64>,
    bytes: Vec<u64>,
    /// As many as the log was told of.
    told: Vec<u64>,
    rejections: Vec<Rejection>,
    discards: Vec<Discard>,
}

impl Counts {
    /// Counts a batch.
    pub(crate) fn add(&mut self, tables: &Tables, batch: &Batch<'_>) {
        self.rows.resize(tables.all().len(), 0);
        self.bytes.resize(tables.all().len(), 0);
        // Where no record became a row there are no tables.
        for (at, rows) in self.rows.iter_mut().enumerate().filter(|_| batch.rows() > 0) {
            *rows += batch.table(at).all().len() as u64;
            self.bytes[at] += batch.table(at).bytes();
        }
        for one in batch.rejected() {
            let (all, reason) = (&mut self.rejections, without_value(&one.reason));
            match find(all.iter_mut().map(|known| (&known.reason, &mut known.records)), &reason) {
                Some(records) => *records += 1,
                None => all.push(Rejection { reason: or_other(reason, all.len()), records: 1 }),
            }
        }
        for reason in batch.discarded() {
            let (all, reason) = (&mut self.discards, without_value(reason));
            match find(all.iter_mut().map(|known| (&known.reason, &mut known.values)), &reason) {
                Some(values) => *values += 1,
                None => all.push(Discard { reason: or_other(reason, all.len()), values: 1 }),
            }
        }
    }

    /// Adds what came in another load.
    pub(crate) fn absorb(&mut self, other: &Counts) {
        self.rows.resize(self.rows.len().max(other.rows.len()), 0);
        self.rows.iter_mut().zip(&other.rows).for_each(|(rows, more)| *rows += more);
        self.bytes.resize(self.bytes.len().max(other.bytes.len()), 0);
        self.bytes.iter_mut().zip(&other.bytes).for_each(|(bytes, more)| *bytes += more);
        for more in &other.rejections {
            match self.rejections.iter_mut().find(|known| known.reason == more.reason) {
                Some(known) => known.records += more.records,
                None => self.rejections.push(more.clone()),
            }
        }
        for more in &other.discards {
            match self.discards.iter_mut().find(|known| known.reason == more.reason) {
                Some(known) => known.values += more.values,
                None => self.discards.push(more.clone()),
            }
        }
    }

    /// Nothing of the rows is kept.
    pub(crate) fn discard(&mut self) {
        self.rows.iter_mut().chain(&mut self.told).chain(&mut self.bytes).for_each(|rows| *rows = 0);
        self.discards.clear();
    }

    /// Why values were left out.
    pub(crate) fn discards(&self) -> &[Discard] {
        &self.discards
    }

    /// Why records were set aside.
    pub(crate) fn rejections(&self) -> &[Rejection] {
        &self.rejections
    }

    /// The rows of each table.
    pub(crate) fn tables(&self, tables: &Tables) -> Vec<TableRows> {
        let all = tables.all().iter().enumerate();
        let of = |counts: &[u64], at: usize| counts.get(at).copied().unwrap_or(0);
        all.map(|(at, table)| TableRows {
            table: table.name.clone(),
            rows: of(&self.rows, at),
            bytes: Some(of(&self.bytes, at)),
        })
        .collect()
    }

    /// The rows that came since this was asked last.
    pub(crate) fn untold(&mut self, tables: &Tables) -> BTreeMap<String, u64> {
        self.told.resize(self.rows.len(), 0);
        let since = self.rows.iter().zip(&self.told).map(|(rows, told)| rows - told);
        let named = tables.all().iter().zip(since).filter(|(_, rows)| *rows > 0);
        let untold = named.map(|(table, rows)| (table.name.clone(), rows)).collect();
        self.told.clone_from(&self.rows);
        untold
    }
}

/// What stands for the reasons that are not told apart.
const OTHERS: &str = "other reasons";

/// The count of this reason, or that of all others.
fn find<'k>(known: impl Iterator<Item = (&'k String, &'k mut u64)>, reason: &str) -> Option<&'k mut u64> {
    let mut others = None;
    for (one, count) in known {
        match one.as_str() {
            one if one == reason => return Some(count),
            OTHERS => others = Some(count),
            _ => {}
        }
    }
    others
}

/// The reason as it is told where so many are told apart already.
fn or_other(reason: String, many: usize) -> String {
    if many < REASONS { reason } else { OTHERS.to_owned() }
}

/// The reason as it is for all values: ``field `at`: "soon" is no timestamp`` without the value, which is nobody's
/// business who reads a log.
pub(crate) fn without_value(reason: &str) -> String {
    match reason.split_once("`: ").and_then(|(field, rest)| Some((field, rest.rsplit_once(" is no ")?.1))) {
        Some((field, kind)) => format!("{field}`: a value is no {kind}"),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_value;

    #[test]
    fn a_reason_tells_no_value() {
        let reason = "field `at`: \"it `: is no secret\" is no timestamp of the format rfc3339";
        assert_eq!(without_value(reason), "field `at`: a value is no timestamp of the format rfc3339");
        let reason = "the primary key `id` is missing or null";
        assert_eq!(without_value(reason), reason);
    }
}
