//! What a request carries by itself (pages, bookmark, key): once, and only where the request has a place for it.

use super::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::language;
use crate::model::{Body, Carrier, Incremental, JsonTemplate, Method, Next, Pagination, Replication, Request};
use crate::source::Place;

/// A value that is sent, and what it is.
struct Sent {
    carrier: Carrier,
    what: &'static str,
}

/// Reports a value without a place in the request, and a place that two values would take.
pub(super) fn sent_once(
    (whole, form): (&Whole<'_>, &language::Stream),
    request: &Request,
    (pagination, replication): (&Pagination, &Replication),
    reader: &mut Reader<'_>,
) {
    let mut taken = of_pages(pagination);
    taken.extend(of_auth(whole));
    if let Replication::Incremental(incremental) = replication {
        let Incremental { since, until, .. } = &**incremental;
        for (bound, what) in [(since, "the bookmark"), (until, "the end of the time that is read")] {
            taken.extend(bound.iter().map(|bound| Sent { carrier: Carrier::Query(bound.param.clone()), what }));
        }
    }
    if let Replication::Feed(feed) = replication {
        // A cursor takes the token's place from the second page on.
        let pages =
            |send: &Carrier| matches!(&pagination.next, Next::Cursor { send: cursor, .. } if same(cursor, send));
        let send = feed.send.iter().filter(|send| !pages(send));
        taken.extend(send.map(|send| Sent { carrier: send.clone(), what: "the feed's token" }));
    }
    for (index, sent) in taken.iter().enumerate() {
        match &sent.carrier {
            Carrier::Query(name) => in_params((whole, form), request, (name, sent.what), reader),
            Carrier::Header(name) => in_headers((whole, form), (name, sent.what), reader),
            Carrier::Body(keys) => in_body(form, request, (keys, sent.what), reader),
            // Nothing else goes there.
            Carrier::Path(_) => {}
        }
        if let Some(other) = taken[..index].iter().find(|other| same(&other.carrier, &sent.carrier)) {
            let place = form.said("pagination").or(form.said("replication")).cloned().unwrap_or(form.place.clone());
            let message = format!("{} would carry {} and {}", named(&sent.carrier), other.what, sent.what);
            reader.fault(Diagnostic::new(message, place).help("give each its own place"));
        }
    }
}

fn of_pages(pagination: &Pagination) -> Vec<Sent> {
    let next = match &pagination.next {
        Next::PageNumber { send, .. } => Some((send, "the page number")),
        Next::Offset { send, .. } => Some((send, "the offset")),
        Next::Cursor { send, .. } => Some((send, "the cursor")),
        Next::Single | Next::NextUrl { .. } | Next::LinkHeader | Next::Merge { .. } => None,
    };
    let size = pagination.size.iter().map(|size| (&size.send, "the page size"));
    next.into_iter().chain(size).map(|(send, what)| Sent { carrier: send.clone(), what }).collect()
}

fn of_auth(whole: &Whole<'_>) -> Vec<Sent> {
    let mut sent: Vec<Sent> = Vec::new();
    for form in whole.spec.auth.iter().flat_map(|auth| auth.forms()) {
        let key = form.api_key.iter().map(|key| (key.query.as_ref(), key.header.as_ref(), "the API key"));
        let tokens = form.sends().map(|send| (send.query.as_ref(), send.header.as_ref(), "the token"));
        for (query, header, what) in key.chain(tokens) {
            let carrier = match (query, header) {
                (Some(query), _) => Carrier::Query(query.value.clone()),
                (None, Some(header)) => Carrier::Header(header.value.clone()),
                _ => continue,
            };
            // Cases that a config field chooses may name the same place.
            if !sent.iter().any(|known| same(&known.carrier, &carrier)) {
                sent.push(Sent { carrier, what });
            }
        }
    }
    sent
}

fn same(one: &Carrier, other: &Carrier) -> bool {
    match (one, other) {
        (Carrier::Header(one), Carrier::Header(other)) => one.eq_ignore_ascii_case(other),
        (Carrier::Body(one), Carrier::Body(other)) => one.starts_with(other) || other.starts_with(one),
        (one, other) => one == other,
    }
}

fn named(carrier: &Carrier) -> String {
    match carrier {
        Carrier::Query(name) => format!("the parameter `{name}`"),
        Carrier::Header(name) => format!("the header `{name}`"),
        Carrier::Body(keys) => format!("`{}` of the body", keys.join(".")),
        Carrier::Path(path) => format!("the path `{}`", path.source()),
    }
}

fn in_params(
    (whole, form): (&Whole<'_>, &language::Stream),
    request: &Request,
    (param, what): (&str, &str),
    reader: &mut Reader<'_>,
) {
    let shared = whole.spec.http.as_ref().and_then(|http| http.params.as_ref());
    let written = form.params.iter().chain(shared).flat_map(|params| &params.0);
    let place = written.map(|(name, _)| name).find(|name| name.value == *param).map(|name| name.place.clone());
    if let (Some(place), true) = (place, request.params.iter().any(|known| known.name == *param)) {
        let message = format!("the parameter `{param}` would be sent twice: it carries {what}");
        reader.fault(Diagnostic::new(message, place).help("take it out of `params`"));
    }
}

fn in_headers((whole, form): (&Whole<'_>, &language::Stream), (name, what): (&str, &str), reader: &mut Reader<'_>) {
    let shared = whole.spec.http.as_ref().and_then(|http| http.headers.as_ref());
    let written = form.headers.iter().chain(shared).flat_map(|headers| &headers.0);
    if let Some((known, _)) = written.into_iter().find(|(known, _)| known.value.eq_ignore_ascii_case(name)) {
        let message = format!("the header `{}` would be sent twice: it carries {what}", known.value);
        reader.fault(Diagnostic::new(message, known.place.clone()).help("take it out of `headers`"));
    }
}

fn in_body(form: &language::Stream, request: &Request, (keys, what): (&[String], &str), reader: &mut Reader<'_>) {
    let Some(endpoint) = &form.endpoint else { return };
    if request.method == Method::Get {
        let message = format!("{what} goes into the body, and a `GET` has none");
        let fault = Diagnostic::new(message, endpoint.method_place());
        return reader.fault(fault.help("write `POST` if the API wants a body, or send it by `param`"));
    }
    let Some(Body::Json(tree)) = &request.body else { return };
    let place: Place = form.said("body").cloned().unwrap_or(form.place.clone());
    match stands_at(tree, keys) {
        Standing::Free => {}
        Standing::Taken => {
            let message = format!("`{}` of the body would be sent twice: it carries {what}", keys.join("."));
            reader.fault(Diagnostic::new(message, place).help("take it out of `body`, or write `null` there"));
        }
        Standing::NoObject => {
            let message = format!("`{}` of the body carries {what}, and the body has no object there", keys.join("."));
            reader.fault(Diagnostic::new(message, place).help("keys stand in objects, not in lists or texts"));
        }
    }
}

/// What a body has where a value is to go.
enum Standing {
    Free,
    Taken,
    NoObject,
}

fn stands_at(tree: &JsonTemplate, keys: &[String]) -> Standing {
    let Some((first, rest)) = keys.split_first() else {
        return if matches!(tree, JsonTemplate::Fixed(value) if value.is_null()) {
            Standing::Free
        } else {
            Standing::Taken
        };
    };
    match tree {
        JsonTemplate::Object(members) => {
            members.iter().find(|(name, _)| name == first).map_or(Standing::Free, |(_, inner)| stands_at(inner, rest))
        }
        _ => Standing::NoObject,
    }
}
