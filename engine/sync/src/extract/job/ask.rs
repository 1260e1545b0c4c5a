//! One request of a job and its answer, under the rules of the stream.

use std::sync::Arc;

use serde_json::Value;
use tapwright_spec::exact;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Limits, Rule};

use super::super::fault::FaultKind;
use super::super::send::{Sending, send};
use super::super::split::Wanted;
use super::super::verdict::{Judge, Verdict};
use super::super::{ExtractError, Source};
use crate::http::{Counters, Prepared, Response};
use crate::paginate::StopReason;

/// How a request is sent and judged.
pub(super) struct Asking<'a> {
    pub(super) rules: &'a [Rule],
    pub(super) scope: &'a Scope,
    pub(super) limits: &'a Limits,
    pub(super) counters: &'a Arc<Counters>,
    pub(super) permission: Option<&'a str>,
}

/// What an answer must have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expects {
    /// A JSON document.
    Body,
    /// A status of success.
    Success,
    /// A status of success, or one that says that there is no such thing.
    Gone,
}

impl Expects {
    pub(super) fn body_if(reads_body: bool) -> Expects {
        if reads_body { Expects::Body } else { Expects::Success }
    }

    /// Whether what is wrong with an answer does not matter.
    fn forgives(self, status: u16, error: &ExtractError) -> bool {
        let unread = (200..300).contains(&status) && matches!(error.kind(), FaultKind::Empty | FaultKind::NotJson);
        match self {
            Expects::Body => false,
            Expects::Success => unread,
            Expects::Gone => unread || matches!(status, 404 | 410),
        }
    }
}

/// What a request came to.
pub(super) enum Reply {
    Answer(Answer),
    /// A rule of the spec ends the walk.
    Over(StopReason),
}

/// An answer.
pub(super) struct Answer {
    /// The body.
    pub(super) text: String,
    /// Status and headers.
    pub(super) response: Response,
    /// The request, without secrets.
    pub(super) request: String,
}

impl Answer {
    /// The body as a document.
    pub(super) fn document(&self) -> Value {
        // What is no JSON has been refused.
        exact::read(&self.text).unwrap_or_default()
    }
}

/// Sends a request until its answer can be judged.
pub(super) async fn ask(
    source: &Source,
    prepared: &Prepared,
    asking: &Asking<'_>,
    expects: Expects,
) -> Result<Reply, ExtractError> {
    let Prepared { request, origins } = prepared;
    let shown = source.redactor.redact(&request.to_string());
    let other = Wanted::new(None, asking.rules.iter().filter_map(|rule| rule.when.body.clone()).collect());
    let judge = Judge {
        rules: asking.rules,
        page: None,
        other: &other,
        first_of_rules: 0,
        errors: None,
        scope: asking.scope,
        number: 1,
        redactor: &source.redactor,
        request: &shown,
        permission: asking.permission,
    };
    let sending = Sending { request, origins, limits: asking.limits, counters: asking.counters, shown: &shown };
    let judged = send(source, &sending, |fetched| {
        let response = Response { body: Vec::new(), ..fetched.response.clone() };
        let answer = |text| Reply::Answer(Answer { text, response: response.clone(), request: shown.clone() });
        let reply = |verdict| match verdict {
            Verdict::Page(accepted) => Ok(answer(accepted.text)),
            Verdict::Skip(why) => Ok(Reply::Over(StopReason::Skipped(why))),
            Verdict::Stop(why) => Ok(Reply::Over(StopReason::Rule(why))),
            Verdict::Fail(error) if expects.forgives(response.status, &error) => Ok(answer(String::new())),
            Verdict::Fail(error) => Err(error),
        };
        judge.judge(fetched).map(reply)
    });
    judged.await?
}
