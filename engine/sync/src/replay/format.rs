//! What a recording says: the configuration, and for each run what was asked for and what the API answered.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::Recording;

/// A recording, as its file says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runs {
    /// The spec, from the recording's folder; left out, the one beside it.
    #[serde(default)]
    pub spec: Option<PathBuf>,
    /// The user's configuration, the same for all runs; secrets have stand-ins.
    #[serde(default)]
    pub config: Value,
    /// The runs, one after the other into one database.
    pub runs: Vec<Asked>,
}

/// A run: what is asked for, and what the API answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// When it begins; the first of January 2026 if nothing is said.
    #[serde(default = "new_year")]
    now: String,
    /// Only these streams, and what they need.
    #[serde(default)]
    pub streams: Vec<String>,
    /// From where on incremental streams are read.
    #[serde(default)]
    pub start: Option<String>,
    /// Whether the bookmarks are forgotten.
    #[serde(default)]
    pub full_refresh: bool,
    /// Each walk ends after so many pages, as if the API had no more.
    #[serde(default)]
    pub pages: Option<u64>,
    exchanges: Value,
}

fn new_year() -> String {
    "2026-01-01T00:00:00Z".to_owned()
}

impl Runs {
    /// Reads a recording.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(yaml: &str) -> Result<Runs, String> {
        serde_yaml::from_str(yaml).map_err(|error| error.to_string())
    }
}

impl Asked {
    /// When the run begins.
    ///
    /// # Errors
    /// It says no moment.
    pub fn now(&self) -> Result<Timestamp, String> {
        self.now.parse().map_err(|error| format!("now: {}: {error}", self.now))
    }

    /// What the API answers.
    ///
    /// # Errors
    /// An exchange that is none.
    pub fn recording(&self) -> Result<Recording, String> {
        Recording::parse(&json!({"exchanges": self.exchanges}).to_string())
    }
}
