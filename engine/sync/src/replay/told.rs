//! What came of a recording, as YAML that a reader can check by eye.

use std::fmt::Write;
use std::path::Path;

use serde_json::json;

use super::tables;
use crate::report::{RunReport, StreamReport};
use crate::run::RunFault;

/// What came of the runs so far.
pub(super) struct Told {
    text: String,
    /// The tables with their rows after the last run.
    pub(super) tables: tables::Named<Vec<String>>,
}

impl Told {
    pub(super) fn new() -> Told {
        Told { text: "runs:\n".to_owned(), tables: Vec::new() }
    }

    /// What was told, and the tables at the end.
    pub(super) fn into_parts(self) -> (String, tables::Named<Vec<String>>) {
        (self.text, self.tables)
    }

    /// Another run follows.
    pub(super) fn begin(&mut self) {
        self.line("  -");
    }

    pub(super) fn requests<'a>(&mut self, sent: impl Iterator<Item = &'a str>, unused: &[&str]) {
        self.list("requests", sent);
        if !unused.is_empty() {
            self.list("not asked for", unused.iter().copied());
        }
    }

    /// `waited` is in seconds.
    pub(super) fn outcome(&mut self, outcome: &Result<RunReport, RunFault>, waited: f64) {
        let report = match outcome {
            Err(fault) => return self.line(&format!("    fault: {}", json!(fault.to_string()))),
            Ok(report) => report,
        };
        if let Some(interrupted) = &report.interrupted {
            self.line(&format!("    interrupted: {}", json!(interrupted)));
        }
        for note in &report.notes {
            self.line(&format!("    note: {}", json!(note)));
        }
        // What chance adds to the waits between tries is left out.
        if waited >= 30.0 {
            self.line(&format!("    waited: {:.0} s", (waited / 10.0).floor() * 10.0));
        }
        self.line(&format!("    complete: {}", report.is_complete()));
        self.line("    streams:");
        for stream in &report.streams {
            self.line(&format!("      {}:", stream.stream));
            self.line(&format!("        {}: {}", stream.verdict.word(), json!(stream.reason)));
            self.line(&format!("        records: {}", figures(stream)));
            let schema = stream.schema_changes.iter().map(ToString::to_string).collect();
            let discards = stream.discards.iter().map(ToString::to_string).collect();
            let lines = [
                ("discarded", &discards),
                ("schema", &schema),
                ("notes", &stream.notes),
                ("unlisted", &stream.unlisted),
            ];
            for (name, lines) in lines {
                if !lines.is_empty() {
                    self.line(&format!("        {name}: {}", json!(lines)));
                }
            }
        }
    }

    /// State and rows, as the database has them after the run; the state of these streams alone, if some are named.
    pub(super) fn database(&mut self, path: &Path, streams: Option<&[String]>) -> Result<(), String> {
        let unreadable = |error: rusqlite::Error| format!("what was loaded cannot be read: {error}");
        self.line("    state:");
        let is_told = |stream: &String| streams.is_none_or(|streams| streams.contains(stream));
        let states = tables::state(path).map_err(unreadable)?;
        for (stream, state) in states.into_iter().filter(|(stream, _)| is_told(stream)) {
            self.line(&format!("      {stream}: {state}"));
        }
        self.line("    tables:");
        self.tables = tables::tables(path).map_err(unreadable)?;
        let lines = self.tables.iter().flat_map(|(table, rows)| {
            let head = format!("      {table}:{}", if rows.is_empty() { " []" } else { "" });
            std::iter::once(head).chain(rows.iter().map(|row| format!("        - {row}")))
        });
        let lines: Vec<String> = lines.collect();
        lines.iter().for_each(|line| self.line(line));
        Ok(())
    }

    fn list<'a>(&mut self, name: &str, lines: impl Iterator<Item = &'a str>) {
        let lines: Vec<_> = lines.collect();
        self.line(&format!("    {name}:{}", if lines.is_empty() { " []" } else { "" }));
        lines.iter().for_each(|line| self.line(&format!("      - {}", json!(line))));
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }
}

/// The counts that are not nought.
fn figures(stream: &StreamReport) -> String {
    let all = [
        ("read", stream.records),
        ("new", stream.new),
        ("changed", stream.changed),
        ("unchanged", stream.unchanged),
        ("repeated", stream.repeated),
        ("deleted", stream.deleted),
        ("rejected", stream.rejected),
        ("left_out", stream.left_out),
        ("older", stream.older),
        ("retries", stream.retries),
    ];
    let shown: Vec<String> =
        all.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name}: {count}")).collect();
    format!("{{{}}}", shown.join(", "))
}
