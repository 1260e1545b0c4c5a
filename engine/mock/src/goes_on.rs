//! What an answer tells of where the next run goes on: the token of a feed, or a bookmark.

use serde_json::json;
use tapwright_spec::model::{Bookmark, Feed, Next, Replication, Stream, Token};
use tapwright_sync::http::Request;

use crate::Answer;
use crate::document::shown;
use crate::page::{Asked, Turn, carried, in_body, number};
use crate::value::moment;

/// The parameter of a delta link.
pub(crate) const SINCE: &str = "mock_since";

fn feed(stream: &Stream) -> Option<&Feed> {
    match &stream.replication {
        Replication::Feed(feed) => Some(feed),
        _ => None,
    }
}

/// Whether the feed's token turns the pages.
fn turns(stream: &Stream, feed: &Feed) -> bool {
    matches!(&stream.pagination.next, Next::Cursor { send, .. } if Some(send) == feed.send.as_ref())
}

/// How many records were told before the walk that a request belongs to.
pub(crate) fn told(stream: &Stream, request: &Request) -> usize {
    let Some(feed) = feed(stream).filter(|feed| !turns(stream, feed)) else { return 0 };
    match &feed.send {
        Some(send) => carried(request, send).and_then(|text| number(&text)).unwrap_or(0),
        None => {
            let sent = request.url.query_pairs().find(|(name, _)| name == SINCE);
            sent.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
        }
    }
}

/// Puts the bookmark that a stream reads in its answers into one.
pub(crate) fn bookmark(stream: &Stream, answer: &mut Answer) {
    let Replication::Incremental(incremental) = &stream.replication else { return };
    let Bookmark::Told(told) = &incremental.bookmark else { return };
    let value = told.format.as_ref().map_or_else(|| json!(1), |format| moment(format, jiff::Timestamp::now()));
    match &told.at {
        Token::Body(path) => in_body(answer, path, value),
        Token::Header(name) => answer.headers.set(name, &shown(&value)),
        Token::Last(_) => {}
    }
}

/// Puts the token from which the next run goes on into an answer.
pub(crate) fn tell(stream: &Stream, turn: &Turn, asked: &Asked<'_>, answer: &mut Answer) {
    let Some(feed) = feed(stream) else { return };
    let reached = if turns(stream, feed) { turn.end } else { turn.told + turn.total };
    let mut token = format!("mock-{reached}");
    if feed.send.is_none() {
        let mut link = Request::get(asked.request.url.clone());
        // No API gives away the key with which it was asked.
        let keys: Vec<String> = link
            .url
            .query_pairs()
            .filter(|(_, value)| asked.settings.secrets.iter().any(|secret| value == secret.as_str()))
            .map(|(name, _)| name.into_owned())
            .collect();
        keys.iter().for_each(|name| link.remove_query(name));
        link.set_query(SINCE, &reached.to_string());
        link.remove_query(crate::page::START);
        token = format!("{}?{}", link.url.path(), link.url.query().unwrap_or_default());
    }
    match &feed.token {
        Token::Body(path) => in_body(answer, path, json!(token)),
        Token::Header(name) => answer.headers.set(name, &token),
        Token::Last(_) => {}
    }
}
