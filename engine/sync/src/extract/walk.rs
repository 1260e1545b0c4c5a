//! One walk through the pages of a slice.

mod chosen;
mod facts;
mod feed;
mod told;
mod work;

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Carrier, Request as Described, Stream};

use super::carry::carry;
use super::fault::FaultKind;
use super::job::Work;
use super::key::{bound_params, key, until_of};
use super::lead::Lead;
use super::under_way::{Asked, Asking, UnderWay};
use super::verdict::Verdict;
use super::{ExtractError, Page, Slice, Source};
use crate::http::{Prepared, Request, escape};
use crate::paginate::{Carried, Delta, End, Facts, Key, Paginator, PagingFault, StopReason, Turn};

/// Reads a slice page by page.
pub struct Walk<'a> {
    source: &'a Source,
    slice: Slice<'a>,
    scope: Scope,
    asking: Arc<Asking<'a>>,
    /// Pages that are asked for before it is their turn.
    under_way: UnderWay<'a>,
    /// How many may be under way at once.
    at_once: u64,
    /// The job whose results are read, once it is done.
    work: Option<Work<'a>>,
    /// What expressions read as `job`.
    job: Option<Map<String, Value>>,
    /// The first request of the walk, which later ones are made from.
    first: Option<Prepared>,
    ahead: Ahead<'a>,
    lead: Option<Lead>,
    number: u64,
    anew: bool,
    /// Hashes of the records since the walk began anew from a key, where that key fills more than a page.
    seen: HashSet<u64>,
    /// The hook that chooses the pages, if one does.
    chooser: chosen::Chooser,
}

/// What lies ahead.
enum Ahead<'a> {
    /// Everything, or everything of a further result of the job.
    Beginning,
    /// This request.
    Request(Request, Box<Paginator<'a>>),
    /// Nothing: the walk is over.
    Over(End),
    /// Nothing: the walk has failed.
    Failed,
}

impl<'a> Walk<'a> {
    pub(super) fn new(source: &'a Source, slice: Slice<'a>) -> Walk<'a> {
        let names = slice.names.iter().flat_map(|names| names.iter());
        let scope = names.fold(source.scope.clone(), |scope, (name, value)| scope.with_tree(name.as_str(), value));
        let scope = match &slice.stream.object {
            Some(object) => scope.with("object", object.as_ref()),
            None => scope,
        };
        Walk {
            asking: Arc::new(Asking::of(source, slice.stream)),
            under_way: UnderWay::default(),
            at_once: slice.stream.pagination.ahead.max(1),
            source,
            slice,
            scope,
            work: None,
            job: None,
            first: None,
            ahead: Ahead::Beginning,
            lead: None,
            number: 0,
            anew: true,
            seen: HashSet::new(),
            chooser: chosen::Chooser::default(),
        }
    }

    /// The walk without pages ahead of the one that is wanted.
    #[must_use]
    pub fn one_by_one(self) -> Walk<'a> {
        Walk { at_once: 1, ..self }
    }

    /// How the walk ended; known as soon as the last page is out.
    pub fn end(&self) -> Option<&End> {
        match &self.ahead {
            Ahead::Over(end) => Some(end),
            _ => None,
        }
    }

    /// Ends the walk where it is, though more pages may follow.
    pub fn stop(&mut self, reason: StopReason) {
        if let Ahead::Request(_, paginator) = &self.ahead {
            let end = paginator.end(reason);
            self.ahead = self.ended(end);
            self.under_way = UnderWay::default();
        }
    }

    /// What leads on from the last page, if anything does.
    pub fn lead(&self) -> Option<&Lead> {
        self.lead.as_ref().filter(|_| matches!(self.ahead, Ahead::Request(..) | Ahead::Beginning))
    }

    /// The next page; `None` when the walk is over, or has failed before.
    ///
    /// # Errors
    /// Whatever makes the slice incomplete. The walk cannot be resumed after it.
    pub async fn next(&mut self) -> Result<Option<Page>, ExtractError> {
        let outcome = loop {
            match self.advance().await {
                // What a rule skipped is followed by a further result.
                Ok(None) if matches!(self.ahead, Ahead::Beginning) => {}
                outcome => break outcome,
            }
        };
        if outcome.is_err() {
            self.ahead = Ahead::Failed;
        }
        if !matches!(self.ahead, Ahead::Request(..)) {
            self.under_way = UnderWay::default();
        }
        if matches!(self.ahead, Ahead::Over(_) | Ahead::Failed)
            && let Some(work) = self.work.take()
        {
            work.clean_up().await;
        }
        outcome
    }

    async fn advance(&mut self) -> Result<Option<Page>, ExtractError> {
        let (request, mut paginator) = match std::mem::replace(&mut self.ahead, Ahead::Failed) {
            Ahead::Beginning => match self.prepare_job().await? {
                None => self.begin()?,
                Some(reason) => return Ok(self.over(reason)),
            },
            Ahead::Request(request, paginator) => (request, paginator),
            over => {
                self.ahead = over;
                return Ok(None);
            }
        };
        let shown = self.source.redactor.redact(&request.to_string());
        let before = self.slice.stream.pagination.hook().map(|_| request.clone());
        self.ask(request, &paginator)?;
        let mut accepted = match self.under_way.next().await? {
            Verdict::Page(accepted) => accepted,
            Verdict::Fail(error) => return Err(error),
            Verdict::Skip(why) => {
                self.ahead = self.ended(End { reason: StopReason::Skipped(why), bounded: false, slid: None });
                return Ok(None);
            }
            Verdict::Stop(why) => return Ok(self.over(StopReason::Rule(why))),
        };
        self.number += 1;
        let source = self.source;
        let paging = |fault: PagingFault| {
            let what = fault.to_string();
            ExtractError::new(&source.redactor, FaultKind::Paging, &shown, &what)
        };
        let total = self.total(&accepted).map_err(paging)?;
        let more = self.more(&accepted).map_err(paging)?;
        let facts = Facts { more, total, ..self.facts(&accepted, &shown)? };
        let turn = match &before {
            Some(before) => paginator.turn_by(&facts, &mut |hook| self.chosen(hook, &accepted, before)),
            None => paginator.turn(&facts),
        };
        let turn = turn.map_err(paging)?;
        let anew = std::mem::replace(&mut self.anew, matches!(turn, Turn::Restart(_)));
        self.see(&accepted, &turn);
        let settled = paginator.is_settled();
        let token = self.goes_on_from(&accepted, &shown)?;
        accepted.split.records.drain(..paginator.overlapped() as usize);
        self.ahead = self.lies_ahead(turn, paginator)?;
        Ok(Some(Page {
            anew,
            token,
            records: accepted.split.records,
            text: accepted.made.unwrap_or(accepted.text),
            number: self.number,
            settled,
            received_at: accepted.fetched.received_at,
            total,
            request: shown,
        }))
    }

    /// Asks for the page of `request`, and for those that come after it as far as they are known and may be
    /// under way. What follows a page is decided as if they came one by one: a page that was asked for and is
    /// not the next is thrown away, whatever its answer.
    fn ask(&mut self, request: Request, paginator: &Paginator<'_>) -> Result<(), ExtractError> {
        self.under_way.expect(&request);
        if self.under_way.is_empty() {
            let asked = self.asked(request, 0);
            self.under_way.ask(&self.asking, asked);
        }
        while self.under_way.len() < self.at_once
            && let Some(values) = paginator.ahead(self.under_way.len())
        {
            let Some(request) = self.request_with(&values)? else { break };
            let asked = self.asked(request, self.under_way.len());
            self.under_way.ask(&self.asking, asked);
        }
        Ok(())
    }

    fn asked(&self, request: Request, ahead: u64) -> Asked {
        // A walk that asks for a page has begun.
        let origins = self.first.as_ref().map(|first| first.origins.clone());
        let number = self.number + 1 + ahead;
        Asked { request, origins, scope: self.scope.clone(), number, expired: self.expired(number) }
    }

    fn over(&mut self, reason: StopReason) -> Option<Page> {
        let end = End { reason, bounded: false, slid: None };
        self.ahead = Ahead::Over(match &mut self.work {
            Some(work) => work.ended_by_a_rule(end),
            None => end,
        });
        None
    }

    /// The stream that is read.
    pub(super) fn stream(&self) -> &'a Stream {
        self.slice.stream
    }

    /// The first request.
    pub(super) fn begin(&mut self) -> Result<(Request, Box<Paginator<'a>>), ExtractError> {
        let since = self.slice.since.clone().map(|value| key(self.slice.stream, value));
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
        let until = until_of(stream, self.slice.until);
        self.scope = std::mem::take(&mut self.scope).with("since", &sent).with("until", &until);
        if let Some(job) = &self.job {
            self.scope = std::mem::take(&mut self.scope).with("job", job);
        }
        let mut prepared = self.prepared(&stream.request, &self.scope)?;
        if let Some(accept) = self.asking.wanted.page.accept()
            && !stream.request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Accept"))
        {
            prepared.request.headers.set("Accept", accept);
        }
        for (name, value) in bound_params(stream, sent, until.as_deref()) {
            prepared.request.set_query(&name, &value);
        }
        self.go_on(&mut prepared, since)?;
        Ok(prepared)
    }

    fn lies_ahead(&mut self, turn: Turn, paginator: Box<Paginator<'a>>) -> Result<Ahead<'a>, ExtractError> {
        self.lead = Lead::of(&turn);
        let delta = match turn {
            Turn::End(end) => return Ok(self.ended(end)),
            Turn::Go(delta) => delta,
            Turn::Restart(since) => {
                self.first = Some(self.first_request(Some(&since))?);
                Delta::Values(paginator.first())
            }
        };
        let request = match delta {
            Delta::Request(request) => Some(*request),
            Delta::Url(url) => self.first.as_ref().map(|first| Request { url, ..first.request.clone() }),
            Delta::Values(values) => self.request_with(&values)?,
        };
        // A walk that has turned a page has begun.
        Ok(request.map_or(Ahead::Failed, |request| Ahead::Request(request, paginator)))
    }

    /// The first request with other values.
    fn request_with(&self, values: &[Carried]) -> Result<Option<Request>, ExtractError> {
        let Some(first) = &self.first else { return Ok(None) };
        let mut request = first.request.clone();
        carry(&mut request, values);
        self.lead_elsewhere(&mut request, values)?;
        Ok(Some(request))
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
        let prepared = self.prepared(&described, &scope)?;
        let mut url = prepared.request.url;
        url.set_query(request.url.query());
        request.url = url;
        Ok(())
    }
}
