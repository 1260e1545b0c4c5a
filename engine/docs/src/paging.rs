//! How a stream comes from page to page, in sentences.

use tapwright_spec::counted;
use tapwright_spec::model::{Carrier, Next, Stop, Stream, Token, Total};

use crate::markdown::code;
use crate::replication::key_of;

/// How the pages of a stream are read, Markdown.
pub(crate) fn pages(stream: &Stream) -> String {
    let pagination = &stream.pagination;
    let mut sentences = vec![next(&pagination.next)];
    if let Some(size) = &pagination.size {
        sentences.push(format!("Asks for {} per page ({}).", counted(size.value, "record"), carrier(&size.send)));
    }
    if pagination.ahead > 1 {
        sentences.push(format!("After the first page, {} are requested at a time.", pagination.ahead));
    }
    if !pagination.stop.is_empty() {
        let stops: Vec<String> = pagination.stop.iter().map(stop).collect();
        sentences.push(format!("Ends {}.", stops.join(", or ")));
    }
    match &pagination.total {
        Some(Total::Body(path)) => {
            sentences.push(format!("The number of records is checked against {}.", code(path.source())));
        }
        Some(Total::Header(name)) => {
            sentences.push(format!("The number of records is checked against the header {}.", code(name)));
        }
        None => {}
    }
    if let (Some(restart), Some(key)) = (pagination.restart_after, key_of(stream)) {
        let after = match restart.pages {
            1 => "every page".to_owned(),
            pages => format!("{pages} pages"),
        };
        sentences.push(format!(
            "After {after}, as soon as {0} has advanced, paging starts afresh from the last {0} seen instead of going deeper.",
            code(key)
        ));
    }
    if let Some(most) = pagination.max_pages {
        sentences.push(format!(
            "Stops after {} at most; the read is then reported as bounded, not as complete.",
            counted(most, "page")
        ));
    }
    if let Some(most) = pagination.max_records {
        sentences.push(format!(
            "Stops after the page that completes {}; the read is then reported as bounded, not as complete.",
            counted(most, "record")
        ));
    }
    sentences.join(" ")
}

fn next(next: &Next) -> String {
    match next {
        Next::Single => "A single response holds everything.".to_owned(),
        Next::NextUrl { path } => {
            format!("Follows the link at {} until there is none.", code(path.source()))
        }
        Next::LinkHeader => "Follows the `Link` header with `rel=\"next\"` until there is none.".to_owned(),
        Next::PageNumber { send, first } => {
            format!("Counts {} up from {first}.", carrier(send))
        }
        Next::Offset { send, first, overlap } => {
            let proof = match overlap {
                true => {
                    " Each page begins with the last record of the one before; if it does not, records have shifted."
                }
                false => "",
            };
            format!("Starts with {} at {first} and adds the number of records that came.{proof}", carrier(send))
        }
        Next::Cursor { token, send } => cursor(token, &carrier(send)),
        Next::Hook(hook) => {
            format!("After each page the hook {} says which request follows, or why none does.", code(&hook.name))
        }
        Next::Merge { path } => {
            format!(
                "Adds the members of {} to the query of the next request until there are none.",
                code(path.source())
            )
        }
    }
}

fn cursor(token: &Token, carrier: &str) -> String {
    match token {
        Token::Body(path) => {
            format!("Sends the token at {} back as {carrier} until there is none.", code(path.source()))
        }
        Token::Header(name) => {
            format!("Sends the token in the header {} back as {carrier} until there is none.", code(name))
        }
        Token::Last(keys) => {
            format!("Sends {} of a page's last record as {carrier} to get the next page.", code(&keys.join(".")))
        }
    }
}

fn carrier(carrier: &Carrier) -> String {
    match carrier {
        Carrier::Query(name) => code(name),
        Carrier::Header(name) => format!("the header {}", code(name)),
        Carrier::Path(path) => format!("{} in the path {}", code("cursor"), code(path.source())),
        Carrier::Form(name) => format!("{} of the form", code(name)),
        Carrier::Body(keys) => format!("{} of the body", code(&keys.join("."))),
    }
}

fn stop(stop: &Stop) -> String {
    match stop {
        Stop::EmptyPage => "at a page without records".to_owned(),
        Stop::ShortPage => "at a page with fewer records than asked for".to_owned(),
        Stop::Total => "when the total is reached".to_owned(),
        Stop::More(path) => format!("when {} is false", code(path.source())),
        Stop::When(condition) => format!("when {} holds", code(condition.source())),
    }
}
