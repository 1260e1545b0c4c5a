//! How a stream is replicated.

use super::{Carrier, StatusRange, Token};
use crate::time::{Duration, TimeFormat};

/// How a run goes on where the last one ended.
#[derive(Debug, Clone)]
pub enum Replication {
    /// Everything, every time; the table is replaced when the read is complete.
    FullTable,
    /// What changed since the bookmark.
    Incremental(Box<Incremental>),
    /// What the API has to tell since a token.
    Feed(Box<Feed>),
}

/// Replication by a token that the API gives.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Where an answer has the token.
    pub token: Token,
    /// Where the next run's first request carries it; `None`: it is that request's URL.
    pub send: Option<Carrier>,
    /// What a first run sends in its place.
    pub initial: Option<String>,
    /// What the API answers when it knows the token no more.
    pub expired: Vec<StatusRange>,
}

/// Key-based incremental replication.
#[derive(Debug, Clone)]
pub struct Incremental {
    /// Where the bookmark comes from.
    pub bookmark: Bookmark,
    /// How the bookmark reaches the API; `None` when an expression (`since`) sends it, when nothing does, or
    /// when the stream is `changed_only` and the parent's walk decides.
    pub since: Option<Bound>,
    /// How `since` is written, also for expressions.
    pub format: TimeFormat,
    /// Whether the API leaves out what equals `since`, so that an earlier value has to be sent.
    pub exclusive: bool,
    /// How the end of the time that is read reaches the API; `None` when an expression (`until`) sends it, or
    /// nothing does.
    pub until: Option<Bound>,
    /// How `until` is written, also for expressions.
    pub until_format: TimeFormat,
    /// How long the windows are in which the time is read; `None`: it is read at once.
    pub window: Option<Duration>,
    /// Who leaves out what is older than the bookmark.
    pub filter: Filter,
    /// Order in which the API gives records by the key.
    pub order: Order,
    /// How far before the bookmark a run begins again.
    pub lookback: Option<Duration>,
    /// For how long after the time in its key a record may change while the key stays.
    pub attribution: Option<Duration>,
}

impl Incremental {
    /// Name of the field whose greatest value is the bookmark, unless an answer tells it.
    pub fn key(&self) -> Option<&str> {
        match &self.bookmark {
            Bookmark::Key(name) => Some(name),
            Bookmark::Told(_) => None,
        }
    }
}

/// Where a bookmark comes from.
#[derive(Debug, Clone)]
pub enum Bookmark {
    /// The greatest value of this field. Its type is timestamp, date, integer or string.
    Key(String),
    /// What the first answer of a read tells.
    Told(Told),
}

/// A bookmark that an answer tells.
#[derive(Debug, Clone)]
pub struct Told {
    /// Where it stands: in the body or a header.
    pub at: Token,
    /// How a time is written; `None`: it is an integer.
    pub format: Option<TimeFormat>,
}

/// A query parameter that carries one end of the time that is read.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Its name.
    pub param: String,
    /// Put before the value, as in Redmine's `>=2026-01-01T00:00:00Z`.
    pub prefix: String,
}

/// Who leaves out what is older than the bookmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// The API, which is sent the bookmark.
    #[default]
    Api,
    /// We do: the API is asked for everything.
    ClientSide,
}

/// Order of records by the replication key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Oldest first: the bookmark may advance page by page.
    Ascending,
    /// Newest first: reading stops where everything is older than the bookmark.
    Descending,
    /// None that we may rely on: the bookmark advances at the end.
    #[default]
    None,
}
