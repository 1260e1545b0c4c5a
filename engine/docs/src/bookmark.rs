//! Bookmarks in sentences: how they reach the API, and how they move.

use tapwright_spec::expression::Template;
use tapwright_spec::model::{
    Body, Bookmark, Bound, Carrier, Feed, Filter, Incremental, Order, Request, Stream, Token, Told,
};
use tapwright_spec::time::TimeFormat;

use crate::markdown::code;
use crate::replication::listed;

/// What a run of a stream without a parent reads.
pub(crate) fn each_run(stream: &Stream, incremental: &Incremental) -> String {
    let key = incremental.key().map(code).unwrap_or_default();
    let reads = match incremental.filter {
        Filter::Api => {
            let place = match sent(stream, "since", (incremental.since.as_ref(), &incremental.format)) {
                place if place.is_empty() => "by an expression in the request".to_owned(),
                place => place,
            };
            let earlier = match incremental.exclusive {
                true => ", one unit earlier, since the API leaves out records that equal it",
                false => "",
            };
            let what = match incremental.key() {
                Some(_) => format!("the records whose {key} is at or after the bookmark"),
                None => "what has changed since the bookmark".to_owned(),
            };
            format!("Reads {what}. The bookmark is sent {place}{earlier}.")
        }
        Filter::ClientSide if incremental.order == Order::Descending => format!(
            "Reads the newest records first and stops after the first page on which every {key} is before the bookmark; \
             older records are left out. The API itself is not asked for a time. If records come in another order, the run \
             reads to the end and reports it."
        ),
        Filter::ClientSide => format!(
            "Reads every record, since the API cannot filter, and leaves out those whose {key} is before the bookmark."
        ),
    };
    let stops = match incremental.filter {
        Filter::Api if incremental.order == Order::Descending => {
            " The newest records come first; reading stops after the first page on which all are older."
        }
        _ => "",
    };
    let until = match sent(stream, "until", (incremental.until.as_ref(), &incremental.until_format)) {
        place if place.is_empty() => String::new(),
        place => {
            let end = if incremental.window.is_some() { "The end of a window" } else { "The start of the run" };
            format!(" {end} is sent {place}, as the upper bound.")
        }
    };
    let windows = incremental.window.as_ref().map_or_else(String::new, |window| {
        format!(" Time is read in windows of {}, the oldest first, each with requests of its own.", window.words())
    });
    let again = again(incremental);
    let unnoticed = match incremental.key() {
        Some(_) if !stream.is_append_only() => {
            format!(" A change that does not touch {key} goes unnoticed{}.", except(incremental))
        }
        _ => String::new(),
    };
    format!("{reads}{stops}{until}{windows}{again}{unnoticed}")
}

fn again(incremental: &Incremental) -> String {
    let lookback = incremental.lookback.as_ref().map(|lookback| {
        format!(" A run starts {} before the bookmark, to catch records that became visible late.", lookback.words())
    });
    let attribution = incremental.attribution.as_ref().map(|window| {
        format!(
            " Attribution window: a run starts {} before the bookmark, because a record may change for that long after its {}.",
            window.words(),
            incremental.key().map(code).unwrap_or_default()
        )
    });
    lookback.into_iter().chain(attribution).collect()
}

fn except(incremental: &Incremental) -> &'static str {
    if incremental.attribution.is_some() { " after that time" } else { "" }
}

/// What a run of a feed reads, and what its bookmark is.
pub(crate) fn feed(stream: &Stream, feed: &Feed) -> (String, String) {
    let token = match &feed.token {
        Token::Body(path) => format!("{} of a response", code(path.source())),
        Token::Header(name) => format!("the header {} of a response", code(name)),
        Token::Last(keys) => format!("{} of a page's last record", code(&keys.join("."))),
    };
    let sent = match &feed.send {
        None => "is the URL of the first request".to_owned(),
        Some(Carrier::Query(name)) => format!("is sent as the parameter {}", code(name)),
        Some(Carrier::Header(name)) => format!("is sent in the header {}", code(name)),
        Some(Carrier::Body(keys)) => format!("is sent in the body as {}", code(&keys.join("."))),
        Some(Carrier::Form(name)) => format!("is sent in the form as {}", code(name)),
        Some(Carrier::Path(path)) => format!("is sent in the path {}", code(path.source())),
    };
    let initial = feed
        .initial
        .as_ref()
        .map_or_else(String::new, |initial| format!(" The first run sends {} instead.", code(initial)));
    let expired: Vec<String> = feed
        .expired
        .iter()
        .map(|range| if range.from == range.to { range.from.to_string() } else { format!("{}xx", range.from / 100) })
        .collect();
    let run = format!(
        "Reads what the API reports since the token that it gave last, which {sent}.{initial} If the API responds with {} \
         because it no longer knows the token, everything is read again; rows of records deleted meanwhile stay.",
        listed(&expired)
    );
    let moves = match stream.moves_bookmark_by_page() {
        true => "It advances with each page, so an interrupted run resumes where it stopped.",
        false => "It advances when a read is complete; an interrupted read starts over.",
    };
    (run, format!("The token in {token}. {moves}"))
}

/// Where a request carries one end of the time that is read; empty where it does not.
fn sent(stream: &Stream, name: &str, (bound, format): (Option<&Bound>, &TimeFormat)) -> String {
    let place = match bound {
        Some(bound) if bound.prefix.is_empty() => format!("as the parameter {}", code(&bound.param)),
        Some(bound) => format!("as the parameter {}, prefixed with {}", code(&bound.param), code(&bound.prefix)),
        None => match expression_places(stream, name).as_slice() {
            [] => return String::new(),
            places => format!("in {}", listed(places)),
        },
    };
    match stream.is_timed() {
        true => format!("{place}, in the format {}", code(format.name())),
        false => place,
    }
}

/// What the bookmark is, and when it moves.
pub(crate) fn place(stream: &Stream, incremental: &Incremental) -> String {
    let greatest = greatest(incremental);
    if incremental.window.is_some() {
        return format!(
            "The end of the last window that was read; within the last hour before a run, {greatest} stored. It advances \
             with each window, so an interrupted run resumes with the window where it stopped."
        );
    }
    let cap = if stream.is_timed() { ", or the start of the run if that is earlier" } else { "" };
    if let Bookmark::Told(told) = &incremental.bookmark {
        return format!(
            "The value that the first response of a read gives {}{cap}, so what changes while pages are read comes with the \
             next run. It advances when a read is complete; an interrupted read starts over.",
            told_at(told)
        );
    }
    let moves = match incremental.order {
        Order::Ascending if stream.moves_bookmark_by_page() => {
            "Records come in ascending order, so it advances during the run, and an interrupted run resumes where it stopped."
        }
        Order::Ascending => {
            "Records come in ascending order but may shift between pages while they are read, so it advances only when a \
             read is complete; an interrupted read starts over."
        }
        Order::Descending => {
            "The newest records come first, so it advances only when a read is complete; an interrupted read starts over."
        }
        Order::None => {
            "The order of records is not relied on, so it advances only when a read is complete; an interrupted read starts \
             over."
        }
    };
    format!("T{} stored{cap}. {moves}", &greatest[1..])
}

/// `the greatest KEY`
fn greatest(incremental: &Incremental) -> String {
    format!("the greatest {}", incremental.key().map(code).unwrap_or_default())
}

/// Where an answer tells a bookmark.
fn told_at(told: &Told) -> String {
    match &told.at {
        Token::Body(path) => format!("at {}", code(path.source())),
        Token::Header(name) => format!("in the header {}", code(name)),
        Token::Last(keys) => format!("at {} of its last record", code(&keys.join("."))),
    }
}

/// What the bookmark of one slice is.
pub(crate) fn of_a_slice(incremental: &Incremental) -> String {
    match &incremental.bookmark {
        Bookmark::Key(_) => format!("{} stored for it", greatest(incremental)),
        Bookmark::Told(told) => format!("the value that the first response of its read gives {}", told_at(told)),
    }
}

/// Where in a request an expression reads `name`.
fn expression_places(stream: &Stream, name: &str) -> Vec<String> {
    let mut places = expressions_of(&stream.request, name);
    if let Some(job) = &stream.job {
        let of_job = expressions_of(&job.create, name).into_iter();
        places.extend(of_job.map(|place| format!("{place} of the request that creates the job")));
    }
    places
}

fn expressions_of(request: &Request, name: &str) -> Vec<String> {
    let mut places = Vec::new();
    if reads(&request.path, name) {
        places.push("the path".to_owned());
    }
    for param in &request.params {
        if param.value.templates().into_iter().any(|value| reads(value, name)) {
            places.push(format!("the parameter {}", code(&param.name)));
        }
    }
    for (header, value) in &request.headers {
        if reads(value, name) {
            places.push(format!("the header {}", code(header)));
        }
    }
    if request.body.iter().flat_map(Body::templates).any(|value| reads(value, name)) {
        places.push("the body".to_owned());
    }
    places
}

fn reads(template: &Template, name: &str) -> bool {
    template.names().any(|(read, _)| read.split('.').next() == Some(name))
}
