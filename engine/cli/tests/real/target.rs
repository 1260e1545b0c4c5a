//! A run of the program, as a user would start it, and what it said.

use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;

/// The database that a connector is synced into, and what the connector is told.
pub(crate) struct Target {
    /// The name of the spec.
    pub(crate) connector: &'static str,
    pub(crate) database: PathBuf,
    /// Fields of the configuration as the environment names them; the last one is a secret.
    pub(crate) settings: Vec<(&'static str, String)>,
}

/// What a run said.
pub(crate) struct Said {
    pub(crate) complete: bool,
    pub(crate) report: Value,
}

impl Target {
    /// Runs the program to its good end.
    pub(crate) fn sync(&self, options: &[&str]) -> Said {
        let said = self.run(options);
        assert!(said.complete, "{:#}", said.report);
        said
    }

    /// Runs the program with a credential that the server does not know: it answers with what is public, and that
    /// must not pass for everything.
    pub(crate) fn is_refused(&self, options: &[&str]) {
        let said = self.run(options);
        assert!(!said.complete, "{:#}", said.report);
        assert!(said.streams().all(|stream| said.count(stream, "requests") == 0), "{:#}", said.report);
    }

    fn run(&self, options: &[&str]) -> Said {
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
        let output = Command::new(env!("CARGO_BIN_EXE_tapwright"))
            .env("TAPWRIGHT_LOG_DAYS", "0")
            .arg("sync")
            .arg(specs.join(self.connector).with_extension("yaml"))
            .args(["--to", &format!("sqlite:{}", self.database.display()), "--report", "json"])
            .args(options)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .output()
            .expect("the program runs");
        let told = String::from_utf8_lossy(&output.stderr);
        let (name, secret) = self.settings.last().expect("a secret");
        assert!(!told.contains(secret), "{name} is told");
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|fault| panic!("{fault}: {told}"));
        Said { complete: output.status.success(), report }
    }

    pub(crate) fn open(&self) -> Connection {
        Connection::open(&self.database).expect("what was synced")
    }
}

impl Said {
    fn streams(&self) -> impl Iterator<Item = &str> {
        self.report["streams"].as_array().into_iter().flatten().filter_map(|stream| stream["stream"].as_str())
    }

    pub(crate) fn count(&self, stream: &str, what: &str) -> u64 {
        let streams = self.report["streams"].as_array().expect("streams");
        let stream = streams.iter().find(|one| one["stream"] == stream).expect("a stream of this name");
        stream[what].as_u64().expect("a count")
    }

    /// How many rows of a stream are new, changed and deleted.
    pub(crate) fn moved(&self, stream: &str) -> [u64; 3] {
        ["new", "changed", "deleted"].map(|what| self.count(stream, what))
    }

    pub(crate) fn nothing_moved(&self) {
        for stream in self.streams() {
            assert_eq!(self.moved(stream), [0, 0, 0], "{stream} moved although nothing changed");
        }
    }
}
