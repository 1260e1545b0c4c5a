//! What happened, as text and as JSON, from one value; and what is happening, for a progress display.

use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::destination::Written;
use crate::state::{KeyValue, StreamState};
use crate::survey::SchemaChange;
use tapwright_spec::{agreeing, counted};

/// Names of unlisted keys that the text shows; the JSON has all.
const SHOWN: usize = 6;

/// What can be said of a stream's rows after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was asked for is loaded, and the state says so.
    Complete,
    /// A bound of the spec ended the walk; there is more.
    Bounded,
    /// It broke off. What was committed stays, the state is where the rows are.
    #[default]
    Failed,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Complete => "complete",
            Verdict::Bounded => "bounded",
            Verdict::Failed => "failed",
        }
    }
}

/// Rows that came for a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRows {
    /// The table, as the spec makes its name.
    pub table: String,
    /// How many, changed or not.
    pub rows: u64,
    /// Bytes of their values: texts as long as they are, others 8.
    #[serde(default)]
    pub bytes: Option<u64>,
}

/// Why records were set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The reason, without the value.
    pub reason: String,
    /// How many.
    pub records: u64,
}

/// Why values were left out of their records, which are loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discard {
    /// The reason, without the value.
    pub reason: String,
    /// How many.
    pub values: u64,
}

impl std::fmt::Display for Discard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let were = agreeing(self.values, "was", "were");
        write!(f, "{} {were} left out: {}", counted(self.values, "value"), self.reason)
    }
}

/// One stream of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct StreamReport {
    /// Name.
    pub stream: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why the walk ended, or why it broke off.
    pub reason: String,
    /// Records that came, before any filter.
    pub records: u64,
    /// Rows inserted.
    pub new: u64,
    /// Rows overwritten with other values.
    pub changed: u64,
    /// Records whose row was there just so.
    pub unchanged: u64,
    /// Records whose key had come before in this run.
    pub repeated: u64,
    /// Rows that are gone at the source and now here (full tables), and those that were written with the mark of a
    /// deletion.
    pub deleted: u64,
    /// Records set aside in `_sdc_rejected`.
    pub rejected: u64,
    /// Why they were.
    #[serde(default)]
    pub rejections: Vec<Rejection>,
    /// The rows of its tables, its own first, without those that were thrown away because the read was not complete.
    #[serde(default)]
    pub tables: Vec<TableRows>,
    /// Records that `keep_if` left out.
    pub left_out: u64,
    /// Records that were left out because they are older than the bookmark.
    pub older: u64,
    /// Pages that came.
    pub pages: u64,
    /// Requests sent, retries included.
    pub requests: u64,
    /// Requests sent again.
    pub retries: u64,
    /// Bytes of bodies.
    pub bytes: u64,
    /// Seconds spent waiting for a rate limit or before a retry.
    pub waited_seconds: f64,
    /// Seconds from its first request to its last row.
    pub seconds: f64,
    /// The bookmark that is committed now.
    pub bookmark: Option<KeyValue>,
    /// How many slices of the stream have one of their own.
    pub slices: u64,
    /// Why values were left out of their records, as `schema_changes` of the spec says.
    #[serde(default)]
    pub discards: Vec<Discard>,
    /// What it changed of the tables that were there before.
    #[serde(default)]
    pub schema_changes: Vec<SchemaChange>,
    /// Keys of records that the spec lists no field for.
    pub unlisted: Vec<String>,
    /// What else the user should know.
    pub notes: Vec<String>,
}

/// A run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunReport {
    /// The connector.
    pub connector: String,
    /// Its version.
    pub version: String,
    /// Where the rows went.
    pub destination: String,
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// What ended the run before its time: a signal, or a fault of the destination.
    pub interrupted: Option<String>,
    /// What else the user should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The streams, in the order of the spec.
    pub streams: Vec<StreamReport>,
}

impl RunReport {
    /// Whether every stream is complete and no record was set aside.
    pub fn is_complete(&self) -> bool {
        self.interrupted.is_none()
            && self.streams.iter().all(|stream| stream.verdict == Verdict::Complete && stream.rejected == 0)
    }

    /// As a table for people, at most `width` columns wide, with what needs words below it.
    pub fn to_text(&self, width: usize) -> String {
        let mut out = String::new();
        let name = self.streams.iter().map(|one| one.stream.len()).max().unwrap_or(0).max(6);
        let _ = writeln!(
            out,
            "{:name$}  {:>8} {:>8} {:>9} {:>7} {:>8} {:>7}  verdict",
            "stream", "new", "changed", "unchanged", "deleted", "requests", "seconds"
        );
        for one in &self.streams {
            let _ = writeln!(
                out,
                "{:name$}  {:>8} {:>8} {:>9} {:>7} {:>8} {:>7.1}  {}",
                one.stream,
                one.new,
                one.changed,
                one.unchanged,
                one.deleted,
                one.requests,
                one.seconds,
                one.verdict.word()
            );
        }
        out.push('\n');
        let mut told: Vec<(String, Vec<&str>)> = Vec::new();
        for one in &self.streams {
            for line in one.remarks() {
                match told.iter_mut().find(|(known, _)| *known == line && one.verdict == Verdict::Failed) {
                    Some((_, streams)) => streams.push(&one.stream),
                    None => told.push((line, vec![&one.stream])),
                }
            }
        }
        for (line, streams) in told {
            wrap(&mut out, &streams.join(", "), &line, width);
        }
        for line in self.interrupted.iter().chain(&self.notes) {
            let _ = writeln!(out, "{line}");
        }
        let total = |count: fn(&StreamReport) -> u64| self.streams.iter().map(count).sum::<u64>();
        let _ = writeln!(
            out,
            "{} {} into {}: {}, {}, {}, {:.1} s",
            self.connector,
            self.version,
            self.destination,
            counted(total(|one| one.records), "record"),
            counted(total(|one| one.requests), "request"),
            counted(total(|one| one.retries), "retry"),
            self.seconds
        );
        out
    }
}

impl StreamReport {
    /// Of a stream whose rows were written so, and which goes on from `known`; nothing was asked for yet.
    pub(crate) fn of(stream: &str, (verdict, reason): (Verdict, String), written: Written, known: StreamState) -> Self {
        StreamReport {
            stream: stream.to_owned(),
            verdict,
            reason,
            new: written.new,
            changed: written.changed,
            unchanged: written.unchanged,
            repeated: written.repeated,
            deleted: written.deleted,
            rejected: written.rejected,
            slices: known.slices.len() as u64,
            bookmark: known.bookmark.filter(|bookmark| !matches!(bookmark, KeyValue::Token(_))),
            ..StreamReport::default()
        }
    }

    /// What the table has no column for.
    fn remarks(&self) -> Vec<String> {
        let next = match (&self.bookmark, self.slices) {
            (Some(bookmark), _) => Some(format!("the next run goes on from {bookmark}")),
            (None, 0) => None,
            (None, slices) => {
                let bookmarks = agreeing(slices, "bookmark", "bookmarks");
                Some(format!("the next run goes on from the {bookmarks} of {}", counted(slices, "slice")))
            }
        };
        let mut lines = match (self.verdict, next) {
            (Verdict::Complete, Some(next)) => vec![format!("complete: {}; {next}", self.reason)],
            (Verdict::Complete, None) => vec![format!("complete: {}", self.reason)],
            (verdict, next) => {
                let verdict = format!("{}: {}", verdict.word().to_uppercase(), self.reason);
                std::iter::once(verdict).chain(next).collect()
            }
        };
        if self.rejected > 0 {
            lines.push(format!("{} set aside in _sdc_rejected, with the reason", records_were(self.rejected)));
        }
        if self.left_out > 0 {
            lines.push(format!("{} left out by keep_if", records_were(self.left_out)));
        }
        if self.older > 0 {
            lines.push(format!("{} left out, because older than the bookmark", records_were(self.older)));
        }
        if self.retries > 0 {
            let were = agreeing(self.retries, "was", "were");
            lines.push(format!("{} {were} sent again", counted(self.retries, "request")));
        }
        if self.waited_seconds >= 0.1 {
            lines.push(format!("waited {:.1} s for the API", self.waited_seconds));
        }
        if !self.unlisted.is_empty() {
            let (shown, more) = self.unlisted.split_at(self.unlisted.len().min(SHOWN));
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            lines.push(format!("not in the spec, hence not loaded: {}{more}", shown.join(", ")));
        }
        lines.extend(self.discards.iter().map(ToString::to_string));
        lines.extend(self.schema_changes.iter().map(ToString::to_string));
        lines.extend(self.notes.iter().cloned());
        lines
    }
}

/// `1 record was`, `2 records were`
fn records_were(count: u64) -> String {
    format!("{} {}", counted(count, "record"), agreeing(count, "was", "were"))
}

/// Writes `streams: line`, folded at `width`.
fn wrap(out: &mut String, streams: &str, line: &str, width: usize) {
    let mut column = 0;
    let text = format!("{streams}: {line}");
    let mut words = text.split_whitespace();
    if let Some(first) = words.next() {
        out.push_str(first);
        column = first.chars().count();
    }
    for word in words {
        let length = word.chars().count();
        if column + 1 + length > width.max(40) && column > 4 {
            out.push_str("\n   ");
            column = 3;
        }
        let _ = write!(out, " {word}");
        column += 1 + length;
    }
    out.push('\n');
}

/// What a stream is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Not begun.
    #[default]
    Pending,
    /// Requests are under way.
    Running,
    /// Ended, well or not.
    Ended(Verdict),
}

impl Serialize for Phase {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Phase::Pending => "pending",
            Phase::Running => "running",
            Phase::Ended(verdict) => verdict.word(),
        })
    }
}

/// Figures of a stream that others may read while the run goes on.
#[derive(Debug, Default)]
pub struct Progress {
    phase: Mutex<Phase>,
    /// Why no more of the stream's pages are taken.
    refusal: Mutex<Option<String>>,
    /// Records that came.
    pub records: AtomicU64,
    /// Pages that came.
    pub pages: AtomicU64,
    /// Records that were left out because they are older than the bookmark.
    pub older: AtomicU64,
    /// Records that the API says there are; 0 if it does not say.
    pub total: AtomicU64,
}

impl Progress {
    /// What the stream is doing.
    pub fn phase(&self) -> Phase {
        self.phase.lock().map_or(Phase::Pending, |phase| *phase)
    }

    pub(crate) fn enter(&self, next: Phase) {
        if let Ok(mut phase) = self.phase.lock() {
            *phase = next;
        }
    }

    pub(crate) fn leave_out(&self, older: u64) {
        self.older.fetch_add(older, Ordering::Relaxed);
    }

    /// Says that no more pages are taken, and why.
    pub(crate) fn refuse(&self, reason: &str) {
        if let Ok(mut refusal) = self.refusal.lock() {
            refusal.get_or_insert_with(|| reason.to_owned());
        }
    }

    /// Why no more pages are taken, if so.
    pub(crate) fn refusal(&self) -> Option<String> {
        self.refusal.lock().ok()?.clone()
    }

    pub(crate) fn page(&self, records: u64, total: Option<u64>) {
        self.records.fetch_add(records, Ordering::Relaxed);
        self.pages.fetch_add(1, Ordering::Relaxed);
        if let Some(total) = total {
            self.total.store(total, Ordering::Relaxed);
        }
    }
}
