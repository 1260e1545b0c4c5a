//! Which list a request is for: the one whose own first request it is most like.

use std::collections::BTreeMap;

use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Carrier, FieldType, Next, Replication, Stream};
use tapwright_sync::extract::{Slice, Source};
use tapwright_sync::http::Request;
use tapwright_sync::state::KeyValue;

use crate::goes_on::SINCE;
use crate::marks::{Marks, alike, is_within, marks};
use crate::page::START;
use crate::served::Served;
use crate::{Answer, job};

/// What answers a request.
pub(crate) enum Target {
    /// Pages of a list, of these slices alone if some are named.
    Pages { list: usize, slices: Option<Vec<usize>> },
    /// The same answer each time.
    Fixed(Answer),
}

/// A request that will come, and for what.
struct Candidate {
    list: usize,
    slice: usize,
    fixed: Option<Answer>,
    /// Method and path.
    place: String,
    marks: Marks,
    /// Values in which it differs from other slices of a list whose requests are for several.
    own: Option<Marks>,
}

/// All requests that are known.
pub(crate) struct Routes {
    by_place: BTreeMap<String, Vec<Candidate>>,
    /// Those of lists whose requests are for several parents.
    batched: Vec<Candidate>,
    check: Option<String>,
}

fn place(request: &Request) -> String {
    format!("{} {}", request.method.word(), request.url.path())
}

impl Routes {
    pub(crate) fn new(source: &Source, served: &[Served], scope: &Scope) -> Result<Routes, String> {
        let check = source.check_request().transpose().map_err(|error| error.to_string())?;
        let mut routes = Routes { by_place: BTreeMap::new(), batched: Vec::new(), check: check.as_ref().map(place) };
        for (list, one) in served.iter().enumerate() {
            let mut all = candidates(source, one, list, scope)?;
            if one.is_batched() {
                own(&mut all);
                routes.batched.extend(all);
            } else {
                for candidate in all {
                    routes.by_place.entry(candidate.place.clone()).or_default().push(candidate);
                }
            }
        }
        Ok(routes)
    }

    /// What a request is for.
    pub(crate) fn find(&self, served: &[Served], request: &Request) -> Option<Target> {
        let (place, asked) = (place(request), marks(request));
        if let Some(target) = self.batch(&place, &asked) {
            return Some(target);
        }
        let known = self.by_place.get(&place).into_iter().flatten();
        let fits = |candidate: &&Candidate| {
            let query = candidate.marks.iter().filter(|(place, _)| place.starts_with('?'));
            let loose = loose(&served[candidate.list].stream);
            query
                .filter(|(place, _)| !loose.contains(&place[1..].to_owned()))
                .all(|pair| asked.get(pair.0) == Some(pair.1))
        };
        let best = known.filter(fits).max_by_key(|one| (alike(&one.marks, &asked), std::cmp::Reverse(one.list)));
        match best {
            Some(Candidate { fixed: Some(answer), .. }) => Some(Target::Fixed(answer.clone())),
            Some(one) => {
                let alone = served[one.list].stream.for_each.is_none();
                Some(Target::Pages { list: one.list, slices: (!alone).then(|| vec![one.slice]) })
            }
            None => by_cursor_in_path(served, request),
        }
    }

    /// The parents that a request names, of a list that is asked for several at once.
    fn batch(&self, place: &str, asked: &Marks) -> Option<Target> {
        let named = |candidate: &&Candidate| {
            let own = candidate.own.iter().flatten();
            let is_place = candidate.place == place || is_within(&candidate.place, place);
            is_place && own.clone().all(|(place, value)| asked.get(place).is_some_and(|sent| is_within(value, sent)))
        };
        let found: Vec<&Candidate> = self.batched.iter().filter(named).collect();
        let list = found.first()?.list;
        if let Some(answer) = found.iter().filter(|one| one.list == list).find_map(|one| one.fixed.clone()) {
            return Some(Target::Fixed(answer));
        }
        let slices = found.iter().filter(|one| one.list == list).map(|one| one.slice).collect();
        Some(Target::Pages { list, slices: Some(slices) })
    }

    pub(crate) fn is_check(&self, request: &Request) -> bool {
        self.check.as_ref() == Some(&place(request))
    }

    /// What is said of a request that nobody would send.
    pub(crate) fn unknown(&self, request: &Request) -> String {
        // Of a list that is asked for again and again one request tells enough.
        let all = self.by_place.values().flatten().chain(&self.batched).collect::<Vec<_>>().into_iter();
        let some: BTreeMap<usize, &str> = all.rev().map(|one| (one.list, one.place.as_str())).collect();
        let some: Vec<&str> = some.into_values().take(20).collect();
        format!("the spec sends no request like `{request}`; it sends such as {}", some.join(", "))
    }
}

/// The requests of a list with which each of its slices begins.
fn candidates(source: &Source, served: &Served, list: usize, scope: &Scope) -> Result<Vec<Candidate>, String> {
    let stream = &served.stream;
    let mut all = Vec::new();
    for (number, one) in served.slices.iter().enumerate() {
        let key = format!("{list}-{number}");
        let leaf = job::leaf(stream, &key);
        // A stream whose request says where the time that is read begins or ends needs both, whichever.
        let slice = |since, until| Slice { stream, since, until, names: one.names.clone() };
        let now = jiff::Timestamp::now();
        let requests = source
            .first_requests(slice(None, None), &leaf)
            .or_else(|_| source.first_requests(slice(None, Some(now)), &leaf))
            .or_else(|_| source.first_requests(slice(since(stream, now), Some(now)), &leaf));
        let (job, first) = requests.map_err(|error| error.to_string())?;
        let mut known = vec![(first, None)];
        if let Some(job) = job {
            known.extend(job::answers(stream, job, one.names.as_deref(), scope)?);
        }
        all.extend(known.into_iter().map(|(request, fixed)| Candidate {
            list,
            slice: number,
            fixed,
            place: place(&request),
            marks: marks(&request),
            own: None,
        }));
    }
    Ok(all)
}

/// A bookmark of the type that a stream's key has.
fn since(stream: &Stream, now: jiff::Timestamp) -> Option<KeyValue> {
    let Replication::Incremental(incremental) = &stream.replication else { return None };
    Some(match incremental.key().and_then(|key| stream.field(key)).map_or(&FieldType::Timestamp, |field| &field.kind) {
        FieldType::Timestamp | FieldType::Date => KeyValue::Timestamp(now),
        FieldType::Integer => KeyValue::Integer(0),
        _ => KeyValue::Text("0".to_owned()),
    })
}

/// Notes in what the candidates of a list differ, each kind of request for itself.
fn own(all: &mut [Candidate]) {
    let known: Vec<(usize, bool, Marks)> =
        all.iter().map(|one| (one.slice, one.fixed.is_some(), one.marks.clone())).collect();
    for one in all {
        let others: Vec<&Marks> = known
            .iter()
            .filter(|(slice, fixed, _)| *slice != one.slice && *fixed == one.fixed.is_some())
            .map(|(.., marks)| marks)
            .collect();
        let differs = |(place, value): &(&String, &String)| others.iter().any(|other| other.get(*place) != Some(value));
        let own = one.marks.iter().filter(differs).map(|(place, value)| (place.clone(), value.clone()));
        one.own = Some(own.collect());
    }
}

/// The parameters that differ from page to page and from run to run.
fn loose(stream: &Stream) -> Vec<String> {
    let mut names = vec![START.to_owned(), SINCE.to_owned()];
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
    match &stream.replication {
        Replication::Feed(feed) => feed.send.iter().for_each(carried),
        Replication::Incremental(incremental) => {
            let bounds = incremental.since.iter().chain(&incremental.until);
            names.extend(bounds.map(|bound| bound.param.clone()));
        }
        Replication::FullTable => {}
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

/// The list of a request whose path is made of a cursor.
fn by_cursor_in_path(served: &[Served], request: &Request) -> Option<Target> {
    let is_it = |stream: &Stream| match &stream.pagination.next {
        Next::Cursor { send: Carrier::Path(template), .. } => {
            let before = template.source().split("{{").next().unwrap_or_default();
            !before.is_empty() && request.url.path().contains(before) && stream.for_each.is_none()
        }
        _ => false,
    };
    served.iter().position(|one| is_it(&one.stream)).map(|list| Target::Pages { list, slices: None })
}
