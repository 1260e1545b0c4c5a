//! The runs that are kept: found, read, and taken away when they are old.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::line::{Level, Line, Part};
use super::runs_of;
use crate::report::RunReport;

/// Name of a log in the folder of its run.
pub(super) const LOG: &str = "log.jsonl";
/// Name of a report there.
pub(super) const REPORT: &str = "report.json";

/// Why a run cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum KeptFault {
    /// Nothing can be kept on this machine.
    #[error("no runs are kept: {0}")]
    Nowhere(String),
    /// There is none.
    #[error("no run of {connector} is kept in {}; `tapwright sync` keeps them", .folder.display())]
    None {
        /// The connector.
        connector: String,
        /// Where runs are kept.
        folder: PathBuf,
    },
    /// None is called so.
    #[error("no run of {connector} is called `{run}`; the last ones are {last}")]
    NoRun {
        /// The connector.
        connector: String,
        /// What was asked for.
        run: String,
        /// The last runs.
        last: String,
    },
    /// It cannot be read.
    #[error("{}: {error}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It has not.
    Running,
    /// By itself, well or not.
    Ended,
    /// It was killed, or could write its log no further.
    Killed,
}

/// A run.
#[derive(Debug, Clone)]
pub struct KeptRun {
    /// Its name, which begins with the moment at which it began.
    pub name: String,
    /// How it ended.
    pub ending: Ending,
    /// Its log.
    pub lines: Vec<Line>,
    /// Its report, if it ended by itself and could begin.
    pub report: Option<RunReport>,
}

impl KeptRun {
    /// When it began.
    pub fn began(&self) -> Option<Timestamp> {
        self.lines.first().map(|line| line.at)
    }

    /// As a list shows it.
    pub fn summary(&self) -> Summary {
        Summary { run: self.name.clone(), began: self.began(), ending: self.ending, outcome: self.outcome() }
    }

    /// What became of it, in few words.
    pub fn outcome(&self) -> &'static str {
        match (self.ending, &self.report) {
            (Ending::Ended, Some(report)) if report.is_complete() => "complete",
            (Ending::Ended, Some(report)) if report.interrupted.is_some() => "interrupted",
            (Ending::Ended, Some(_)) => "not all complete",
            (Ending::Ended, None) => "not begun",
            (Ending::Running, _) => "running",
            (Ending::Killed, _) => "killed",
        }
    }
}

/// A run in a list.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Its name.
    pub run: String,
    /// When it began.
    pub began: Option<Timestamp>,
    /// How it ended.
    pub ending: Ending,
    /// What became of it, in few words.
    pub outcome: &'static str,
}

/// The runs of a connector.
#[derive(Debug, Clone)]
pub struct Kept {
    connector: String,
    folder: PathBuf,
}

impl Kept {
    /// Where this machine keeps them.
    ///
    /// # Errors
    /// [`KeptFault::Nowhere`].
    pub fn of(connector: &str) -> Result<Kept, KeptFault> {
        let folder = runs_of(connector).map_err(KeptFault::Nowhere)?;
        Ok(Kept { connector: connector.to_owned(), folder })
    }

    /// The names of all, the last first.
    pub fn names(&self) -> Vec<String> {
        let mut names = names(&self.folder);
        names.reverse();
        names
    }

    /// The run of this name, or the last one.
    ///
    /// # Errors
    /// A [`KeptFault`] if there is none, or it cannot be read.
    pub fn run(&self, name: Option<&str>) -> Result<KeptRun, KeptFault> {
        let names = self.names();
        let Some(last) = names.first() else {
            return Err(KeptFault::None { connector: self.connector.clone(), folder: self.folder.clone() });
        };
        let name = name.unwrap_or(last);
        if !names.iter().any(|one| one == name) {
            let last = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            return Err(KeptFault::NoRun { connector: self.connector.clone(), run: name.to_owned(), last });
        }
        read(&self.folder.join(name), name)
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let runs = entries.filter(|entry| entry.path().join(LOG).is_file());
    let mut names: Vec<String> = runs.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

fn read(folder: &Path, name: &str) -> Result<KeptRun, KeptFault> {
    let path = folder.join(LOG);
    let fault = |path: &Path, error| KeptFault::Read { path: path.to_owned(), error };
    let file = File::open(&path).map_err(|error| fault(&path, error))?;
    let held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    let text = fs::read(&path).map_err(|error| fault(&path, error))?;
    // A line that a kill or a full disk has torn is none.
    let text = String::from_utf8_lossy(&text);
    let mut lines: Vec<Line> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let report = fs::read_to_string(folder.join(REPORT)).ok().and_then(|text| serde_json::from_str(&text).ok());
    let ended = report.is_some() || lines.iter().any(|line| line.last);
    let ending = match (ended, held) {
        (true, _) => Ending::Ended,
        (false, true) => Ending::Running,
        (false, false) => Ending::Killed,
    };
    if ending == Ending::Killed {
        let words = "the run was killed, or could not write on: its log ends here".to_owned();
        let at = lines.last().map_or(Timestamp::UNIX_EPOCH, |line| line.at);
        lines.push(Line { at, ..Line::new(Part::Main, Level::Critical, words) });
    }
    Ok(KeptRun { name: name.to_owned(), ending, lines, report })
}

/// Takes away runs that are older than so many days, and more than so many; the last one stays, and so does one that
/// goes on. What cannot be taken away stays: a later run tries again.
pub(super) fn forget(folder: &Path, now: Timestamp, (days, most): (u32, usize)) {
    let oldest = now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MIN);
    let oldest = oldest.strftime("%Y%m%dT%H%M%S.%3fZ").to_string();
    let names = names(folder);
    let surplus = names.len().saturating_sub(most);
    for (at, name) in names.iter().enumerate().take(names.len().saturating_sub(1)) {
        let goes_on = || {
            let log = File::open(folder.join(name).join(LOG));
            log.is_ok_and(|log| matches!(log.try_lock_shared(), Err(TryLockError::WouldBlock)))
        };
        if (at < surplus || *name < oldest) && !goes_on() {
            let _ = fs::remove_dir_all(folder.join(name));
        }
    }
}
