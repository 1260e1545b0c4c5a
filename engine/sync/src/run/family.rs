//! The extraction side: a stream without a parent, and everything that is fetched for its records.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::model::{Next, Replication, Stream};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::load::Message;
use super::slice::ReadEnd;
use super::{Ending, Stop};
use crate::clock::Clock;
use crate::destination::Written;
use crate::extract::{ExtractError, FaultKind, Source};
use crate::plan::{Plan, Step, window};
use crate::report::{Phase, Progress, Verdict};
use crate::state::KeyValue;

/// How often a stream is read whose rows slid between its pages.
pub(super) const READS: u32 = 3;

/// What extraction works with.
pub(super) struct Reading {
    pub(super) connector: Arc<Connector>,
    pub(super) source: Source,
    pub(super) config: Map<String, Value>,
    pub(super) sender: mpsc::Sender<Message>,
    pub(super) progress: Arc<Vec<Progress>>,
    pub(super) clock: Arc<dyn Clock>,
}

/// Why reading ends at once.
pub(super) enum Broken {
    /// The stream cannot be read on.
    Failed(String),
    /// The API knows the token of the feed no more.
    Expired(String),
    /// The loader is gone; it knows why.
    Loader,
}

/// What became of the children of one parent after another.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) slices: u64,
    pub(super) failed: Option<String>,
    pub(super) bounded: Option<String>,
    pub(super) last: String,
    pub(super) notes: Vec<String>,
}

/// One family under way.
pub(super) struct Family<'r> {
    pub(super) reading: &'r Reading,
    /// What its children have come to, by stream.
    tallies: Mutex<BTreeMap<usize, Tally>>,
    /// Of each stream the walks that may be under way at once, whatever parents and pages they are for.
    pub(super) turns: Vec<Semaphore>,
}

/// Why nothing is to be read, by the request with which the spec proves that the credentials work. An API
/// that answers strangers too, with less, would else empty tables and move bookmarks past what it hides.
pub(super) async fn refusal(reading: &Reading, stop: &Stop) -> Option<String> {
    let mut stop = stop.clone();
    tokio::select! {
        biased;
        Ok(_) = stop.wait_for(Option::is_some) => None,
        checked = reading.source.check() => {
            checked.err().map(|error| format!("nothing was read, because the check of the connection failed: {error}"))
        }
    }
}

/// Ends all families unread.
pub(super) async fn none(reading: &Reading, plan: &Plan, reason: &str) -> Vec<f64> {
    for step in &plan.families {
        let family = Family::new(reading);
        family.end(step, &Ending::failed(reason.to_owned())).await;
    }
    vec![0.0; reading.connector.streams.len()]
}

/// Reads all families, so many at once; gives the seconds that each stream took.
pub(super) async fn all(reading: &Reading, plan: &Plan, stop: &Stop, at_once: usize) -> Vec<f64> {
    let mut seconds = vec![0.0; reading.connector.streams.len()];
    let families = plan.families.iter().map(|step| {
        let mut stop = stop.clone();
        async move {
            let began = reading.clock.now();
            let family = Family::new(reading);
            let stopped = stop.wait_for(Option::is_some);
            tokio::select! {
                biased;
                Ok(reason) = stopped => {
                    let reason = reason.clone().unwrap_or_default();
                    family.end(step, &Ending::failed(reason)).await;
                }
                ending = family.root(step) => family.end(step, &ending).await,
            }
            (step, elapsed(began, reading.clock.now()))
        }
    });
    let mut done = stream::iter(families).buffer_unordered(at_once);
    while let Some((step, took)) = done.next().await {
        let mut open = vec![step];
        while let Some(step) = open.pop() {
            seconds[step.stream] = took;
            open.extend(&step.children);
        }
    }
    seconds
}

fn elapsed(began: Timestamp, now: Timestamp) -> f64 {
    (now - began).total(jiff::Unit::Second).unwrap_or(0.0)
}

impl Ending {
    pub(super) fn failed(reason: String) -> Ending {
        Ending { verdict: Verdict::Failed, reason, notes: Vec::new() }
    }
}

impl<'r> Family<'r> {
    fn new(reading: &'r Reading) -> Family<'r> {
        let turns = |stream: &Stream| Semaphore::new(stream.limits.concurrency.max(1) as usize);
        let turns = reading.connector.streams.iter().map(turns).collect();
        Family { reading, tallies: Mutex::default(), turns }
    }

    pub(super) fn stream(&self, at: usize) -> &Stream {
        &self.reading.connector.streams[at]
    }

    pub(super) async fn tell(&self, message: Message) -> Result<(), Broken> {
        self.reading.sender.send(message).await.map_err(|_| Broken::Loader)
    }

    /// Reads the stream, again if its rows slid, until a read is whole.
    async fn root(&self, step: &Step) -> Ending {
        if let Some(window) = window(self.stream(step.stream)) {
            return self.windows(step, window).await;
        }
        let mut step = Cow::Borrowed(step);
        let mut before: Option<(u64, u64)> = None;
        let mut notes: Vec<String> = Vec::new();
        for read in 1..=READS {
            let read_so_far = self.slice(&step, None, None).await;
            let end = match read_so_far {
                Ok(end) => end,
                Err(Broken::Expired(reason)) if step.since.is_some() => {
                    notes.push(format!("{reason}: everything is read anew; rows that are gone at the source stay"));
                    step = Cow::Owned(Step { since: None, ..step.into_owned() });
                    continue;
                }
                Err(broken) => return Ending::failed(broken.reason()),
            };
            if let Some(note) = end.note.clone().filter(|note| !notes.contains(note)) {
                notes.push(note);
            }
            let slid = match self.slid(&step, &end, &mut before).await {
                Ok(slid) => slid,
                Err(broken) => return Ending::failed(broken.reason()),
            };
            let Some(slid) = slid else {
                if !end.bounded && self.advance(&step, end.key, None).await.is_err() {
                    return Ending::failed(Broken::Loader.reason());
                }
                let verdict = if end.bounded { Verdict::Bounded } else { Verdict::Complete };
                return Ending { verdict, reason: end.reason, notes };
            };
            if read == READS {
                return Ending::failed(format!("rows slid between pages in each of {READS} reads: {slid}"));
            }
            notes.push(format!("read again, because rows slid between pages: {slid}"));
            if let Err(broken) = self.again(&step).await {
                return Ending::failed(broken.reason());
            }
        }
        Ending::failed(format!("not read in {READS} tries"))
    }

    /// What shows that rows moved between pages while they were read: a count that moved, or keys that
    /// came on two pages. The same keys twice in two reads are the API's own.
    async fn slid(
        &self,
        step: &Step,
        end: &ReadEnd,
        before: &mut Option<(u64, u64)>,
    ) -> Result<Option<String>, Broken> {
        if end.slid.is_some() {
            return Ok(end.slid.clone());
        }
        let stream = self.stream(step.stream);
        let pagination = &stream.pagination;
        // What a job has brought stands still.
        let still = stream.job.is_some() || matches!(pagination.next, Next::Single);
        // A feed tells of a record as often as it changes.
        let is_feed = matches!(stream.replication, Replication::Feed(_));
        let overlaps = is_feed || pagination.restart_after.is_some() || still;
        if overlaps || end.pushed_on || !step.load || end.pages < 2 {
            return Ok(None);
        }
        let (answer, written) = oneshot::channel();
        self.tell(Message::Settle { stream: step.stream, answer }).await?;
        let Written { new, changed, unchanged, repeated, .. } = written.await.map_err(|_| Broken::Loader)?;
        let figures = (new + changed + unchanged, repeated);
        if repeated == 0 || before.replace(figures) == Some(figures) {
            return Ok(None);
        }
        Ok(Some(format!("{repeated} keys came on two pages")))
    }

    /// Forgets what an earlier read came to, of the stream and of everything that hangs on it.
    async fn again(&self, step: &Step) -> Result<(), Broken> {
        let mut open = vec![step];
        while let Some(step) = open.pop() {
            self.tally(step.stream, |tally| *tally = Tally::default());
            if step.load {
                self.tell(Message::Again { stream: step.stream }).await?;
            }
            open.extend(&step.children);
        }
        Ok(())
    }

    pub(super) fn tally<R: Default>(&self, stream: usize, change: impl FnOnce(&mut Tally) -> R) -> R {
        self.tallies.lock().map_or_else(|_| R::default(), |mut tallies| change(tallies.entry(stream).or_default()))
    }

    /// Moves the bookmarks of a stream and of its `changed_only` children to what was read, unless one of
    /// these children failed: then the parent waits for it.
    /// Of a stream that is read in windows it moves to `until`, the end of one.
    pub(super) async fn advance(
        &self,
        step: &Step,
        key: Option<KeyValue>,
        until: Option<Timestamp>,
    ) -> Result<(), Broken> {
        if matches!(self.stream(step.stream).replication, Replication::FullTable) {
            return Ok(());
        }
        let dependent: Vec<usize> = step
            .children
            .iter()
            .map(|child| child.stream)
            .filter(|child| self.stream(*child).for_each.as_ref().is_some_and(|for_each| for_each.changed_only))
            .collect();
        if dependent.iter().any(|child| self.tally(*child, |tally| tally.failed.is_some() || tally.bounded.is_some())) {
            return Ok(());
        }
        self.tell(Message::Advance { stream: step.stream, key, until, children: dependent }).await
    }

    /// Ends the stream and everything that hangs on it.
    async fn end(&self, step: &Step, ending: &Ending) {
        let mut open = vec![(step, ending.clone())];
        while let Some((step, ending)) = open.pop() {
            for child in &step.children {
                open.push((child, self.child_ending(step, child, &ending)));
            }
            let ending = self.held(step, ending);
            self.reading.progress[step.stream].enter(Phase::Ended(ending.verdict));
            if step.load {
                // A loader that is gone has said why.
                let _ = self.tell(Message::End { stream: step.stream, ending }).await;
            }
        }
    }

    fn child_ending(&self, parent: &Step, child: &Step, ending: &Ending) -> Ending {
        let tally = self.tally(child.stream, |tally| tally.clone());
        let name = &self.stream(parent.stream).name;
        let (verdict, reason) = match (tally.failed, ending.verdict, tally.bounded) {
            (Some(failed), ..) => (Verdict::Failed, failed),
            (None, Verdict::Failed, _) => (Verdict::Failed, format!("its parent `{name}` failed: {}", ending.reason)),
            (None, _, Some(bounded)) => (Verdict::Bounded, bounded),
            (None, Verdict::Bounded, None) => (Verdict::Bounded, format!("its parent `{name}` is bounded")),
            (None, Verdict::Complete, None) if tally.slices == 0 => {
                (Verdict::Complete, format!("no record of `{name}` to read it for"))
            }
            (None, Verdict::Complete, None) => {
                (Verdict::Complete, format!("read for {} records of `{name}`; {}", tally.slices, tally.last))
            }
        };
        Ending { verdict, reason, notes: tally.notes }
    }

    /// A parent whose bookmark had to wait for a child says so.
    fn held(&self, step: &Step, mut ending: Ending) -> Ending {
        for child in &step.children {
            let stream = self.stream(child.stream);
            let changed_only = stream.for_each.as_ref().is_some_and(|for_each| for_each.changed_only);
            if changed_only && self.tally(child.stream, |tally| tally.failed.is_some() || tally.bounded.is_some()) {
                ending.notes.push(format!("the bookmark waits, because `{}` was not read to its end", stream.name));
            }
        }
        ending
    }
}

impl Broken {
    pub(super) fn of(error: &ExtractError) -> Broken {
        match error.kind() {
            FaultKind::Expired => Broken::Expired(error.to_string()),
            _ => Broken::Failed(error.to_string()),
        }
    }

    pub(super) fn reason(self) -> String {
        match self {
            Broken::Failed(reason) | Broken::Expired(reason) => reason,
            Broken::Loader => "the destination cannot go on".to_owned(),
        }
    }
}
