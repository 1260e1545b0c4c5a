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
                true => "; one unit earlier, as the API leaves out what equals it",
                false => "",
            };
            let what = match incremental.key() {
                Some(_) => format!("the records whose {key} has changed since the bookmark"),
                None => "what has changed since the bookmark".to_owned(),
            };
            format!("Reads {what}. The bookmark is sent {place}{earlier}.")
        }
        Filter::ClientSide if incremental.order == Order::Descending => format!(
            "Reads the newest records first, as far as the first page on which the {key} of every record is before the \
             bookmark, and leaves older ones out: the API is asked for no time. Where records come in another order, it \
             reads on to the end and says so."
        ),
        Filter::ClientSide => format!(
            "Reads everything, since the API cannot filter, and leaves out the records whose {key} is before the bookmark."
        ),
    };
    let stops = match incremental.filter {
        Filter::Api if incremental.order == Order::Descending => {
            " Newest come first: reading ends with the first page on which everything is older."
        }
        _ => "",
    };
    let until = match sent(stream, "until", (incremental.until.as_ref(), &incremental.until_format)) {
        place if place.is_empty() => String::new(),
        place => {
            let end = if incremental.window.is_some() { "The end of a window" } else { "The beginning of the run" };
            format!(" {end} is sent {place} as the end of the time that is read.")
        }
    };
    let windows = incremental.window.as_ref().map_or_else(String::new, |window| {
        format!(" The time is read in windows of {}, the oldest first, each with its own requests.", window.words())
    });
    let again = again(incremental);
    let unnoticed = match incremental.key() {
        Some(_) if !stream.is_append_only() => {
            format!(" A change that leaves {key} as it was is not noticed{}.", except(incremental))
        }
        _ => String::new(),
    };
    format!("{reads}{stops}{until}{windows}{again}{unnoticed}")
}

fn again(incremental: &Incremental) -> String {
    let lookback = incremental.lookback.as_ref().map(|lookback| {
        format!(" A run begins {} before the bookmark, for records that became visible late.", lookback.words())
    });
    let attribution = incremental.attribution.as_ref().map(|window| {
        format!(
            " Attribution window: a run begins {} before the bookmark, because records may change for so long after their {}.",
            window.words(),
            incremental.key().map(code).unwrap_or_default()
        )
    });
    lookback.into_iter().chain(attribution).collect()
}

fn except(incremental: &Incremental) -> &'static str {
    if incremental.attribution.is_some() { " later than that" } else { "" }
}

/// What a run of a feed reads, and what its bookmark is.
pub(crate) fn feed(stream: &Stream, feed: &Feed) -> (String, String) {
    let token = match &feed.token {
        Token::Body(path) => format!("{} of an answer", code(path.source())),
        Token::Header(name) => format!("the header {} of an answer", code(name)),
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
        .map_or_else(String::new, |initial| format!(" The first run sends {} in its place.", code(initial)));
    let expired: Vec<String> = feed
        .expired
        .iter()
        .map(|range| if range.from == range.to { range.from.to_string() } else { format!("{}xx", range.from / 100) })
        .collect();
    let run = format!(
        "Reads what the API has to tell since the token that it gave before: it {sent}.{initial} When the API answers {} \
         because it knows the token no more, everything is read anew; rows that are gone at the source stay.",
        listed(&expired)
    );
    let moves = match stream.moves_bookmark_by_page() {
        true => "It moves on with each page, and an interrupted run goes on where it stopped.",
        false => "It moves on when a read is complete, and an interrupted read begins again.",
    };
    (run, format!("The token that stands at {token}. {moves}"))
}

/// Where a request carries one end of the time that is read; empty where it does not.
fn sent(stream: &Stream, name: &str, (bound, format): (Option<&Bound>, &TimeFormat)) -> String {
    let place = match bound {
        Some(bound) if bound.prefix.is_empty() => format!("as the parameter {}", code(&bound.param)),
        Some(bound) => format!("as the parameter {}, after {}", code(&bound.param), code(&bound.prefix)),
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
            "The end of the last window that is read, and in the last hour before a run {greatest} that is stored. \
             It moves on with each window, and an interrupted run goes on with the window where it stopped."
        );
    }
    let cap = if stream.is_timed() { ", or the beginning of the run if that is earlier" } else { "" };
    if let Bookmark::Told(told) = &incremental.bookmark {
        return format!(
            "What the first answer of a read tells {}{cap}: what changes while pages are read comes with the next run. It \
             moves on when a read is complete, and an interrupted read begins again.",
            told_at(told)
        );
    }
    let moves = match incremental.order {
        Order::Ascending if stream.moves_bookmark_by_page() => {
            "Records come in ascending order, so it moves on while a run goes on, and an interrupted run goes on where it \
             stopped."
        }
        Order::Ascending => {
            "Records come in ascending order but may slide from page to page while they are read, so it moves on when a \
             read is complete, and an interrupted read begins again."
        }
        Order::Descending => {
            "The newest come first, so it moves on when a read is complete, and an interrupted read begins again."
        }
        Order::None => {
            "The order of records is not relied on, so it moves on when a read is complete, and an interrupted read begins \
             again."
        }
    };
    format!("T{} that is stored{cap}. {moves}", &greatest[1..])
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
        Bookmark::Key(_) => format!("{} that is stored for it", greatest(incremental)),
        Bookmark::Told(told) => format!("what the first answer of its read tells {}", told_at(told)),
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
