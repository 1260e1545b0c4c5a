//! A walk through an API that is not there: what would be asked for, and how often. Nothing is sent.
//!
//! The requests are made and the pages turned by what a run uses; only the pages are made up.

use jiff::{Span, Timestamp};
use serde::Serialize;
use serde_json::Value;
use tapwright_spec::model::{FieldType, Next, Stop, Stream};

use super::carry::carry;
use super::fault::FaultKind;
use super::job::{marked, named};
use super::key::key;
use super::{ExtractError, Slice, Source, Walk};
use crate::http::{Request, Toward};
use crate::paginate::{Delta, Facts, PagingFault, StopReason, Turn};
use crate::state::KeyValue;

/// Stands for a cursor that only the API knows, in requests that are shown.
const CURSOR: &str = "tapwrightcursor";

/// Headers that every request has; they are told where the spec sets them.
const EVERYWHERE: [&str; 4] = ["Accept", "Accept-Encoding", "Content-Type", "User-Agent"];

/// An API that is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// So many records it has,
    pub records: u64,
    /// so many of them on a page,
    pub page: u64,
    /// and the first has this key, if the stream has one.
    pub first_key: Timestamp,
}

/// How a walk would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// What comes before and after it.
    pub job: Option<JobShown>,
    /// Its first request.
    pub first: Shown,
    /// The one after it.
    pub following: Following,
    /// Requests in all.
    pub requests: u64,
    /// Why there are no more.
    pub end: StopReason,
}

/// The requests of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobShown {
    /// Creates it.
    pub create: Shown,
    /// Asks how far it is.
    pub poll: Shown,
    /// Removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleanup: Option<Shown>,
}

/// A request without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Method and URL.
    pub request: String,
    /// The spec's headers, and the credentials'.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What follows the first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Following {
    /// Nothing: the walk is over.
    Nothing,
    /// The URL that the page names.
    Link,
    /// What the hook of this name chooses.
    Chosen(String),
    /// This request.
    Request(Shown),
    /// A new walk, from the last key on.
    Restart(Shown),
}

impl Source {
    /// Walks through `sample` in place of the API.
    ///
    /// # Errors
    /// A request that cannot be made, or pages that lead nowhere.
    pub fn rehearse(&self, slice: Slice<'_>, sample: Sample) -> Result<Rehearsal, ExtractError> {
        let stream = slice.stream;
        let mut walk = self.walk(slice);
        let job = walk.make_up_job(&marked)?.map(|job| JobShown {
            create: self.shown(stream, &job.create),
            poll: self.shown(stream, &job.poll),
            cleanup: job.cleanup.map(|cleanup| self.shown(stream, &cleanup)),
        });
        // Asked once at least.
        let around = job.as_ref().map_or(0, |job| 2 + u64::from(job.cleanup.is_some()));
        let (request, mut paginator) = walk.begin()?;
        let first = self.shown(stream, &request);
        let paging = |fault: PagingFault| {
            ExtractError::new(&self.redactor, FaultKind::Paging, &first.request, &fault.to_string())
        };
        if let Some(hook) = stream.pagination.hook() {
            let end = StopReason::Hook { hook: hook.name.clone(), why: "it knows".to_owned() };
            let following = Following::Chosen(hook.name.clone());
            return Ok(Rehearsal { job, first, following, requests: 1 + around, end });
        }
        let mut following = Following::Nothing;
        let (mut read, mut begun_at) = (0, 0);
        // An API with one record a page and a new walk after each takes two requests a record.
        for requests in 1..=2 * sample.records + 10 {
            let last = sample.records.min(read + sample.page);
            let made_up = MadeUp { stream, sample, number: requests, from: read, to: last, begun_at };
            let link = format!("<?page={requests}>; rel=\"next\"");
            let turn = paginator.turn(&made_up.facts(&request, &link)).map_err(paging)?;
            match &turn {
                Turn::End(end) => {
                    let requests = requests + around;
                    return Ok(Rehearsal { job, first, following, requests, end: end.reason.clone() });
                }
                Turn::Go(_) => read = last - u64::from(stream.pagination.overlaps()),
                Turn::Restart(_) => (begun_at, read) = (last - 1, last - 1),
            }
            if following == Following::Nothing {
                following = self.following(&mut walk, turn, &request)?;
            }
        }
        Err(paging(PagingFault::Next(format!("{} records take no end", sample.records))))
    }

    fn following(&self, walk: &mut Walk<'_>, turn: Turn, first: &Request) -> Result<Following, ExtractError> {
        let stream = walk.stream();
        Ok(match turn {
            Turn::End(_) => Following::Nothing,
            Turn::Go(Delta::Url(_) | Delta::Request(_)) => Following::Link,
            Turn::Go(Delta::Values(values)) => {
                let mut request = first.clone();
                carry(&mut request, &values);
                walk.lead_elsewhere(&mut request, &values)?;
                Following::Request(self.shown(stream, &request))
            }
            Turn::Restart(key) => {
                let (request, _) = walk.begin_from(Some(&key))?;
                Following::Restart(self.shown(stream, &request))
            }
        })
    }

    /// A request as people may see it. What signing adds is named and hidden.
    fn shown(&self, stream: &Stream, request: &Request) -> Shown {
        let mut signed = request.clone();
        self.sign(&mut signed, Toward::Home);
        let mut url = request.url.to_string();
        for (name, _) in signed.url.query_pairs() {
            if !request.url.query_pairs().any(|(known, _)| known == name) {
                url.push(if url.contains('?') { '&' } else { '?' });
                url.push_str(&format!("{name}=***"));
            }
        }
        let of_spec = |name: &str| stream.request.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let told = request.headers.iter().filter(|(name, _)| of_spec(name) || !EVERYWHERE.contains(name));
        let home = request.url.origin().ascii_serialization();
        // What was made up is called by its name.
        let named = |text: &str| named(&self.redactor.redact(text).replace(&format!("{CURSOR}1"), "{cursor}"), &home);
        let mut headers: Vec<(String, String)> = told.map(|(name, value)| (name.to_owned(), named(value))).collect();
        for (name, value) in signed.headers.iter().filter(|(name, _)| request.headers.get(name).is_none()) {
            // Only `Authorization` has a scheme before the secret.
            let scheme = value.split_once(' ').filter(|_| name.eq_ignore_ascii_case("Authorization"));
            let scheme = scheme.map_or(String::new(), |(scheme, _)| format!("{scheme} "));
            headers.push((name.to_owned(), format!("{scheme}***")));
        }
        let method = request.method.word();
        let body = signed.body.as_ref().map(|body| named(&String::from_utf8_lossy(body)));
        Shown { request: named(&format!("{method} {url}")), headers, body }
    }
}

/// A page of the made-up API.
struct MadeUp<'a> {
    stream: &'a Stream,
    sample: Sample,
    number: u64,
    from: u64,
    to: u64,
    /// The record with which the walk began, or began anew.
    begun_at: u64,
}

impl MadeUp<'_> {
    fn facts<'p>(&self, request: &'p Request, link: &'p str) -> Facts<'p> {
        let more = self.to < self.sample.records;
        let pagination = &self.stream.pagination;
        let next = match &pagination.next {
            Next::NextUrl { .. } => Value::from(format!("?page={}", self.number)),
            Next::Merge { .. } => serde_json::json!({"continue": format!("{CURSOR}{}", self.number)}),
            _ => Value::from(format!("{CURSOR}{}", self.number)),
        };
        Facts {
            url: &request.url,
            records: self.to - self.from,
            next: more.then_some(next),
            link: more.then_some(link),
            more: pagination.stop.iter().any(|stop| matches!(stop, Stop::More(_))).then_some(more),
            total: pagination.total.as_ref().map(|_| self.sample.records - self.begun_at),
            content: self.number,
            ends: pagination.overlaps().then(|| (self.from, self.to.saturating_sub(1))),
            repeats: false,
            last_key: self.last_key().map(|value| key(self.stream, value)),
            stop: !more,
        }
    }

    fn last_key(&self) -> Option<KeyValue> {
        self.stream.pagination.restart_after?;
        Some(nth_key(self.stream.bookmark_type()?, self.sample.first_key, self.to.saturating_sub(1)))
    }
}

/// The key of a made-up record: a minute, a day or one after the one before it.
pub(crate) fn nth_key(kind: &FieldType, first: Timestamp, number: u64) -> KeyValue {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let minutes = |count: i64| first.checked_add(Span::new().minutes(count)).unwrap_or(Timestamp::MAX);
    match kind {
        FieldType::Timestamp => KeyValue::Timestamp(minutes(number)),
        FieldType::Date => KeyValue::Timestamp(minutes(number.saturating_mul(24 * 60))),
        FieldType::Integer => KeyValue::Integer(number.saturating_add(1)),
        _ => KeyValue::Text(format!("{number:09}")),
    }
}
