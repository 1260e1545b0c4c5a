//! Streams whose time is read in windows: one walk after the other, and the bookmark after each.

use tapwright_spec::time::Duration;
use tokio::sync::SemaphorePermit;

use super::Ending;
use super::family::{Broken, Family, READS};
use super::parents::Parent;
use super::slice::ReadEnd;
use crate::plan::{Span, Step};
use crate::report::Verdict;

/// Notes on windows that are told.
const NOTES: usize = 3;

impl Family<'_> {
    /// Reads a stream without a parent, window after window. What was read of the ones before a failure stays
    /// read.
    pub(super) async fn windows(&self, step: &Step, window: &Duration) -> Ending {
        let mut notes = Vec::new();
        let (mut read, mut last) = (0_u64, String::new());
        for span in step.spans(self.stream(step.stream)) {
            let until = span.until;
            let end = match self.window(step, &span, &mut notes).await {
                Ok(end) => end,
                Err(Broken::Loader) => return Ending::failed(Broken::Loader.reason()),
                Err(broken) => {
                    let reason = format!("in the window {}: {}", shown(&span), broken.reason());
                    return Ending { notes, ..Ending::failed(reason) };
                }
            };
            if end.bounded {
                let reason = format!("in the window {}: {}", shown(&span), end.reason);
                return Ending { verdict: Verdict::Bounded, reason, notes };
            }
            if self.advance(step, end.key, until).await.is_err() {
                return Ending::failed(Broken::Loader.reason());
            }
            (read, last) = (read + 1, end.reason);
        }
        let windows = if read == 1 { "window" } else { "windows" };
        let reason = format!("read in {read} {windows} of {}; {last}", window.words());
        Ending { verdict: Verdict::Complete, reason, notes }
    }

    /// Reads one window, again if its rows slid. A record leaves a window that is past when it changes, and none
    /// comes into it: only a count that moved tells of it, never a key that came twice.
    async fn window(&self, step: &Step, span: &Span, notes: &mut Vec<String>) -> Result<ReadEnd, Broken> {
        let step = Step { since: span.since.clone(), until: span.until, ..step.clone() };
        for _ in 1..READS {
            let end = self.slice(&step, None, None).await?;
            let Some(slid) = &end.slid else { return Ok(end) };
            if notes.len() < NOTES {
                let window = shown(span);
                notes.push(format!("the window {window} was read again, because rows slid between pages: {slid}"));
            }
        }
        let end = self.slice(&step, None, None).await?;
        match end.slid {
            None => Ok(end),
            Some(slid) => Err(Broken::Failed(format!("rows slid between pages in each of {READS} reads: {slid}"))),
        }
    }

    /// Reads a child for one parent: at once, or window after window.
    pub(super) async fn spans(
        &self,
        step: &Step,
        parent: Parent,
        turn: Option<SemaphorePermit<'_>>,
    ) -> Result<ReadEnd, Broken> {
        let mut spans = step.spans(self.stream(step.stream)).peekable();
        while let Some(span) = spans.next() {
            let part = Step { since: span.since, until: span.until, ..step.clone() };
            if spans.peek().is_none() {
                return self.slice(&part, Some(parent), turn).await;
            }
            let end = self.slice(&part, Some(parent.clone()), None).await?;
            if end.bounded || end.slid.is_some() {
                return Ok(end);
            }
        }
        Err(Broken::Failed("there was nothing to read".to_owned()))
    }
}

fn shown(span: &Span) -> String {
    let moment = |known: Option<String>| known.unwrap_or_else(|| "…".to_owned());
    let (since, until) = (span.since.as_ref().map(ToString::to_string), span.until.map(|until| until.to_string()));
    format!("from {} to {}", moment(since), moment(until))
}
