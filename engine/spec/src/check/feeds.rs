//! Feeds: a token that is found and sent, and nothing of a bookmark beside it.

use super::identity::{Again, identified};
use super::pages::carrier;
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Reader};
use crate::language::{self, Carried, FeedToken};
use crate::model::{Carrier, Feed, Replication, StatusRange, Token};

/// HTTP's word for what was there and is no more.
const GONE: StatusRange = StatusRange { from: 410, to: 410 };

pub(super) fn feed(
    name: &At<String>,
    form: &language::Stream,
    written: &language::Replication,
    reader: &mut Reader<'_>,
) -> Option<Replication> {
    let method = written.method.as_ref()?;
    let again = Again { is: "a feed", comes: "what broke off comes again", place: &method.place };
    identified(name, form, written, &again, reader);
    for extra in written.said.iter().filter(|key| !["method", "token", "expired", "append_only"].contains(&&*key.text))
    {
        let message = format!("a feed goes on from its token, and has no use for `{}`", extra.text);
        reader.fault(Diagnostic::new(message, extra.place.clone()).help("take it out, or write `method: incremental`"));
    }
    if let Some(place) = form.said("for_each") {
        let message = format!("a feed has one token, and `{}` would be read for each of several records", name.value);
        reader.fault(Diagnostic::new(message, place.clone()).help("give the stream another replication method"));
    }
    if let Some(place) = form.said("job") {
        let fault = Diagnostic::new("what a job brings has no token to go on from", place.clone());
        reader.fault(fault.help("give the stream another replication method"));
    }
    let Some(token) = &written.token else {
        if written.said("token").is_none() {
            let message = format!("stream `{}` is a feed and names no token", name.value);
            let fault = Diagnostic::new(message, method.place.clone());
            reader.fault(fault.help("add `token: {from: $.next_batch, param: since}`, as the API calls them"));
        }
        return None;
    };
    let send = sent(written, token, reader)?;
    let found = match (&token.from, &token.header, &token.url) {
        (Some(path), ..) | (.., Some(path)) => Token::Body(path.value.clone()),
        (_, Some(header), _) => Token::Header(header.value.clone()),
        _ => return None,
    };
    let expired = match &written.expired {
        None => vec![GONE],
        Some(expired) => expired.0.iter().map(|status| status.0.value).collect(),
    };
    let initial = token.initial.as_ref().map(|initial| initial.value.clone());
    Some(Replication::Feed(Box::new(Feed { token: found, send, initial, expired })))
}

/// Where the token goes; a URL goes nowhere else.
fn sent(written: &language::Replication, token: &FeedToken, reader: &mut Reader<'_>) -> Option<Option<Carrier>> {
    let place = written.said("token").unwrap_or(&token.place);
    if token.said("url").is_some() {
        if let Some(key) = token.said.iter().find(|key| ["param", "send", "initial"].contains(&&*key.text)) {
            let message = format!("`url` is the next run's first request, and `{}` sends a token with one", key.text);
            reader
                .fault(Diagnostic::new(message, key.place.clone()).help("take it out, or read the token with `from`"));
        }
        return Some(None);
    }
    match (token.said("param"), token.said("send")) {
        (None, None) => {
            let fault = Diagnostic::new("nothing says where the token goes", place.clone());
            reader.fault(fault.help("add `param:` with the query parameter that carries it, or `send:`"));
        }
        (Some(_), Some(send)) => {
            let fault = Diagnostic::new("`param` and `send` exclude each other", send.clone());
            reader.fault(fault.help("keep one of them"));
        }
        _ => {}
    }
    let (carrier, place) = carrier(&Carried { param: token.param.clone(), send: token.send.clone() })?;
    if matches!(carrier, Carrier::Path(_)) {
        let fault = Diagnostic::new("only a cursor goes into the path", place);
        reader.fault(fault.help("send it by `query`, `header` or `body`"));
    }
    Some(Some(carrier))
}
