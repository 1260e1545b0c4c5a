//! What a run has loaded, table by table, with what earlier runs have: Stitch calls it the loading report.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tapwright_spec::{Connector, counted};

use super::kept::{Ending, Kept, KeptFault, KeptRun};
use super::page;
use crate::report::{Discard, Rejection, StreamReport, Verdict};
use crate::survey::SchemaChange;

/// What a run has loaded.
#[derive(Debug, Clone, Serialize)]
pub struct Loaded {
    /// The connector.
    pub connector: String,
    /// The run.
    pub run: String,
    /// When it began.
    pub began: Option<Timestamp>,
    /// How it ended.
    pub ending: Ending,
    /// What became of it, in few words.
    pub outcome: &'static str,
    /// Where the rows went.
    pub destination: Option<String>,
    /// The tables of the streams that it read, a stream's own before its child tables.
    pub tables: Vec<TableLoad>,
    /// What kept streams from being complete, and the run from its end.
    pub errors: Vec<String>,
}

/// What a run has loaded into a table. What is told of a stream is told with its own table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TableLoad {
    /// The table.
    pub table: String,
    /// Its stream.
    pub stream: String,
    /// Rows that came, changed or not.
    pub rows: u64,
    /// Rows that came in the 24 hours up to the run, by all runs into that place.
    pub rows_in_24_hours: u64,
    /// The same in 30 days.
    pub rows_in_30_days: u64,
    /// Bytes of the values of these rows.
    pub bytes: Option<u64>,
    /// When rows came last.
    pub last_load: Option<Timestamp>,
    /// The greatest bookmark: `column: value`.
    pub bookmark: Option<String>,
    /// Records that were set aside, by reason.
    pub rejections: Vec<Rejection>,
    /// Values that were left out, by reason.
    pub discards: Vec<Discard>,
    /// What the run changed of the stream's tables.
    pub schema_changes: Vec<SchemaChange>,
}

impl Loaded {
    /// What the run of this name has loaded, or the last one.
    ///
    /// # Errors
    /// A [`KeptFault`] if there is no such run, or it cannot be read.
    pub fn of(connector: &Connector, kept: &Kept, name: Option<&str>) -> Result<Loaded, KeptFault> {
        let run = kept.run(name)?;
        let place = place(&run);
        let streams = run.report.iter().flat_map(|report| &report.streams);
        let mut tables: Vec<TableLoad> = streams.flat_map(|one| tables(connector, one)).collect();
        for (stream, table, rows) in run.committed() {
            if run.report.is_none() {
                add(&mut tables, (stream, table), rows);
            }
        }
        let earlier = kept.names().into_iter().filter(|one| *one <= run.name);
        for other in earlier.filter_map(|name| kept.run(Some(&name)).ok()) {
            // What another place has got says nothing of this one.
            let Some(at) = other.began().filter(|_| self::place(&other) == place) else { continue };
            tables.iter_mut().for_each(|table| table.sum(&other, at, run.began().unwrap_or(at)));
        }
        let streams = run.report.iter().flat_map(|report| &report.streams);
        let failed = streams.filter(|one| one.verdict != Verdict::Complete);
        let mut errors: Vec<String> = failed.map(|one| format!("{}: {}", one.stream, one.reason)).collect();
        errors.extend(run.report.iter().filter_map(|report| report.interrupted.clone()));
        if run.report.is_none() {
            errors.extend(run.lines.last().filter(|_| run.ending != Ending::Running).map(|line| line.message.clone()));
        }
        Ok(Loaded {
            connector: connector.name.clone(),
            began: run.began(),
            ending: run.ending,
            outcome: run.outcome(),
            destination: place,
            tables,
            errors,
            run: run.name,
        })
    }

    /// As a table for people.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let place = self.destination.as_ref().map(|place| format!(" into {place}")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}, run {}{place}: {}\n", self.connector, self.run, self.outcome);
        let width = self.tables.iter().map(|one| one.table.len()).max().unwrap_or(0).max(5);
        let head = ["rows", "24 hours", "30 days", "bytes"].map(|name| format!("{name:>9}")).join(" ");
        let _ = writeln!(out, "{:width$} {head}  {:20}  bookmark", "table", "last load");
        for one in &self.tables {
            let bytes = one.bytes.map(|bytes| bytes.to_string()).unwrap_or_default();
            let last = one.last_load.map_or_else(|| "never".to_owned(), |at| format!("{at:.0}"));
            let rows = [one.rows, one.rows_in_24_hours, one.rows_in_30_days].map(|rows| format!("{rows:>9}"));
            let bookmark = one.bookmark.as_deref().unwrap_or_default();
            let line = format!("{:width$} {} {bytes:>9}  {last:20}  {bookmark}", one.table, rows.join(" "));
            let _ = writeln!(out, "{}", line.trim_end());
        }
        out.push('\n');
        for one in &self.tables {
            for rejection in &one.rejections {
                let records = counted(rejection.records, "record");
                let _ = writeln!(out, "{}: {records} set aside: {}", one.table, rejection.reason);
            }
            for discard in &one.discards {
                let _ = writeln!(out, "{}: {discard}", one.table);
            }
            for change in &one.schema_changes {
                let _ = writeln!(out, "{}: {change}", one.table);
            }
        }
        out + &self.errors.iter().map(|error| format!("{error}\n")).collect::<String>()
    }

    /// As a page of its own.
    pub fn to_html(&self) -> String {
        page::page(self)
    }
}

/// Where the rows of a run went.
fn place(run: &KeptRun) -> Option<String> {
    run.lines.iter().find_map(|line| line.destination.clone())
}

impl KeptRun {
    /// The stream, the table and the number of rows of each of its commits.
    fn committed(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.lines.iter().flat_map(|line| {
            let stream = line.stream.as_deref().unwrap_or_default();
            line.rows.iter().map(move |(table, rows)| (stream, table.as_str(), *rows))
        })
    }

    /// Rows that came into each table.
    fn rows(&self) -> BTreeMap<&str, u64> {
        let mut rows = BTreeMap::new();
        match &self.report {
            Some(report) => {
                let tables = report.streams.iter().flat_map(|one| &one.tables);
                tables.for_each(|one| *rows.entry(one.table.as_str()).or_default() += one.rows);
            }
            None => self.committed().for_each(|(_, table, count)| *rows.entry(table).or_default() += count),
        }
        rows
    }
}

impl TableLoad {
    /// Adds what a run that began at `at` has brought, to a report as of `now`.
    fn sum(&mut self, run: &KeptRun, at: Timestamp, now: Timestamp) {
        let Some(rows) = run.rows().get(self.table.as_str()).copied().filter(|rows| *rows > 0) else { return };
        let within = |hours| now.duration_since(at) <= SignedDuration::from_hours(hours);
        self.rows_in_24_hours += if within(24) { rows } else { 0 };
        self.rows_in_30_days += if within(24 * 30) { rows } else { 0 };
        self.last_load =
            self.last_load.max(run.lines.iter().rev().find(|line| !line.rows.is_empty()).map(|line| line.at));
    }
}

fn tables(connector: &Connector, one: &StreamReport) -> Vec<TableLoad> {
    let key = connector.stream(&one.stream).and_then(|stream| connector.keyed_by(stream).own_key());
    let bookmark = one.bookmark.as_ref().map(|bookmark| match key {
        Some(key) => format!("{key}: {bookmark}"),
        None => bookmark.to_string(),
    });
    let mut tables: Vec<TableLoad> = Vec::new();
    add(&mut tables, (&one.stream, &one.stream), 0);
    for table in &one.tables {
        add(&mut tables, (&one.stream, &table.table), table.rows);
        tables.iter_mut().filter(|known| known.table == table.table).for_each(|known| known.bytes = table.bytes);
    }
    if let Some(own) = tables.first_mut() {
        own.bookmark = bookmark;
        own.rejections.clone_from(&one.rejections);
        own.discards.clone_from(&one.discards);
        own.schema_changes.clone_from(&one.schema_changes);
    }
    tables
}

fn add(tables: &mut Vec<TableLoad>, (stream, table): (&str, &str), rows: u64) {
    match tables.iter_mut().find(|one| one.table == table) {
        Some(known) => known.rows += rows,
        None => {
            let (table, stream) = (table.to_owned(), stream.to_owned());
            tables.push(TableLoad { table, stream, rows, ..TableLoad::default() });
        }
    }
}
