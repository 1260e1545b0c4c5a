//! How a stream is read, in sentences that hold for every spec.

use tapwright_spec::Connector;
use tapwright_spec::model::{Body, JsonTemplate, Param, Replication, Request, Stream};

use crate::context::shown;
use crate::markdown::code;
use crate::slices;

shown! {
    /// One thing to know about how a stream is read.
    pub struct Point {
        /// What it is about.
        pub label: &'static str,
        /// The sentence or two, Markdown.
        pub text: String,
    }
}

impl Point {
    /// The sentences for a terminal: a link is its text.
    pub fn plain(&self) -> String {
        unlinked(&self.text)
    }
}

/// Markdown whose links within the page are their text.
pub(crate) fn unlinked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let linked = link.split_once("](#").and_then(|(text, after)| Some((text, after.split_once(')')?.1)));
        out.push_str(before);
        rest = match linked {
            Some((text, after)) if !text.contains(']') => {
                out.push_str(text);
                after
            }
            _ => {
                out.push('[');
                link
            }
        };
    }
    out + rest
}

/// A point.
pub(crate) fn point(label: &'static str, text: impl Into<String>) -> Point {
    Point { label, text: text.into() }
}

/// The name of the replication method.
pub(crate) fn method_of(stream: &Stream) -> &'static str {
    match &stream.replication {
        Replication::FullTable => "Full Table",
        Replication::Incremental(incremental) if incremental.key().is_some() => "Key-based Incremental",
        Replication::Incremental(_) => "Incremental",
        Replication::Feed(_) => "Feed",
    }
}

/// The replication key, if there is one.
pub(crate) fn key_of(stream: &Stream) -> Option<&str> {
    stream.own_key()
}

/// Segment's word for the kind of rows: objects are overwritten, events only added.
pub(crate) fn kind_of(stream: &Stream) -> &'static str {
    if stream.is_append_only() { "event" } else { "object" }
}

/// Whether the start date says how far the first run of this stream reaches back: its key is a time, or
/// its parent's is.
pub(crate) fn heeds_start(connector: &Connector, stream: &Stream) -> bool {
    connector.keyed_by(stream).is_timed()
}

/// A link to the section of a stream.
pub(crate) fn link_to(stream: &str) -> String {
    format!("[{}](#{})", code(stream), tapwright_spec::anchors::stream(stream))
}

/// All points of a stream, in the order of a run.
pub fn points(connector: &Connector, stream: &Stream) -> Vec<Point> {
    if let Some(origin) = &stream.routed_from {
        let mut points = crate::hooks::routed(connector, stream, origin);
        points.extend(crate::change::points(stream));
        points.push(point("Rows", rows(stream)));
        points.push(point("Deletions", deletions(stream)));
        return points;
    }
    let mut points = vec![point("Request", request(&stream.request))];
    points.extend(stream.for_each.as_ref().map(|each| point("Repeated", slices::repeated(connector, each))));
    points.extend(
        stream.job.as_ref().map(|job| point("Job", crate::job::sentences(job, stream, &connector.download_hosts))),
    );
    points.extend(crate::answer::records(&stream.records).map(|text| point("Response", text)));
    points.extend(reading(connector, stream));
    points.extend(crate::hooks::points(connector, stream));
    points.extend(crate::change::points(stream));
    points.push(point("Rows", rows(stream)));
    points.push(point("Deletions", deletions(stream)));
    points.push(point("Pages", crate::paging::pages(stream)));
    points.extend(crate::answer::own_rate(connector, stream).map(|text| point("Rate", text)));
    points
}

fn request(request: &Request) -> String {
    let method = request.method.word();
    let path = code(&format!("{method} {}", request.path.source()));
    let params: Vec<String> = request.params.iter().flat_map(written).collect();
    let mut sent = match params.as_slice() {
        [] => path,
        params => format!("{path} with {}", listed(params)),
    };
    sent.push_str(match &request.body {
        None => "",
        Some(Body::Json(_)) => "; the body is JSON",
        Some(Body::Form(_)) => "; the body is a form",
        Some(Body::Text(_)) => "; the body is a text",
        Some(Body::GraphQl(_)) => {
            "; the body is a GraphQL query, and `errors` in a response fail the table unless a rule says otherwise"
        }
    });
    sent
}

/// A parameter as it is written, once for each of its values.
fn written(param: &Param) -> Vec<String> {
    let values = match &param.value {
        JsonTemplate::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let text = |value: &JsonTemplate| match value {
        JsonTemplate::Text(template) => template.source().to_owned(),
        _ => "{…}".to_owned(),
    };
    values.iter().map(|value| code(&format!("{}={}", param.name, text(value)))).collect()
}

fn reading(connector: &Connector, stream: &Stream) -> Vec<Point> {
    let incremental = match &stream.replication {
        Replication::Incremental(incremental) => incremental,
        Replication::Feed(feed) => {
            let (run, bookmark) = crate::bookmark::feed(stream, feed);
            return vec![point("Each run", run), point("Bookmark", bookmark)];
        }
        Replication::FullTable => return vec![point("Each run", "Reads every record.")],
    };
    if let Some(parent) = stream.parents().first().filter(|_| stream.is_changed_only()) {
        return changed_parents(parent, connector.keyed_by(stream));
    }
    let whole: Vec<String> =
        slices::readers_of_all(connector, stream).iter().map(|child| link_to(&child.name)).collect();
    let run = match whole.as_slice() {
        [] => crate::bookmark::each_run(stream, incremental),
        children => format!("Reads every record, since {} must be read for each of them.", listed(children)),
    };
    let bookmark = match stream.for_each.as_ref().filter(|_| stream.keeps_slices()) {
        Some(each) => slices::bookmarks(each, incremental, stream.is_timed()),
        None => crate::bookmark::place(stream, incremental),
    };
    vec![point("Each run", run), point("Bookmark", bookmark)]
}

/// Of children of changed records of `parent`, which are read along with the bookmark of `keyed`.
fn changed_parents(parent: &str, keyed: &Stream) -> Vec<Point> {
    let (parent, name) = (code(parent), code(&keyed.name));
    let unnoticed =
        key_of(keyed).map(|key| format!(" A change that does not touch the {} of {name} goes unnoticed.", code(key)));
    let run = format!(
        "Reads all records that belong to a changed record of {parent}, and no others.{}",
        unnoticed.unwrap_or_default()
    );
    let place = key_of(keyed).map_or_else(|| "bookmark".to_owned(), code);
    let each = if keyed.keeps_slices() { ", for each of its slices" } else { "" };
    let bookmark = format!(
        "The {place} of {name} up to which this table is complete{each}. While it cannot be read to its end, the bookmark of \
         {name} waits too."
    );
    vec![point("Each run", run), point("Bookmark", bookmark)]
}

fn rows(stream: &Stream) -> String {
    let naming = stream.naming();
    let keys: Vec<String> = stream.primary_key.iter().map(|key| code(&naming.column(key))).collect();
    match (&stream.replication, keys.as_slice()) {
        (_, keys) if stream.merges() => format!(
            "A record is merged onto the row with the same {}: what it does not mention stays as it was, and what it gives \
             as null is emptied.",
            listed(keys)
        ),
        (Replication::FullTable, _) => {
            "A complete read replaces what the table holds. A read that fails removes nothing.".to_owned()
        }
        (Replication::Incremental(_) | Replication::Feed(_), []) => {
            "Records never change, so rows are only added. A record is recognised by the values of all its fields: one that \
             is read again is stored once, while equal records within one response are as many rows."
                .to_owned()
        }
        (Replication::Incremental(_) | Replication::Feed(_), keys) => {
            format!("A record replaces the row with the same {}, so one that is read twice is stored once.", listed(keys))
        }
    }
}

fn deletions(stream: &Stream) -> String {
    let Some(deleted) = &stream.deleted else { return unmarked(stream).to_owned() };
    let path = code(deleted.from.source());
    let values: Vec<String> = deleted.is.iter().map(|value| code(value)).collect();
    let mark = match values.as_slice() {
        [] => format!("A record with a value at {path} (not {}, 0 or empty)", code("false")),
        values => format!("A record with {} at {path}", values.join(" or ")),
    };
    let others = match is_replaced(stream) {
        true => "A record that no longer comes is removed by the next complete read.",
        false => "The row of a record that no longer comes stays as it is.",
    };
    let values = match deleted.tombstone {
        true => {
            " Nothing else of such a record is read: its row keeps its values, and where there is no row none is made."
        }
        false => "",
    };
    let since = code(stream.load_mode.deleted());
    format!("{mark} is deleted at the source: its row stays, and {since} says since when.{values} {others}")
}

/// Whether the table holds what the last complete read brought, and nothing else.
fn is_replaced(stream: &Stream) -> bool {
    matches!(stream.replication, Replication::FullTable) && !stream.merges()
}

/// What becomes of deletions where no record tells of its own.
fn unmarked(stream: &Stream) -> &'static str {
    match is_replaced(stream) {
        true => "A record that is deleted at the source is removed from the table by the next complete read.",
        false => "Not detected: the row of a record that is deleted at the source stays.",
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
