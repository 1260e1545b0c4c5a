//! How a stream is replicated: in full, or from where the last run ended.

use super::carrier::Send;
use super::response::StatusForm;
use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, OneOrMany, Read, Reader, Shape, Text, record, words};
use crate::model;
use crate::source::Place;
use crate::tree::{Node, Value};

type Line = Text<grammar::Plain>;

/// `full_table`, or a mapping.
#[derive(Debug, Clone)]
pub(crate) enum ReplicationForm {
    FullTable,
    Form(Box<Replication>),
}

impl Read for ReplicationForm {
    fn shape() -> Shape {
        let doc = "Everything, every time. The table is replaced when the read is complete.".to_owned();
        Shape::Either(vec![Shape::Words(vec![("full_table", doc)]), Replication::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => Replication::read(node, reader).map(|form| ReplicationForm::Form(Box::new(form))),
            Value::Scalar(scalar) if scalar.text == "full_table" => Some(ReplicationForm::FullTable),
            Value::Scalar(scalar) if scalar.text == "incremental" => {
                let fault = Diagnostic::new("`incremental` needs to know its key", node.place.clone());
                reader.fault(fault.help("write {method: incremental, key: updated_at, since: {param: …}}"));
                None
            }
            _ => reader.expected_word(node, "`full_table` or a mapping", &["full_table", "incremental"]),
        }
    }
}

record! {
    /// How a run goes on where the last one ended.
    Replication = "replication";
    /// Full table, incremental by a key, or a feed.
    method: required At<Method>,
    /// The field whose greatest value is the bookmark: a timestamp, date, integer or string. A bookmark that is a time
    /// never passes the beginning of the run, so that what changes while it reads comes with the next one; of other keys
    /// only a list in ascending order has that.
    key: optional Line,
    /// In place of a key: where the first answer of a read tells the bookmark, such as the time of the API's own clock.
    bookmark: optional ToldBookmark,
    /// How the bookmark reaches the API. Records with a key equal to it come again: nothing that shares the
    /// last moment is missed.
    since: optional SinceForm,
    /// How the end of the time that is read reaches the API: the beginning of the run. Whether the API takes the
    /// moment itself in or not does not matter, since the next run begins no later.
    until: optional Until,
    /// Reads the time between the bookmark and the beginning of the run in windows of this length, each with its own
    /// requests, the oldest first: for APIs that bound the time that one request may ask for. Both ends of a window
    /// must be sent, by `since` and `until`, and two windows share the moment between them. The bookmark moves to the
    /// end of a window as soon as that is read, also when it has no records, so that an interrupted run goes on with
    /// the window where it stopped. It needs `schedule.historical`.
    window: optional Text<grammar::Duration>,
    /// In which order the API gives records; default `none`.
    order: optional At<model::Order>,
    /// How far before the bookmark a run begins again, for records that become visible late.
    lookback: optional Text<grammar::Duration>,
    /// The attribution window: for so long after the time in its key a record may still change while the key stays,
    /// as the figures of an advertisement do. Each run begins so far before the bookmark. Of `lookback` and this the
    /// longer counts. A row that does not come again stays as it is.
    attribution: optional Text<grammar::Duration>,
    /// Whether records never change once they are there, as the lines of a log; default false. Then rows are only
    /// added, and the stream has no primary key: a record is known by the values of all its fields. One that comes again,
    /// in a later run or on another page, is there already. What one answer holds several times becomes as many rows.
    /// After a change of the fields, what comes again is another record.
    append_only: optional At<bool>,
    /// Of a feed: the token that the API gives with its answers, and from which the next run goes on.
    token: optional FeedToken,
    /// Of a feed: what status the API answers when it knows the token no more; default `410`. Then everything is read
    /// anew, and the run says so.
    expired: optional OneOrMany<StatusForm>,
}

record! {
    /// A bookmark that an answer tells: that of the first page counts, so that what changes while the others are read
    /// comes with the next run. It moves when the read is complete. With `for_each`, each parent or value has the one
    /// that its own first answer told.
    ToldBookmark = "bookmark", ExactlyOne of &["from", "header"];
    /// Path to it in the body. An answer without it is an error.
    from: optional Text<grammar::Path>,
    /// The header of the answer that holds it.
    header: optional Text<grammar::Header>,
    /// What it is; default `timestamp`.
    kind as "type": optional At<ToldType>,
    /// How a timestamp is written; default `rfc3339`.
    format: optional Text<grammar::TimeFormat>,
}

/// The word for what a told bookmark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToldType {
    Timestamp,
    Integer,
}

words! {
    /// What a told bookmark is.
    ToldType = "bookmark type" {
        /// A point in time. It never passes the beginning of the run by our clock.
        "timestamp" => ToldType::Timestamp,
        /// A whole number that grows, such as a version of the data.
        "integer" => ToldType::Integer,
    }
}

/// The word for a replication method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    FullTable,
    Incremental,
    Feed,
}

words! {
    /// How a stream is replicated.
    Method = "replication method" {
        /// Everything, every time.
        "full_table" => Method::FullTable,
        /// What changed since the bookmark.
        "incremental" => Method::Incremental,
        /// What the API has to tell since a token that it gave before, such as `next_batch`, a sequence number or a
        /// delta link. The first run has none and reads everything. The token of the last page is kept when the read
        /// is complete; where the pages are turned by the same token, that of each page.
        "feed" => Method::Feed,
    }
}

words! {
    /// Order of the records by the replication key.
    model::Order = "order" {
        /// Oldest first: with `restart_after: {pages: 1, from: last_key}`, a cursor or a single page the bookmark
        /// advances page by page; where records can slide between pages, at the end.
        "ascending" => model::Order::Ascending,
        /// Newest first: a run stops at the first page on which everything is older than the bookmark, and leaves
        /// older records out if nothing sends the bookmark. The bookmark advances when the read is complete. Where
        /// records turn out to come in another order, the run says so and reads on to the end.
        "descending" => model::Order::Descending,
        /// None to rely on: the bookmark advances when the read is complete.
        "none" => model::Order::None,
    }
}

/// `client_side`, or a mapping.
#[derive(Debug, Clone)]
pub(crate) enum SinceForm {
    ClientSide(Place),
    Form(Since),
}

impl SinceForm {
    /// The mapping, if it is one.
    pub(crate) fn form(&self) -> Option<&Since> {
        match self {
            SinceForm::Form(form) => Some(form),
            SinceForm::ClientSide(_) => None,
        }
    }
}

impl Read for SinceForm {
    fn shape() -> Shape {
        let doc =
            "The API cannot filter: everything is read, and records that are older than the bookmark are left out \
                   before they are loaded."
                .to_owned();
        Shape::Either(vec![Shape::Words(vec![("client_side", doc)]), Since::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => Since::read(node, reader).map(SinceForm::Form),
            Value::Scalar(scalar) if scalar.text == "client_side" => Some(SinceForm::ClientSide(node.place.clone())),
            _ => reader.expected_word(
                node,
                "`client_side` or a mapping such as {param: updated_since}",
                &["client_side"],
            ),
        }
    }
}

record! {
    /// How the bookmark reaches the API.
    Since = "since";
    /// The query parameter that carries it. Left out, an expression must send it, as `since`.
    param: optional Line,
    /// How it is written; default `rfc3339`.
    format: optional Text<grammar::TimeFormat>,
    /// What stands before the value, such as `>=`.
    prefix: optional Line,
    /// Whether the API leaves out what equals the value; default false. Then a value that is one unit earlier is
    /// sent: a second, or the least that the format tells, of an integer 1, so that what shares the last moment
    /// comes again.
    exclusive: optional At<bool>,
}

record! {
    /// How the end of the time that is read reaches the API.
    Until = "until";
    /// The query parameter that carries it. Left out, an expression must send it, as `until`.
    param: optional Line,
    /// How it is written; default `rfc3339`. A format without a time of day rounds down.
    format: optional Text<grammar::TimeFormat>,
    /// What stands before the value, such as `<=`.
    prefix: optional Line,
}

record! {
    /// The token of a feed.
    FeedToken = "token", ExactlyOne of &["from", "header", "url"];
    /// Path to it in the body.
    from: optional Text<grammar::Path>,
    /// The header of the answer that holds it.
    header: optional Text<grammar::Header>,
    /// Path to a URL in the body, absolute or relative, that the next run asks first: a delta link.
    url: optional Text<grammar::Path>,
    /// The query parameter that carries it.
    param: optional Line,
    /// Where in the request it stands, if not in the query.
    send: optional Send,
    /// What the first run sends in its place, such as `0`; left out, it sends nothing.
    initial: optional Line,
}
