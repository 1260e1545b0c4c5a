//! One walk through the pages of a slice.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Carrier, Next, Replication, Request as Described, Stop, Stream, Token, Total};
use tapwright_spec::path::Path;
use xxhash_rust::xxh3::xxh3_64;

use super::carry::carry;
use super::fault::FaultKind;
use super::form::Form;
use super::key::{identity, key, key_of, since_param};
use super::lead::Lead;
use super::send::{Sending, send};
use super::split::Wanted;
use super::verdict::{Accepted, Judge, Seen, Verdict, holds};
use super::{ExtractError, Page, Slice, Source};
use crate::http::{Counters, Prepared, Request, escape, prepare};
use crate::paginate::{Carried, Delta, End, Facts, Key, Paginator, PagingFault, StopReason, Turn};

/// Reads a slice page by page.
pub struct Walk<'a> {
    source: &'a Source,
    slice: Slice<'a>,
    scope: Scope,
    wanted: Places,
    counters: Arc<Counters>,
    /// The first request of the walk, which later ones are made from.
    first: Option<Prepared>,
    ahead: Ahead<'a>,
    lead: Option<Lead>,
    number: u64,
    anew: bool,
    /// Hashes of the records since the walk began anew from a key, where that key fills more than a page.
    seen: HashSet<u64>,
}

/// What lies ahead.
enum Ahead<'a> {
    /// Everything.
    Beginning,
    /// This request.
    Request(Request, Box<Paginator<'a>>),
    /// Nothing: the walk is over.
    Over(End),
    /// Nothing: the walk has failed.
    Failed,
}

/// What is read of an answer, and in which slots.
struct Places {
    page: Form,
    other: Wanted,
    next: Option<usize>,
    more: Option<usize>,
    total: Option<usize>,
    first_of_rules: usize,
}

impl Places {
    fn of(stream: &Stream) -> Places {
        let mut values = Vec::new();
        let mut slot = |path: &Path| {
            values.push(path.clone());
            values.len() - 1
        };
        let next = match &stream.pagination.next {
            Next::NextUrl { path } | Next::Merge { path } | Next::Cursor { token: Token::Body(path), .. } => {
                Some(slot(path))
            }
            _ => None,
        };
        let more = stream.pagination.stop.iter().find_map(|stop| match stop {
            Stop::More(path) => Some(slot(path)),
            _ => None,
        });
        let total = match &stream.pagination.total {
            Some(Total::Body(path)) => Some(slot(path)),
            _ => None,
        };
        let first_of_rules = values.len();
        let rules = stream.on_response.iter();
        let of_rules: Vec<Path> = rules.filter_map(|rule| rule.when.body.clone()).collect();
        values.extend(of_rules.iter().cloned());
        Places { page: Form::of(stream, values), other: Wanted::new(None, of_rules), next, more, total, first_of_rules }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(source: &'a Source, slice: Slice<'a>) -> Walk<'a> {
        let scope = match &slice.parent {
            Some(parent) => source.scope.clone().with("parent", parent),
            None => source.scope.clone(),
        };
        Walk {
            wanted: Places::of(slice.stream),
            counters: source.counters(&slice.stream.name),
            source,
            slice,
            scope,
            first: None,
            ahead: Ahead::Beginning,
            lead: None,
            number: 0,
            anew: true,
            seen: HashSet::new(),
        }
    }

    /// How the walk ended; known as soon as the last page is out.
    pub fn end(&self) -> Option<&End> {
        match &self.ahead {
            Ahead::Over(end) => Some(end),
            _ => None,
        }
    }

    /// What leads on from the last page, if anything does.
    pub fn lead(&self) -> Option<&Lead> {
        self.lead.as_ref().filter(|_| matches!(self.ahead, Ahead::Request(..)))
    }

    /// The next page; `None` when the walk is over, or has failed before.
    ///
    /// # Errors
    /// Whatever makes the slice incomplete. The walk cannot be resumed after it.
    pub async fn next(&mut self) -> Result<Option<Page>, ExtractError> {
        match self.advance().await {
            Ok(page) => Ok(page),
            Err(error) => {
                self.ahead = Ahead::Failed;
                Err(error)
            }
        }
    }

    async fn advance(&mut self) -> Result<Option<Page>, ExtractError> {
        let (request, mut paginator) = match std::mem::replace(&mut self.ahead, Ahead::Failed) {
            Ahead::Beginning => self.begin()?,
            Ahead::Request(request, paginator) => (request, paginator),
            over => {
                self.ahead = over;
                return Ok(None);
            }
        };
        let shown = self.source.redactor.redact(&request.to_string());
        let mut accepted = match self.fetch(&request, &shown).await? {
            Verdict::Page(accepted) => accepted,
            Verdict::Fail(error) => return Err(error),
            Verdict::Skip(why) => return Ok(self.over(StopReason::Skipped(why))),
            Verdict::Stop(why) => return Ok(self.over(StopReason::Rule(why))),
        };
        self.number += 1;
        let paging = |fault: PagingFault| {
            let what = fault.to_string();
            ExtractError::new(&self.source.redactor, FaultKind::Paging, &shown, &what)
        };
        let total = self.total(&accepted).map_err(paging)?;
        let more = self.more(&accepted).map_err(paging)?;
        let facts = Facts { more, total, ..self.facts(&accepted, &shown)? };
        let turn = paginator.turn(&facts).map_err(paging)?;
        let anew = std::mem::replace(&mut self.anew, matches!(turn, Turn::Restart(_)));
        self.see(&accepted, &turn);
        let settled = paginator.is_settled();
        accepted.split.records.drain(..paginator.overlapped() as usize);
        self.ahead = self.lies_ahead(turn, paginator)?;
        Ok(Some(Page {
            anew,
            records: accepted.split.records,
            text: accepted.made.unwrap_or(accepted.text),
            number: self.number,
            settled,
            received_at: accepted.fetched.received_at,
            total,
            request: shown,
        }))
    }

    fn over(&mut self, reason: StopReason) -> Option<Page> {
        self.ahead = Ahead::Over(End { reason, bounded: false, slid: None });
        None
    }

    /// The stream that is read.
    pub(super) fn stream(&self) -> &'a Stream {
        self.slice.stream
    }

    /// The first request.
    pub(super) fn begin(&mut self) -> Result<(Request, Box<Paginator<'a>>), ExtractError> {
        let since = self.slice.since.take().map(|value| key(self.slice.stream, value));
        self.begin_from(since.as_ref())
    }

    /// The first request of a walk from `since` on.
    pub(super) fn begin_from(&mut self, since: Option<&Key>) -> Result<(Request, Box<Paginator<'a>>), ExtractError> {
        let first = self.first_request(since)?;
        let paginator = Paginator::new(&self.slice.stream.pagination, first.origins.clone(), since.cloned());
        let mut request = first.request.clone();
        carry(&mut request, &paginator.first());
        self.first = Some(first);
        Ok((request, Box::new(paginator)))
    }

    /// The request of the first page from `since` on, without what the pagination adds.
    fn first_request(&mut self, since: Option<&Key>) -> Result<Prepared, ExtractError> {
        let stream = self.slice.stream;
        let sent = since.map(|since| since.sent.as_str());
        self.scope = std::mem::take(&mut self.scope).with("since", &sent);
        let allowed = &self.source.allow_hosts;
        let parent = self.slice.parent.as_ref();
        let mut prepared = prepare(&stream.request, &self.scope, parent, allowed)
            .map_err(|fault| ExtractError::unprepared(&self.source.redactor, &stream.name, &fault))?;
        if let Some(accept) = self.wanted.page.accept()
            && !stream.request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Accept"))
        {
            prepared.request.headers.set("Accept", accept);
        }
        if let Some((name, value)) = since_param(stream, since) {
            prepared.request.set_query(&name, &value);
        }
        Ok(prepared)
    }

    fn lies_ahead(&mut self, turn: Turn, paginator: Box<Paginator<'a>>) -> Result<Ahead<'a>, ExtractError> {
        self.lead = Lead::of(&turn);
        let delta = match turn {
            Turn::End(end) => return Ok(Ahead::Over(end)),
            Turn::Go(delta) => delta,
            Turn::Restart(since) => {
                self.first = Some(self.first_request(Some(&since))?);
                Delta::Values(paginator.first())
            }
        };
        // A walk that has turned a page has begun.
        let Some(first) = &self.first else {
            return Ok(Ahead::Failed);
        };
        let mut request = first.request.clone();
        match delta {
            Delta::Url(url) => request.url = url,
            Delta::Values(values) => {
                carry(&mut request, &values);
                self.lead_elsewhere(&mut request, &values)?;
            }
        }
        Ok(Ahead::Request(request, paginator))
    }

    /// Gives the request the path that a cursor among `values` stands in, if one does.
    pub(super) fn lead_elsewhere(&self, request: &mut Request, values: &[Carried]) -> Result<(), ExtractError> {
        let in_path = values.iter().find_map(|one| match &one.carrier {
            Carrier::Path(path) => Some((path, &one.value)),
            _ => None,
        });
        let Some((path, cursor)) = in_path else {
            return Ok(());
        };
        let stream = self.slice.stream;
        let described = Described { path: path.clone(), ..stream.request.clone() };
        let scope = self.scope.clone().with("cursor", &escape(cursor));
        let prepared = prepare(&described, &scope, self.slice.parent.as_ref(), &self.source.allow_hosts)
            .map_err(|fault| ExtractError::unprepared(&self.source.redactor, &stream.name, &fault))?;
        let mut url = prepared.request.url;
        url.set_query(request.url.query());
        request.url = url;
        Ok(())
    }

    async fn fetch(&self, request: &Request, shown: &str) -> Result<Verdict, ExtractError> {
        let stream = self.slice.stream;
        let judge = Judge {
            rules: &stream.on_response,
            page: Some(&self.wanted.page),
            other: &self.wanted.other,
            first_of_rules: self.wanted.first_of_rules,
            scope: &self.scope,
            number: self.number + 1,
            redactor: &self.source.redactor,
            request: shown,
            permission: stream.permission.as_deref(),
        };
        let Some(first) = &self.first else {
            return Ok(Verdict::Stop(String::new()));
        };
        let sending =
            Sending { request, origins: &first.origins, limits: &stream.limits, counters: &self.counters, shown };
        send(self.source, &sending, |fetched| judge.judge(fetched)).await
    }

    fn facts<'p>(&self, accepted: &'p Accepted, shown: &str) -> Result<Facts<'p>, ExtractError> {
        let fetched = &accepted.fetched;
        Ok(Facts {
            url: &fetched.url,
            records: accepted.split.records.len() as u64,
            next: self.leads_on(accepted),
            more: None,
            link: fetched.response.headers.get("Link"),
            total: None,
            content: content(accepted),
            ends: self.ends(accepted),
            repeats: self.repeats(accepted),
            last_key: self.last_key(accepted, shown)?,
            stop: self.stops(accepted)?,
        })
    }

    /// What stands where the next URL, the cursor or the object to merge should.
    fn leads_on(&self, accepted: &Accepted) -> Option<Value> {
        match &self.slice.stream.pagination.next {
            Next::Cursor { token: Token::Header(name), .. } => {
                accepted.fetched.response.headers.get(name).map(Value::from)
            }
            Next::Cursor { token: Token::Last(keys), .. } => {
                let last = accepted.split.records.last()?;
                let record: Value = serde_json::from_str(&accepted.records_text()[last.clone()]).ok()?;
                keys.iter().try_fold(&record, |value, key| value.get(key)).cloned()
            }
            _ => self.wanted.next.and_then(|slot| value_at(accepted, slot)),
        }
    }

    fn more(&self, accepted: &Accepted) -> Result<Option<bool>, PagingFault> {
        let Some(slot) = self.wanted.more else {
            return Ok(None);
        };
        match value_at(accepted, slot) {
            Some(Value::Bool(more)) => Ok(Some(more)),
            Some(other) => Err(PagingFault::More(format!("{other} stands there, not true or false"))),
            None => Err(PagingFault::More("the answer has no such value".to_owned())),
        }
    }

    fn total(&self, accepted: &Accepted) -> Result<Option<u64>, PagingFault> {
        let told = match &self.slice.stream.pagination.total {
            Some(Total::Header(name)) => accepted.fetched.response.headers.get(name).map(Value::from),
            _ => self.wanted.total.and_then(|slot| value_at(accepted, slot)),
        };
        let Some(value) = told else {
            return Ok(None);
        };
        let number = match &value {
            Value::Null => return Ok(None),
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.map(Some).ok_or_else(|| PagingFault::Total(value.to_string()))
    }

    fn stops(&self, accepted: &Accepted) -> Result<bool, ExtractError> {
        for stop in &self.slice.stream.pagination.stop {
            if let Stop::When(condition) = stop {
                let seen = Seen {
                    response: &accepted.fetched.response,
                    text: &accepted.text,
                    number: self.number,
                    records: accepted.split.records.len(),
                };
                if holds(condition, &self.scope, seen)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// What tells the first and the last record from others, where a page begins with the last of the one before.
    fn ends(&self, accepted: &Accepted) -> Option<(u64, u64)> {
        let stream = self.slice.stream;
        let records = accepted.split.records.as_slice();
        let ([first, ..], [.., last], true) = (records, records, stream.pagination.overlaps()) else { return None };
        let text = accepted.records_text();
        Some((identity(stream, &text[first.clone()]), identity(stream, &text[last.clone()])))
    }

    /// Whether a record of the page stood on an earlier one, where a walk begins anew from keys.
    fn repeats(&self, accepted: &Accepted) -> bool {
        !self.seen.is_empty() && hashes(accepted).any(|hash| self.seen.contains(&hash))
    }

    /// Remembers the page's records as long as no new walk begins.
    fn see(&mut self, accepted: &Accepted, turn: &Turn) {
        match turn {
            Turn::Go(_) if self.slice.stream.pagination.restart_after.is_some() => self.seen.extend(hashes(accepted)),
            _ => self.seen.clear(),
        }
    }

    /// The replication key of the page's last record, where a walk begins anew from it.
    fn last_key(&self, accepted: &Accepted, shown: &str) -> Result<Option<Key>, ExtractError> {
        let stream = self.slice.stream;
        let (Some(_), Replication::Incremental(incremental), Some(last)) =
            (stream.pagination.restart_after, &stream.replication, accepted.split.records.last())
        else {
            return Ok(None);
        };
        let value =
            stream.field(&incremental.key).and_then(|field| key_of(field, &accepted.records_text()[last.clone()]));
        match value {
            Some(value) => Ok(Some(key(stream, value))),
            None => Err(ExtractError::new(
                &self.source.redactor,
                FaultKind::Paging,
                shown,
                &format!(
                    "the page's last record has no readable `{}`, from which the walk would begin anew",
                    incremental.key
                ),
            )),
        }
    }
}

fn value_at(accepted: &Accepted, slot: usize) -> Option<Value> {
    let range = accepted.split.values.get(slot).cloned().flatten()?;
    serde_json::from_str(&accepted.text[range]).ok()
}

/// Hashes of the records.
fn hashes(accepted: &Accepted) -> impl Iterator<Item = u64> {
    let text = accepted.records_text();
    accepted.split.records.iter().map(|record| xxh3_64(&text.as_bytes()[record.clone()]))
}

/// Hash of the text from the first record to the last.
fn content(accepted: &Accepted) -> u64 {
    let records = &accepted.split.records;
    match (records.first(), records.last()) {
        (Some(first), Some(last)) => xxh3_64(&accepted.records_text().as_bytes()[first.start..last.end]),
        _ => 0,
    }
}
