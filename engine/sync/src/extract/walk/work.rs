//! Walks through what a job has brought: one for each of its results.

use std::sync::Arc;

use serde_json::Value;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Job, Request as Described};

use super::super::job::{Begun, MadeUp, Order, Work, made_up};
use super::super::key::{key, until_of};
use super::super::lead::Lead;
use super::super::{ExtractError, Slice};
use super::{Ahead, Walk};
use crate::http::{Given, PrepareFault, Prepared, prepare};
use crate::paginate::{End, StopReason};

impl<'a> Walk<'a> {
    /// Sees to it that there is something to read; gives the reason if there is not.
    pub(super) async fn prepare_job(&mut self) -> Result<Option<StopReason>, ExtractError> {
        let stream = self.slice.stream;
        let Some(job) = &stream.job else { return Ok(None) };
        if self.work.is_none() {
            match Work::begin(self.source, self.order(job)).await? {
                Begun::Work(work) => self.work = Some(work),
                Begun::Over(reason) => return Ok(Some(reason)),
            }
        }
        self.job = self.work.as_mut().and_then(Work::next);
        Ok(None)
    }

    fn order(&self, job: &'a Job) -> Order<'a> {
        let stream = self.slice.stream;
        let since = self.slice.since.clone().map(|value| key(stream, value));
        let sent = since.as_ref().map(|since| since.sent.as_str());
        let scope = self.scope.clone().with("since", &sent).with("until", &until_of(stream, self.slice.until));
        let (names, counters) = (self.slice.names.clone(), Arc::clone(&self.asking.counters));
        Order { stream, job, scope, names, counters }
    }

    /// Reads the result of a job that is made up of what `leaf` gives, if the stream has one.
    pub(in super::super) fn make_up_job(
        &mut self,
        leaf: &dyn Fn(&str) -> Value,
    ) -> Result<Option<MadeUp>, ExtractError> {
        let Some(job) = &self.slice.stream.job else { return Ok(None) };
        let made_up = made_up(self.source, self.order(job), leaf)?;
        self.job = Some(made_up.values.clone());
        Ok(Some(made_up))
    }

    /// A request with what came from the API.
    pub(super) fn prepared(&self, described: &Described, scope: &Scope) -> Result<Prepared, ExtractError> {
        let Slice { stream, names, .. } = &self.slice;
        let given = Given {
            each: names.as_deref(),
            object: stream.object.as_deref(),
            job: self.job.as_ref(),
            hosts: &self.source.hosts,
        };
        let unprepared = |fault: PrepareFault| ExtractError::unprepared(&self.source.redactor, &stream.name, &fault);
        prepare(described, scope, &given).map_err(unprepared)
    }

    /// The end of a walk: of all, unless the job has a further result.
    pub(super) fn ended(&mut self, end: End) -> Ahead<'a> {
        let end = match &mut self.work {
            None => Some(end),
            Some(work) => work.ended(end),
        };
        match end {
            Some(end) => Ahead::Over(end),
            None => {
                (self.number, self.anew) = (0, true);
                self.lead = Some(Lead::Result);
                Ahead::Beginning
            }
        }
    }
}
