//! The places where expressions stand, and the names that each of them offers.

/// A place of expressions, with the names in scope there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// `http`, `auth`, `check`
    Shared,
    /// What a hook is told.
    Options,
    /// Where a token is sent.
    Token,
    /// A request of a login or a logout.
    Login,
    /// Where what a login gave is sent.
    Session,
    /// Where an answer may say that a session is over.
    Expired,
    /// What is added to a request before it is signed.
    Signing,
    /// What is signed.
    Message,
    /// Where a signature is sent.
    Signature,
    /// The request that creates a job.
    Create,
    /// The requests that ask how far a job is and that remove it.
    Poll,
    /// The conditions of a job.
    Job,
    /// A stream's endpoint, params, headers, body.
    Request,
    /// The path of the request for the next page.
    Turn,
    /// `pagination`, `on_response`
    Answer,
    /// `add`, `keep_if`
    Record,
    /// Which records of a parent count.
    Parent,
    /// What is made of a field that the API tells.
    Field,
}

impl Scope {
    /// The names that stand for something here by themselves.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Scope::Shared | Scope::Parent => &["config", "now"],
            Scope::Options => &["config"],
            Scope::Token => &["config", "token"],
            Scope::Login => &["config", "now", "session"],
            Scope::Session => &["config", "session"],
            Scope::Expired => &["config", "response"],
            Scope::Signing => &["config", "now", "timestamp", "timestamp_ms", "nonce"],
            Scope::Message => &["config", "now", "timestamp", "timestamp_ms", "nonce", "request"],
            Scope::Signature => &["config", "now", "timestamp", "timestamp_ms", "nonce", "signature"],
            Scope::Create => &["config", "now", "since", "until"],
            Scope::Poll | Scope::Request => &["config", "now", "since", "until", "job"],
            Scope::Job => &["config", "now", "response", "job"],
            Scope::Turn => &["config", "now", "since", "until", "job", "cursor"],
            Scope::Answer => &["config", "now", "response", "page", "job"],
            Scope::Record => &["config", "now", "record"],
            Scope::Field => &["config", "now", "field"],
        }
    }

    /// The place in a sentence.
    pub(super) fn what(self) -> &'static str {
        match self {
            Scope::Shared => "in what all streams share",
            Scope::Options => "in the options of a hook",
            Scope::Token => "where a token is sent",
            Scope::Login => "in a login",
            Scope::Session => "where a session is sent",
            Scope::Expired => "where a session is over",
            Scope::Signing => "before a request is signed",
            Scope::Message => "in what is signed",
            Scope::Signature => "where a signature is sent",
            Scope::Create => "before the job is created",
            Scope::Poll => "while the job goes on",
            Scope::Job => "where a job is judged",
            Scope::Request => "in a request",
            Scope::Turn => "in the request for the next page",
            Scope::Answer => "where an answer is judged",
            Scope::Record => "where a record is changed",
            Scope::Parent => "where a parent is judged",
            Scope::Field => "where a field is told",
        }
    }
}

/// Whether some place of a stream offers a name by itself, or one whose streams the API tells: a `for_each` cannot give it another meaning.
pub(super) fn is_reserved(name: &str) -> bool {
    let scopes = [Scope::Request, Scope::Job, Scope::Turn, Scope::Answer, Scope::Record];
    name == "object" || scopes.iter().any(|scope| scope.names().contains(&name))
}

/// Every root that some place offers, beside the names that a `for_each` gives.
pub(super) const ROOTS: [&str; 19] = [
    "config",
    "now",
    "since",
    "until",
    "parent",
    "job",
    "object",
    "field",
    "cursor",
    "response",
    "page",
    "record",
    "token",
    "session",
    "request",
    "timestamp",
    "timestamp_ms",
    "nonce",
    "signature",
];
