//! A job that must be done before a stream has pages: created, asked for until it is done, cleaned up.

mod answer;
mod ask;
mod made_up;
mod open;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tapwright_spec::counted;
use tapwright_spec::expression::{Condition, Scope};
use tapwright_spec::model::{Job, Kept, Request as Described, Stream};

use super::fault::FaultKind;
use super::verdict::{Seen, holds, scope_of_answer};
use super::{ExtractError, Source};
use crate::http::{Counters, Given, Prepared, prepare, retry_after};
use crate::paginate::{End, StopReason};
use crate::plan::Names;

pub(crate) use answer::elements as elements_at;
use ask::{Answer, Asking, Expects, Reply};
pub use made_up::MadeUp;
pub(crate) use made_up::marked;
pub(super) use made_up::{made_up, named};
pub(super) use open::Jobs;
use open::{Open, Ticket};

/// Waits between two questions grow to this, unless the spec begins with a longer one.
const LONGEST: Duration = Duration::from_secs(60);
/// So many values of `result` are read in turn at most.
const MOST_RESULTS: usize = 10_000;

/// For what a job is created.
pub(super) struct Order<'a> {
    pub(super) stream: &'a Stream,
    pub(super) job: &'a Job,
    /// What its requests may read, `since` and what `for_each` gives among it.
    pub(super) scope: Scope,
    pub(super) names: Option<Names>,
    pub(super) counters: Arc<Counters>,
}

/// A job that is done, with what there is to read of it.
pub(super) struct Work<'a> {
    source: &'a Source,
    kept: Map<String, Value>,
    results: VecDeque<Option<Value>>,
    ticket: Option<Ticket>,
    /// What the walks so far came to.
    bounded: bool,
    slid: Option<String>,
}

/// What became of creating a job.
pub(super) enum Begun<'a> {
    /// There is something to read.
    Work(Work<'a>),
    /// There is nothing.
    Over(StopReason),
}

impl<'a> Work<'a> {
    /// Creates a job and waits until it is done.
    ///
    /// # Errors
    /// Whatever keeps it from being done. What was created is cleaned up.
    pub(super) async fn begin(source: &'a Source, order: Order<'a>) -> Result<Begun<'a>, ExtractError> {
        let mut course = Course { source, order, kept: Map::new() };
        if let Some(over) = course.create().await? {
            return Ok(Begun::Over(over));
        }
        let ticket = course.open()?;
        let found = course.wait().await;
        let kept = course.kept;
        match found {
            Ok(Found::Results(results)) if !results.is_empty() => {
                let results = results.into();
                Ok(Begun::Work(Work { source, kept, results, ticket, bounded: false, slid: None }))
            }
            nothing => {
                if let Some(ticket) = ticket {
                    source.jobs.clean_up(source, ticket).await;
                }
                Ok(Begun::Over(match nothing? {
                    Found::Results(_) => StopReason::NothingToRead,
                    Found::Over(reason) => reason,
                }))
            }
        }
    }

    /// What expressions read as `job` for the next walk; `None` when all is read.
    pub(super) fn next(&mut self) -> Option<Map<String, Value>> {
        let mut values = self.kept.clone();
        if let Some(result) = self.results.pop_front()? {
            values.insert("result".to_owned(), result);
        }
        Some(values)
    }

    /// Takes note of how a walk ended; gives the end of all of them if there is no other.
    pub(super) fn ended(&mut self, end: End) -> Option<End> {
        let end = self.ended_by_a_rule(end);
        self.results.is_empty().then_some(end)
    }

    /// The end of all walks, though there may be a further result: what the earlier ones came to counts.
    pub(super) fn ended_by_a_rule(&mut self, end: End) -> End {
        self.bounded |= end.bounded;
        self.slid = self.slid.take().or(end.slid);
        End { reason: end.reason, bounded: self.bounded, slid: self.slid.clone() }
    }

    /// Removes the job. That it cannot be removed is a note.
    pub(super) async fn clean_up(self) {
        if let Some(ticket) = self.ticket {
            self.source.jobs.clean_up(self.source, ticket).await;
        }
    }
}

/// What a job came to.
enum Found {
    /// This is to be read, in turn; `None` where the spec names no result.
    Results(Vec<Option<Value>>),
    /// A rule of the spec ends it.
    Over(StopReason),
}

/// A job on its way.
struct Course<'a> {
    source: &'a Source,
    order: Order<'a>,
    kept: Map<String, Value>,
}

impl Course<'_> {
    fn prepare(&self, described: &Described) -> Result<Prepared, ExtractError> {
        let given = Given {
            each: self.order.names.as_deref(),
            object: self.order.stream.object.as_deref(),
            job: Some(&self.kept),
            hosts: &self.source.hosts,
        };
        prepare(described, &self.scope(), &given)
            .map_err(|fault| ExtractError::unprepared(&self.source.redactor, &self.order.stream.name, &fault))
    }

    fn scope(&self) -> Scope {
        self.order.scope.clone().with("job", &self.kept)
    }

    async fn ask(&self, described: &Described, expects: Expects) -> Result<Reply, ExtractError> {
        let stream = self.order.stream;
        let scope = self.scope();
        let asking = Asking {
            rules: &stream.on_response,
            scope: &scope,
            limits: &stream.limits,
            counters: &self.order.counters,
            permission: stream.permission.as_deref(),
        };
        ask::ask(self.source, &self.prepare(described)?, &asking, expects).await
    }

    fn error(&self, answer: &Answer, what: &str) -> ExtractError {
        let body = self.source.redactor.beginning(answer::veiled(&answer.text).as_bytes());
        let what = format!("{what}; the answer begins: {body}");
        ExtractError::new(&self.source.redactor, FaultKind::Job, &answer.request, &what)
    }

    async fn create(&mut self) -> Result<Option<StopReason>, ExtractError> {
        let job = self.order.job;
        let reads_body = job.keep.iter().any(|(_, kept)| matches!(kept, Kept::Body(_)));
        let answer = match self.ask(&job.create, Expects::body_if(reads_body)).await? {
            Reply::Answer(answer) => answer,
            Reply::Over(reason) => return Ok(Some(reason)),
        };
        let document = if reads_body { answer.document() } else { Value::Null };
        for (name, kept) in &job.keep {
            let found = match kept {
                Kept::Body(path) => answer::one(&document, path),
                Kept::Header(header) => {
                    let value = answer.response.headers.get(header).map(Value::from);
                    value.ok_or_else(|| format!("there is no header `{header}`"))
                }
                // The check has seen to it.
                Kept::Cookie(name) => Err(format!("the cookie `{name}` is no part of a job")),
            };
            let value = found.map_err(|why| self.error(&answer, &format!("`job.{name}` cannot be kept: {why}")))?;
            self.kept.insert(name.clone(), value);
        }
        Ok(None)
    }

    /// Takes note of how the job is removed, before anything can go wrong with it.
    fn open(&self) -> Result<Option<Ticket>, ExtractError> {
        let Some(cleanup) = &self.order.job.cleanup else { return Ok(None) };
        Ok(Some(self.source.jobs.open(Open {
            stream: self.order.stream.name.clone(),
            prepared: self.prepare(cleanup)?,
            rules: self.order.stream.on_response.clone(),
            scope: self.scope(),
            limits: self.order.stream.limits.clone(),
            counters: Arc::clone(&self.order.counters),
        })))
    }

    /// Asks until the job is done.
    async fn wait(&self) -> Result<Found, ExtractError> {
        let job = self.order.job;
        let clock = &self.source.clock;
        let began = clock.now();
        let mut own = job.every.as_std();
        let mut wait = own;
        let longest = own.max(LONGEST);
        loop {
            let gone = Duration::try_from(clock.now().duration_since(began)).unwrap_or_default();
            self.pause(wait.min(job.timeout.as_std().saturating_sub(gone))).await;
            let answer = match self.ask(&job.poll, Expects::body_if(self.reads_body())).await? {
                Reply::Answer(answer) => answer,
                Reply::Over(reason) => return Ok(Found::Over(reason)),
            };
            if let Some(found) = self.judged(&answer)? {
                return Ok(found);
            }
            if clock.now().duration_since(began)
                >= jiff::SignedDuration::try_from(job.timeout.as_std()).unwrap_or(jiff::SignedDuration::MAX)
            {
                let what = format!("the job was not done within {}, its `timeout`", job.timeout.words());
                return Err(self.error(&answer, &what));
            }
            own = own.mul_f64(1.5).min(longest);
            wait = retry_after(&answer.response.headers, clock.now()).unwrap_or(own);
        }
    }

    async fn pause(&self, wait: Duration) {
        let clock = &self.source.clock;
        let until = clock.now().saturating_add(wait);
        self.order.counters.wait_begins(until.unwrap_or(jiff::Timestamp::MAX));
        clock.sleep(wait).await;
        self.order.counters.wait_ended(wait);
    }

    /// Whether the answers to `poll` have a body that is read.
    fn reads_body(&self) -> bool {
        let job = self.order.job;
        let failed = job.failed.as_ref().map(|failed| &failed.when);
        let conditions = [Some(&job.done), job.empty.as_ref(), failed];
        let reads = |condition: &Condition| {
            condition.names().any(|(name, _)| name == "response" || name.starts_with("response.body"))
        };
        job.result.is_some() || conditions.into_iter().flatten().any(reads)
    }

    /// What an answer says of the job, unless it goes on.
    fn judged(&self, answer: &Answer) -> Result<Option<Found>, ExtractError> {
        let job = self.order.job;
        let scope = self.scope();
        let seen = Seen { response: &answer.response, text: &answer.text, number: 1, records: 0 };
        let holds = |place: &str, condition: &Condition| holds(place, condition, &scope, seen);
        if let Some(failed) = &job.failed
            && holds("job.failed", &failed.when)?
        {
            let said = match &failed.message {
                None => String::new(),
                Some(message) => {
                    let scope = scope_of_answer(&scope, message.names().map(|(name, _)| name), seen);
                    let said = message.render(&scope);
                    format!(": {}", said.map_err(|fault| ExtractError::expression("job.failed", &fault))?)
                }
            };
            return Err(self.error(answer, &format!("the job failed{said}")));
        }
        if !holds("job.done", &job.done)? {
            return Ok(None);
        }
        if let Some(empty) = &job.empty
            && holds("job.empty", empty)?
        {
            return Ok(Some(Found::Results(Vec::new())));
        }
        let Some(path) = &job.result else { return Ok(Some(Found::Results(vec![None]))) };
        let found = answer::all(&answer.document(), path)
            .map_err(|why| self.error(answer, &format!("the job is done, and `job.result` is missing: {why}")))?;
        if found.len() > MOST_RESULTS {
            let what = format!("the job has {}, which is more than {MOST_RESULTS}", counted(found.len(), "result"));
            return Err(self.error(answer, &what));
        }
        Ok(Some(Found::Results(found.into_iter().map(Some).collect())))
    }
}
