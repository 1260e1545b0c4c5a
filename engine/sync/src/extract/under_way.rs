//! Pages that were asked for, in the order of the walk.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, MaybeDone, maybe_done, poll_fn};
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{StatusRange, Stream};

use super::fault::FaultKind;
use super::places::Places;
use super::send::{Sending, send};
use super::verdict::{Judge, Verdict};
use super::{ExtractError, Source};
use crate::http::{Counters, Judged, Origins, Request};

/// What the requests of a walk have in common.
pub(super) struct Asking<'a> {
    source: &'a Source,
    stream: &'a Stream,
    pub(super) wanted: Places,
    pub(super) counters: Arc<Counters>,
}

/// A page to ask for.
pub(super) struct Asked {
    pub(super) request: Request,
    /// Where credentials may go; nowhere before a walk has begun.
    pub(super) origins: Option<Origins>,
    pub(super) scope: Scope,
    pub(super) number: u64,
    /// What the API answers when it knows the token of a feed no more.
    pub(super) expired: Vec<StatusRange>,
}

/// Pages that were asked for and not taken, in the order of the walk.
#[derive(Default)]
pub(super) struct UnderWay<'a> {
    pages: VecDeque<(Request, Answer<'a>)>,
}

/// An answer that comes, or is there.
type Answer<'a> = MaybeDone<BoxFuture<'a, Result<Verdict, ExtractError>>>;

impl<'a> Asking<'a> {
    pub(super) fn of(source: &'a Source, stream: &'a Stream) -> Asking<'a> {
        Asking { source, stream, wanted: Places::of(stream), counters: source.counters(&stream.name) }
    }

    async fn answer(&self, asked: Asked) -> Result<Verdict, ExtractError> {
        let shown = self.source.redactor.redact(&asked.request.to_string());
        let judge = Judge {
            rules: &self.stream.on_response,
            page: Some(&self.wanted.page),
            other: &self.wanted.other,
            first_of_rules: self.wanted.first_of_rules,
            errors: self.wanted.errors,
            scope: &asked.scope,
            number: asked.number,
            redactor: &self.source.redactor,
            request: &shown,
            permission: self.stream.permission.as_deref(),
        };
        let Some(origins) = &asked.origins else {
            return Ok(Verdict::Stop(String::new()));
        };
        let sending = Sending {
            request: &asked.request,
            origins,
            limits: &self.stream.limits,
            counters: &self.counters,
            shown: &shown,
        };
        send(self.source, &sending, |fetched| {
            let status = fetched.response.status;
            match asked.expired.iter().any(|range| (range.from..=range.to).contains(&status)) {
                true => Judged::Done(Verdict::Fail(self.expired(&shown, status))),
                false => judge.judge(fetched),
            }
        })
        .await
    }
}

impl Asking<'_> {
    fn expired(&self, shown: &str, status: u16) -> ExtractError {
        let what = format!("the API knows the feed's token no more (HTTP {status})");
        ExtractError::new(&self.source.redactor, FaultKind::Expired, shown, &what)
    }
}

impl<'a> UnderWay<'a> {
    pub(super) fn len(&self) -> u64 {
        self.pages.len() as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The next page is that of `request`. If another one was asked for, all that are under way are given up.
    pub(super) fn expect(&mut self, request: &Request) {
        if self.pages.front().is_some_and(|(first, _)| first != request) {
            *self = UnderWay::default();
        }
    }

    /// Asks for a page behind the others.
    pub(super) fn ask(&mut self, asking: &Arc<Asking<'a>>, asked: Asked) {
        let request = asked.request.clone();
        let asking = Arc::clone(asking);
        self.pages.push_back((request, maybe_done(async move { asking.answer(asked).await }.boxed())));
    }

    /// The answer for the first page; the others come on meanwhile.
    pub(super) async fn next(&mut self) -> Result<Verdict, ExtractError> {
        poll_fn(|context| {
            for (_, answer) in &mut self.pages {
                // What is there stays as it is.
                let _ = answer.poll_unpin(context);
            }
            match self.pages.front_mut() {
                Some((_, MaybeDone::Future(_))) => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
        let first = self.pages.pop_front();
        let taken = first.and_then(|(_, mut answer)| Pin::new(&mut answer).take_output());
        // Nothing that was not asked for is waited for.
        taken.unwrap_or_else(|| Ok(Verdict::Stop(String::new())))
    }
}
