//! What is done on which answer, and the bounds.

use crate::expression::{Condition, Template};
use crate::path::Path;
use crate::time::Duration;

/// What to do on which answer.
#[derive(Debug, Clone)]
pub struct Rule {
    /// All of these must hold.
    pub when: Match,
    /// What to do.
    pub action: Action,
    /// Said to the user, with the stream's name.
    pub message: Option<Template>,
}

/// What an answer must look like. Every part that is given must hold; one part is given at least.
#[derive(Debug, Clone, Default)]
pub struct Match {
    /// One of these statuses.
    pub status: Vec<StatusRange>,
    /// This header is present and, if a text is given, contains it.
    pub header: Option<(String, Option<String>)>,
    /// This path is present in the JSON body and not null.
    pub body: Option<Path>,
    /// The body contains this text.
    pub text: Option<String>,
    /// This condition holds (names: `config`, `response`, `page`).
    pub condition: Option<Condition>,
}

/// A status or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRange {
    /// First status.
    pub from: u16,
    /// Last status.
    pub to: u16,
}

/// What to do on an answer.
#[derive(Debug, Clone)]
pub enum Action {
    /// Send again, with backoff.
    Retry,
    /// Wait, then send again.
    Wait(Wait),
    /// Fetch the credentials anew, then send again; once for each request.
    RefreshAuth,
    /// Take it for a page without records and go on (for a child: with the next parent).
    Skip,
    /// The walk is at its end.
    Stop,
    /// The stream fails.
    Fail,
}

/// The longest wait that a server or a rule may ask for: a run ends in sight.
pub const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(3_600);

/// How long to wait.
#[derive(Debug, Clone)]
pub enum Wait {
    /// So long: renders to a duration in words (`30 seconds`).
    For(Template),
    /// Until then: renders to a timestamp or a Unix time.
    Until(Template),
}

/// A rate budget.
#[derive(Debug, Clone)]
pub struct RateLimit {
    /// The stream whose own it is; none if it is of all requests.
    pub of: Option<String>,
    /// So many requests …
    pub requests: u32,
    /// … in this time.
    pub per: Duration,
    /// What tells how much is left in the window.
    pub remaining: Option<Teller>,
    /// What tells when the window ends: seconds from now, a unix time or a timestamp.
    pub reset: Option<Teller>,
    /// What tells how much comes back in a second.
    pub restore: Option<Teller>,
    /// What tells how much the request took.
    pub cost: Option<Teller>,
}

impl RateLimit {
    /// Everything by which answers tell of it.
    pub fn tellers(&self) -> impl Iterator<Item = &Teller> {
        [&self.remaining, &self.reset, &self.restore, &self.cost].into_iter().flatten()
    }
}

/// Where an answer tells something of a budget.
#[derive(Debug, Clone)]
pub enum Teller {
    /// In this header.
    Header(String),
    /// In its body, at a path of names and indices.
    Body(Path),
}

impl Teller {
    /// As the spec has it.
    pub fn written(&self) -> &str {
        match self {
            Teller::Header(name) => name,
            Teller::Body(path) => path.source(),
        }
    }
}

/// Bounds of a request and a walk. Reaching one is a named error.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Total time of one request, body included.
    pub timeout: std::time::Duration,
    /// Bytes of a body as sent.
    pub body_bytes: u64,
    /// Bytes of a body after decompression.
    pub decompressed_bytes: u64,
    /// Redirects followed for one request.
    pub redirects: u32,
    /// Tries of one request, the first included.
    pub tries: u32,
    /// Requests of this stream under way at once, for different parents.
    pub concurrency: u32,
    /// How much of the rate budget a request takes.
    pub weight: u32,
    /// The stream in whose own budgets a request counts too.
    pub budget: Option<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            timeout: std::time::Duration::from_secs(120),
            body_bytes: 64 << 20,
            decompressed_bytes: 256 << 20,
            redirects: 5,
            tries: 6,
            concurrency: 4,
            weight: 1,
            budget: None,
        }
    }
}
