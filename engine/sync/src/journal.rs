//! The log and the report of each run, kept on this machine: what happened, also to a run that was killed.
//!
//! Each run has a folder `runs/CONNECTOR/RUN` below the user's [`state_folder`], with `log.jsonl`, written line by line, and
//! `report.json`, which is there when the run has ended by itself. Nothing of this may fail a run: where nothing can be
//! written, the user is warned once.

mod kept;
mod line;
mod loaded;
mod page;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tapwright_hook::place::{STATE, state_folder};
use tapwright_spec::Connector;
use xxhash_rust::xxh3::xxh3_64;

use crate::auth::Redactor;
use crate::report::RunReport;
pub use kept::{Ending, Kept, KeptFault, KeptRun, Summary};
pub use line::{Level, Line, Part};
pub use loaded::{Loaded, TableLoad};

/// Names for how many days runs are kept; 0 keeps none.
const DAYS: &str = "TAPWRIGHT_LOG_DAYS";
/// For how many days runs are kept, unless [`DAYS`] says otherwise.
const DEFAULT_DAYS: u32 = 60;
/// Runs of a connector that are kept.
const MOST_RUNS: usize = 1_000;
/// Bytes of a log, beyond which only what is worse than `INFO` is written.
const MOST_BYTES: u64 = 16 << 20;

/// Writes what happens in a run; clones write the same log.
#[derive(Clone, Default)]
pub struct Journal(Arc<Inner>);

#[derive(Default)]
struct Inner {
    writer: Mutex<Writer>,
    redactor: OnceLock<Redactor>,
}

#[derive(Default)]
struct Writer {
    /// The log, locked as long as the run goes on; none where nothing is written.
    log: Option<File>,
    folder: PathBuf,
    bytes: u64,
    full: bool,
    /// Why nothing is written any more.
    trouble: Option<String>,
}

impl Journal {
    /// Begins the log of a run of `connector` where this machine keeps them, and takes away what is too old. The journal
    /// of a run whose log cannot be written writes nothing; [`Journal::trouble`] says why.
    pub fn begin(connector: &Connector, destination: &str, began: Timestamp) -> Journal {
        let days = std::env::var(DAYS).ok().filter(|text| !text.is_empty());
        let days = days.map_or(Ok(DEFAULT_DAYS), |text| text.parse::<u32>().map_err(|_| text));
        let begun = match days {
            Ok(0) => return Journal::default(),
            Ok(days) => begin(&connector.name, began, days),
            Err(text) => Err(format!("{DAYS} is `{text}`, which is no number of days")),
        };
        let writer = begun.unwrap_or_else(|why| Writer {
            trouble: Some(format!("the run's log is not kept: {why}; name a folder that can be written in {STATE}")),
            ..Writer::default()
        });
        let journal = Journal(Arc::new(Inner { writer: Mutex::new(writer), redactor: OnceLock::new() }));
        let message = format!("{} {} into {destination}", connector.name, connector.version);
        let line = Line::new(Part::Main, Level::Info, message);
        journal.write(Line { destination: Some(destination.to_owned()), ..line });
        journal
    }

    /// Keeps secrets out of the log from now on.
    pub(crate) fn hiding(&self, redactor: &Redactor) {
        // The first one knows all secrets of the run.
        let _ = self.0.redactor.set(redactor.clone());
    }

    /// Writes a line of the program itself.
    pub fn say(&self, level: Level, message: impl Into<String>) {
        self.write(Line::new(Part::Main, level, message.into()));
    }

    /// Writes the last line of a run that ends before its work.
    pub fn broke(&self, why: &str) {
        self.write(Line { last: true, ..Line::new(Part::Main, Level::Critical, why.to_owned()) });
    }

    /// Writes a line on a stream.
    pub(crate) fn tell(&self, part: Part, level: Level, stream: &str, message: impl Into<String>) {
        self.write(Line { stream: Some(stream.to_owned()), ..Line::new(part, level, message.into()) });
    }

    /// Writes that rows of a stream are committed, by table.
    pub(crate) fn committed(&self, stream: &str, message: String, rows: BTreeMap<String, u64>) {
        let line = Line::new(Part::Target, Level::Info, message);
        self.write(Line { stream: Some(stream.to_owned()), rows, ..line });
    }

    /// Keeps the report of a run that has ended.
    pub(crate) fn keep(&self, report: &RunReport) {
        let (level, words) = match (&report.interrupted, report.is_complete()) {
            (Some(why), _) => (Level::Critical, why.clone()),
            (None, true) => (Level::Info, "complete".to_owned()),
            (None, false) => (Level::Error, "not all is complete".to_owned()),
        };
        let took = format!("the run has ended after {:.1} s: {words}", report.seconds);
        self.write(Line { last: true, ..Line::new(Part::Main, level, took) });
        let Ok(mut value) = serde_json::to_value(report) else { return };
        if let Some(redactor) = self.0.redactor.get() {
            redact(&mut value, redactor);
        }
        let mut writer = self.writer();
        let kept = writer.log.is_some().then(|| place_report(&writer.folder, &value));
        if let Some(Err(error)) = kept {
            writer.give_up(&error);
        }
    }

    /// Why the log is not whole, if it is not.
    pub fn trouble(&self) -> Option<String> {
        self.writer().trouble.clone()
    }

    /// Name of the run, if it is kept.
    pub fn run(&self) -> Option<String> {
        let writer = self.writer();
        let name = writer.folder.file_name()?.to_string_lossy().into_owned();
        Some(name)
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, Writer> {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, mut line: Line) {
        if self.writer().log.is_none() {
            return;
        }
        if let Some(redactor) = self.0.redactor.get() {
            line.message = redactor.redact(&line.message);
        }
        self.writer().write(&line);
    }
}

impl Writer {
    fn write(&mut self, line: &Line) {
        let Some(log) = &mut self.log else { return };
        if self.bytes > MOST_BYTES && line.level <= Level::Info && !line.last && line.rows.is_empty() {
            if std::mem::replace(&mut self.full, true) {
                return;
            }
            let words = format!("the log has {MOST_BYTES} bytes: from here on only what is worse than INFO is written");
            return self.write(&Line::new(Part::Main, Level::Warning, words));
        }
        let Ok(mut text) = serde_json::to_string(line) else { return };
        text.push('\n');
        self.bytes += text.len() as u64;
        // One call, so that a kill leaves whole lines.
        if let Err(error) = log.write_all(text.as_bytes()) {
            self.give_up(&error);
        }
    }

    fn give_up(&mut self, error: &std::io::Error) {
        self.log = None;
        self.trouble = Some(format!("the run's log in {} is cut short: {error}", self.folder.display()));
    }
}

/// `runs/CONNECTOR` below the user's folder.
fn runs_of(connector: &str) -> Result<PathBuf, String> {
    let folder = state_folder().ok_or_else(|| "there is no home folder".to_owned())?;
    Ok(folder.join("runs").join(connector))
}

fn begin(connector: &str, began: Timestamp, days: u32) -> Result<Writer, String> {
    let runs = runs_of(connector)?;
    kept::forget(&runs, began, (days, MOST_RUNS));
    let mark = xxh3_64(format!("{} {began}", std::process::id()).as_bytes()) as u16;
    let folder = runs.join(format!("{}-{mark:04x}", began.strftime("%Y%m%dT%H%M%S.%3fZ")));
    let made = make_folder(&folder).and_then(|()| own(&folder.join(kept::LOG)));
    let log = made.map_err(|error| format!("{}: {error}", folder.display()))?;
    // As long as it is held the run goes on. Where files cannot be locked a run looks like a killed one until it ends.
    let _ = log.try_lock();
    Ok(Writer { log: Some(log), folder, ..Writer::default() })
}

fn place_report(folder: &Path, report: &Value) -> std::io::Result<()> {
    let draft = folder.join("report.new");
    own(&draft).and_then(|mut file| file.write_all(format!("{report:#}\n").as_bytes()))?;
    fs::rename(&draft, folder.join(kept::REPORT))
}

fn redact(value: &mut Value, redactor: &Redactor) {
    match value {
        Value::String(text) => *text = redactor.redact(text),
        Value::Array(values) => values.iter_mut().for_each(|value| redact(value, redactor)),
        Value::Object(members) => members.values_mut().for_each(|value| redact(value, redactor)),
        _ => {}
    }
}

/// Makes a folder in which nobody else may read.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Makes a file that nobody else may read.
fn own(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests;
