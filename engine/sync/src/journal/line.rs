//! A line of a run's log.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The run as a whole.
    Main,
    /// What reads the API.
    Tap,
    /// What writes to the destination.
    Target,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// As it should be.
    Info,
    /// Something that passed, or that somebody should look at.
    Warning,
    /// A stream failed.
    Error,
    /// The run ended before its time.
    Critical,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it was written.
    pub at: Timestamp,
    /// Who speaks.
    pub part: Part,
    /// How much it matters.
    pub level: Level,
    /// The stream that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// What happened.
    pub message: String,
    /// Where rows go: in the first line of a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// Rows that were committed, by table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, u64>,
    /// The run ends here by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
}

impl Line {
    pub(super) fn new(part: Part, level: Level, message: String) -> Line {
        let (at, rows) = (Timestamp::now(), BTreeMap::new());
        Line { at, part, level, stream: None, message, destination: None, rows, last: false }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Main => "main",
            Part::Tap => "tap",
            Part::Target => "target",
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Info => "INFO",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
            Level::Critical => "CRITICAL",
        })
    }
}

/// `2026-11-22T06:57:00.123Z tap - INFO cases: found current bookmark …`, on one line.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} {} - {} ", self.at, self.part, self.level)?;
        if let Some(stream) = &self.stream {
            write!(f, "{stream}: ")?;
        }
        f.write_str(&self.message.replace(['\n', '\r'], " "))
    }
}
