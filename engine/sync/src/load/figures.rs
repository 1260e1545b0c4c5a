//! What was loaded of a stream.

use std::collections::{BTreeMap, BTreeSet};

use crate::destination::Written;
use crate::report::{StreamReport, TableRows, Verdict};
use crate::run::counts::Counts;
use crate::run::filling::Filling;
use crate::state::{Position, StreamState};
use crate::survey::SchemaChange;

/// A load of a stream that the destination has begun, and what came of it since the last commit.
pub(super) struct Open {
    pub(super) filling: Filling,
    /// Where it begins, to which a staged load goes back that is not finished.
    pub(super) begin: Position,
    pub(super) records: u64,
    pub(super) written: Written,
    pub(super) counts: Counts,
}

/// What was loaded of a stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Figures {
    pub(super) records: u64,
    pub(super) written: Written,
    pub(super) counts: Counts,
    pub(super) gone: u64,
    pub(super) notes: Vec<String>,
    pub(super) tables: Vec<TableRows>,
    pub(super) unlisted: Vec<String>,
    pub(super) changes: BTreeSet<SchemaChange>,
    pub(super) known: StreamState,
    /// Why something of it is not loaded yet.
    pub(super) waits: Option<String>,
    /// Why it cannot be loaded on.
    pub(super) stopped: Option<String>,
}

impl Figures {
    /// Takes over what came with a load so far; gives the rows of each table, if there are some.
    pub(super) fn take(&mut self, open: &mut Open, of_tables: Vec<String>) -> Option<BTreeMap<String, u64>> {
        let rows = open.filling.rows.normaliser();
        self.records += std::mem::take(&mut open.records);
        self.written += std::mem::take(&mut open.written);
        let mut counts = std::mem::take(&mut open.counts);
        self.counts.absorb(&counts);
        self.tables = self.counts.tables(rows.tables());
        self.unlisted = rows.unlisted().to_vec();
        self.changes.extend(open.filling.changes.all().cloned());
        for note in rows.split_columns().into_iter().chain(of_tables) {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        Some(counts.untold(rows.tables())).filter(|rows| !rows.is_empty())
    }

    /// As a report says it.
    pub(super) fn report(self, name: &str) -> StreamReport {
        let Figures { records, written, counts, gone, notes, tables, unlisted, changes, known, waits, stopped } = self;
        let verdict = if stopped.is_some() { Verdict::Failed } else { Verdict::Complete };
        let reason = stopped.or(waits).unwrap_or_else(|| {
            let all = if records == 0 { "the hub holds nothing new of it" } else { "loaded as far as the hub goes" };
            all.to_owned()
        });
        StreamReport {
            records,
            deleted: gone + written.deleted,
            rejections: counts.rejections().to_vec(),
            tables,
            discards: counts.discards().to_vec(),
            schema_changes: changes.into_iter().collect(),
            unlisted,
            notes,
            ..StreamReport::of(name, (verdict, reason), written, known)
        }
    }
}
