//! Streams whose time is read in windows: one walk after the other, and the bookmark after each.

use tapwright_spec::counted;
use tapwright_spec::time::Duration;
use tokio::sync::SemaphorePermit;

use super::Ending;
use super::bookmark::raise;
use super::family::{Broken, READS, Visit};
use super::slice::{Begin, ReadEnd};
use crate::plan::{Span, Step, window};
use crate::report::Verdict;

/// Notes on windows that are told.
const NOTES: usize = 3;

impl Visit<'_> {
    /// Reads a stream without a parent, window after window. What was read of the ones before a failure stays
    /// read.
    pub(super) async fn windows(&self, step: &Step, window: &Duration) -> Ending {
        let mut notes = Vec::new();
        let (mut read, mut last) = (0_u64, String::new());
        let mut all_whole = true;
        for span in step.spans(self.stream(step.stream), &[]) {
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
            // Once a child failed the bookmark waits for it, also behind later windows.
            all_whole &= end.is_whole;
            if all_whole && self.advance(step, end.key, until).await.is_err() {
                return Ending::failed(Broken::Loader.reason());
            }
            (read, last) = (read + 1, end.reason);
        }
        let reason = format!("read in {} of {}; {last}", counted(read, "window"), window.words());
        Ending { verdict: Verdict::Complete, reason, notes }
    }

    /// Reads one window, again if its rows slid. A record leaves a window that is past when it changes, and none
    /// comes into it: only a count that moved tells of it, never a key that came twice.
    async fn window(&self, step: &Step, span: &Span, notes: &mut Vec<String>) -> Result<ReadEnd, Broken> {
        let step = span.clone().of(step);
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

    /// Reads one slice of a stream: at once, or window after window.
    pub(super) async fn spans(
        &self,
        step: &Step,
        begin: Begin<'_>,
        turn: Option<SemaphorePermit<'_>>,
    ) -> Result<ReadEnd, Broken> {
        let stream = self.stream(step.stream);
        if window(stream).is_none() {
            return self.slice(step, Some(begin), turn).await;
        }
        let (mut key, mut all_whole) = (None, true);
        let mut spans = step.spans(stream, &begin.occasion.ids).peekable();
        while let Some(span) = spans.next() {
            let part = span.of(step);
            let mut end = self.slice(&part, Some(begin), None).await?;
            end.key.iter().for_each(|greatest| raise(&mut key, greatest));
            all_whole &= end.is_whole;
            if spans.peek().is_none() || end.bounded || end.slid.is_some() {
                (end.key, end.is_whole) = (key, all_whole);
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
