//! What a request carries by itself (pages, bookmark, key): once, and only where the request has a place for it.

use super::Whole;
use super::bodies::Bodies;
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::language;
use crate::model::{Body, Carrier, GraphQl, Incremental, JsonTemplate, Method, Next, Pagination, Replication, Request};
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
    taken.extend(of_auth(whole, request));
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
            Carrier::Form(name) => in_form(form, request, (name, sent.what), reader),
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
        Next::Single | Next::NextUrl { .. } | Next::LinkHeader | Next::Merge { .. } | Next::Hook(_) => None,
    };
    let size = pagination.size.iter().map(|size| (&size.send, "the page size"));
    next.into_iter().chain(size).map(|(send, what)| Sent { carrier: send.clone(), what }).collect()
}

fn of_auth(whole: &Whole<'_>, request: &Request) -> Vec<Sent> {
    let mut sent: Vec<Sent> = Vec::new();
    for form in whole.spec.auth.iter().flat_map(|auth| auth.forms()) {
        let key =
            form.api_key.iter().map(|key| (key.query.as_ref(), key.header.as_ref(), key.body.as_ref(), "the API key"));
        let tokens =
            form.sends().map(|send| (send.query.as_ref(), send.header.as_ref(), send.body.as_ref(), "the token"));
        for (query, header, body, what) in key.chain(tokens) {
            let carrier = match (query, header, body) {
                (Some(query), ..) => Carrier::Query(query.value.clone()),
                (None, Some(header), _) => Carrier::Header(header.value.clone()),
                (None, None, Some(name)) => match within_body(request, &name.value) {
                    Some(carrier) => carrier,
                    None => continue,
                },
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

/// Where a body carries credentials; what has no place for them is told where they are written.
fn within_body(request: &Request, name: &str) -> Option<Carrier> {
    match &request.body {
        _ if request.method == Method::Get => None,
        Some(Body::Form(_)) => Some(Carrier::Form(name.to_owned())),
        Some(Body::Json(JsonTemplate::Object(_)) | Body::GraphQl(_)) | None => {
            Some(Carrier::Body(vec![name.to_owned()]))
        }
        Some(Body::Json(_) | Body::Text(_)) => None,
    }
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
        Carrier::Form(name) => format!("`{name}` of the form"),
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

/// Reports a `GET`, which has no body, and says whether it is none.
fn has_body(form: &language::Stream, request: &Request, what: &str, reader: &mut Reader<'_>) -> bool {
    if let (Method::Get, Some(endpoint)) = (request.method, &form.endpoint) {
        let message = format!("{what} goes into the body, and a `GET` has none");
        let fault = Diagnostic::new(message, endpoint.method_place());
        reader.fault(fault.help("write `POST` if the API wants a body, or send it by `param`"));
    }
    request.method == Method::Post
}

fn in_body(form: &language::Stream, request: &Request, (keys, what): (&[String], &str), reader: &mut Reader<'_>) {
    if !has_body(form, request, what, reader) {
        return;
    }
    let standing = match &request.body {
        None => Standing::Free,
        Some(Body::Json(tree)) => stands_at(tree, keys),
        Some(Body::GraphQl(graphql)) => in_graphql(graphql, keys),
        Some(Body::Form(_) | Body::Text(_)) => Standing::NoObject,
    };
    told(form, standing, (&keys.join("."), what), reader);
}

fn in_form(form: &language::Stream, request: &Request, (name, what): (&str, &str), reader: &mut Reader<'_>) {
    if !has_body(form, request, what, reader) {
        return;
    }
    let standing = match &request.body {
        None => Standing::Free,
        Some(Body::Form(fields)) if fields.iter().any(|field| field.name == name) => Standing::Taken,
        Some(Body::Form(_)) => Standing::Free,
        Some(_) => Standing::NoForm,
    };
    told(form, standing, (name, what), reader);
}

/// Reports a place in a body that is not free.
fn told(form: &language::Stream, standing: Standing, (name, what): (&str, &str), reader: &mut Reader<'_>) {
    let said = Bodies::of(form).said;
    let key = said.as_ref().map_or("body", |said| said.key);
    let place: Place = said.as_ref().map_or(&form.place, |said| said.place).clone();
    let (message, help) = match standing {
        Standing::Free => return,
        Standing::Taken => (
            format!("`{name}` of the body would be sent twice: it carries {what}"),
            match key {
                "body" => "take it out of `body`, or write `null` there".to_owned(),
                key => format!("take it out of `{key}`"),
            },
        ),
        Standing::NoObject if key == "form" => (
            format!("`{name}` of a JSON body carries {what}, and the body is a form"),
            format!("send it in the form: `send: {{form: {name}}}`"),
        ),
        Standing::NoObject => (
            format!("`{name}` of the body carries {what}, and the body has no object there"),
            "keys stand in objects, not in lists or texts".to_owned(),
        ),
        Standing::NoForm => (
            format!("`{name}` of a form carries {what}, and the body is none"),
            "write the body as `form`, or send it by `body`".to_owned(),
        ),
    };
    reader.fault(Diagnostic::new(message, place).help(help));
}

/// What a query in GraphQL has at a place: its variables are the author's own.
fn in_graphql(graphql: &GraphQl, keys: &[String]) -> Standing {
    match keys {
        [first, rest @ ..] if first == "variables" && !rest.is_empty() => {
            graphql.variables.as_ref().map_or(Standing::Free, |variables| stands_at(variables, rest))
        }
        [first, ..] if ["query", "variables", "operationName"].contains(&first.as_str()) => Standing::Taken,
        _ => Standing::Free,
    }
}

/// What a body has where a value is to go.
#[derive(Clone, Copy)]
enum Standing {
    Free,
    Taken,
    NoObject,
    NoForm,
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
