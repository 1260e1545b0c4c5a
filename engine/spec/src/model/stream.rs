//! Streams, and how they are replicated.

use crate::expression::{Condition, Template};
use crate::path::Path;

use super::{
    Bookmark, Compression, Deleted, Feed, Field, FieldType, Flatten, ForEach, Job, Limits, LoadMode, Next, Order,
    Pagination, Replication, Request, Rule, SchemaPolicy, Split, Token, Told, Unlisted, UsedHook,
};

/// One stream: a list of records with its table.
#[derive(Debug, Clone)]
pub struct Stream {
    /// Name; the table is named after it.
    pub name: String,
    /// Heading on the page; the name if the spec gives none.
    pub title: String,
    /// What a record is.
    pub description: String,
    /// Where the API documents it.
    pub link: Option<String>,
    /// What a reader should know, Markdown.
    pub notes: Option<String>,
    /// What the credentials must be allowed to read, in the API's words.
    pub permission: Option<String>,
    /// What the API says of it, if it is one that only the API can tell; expressions read it as `object`.
    pub object: Option<std::sync::Arc<serde_json::Map<String, serde_json::Value>>>,
    /// The stream whose hooks send records here. It has no requests of its own: those that stand here are that stream's.
    pub routed_from: Option<String>,
    /// What must be done before there is a page.
    pub job: Option<Job>,
    /// The request for the first page.
    pub request: Request,
    /// Where the records stand in an answer.
    pub records: Records,
    /// How to come to the next page.
    pub pagination: Pagination,
    /// Field names that identify a record, in order. Without them a full table has as many rows as came records, and
    /// any other stream is append-only.
    pub primary_key: Vec<String>,
    /// How a record says that it is deleted.
    pub deleted: Option<Deleted>,
    /// How a run goes on where the last one ended.
    pub replication: Replication,
    /// For what it is fetched, if not once.
    pub for_each: Option<ForEach>,
    /// What changes its records before anything else does, in order.
    pub hooks: Vec<UsedHook>,
    /// The list in a record whose elements are the records.
    pub split: Option<Split>,
    /// Only records for which this holds are kept.
    pub keep_if: Option<Condition>,
    /// Objects whose members come up, in order.
    pub flatten: Vec<Flatten>,
    /// Members of a record that are left out.
    pub remove: Vec<String>,
    /// New names of members, each with the old one.
    pub rename: Vec<(String, String)>,
    /// Fields computed for each record, in order.
    pub add: Vec<(String, Template)>,
    /// The columns, in order, with those that `add` gives.
    pub fields: Vec<Field>,
    /// What becomes of members of a record that no field reads.
    pub unlisted: Unlisted,
    /// What becomes of what the tables cannot take as they are.
    pub schema_changes: SchemaPolicy,
    /// How its records become rows.
    pub load_mode: LoadMode,
    /// What to do on which answer; the first rule that matches decides.
    pub on_response: Vec<Rule>,
    /// Bounds of a request and a walk.
    pub limits: Limits,
}

impl Stream {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether what one page brought may count before the next is read: records ascend by the key, and none
    /// can slide from a page that is to come onto one that was read. Where pages are counted, by us or by the
    /// links of the API, a record that changes meanwhile makes the others move up.
    pub fn moves_bookmark_by_page(&self) -> bool {
        let incremental = match &self.replication {
            Replication::Incremental(incremental) => incremental,
            Replication::Feed(feed) => return self.turns_by(feed),
            Replication::FullTable => return false,
        };
        let anchored = self.pagination.restart_after.is_some_and(|restart| restart.pages == 1)
            || matches!(
                self.pagination.next,
                Next::Single | Next::Cursor { token: Token::Body(_) | Token::Header(_), .. }
            );
        // What a job brings is in whatever order it was written, and may come in several parts.
        let whole = incremental.window.is_some() || self.for_each.is_some() || self.job.is_some();
        incremental.order == Order::Ascending && anchored && !whole
    }

    /// Whether records never change: rows are only added, and a record is known by all of its values.
    pub fn is_append_only(&self) -> bool {
        self.primary_key.is_empty() && !matches!(self.replication, Replication::FullTable)
    }

    /// The type of the bookmark, of an incremental stream.
    pub fn bookmark_type(&self) -> Option<&FieldType> {
        let Replication::Incremental(incremental) = &self.replication else { return None };
        match &incremental.bookmark {
            Bookmark::Key(name) => self.field(name).map(|field| &field.kind),
            Bookmark::Told(Told { format: Some(_), .. }) => Some(&FieldType::Timestamp),
            Bookmark::Told(Told { format: None, .. }) => Some(&FieldType::Integer),
        }
    }

    /// Whether the bookmark is a point in time.
    pub fn is_timed(&self) -> bool {
        matches!(self.bookmark_type(), Some(FieldType::Timestamp | FieldType::Date))
    }

    /// The streams for whose records it is fetched.
    pub fn parents(&self) -> &[String] {
        self.for_each.as_ref().map_or(&[], ForEach::streams)
    }

    /// The stream whose bookmark is its own too.
    pub fn hangs_on(&self) -> Option<&str> {
        let parent = self.parents().first().filter(|_| self.is_changed_only());
        self.routed_from.as_ref().or(parent).map(String::as_str)
    }

    /// The replication key among its own fields: a stream to which hooks send records has none.
    pub fn own_key(&self) -> Option<&str> {
        match &self.replication {
            Replication::Incremental(incremental) if self.routed_from.is_none() => incremental.key(),
            _ => None,
        }
    }

    /// Whether it is fetched only for the parents that the run found changed.
    pub fn is_changed_only(&self) -> bool {
        self.for_each.as_ref().and_then(ForEach::parents).is_some_and(|parents| parents.changed_only)
    }

    /// Whether it keeps a bookmark for each parent or value that it is fetched for.
    pub fn keeps_slices(&self) -> bool {
        let incremental = matches!(self.replication, Replication::Incremental(_));
        incremental && self.for_each.is_some() && !self.is_changed_only()
    }

    /// Whether the pages are turned by the feed's own token: then each page's is as good as the last one's.
    fn turns_by(&self, feed: &Feed) -> bool {
        match &self.pagination.next {
            Next::Cursor { token, send } => *token == feed.token && feed.send.as_ref() == Some(send),
            _ => false,
        }
    }

    /// Whether a list or an object is among the fields: its rows spread over child tables or prefixed columns.
    pub fn has_nested(&self) -> bool {
        self.fields.iter().any(|field| field.kind.is_nested())
    }
}

/// Where the records stand in an answer's body.
#[derive(Debug, Clone)]
pub struct Records {
    /// In what the body is packed.
    pub compression: Option<Compression>,
    /// How the body is written.
    pub format: Format,
    /// Path to the records: `$.entries[*]`, or `$.issue` for a single one. Where lines are records it is `$`.
    pub path: Path,
    /// The path leads to an object whose members are the records; each gets its key under this name.
    pub key: Option<String>,
}

/// How an answer's body is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// One JSON document.
    Json,
    /// One JSON object a line, each of them a record.
    JsonLines,
    /// Separated values, each row a record of texts.
    Csv(Csv),
    /// One XML document, read as JSON.
    Xml,
}

impl Format {
    /// Whether a body is one document, in which paths lead to records and values.
    pub fn is_document(&self) -> bool {
        matches!(self, Format::Json | Format::Xml)
    }
}

/// How separated values are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    /// What stands between two values.
    pub delimiter: Delimiter,
    /// The names of the columns; `None`: the first line has them.
    pub header: Option<Vec<String>>,
}

/// What stands between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tabulator.
    Tab,
    /// `|`
    Pipe,
}

impl Delimiter {
    /// The sign itself.
    pub fn sign(self) -> char {
        match self {
            Delimiter::Comma => ',',
            Delimiter::Semicolon => ';',
            Delimiter::Tab => '\t',
            Delimiter::Pipe => '|',
        }
    }
}
