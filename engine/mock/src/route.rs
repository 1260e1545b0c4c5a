//! Which stream a request is for: the one whose own first request it is most like.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::model::{Carrier, Next, Replication, Stream};
use tapwright_sync::extract::{Slice, Source};
use tapwright_sync::http::{Method, Request};

use crate::page::START;
use crate::world::Made;

/// A stream, and the parent for which it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) stream: usize,
    pub(crate) parent: Option<usize>,
}

struct Candidate {
    route: Route,
    /// What the query must hold.
    query: Vec<(String, String)>,
    body: Option<Value>,
}

type Place = (bool, String);

/// All requests that are known.
pub(crate) struct Routes {
    by_path: BTreeMap<Place, Vec<Candidate>>,
    check: Option<Place>,
}

fn place(request: &Request) -> Place {
    (request.method == Method::Post, request.url.path().to_owned())
}

impl Routes {
    pub(crate) fn new(connector: &Connector, source: &Source, tables: &[Vec<Made>]) -> Result<Routes, String> {
        let mut by_path: BTreeMap<Place, Vec<Candidate>> = BTreeMap::new();
        for (at, stream) in connector.streams.iter().enumerate().filter(|(_, stream)| stream.routed_from.is_none()) {
            let parents: Vec<Option<usize>> = match stream.parents().first() {
                None => vec![None],
                Some(parent) => {
                    let parent = connector.streams.iter().position(|known| known.name == *parent).unwrap_or(at);
                    (0..tables[parent].len()).map(Some).collect()
                }
            };
            for parent in parents {
                let request = first(connector, source, tables, Route { stream: at, parent })?;
                let loose = loose(stream);
                let query = request.url.query_pairs().into_owned().filter(|(name, _)| !loose.contains(name)).collect();
                let body = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
                let candidate = Candidate { route: Route { stream: at, parent }, query, body };
                by_path.entry(place(&request)).or_default().push(candidate);
            }
        }
        let check = source.check_request().transpose().map_err(|error| error.to_string())?;
        Ok(Routes { by_path, check: check.map(|request| place(&request)) })
    }

    /// The stream that a request is for.
    pub(crate) fn find(&self, connector: &Connector, request: &Request) -> Option<Route> {
        let asked: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
        let body = request.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        let like = |candidate: &&Candidate| {
            let fits = candidate.query.iter().all(|pair| asked.contains(pair));
            fits.then(|| candidate.query.len() + alike(candidate.body.as_ref(), body.as_ref()))
        };
        let known = self.by_path.get(&place(request)).into_iter().flatten();
        let best = known.filter(|one| like(one).is_some()).max_by_key(|one| like(one)).map(|one| one.route);
        best.or_else(|| by_cursor_in_path(connector, request))
    }

    pub(crate) fn is_check(&self, request: &Request) -> bool {
        self.check.as_ref() == Some(&place(request))
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.by_path.keys().map(|(is_post, path)| format!("{} {path}", if *is_post { "POST" } else { "GET" })).collect()
    }

    /// What is said of a request that nobody would send.
    pub(crate) fn unknown(&self, request: &Request) -> String {
        let paths = self.paths();
        let some = paths.iter().take(20).map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("the spec sends no request like `{request}`; it sends {some}")
    }
}

fn first(connector: &Connector, source: &Source, tables: &[Vec<Made>], route: Route) -> Result<Request, String> {
    let stream = &connector.streams[route.stream];
    let names = stream.for_each.as_ref().and_then(|each| {
        let at = connector.streams.iter().position(|known| stream.parents().first() == Some(&known.name))?;
        let fields = Value::Object(tables[at].get(route.parent?)?.fields.clone());
        Some(Arc::new(Map::from_iter([(each.parts.first()?.name.clone(), fields)])))
    });
    // A stream whose request says where the time that is read ends needs an end, whichever.
    let slice = |until| Slice { stream, since: None, until, names: names.clone() };
    let end = jiff::Timestamp::now();
    let request = source.first_request(slice(None)).or_else(|_| source.first_request(slice(Some(end))));
    request.map_err(|error| error.to_string())
}

/// The parameters that differ from page to page and from run to run.
fn loose(stream: &Stream) -> Vec<String> {
    let mut names = vec![START.to_owned()];
    let mut carried = |send: &Carrier| {
        if let Carrier::Query(name) = send {
            names.push(name.clone());
        }
    };
    match &stream.pagination.next {
        Next::PageNumber { send, .. } | Next::Offset { send, .. } | Next::Cursor { send, .. } => carried(send),
        _ => {}
    }
    stream.pagination.size.iter().for_each(|size| carried(&size.send));
    if let Replication::Incremental(incremental) = &stream.replication {
        let bounds = incremental.since.iter().chain(&incremental.until);
        names.extend(bounds.map(|bound| bound.param.clone()));
    }
    let moving = ["since", "until", "now", "window"];
    let computed = stream
        .request
        .params
        .iter()
        .filter(|param| param.value.templates().iter().any(|value| moving.iter().any(|name| value.reads(name))));
    names.extend(computed.map(|param| param.name.clone()));
    names
}

/// How many values two bodies share.
fn alike(known: Option<&Value>, asked: Option<&Value>) -> usize {
    match (known, asked) {
        (Some(Value::Object(known)), Some(Value::Object(asked))) => {
            known.iter().map(|(name, value)| alike(Some(value), asked.get(name))).sum()
        }
        (Some(known), Some(asked)) => usize::from(known == asked),
        _ => 0,
    }
}

/// The stream of a request whose path is made of a cursor.
fn by_cursor_in_path(connector: &Connector, request: &Request) -> Option<Route> {
    let is_it = |stream: &Stream| match &stream.pagination.next {
        Next::Cursor { send: Carrier::Path(template), .. } => {
            let before = template.source().split("{{").next().unwrap_or_default();
            !before.is_empty() && request.url.path().contains(before) && stream.for_each.is_none()
        }
        _ => false,
    };
    connector.streams.iter().position(is_it).map(|stream| Route { stream, parent: None })
}
