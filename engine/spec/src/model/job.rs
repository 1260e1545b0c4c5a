//! Jobs: what an API must prepare before there is something to read.

use crate::expression::{Condition, Template};
use crate::path::Path;
use crate::time::Duration;

use super::{Kept, Request};

/// A job that is created, waited for, read and cleaned up.
#[derive(Debug, Clone)]
pub struct Job {
    /// Creates it.
    pub create: Request,
    /// What later requests need of the answer, by the name under which expressions read it (`job.NAME`).
    pub keep: Vec<(String, Kept)>,
    /// Asks how far it is.
    pub poll: Request,
    /// How long to wait before it is asked for the first time.
    pub every: Duration,
    /// How long it may take.
    pub timeout: Duration,
    /// Holds for the answer that says that it is done.
    pub done: Condition,
    /// Holds for an answer that says that it failed.
    pub failed: Option<JobFailure>,
    /// Holds for the answer that says that it is done and brought no record.
    pub empty: Option<Condition>,
    /// Where that answer says what is to be read (`job.result`); of several values each is read in turn.
    pub result: Option<Path>,
    /// Removes it.
    pub cleanup: Option<Request>,
}

impl Job {
    /// The requests, in the order of a run.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        [&self.create, &self.poll].into_iter().chain(&self.cleanup)
    }
}

/// What says that a job failed.
#[derive(Debug, Clone)]
pub struct JobFailure {
    /// Holds for such an answer.
    pub when: Condition,
    /// Said to the user.
    pub message: Option<Template>,
}

/// A host, or with `*.` before it all hosts below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern(pub(crate) String);

impl HostPattern {
    /// Whether it means `host`, which has a port if that is not the scheme's own.
    pub fn means(&self, host: &str) -> bool {
        let (pattern, host) = (self.0.to_ascii_lowercase(), host.to_ascii_lowercase());
        match pattern.strip_prefix('*') {
            Some(below) => host.len() > below.len() && host.ends_with(below),
            None => host == pattern,
        }
    }
}

impl std::fmt::Display for HostPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::HostPattern;

    #[test]
    fn a_star_means_what_stands_below_a_host() {
        let below = HostPattern("*.Storage.example".to_owned());
        for (host, meant) in [
            ("a.storage.example", true),
            ("a.b.storage.example", true),
            ("storage.example", false),
            ("evilstorage.example", false),
            ("a.storage.example:8443", false),
            ("a.storage.example.evil.example", false),
        ] {
            assert_eq!(below.means(host), meant, "{host}");
        }
        assert!(HostPattern("files.example:8443".to_owned()).means("FILES.example:8443"));
    }
}
