//! The extraction side: a stream without a parent, and the children of its records, page by page.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::model::{Incremental, Next, Order, Replication, Stream, Token};
use tokio::sync::{mpsc, oneshot};

use super::load::{Arrived, Message};
use super::parents::{Parent, Parents};
use super::{Ending, Stop};
use crate::clock::Clock;
use crate::destination::Written;
use crate::extract::{Slice, Source};
use crate::plan::{Plan, Step};
use crate::report::{Phase, Progress, Verdict};
use crate::state::KeyValue;

/// How often a stream is read whose rows slid between its pages.
const READS: u32 = 3;

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
    /// The loader is gone; it knows why.
    Loader,
}

/// How a read of a stream ended.
struct ReadEnd {
    bounded: bool,
    reason: String,
    slid: Option<String>,
    pages: u64,
    /// Greatest replication key that its parents had, where children hang on it.
    key: Option<KeyValue>,
}

/// What became of the children of one parent after another.
#[derive(Debug, Clone, Default)]
struct Tally {
    slices: u64,
    failed: Option<String>,
    bounded: Option<String>,
    last: String,
}

/// One family under way: what its children have come to, by stream.
struct Family<'r> {
    reading: &'r Reading,
    tallies: Mutex<BTreeMap<usize, Tally>>,
}

/// Reads all families, so many at once; gives the seconds that each stream took.
pub(super) async fn all(reading: &Reading, plan: &Plan, stop: &Stop, at_once: usize) -> Vec<f64> {
    let mut seconds = vec![0.0; reading.connector.streams.len()];
    let families = plan.families.iter().map(|step| {
        let mut stop = stop.clone();
        async move {
            let began = reading.clock.now();
            let family = Family { reading, tallies: Mutex::default() };
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
    fn failed(reason: String) -> Ending {
        Ending { verdict: Verdict::Failed, reason, notes: Vec::new() }
    }
}

impl Family<'_> {
    fn stream(&self, at: usize) -> &Stream {
        &self.reading.connector.streams[at]
    }

    async fn tell(&self, message: Message) -> Result<(), Broken> {
        self.reading.sender.send(message).await.map_err(|_| Broken::Loader)
    }

    /// Reads the stream, again if its rows slid, until a read is whole.
    async fn root(&self, step: &Step) -> Ending {
        let mut before: Option<(u64, u64)> = None;
        let mut notes = Vec::new();
        for read in 1..=READS {
            let end = match self.slice(step, None).await {
                Ok(end) => end,
                Err(broken) => return Ending::failed(broken.reason()),
            };
            let slid = match self.slid(step, &end, &mut before).await {
                Ok(slid) => slid,
                Err(broken) => return Ending::failed(broken.reason()),
            };
            let Some(slid) = slid else {
                if !end.bounded && self.advance(step, end.key).await.is_err() {
                    return Ending::failed(Broken::Loader.reason());
                }
                let verdict = if end.bounded { Verdict::Bounded } else { Verdict::Complete };
                return Ending { verdict, reason: end.reason, notes };
            };
            if read == READS {
                return Ending::failed(format!("rows slid between pages in each of {READS} reads: {slid}"));
            }
            notes.push(format!("read again, because rows slid between pages: {slid}"));
            self.reset(step);
            if self.tell(Message::Again { stream: step.stream }).await.is_err() {
                return Ending::failed(Broken::Loader.reason());
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
        let pagination = &self.stream(step.stream).pagination;
        let overlaps = pagination.restart_after.is_some() || matches!(pagination.next, Next::Single);
        if overlaps || !step.load || end.pages < 2 {
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

    /// Forgets what the children of an earlier read came to.
    fn reset(&self, step: &Step) {
        if let Ok(mut tallies) = self.tallies.lock() {
            step.children.iter().for_each(|child| drop(tallies.remove(&child.stream)));
        }
    }

    /// Reads the pages of one slice, and the children of its records. A future that may hold itself.
    fn slice<'a>(&'a self, step: &'a Step, parent: Option<Parent>) -> BoxFuture<'a, Result<ReadEnd, Broken>> {
        self.pages(step, parent).boxed()
    }

    async fn pages(&self, step: &Step, parent: Option<Parent>) -> Result<ReadEnd, Broken> {
        let stream = self.stream(step.stream);
        let progress = &self.reading.progress[step.stream];
        progress.enter(Phase::Running);
        let since = step.since.clone();
        let own = parent.as_deref().cloned();
        let mut walk = self.reading.source.walk(Slice { stream, since, parent: own });
        let mut parents = Parents::new(self.reading, step)?;
        let mut key: Option<KeyValue> = None;
        while let Some(page) = walk.next().await.map_err(|error| Broken::Failed(error.to_string()))? {
            progress.page(page.records.len() as u64, page.total.filter(|_| step.since.is_none() || parent.is_none()));
            let found = parents.of(&page, parent.as_ref())?;
            key = found.key.or(key);
            if step.load {
                let arrived = Arrived { stream: step.stream, page, parent: parent.clone() };
                self.tell(Message::Page(Box::new(arrived))).await?;
            }
            for (child, values) in step.children.iter().zip(&found.values) {
                self.children(child, values).await?;
            }
            if parent.is_none() && advances_by_page(stream) {
                self.advance(step, key.clone()).await?;
            }
        }
        let end = walk.end().ok_or_else(|| Broken::Failed("the walk broke off without an end".to_owned()))?;
        Ok(ReadEnd {
            bounded: end.bounded,
            reason: end.reason.to_string(),
            slid: end.slid.clone(),
            pages: progress.pages.load(std::sync::atomic::Ordering::Relaxed),
            key,
        })
    }

    /// Reads a child for so many parents, several at once. After a failure no more are begun.
    async fn children(&self, child: &Step, parents: &[Parent]) -> Result<(), Broken> {
        if self.tally(child.stream, |tally| tally.failed.is_some()) {
            return Ok(());
        }
        let at_once = self.stream(child.stream).limits.concurrency.max(1) as usize;
        let slices: Vec<_> = parents.iter().map(|parent| self.slice(child, Some(Arc::clone(parent)))).collect();
        let mut slices = stream::iter(slices).buffer_unordered(at_once);
        while let Some(end) = slices.next().await {
            match end {
                Ok(end) => self.tally(child.stream, |tally| {
                    tally.slices += 1;
                    if end.bounded {
                        tally.bounded = Some(end.reason.clone());
                    }
                    if let Some(slid) = &end.slid {
                        tally.failed = Some(format!("rows slid between pages: {slid}"));
                    }
                    tally.last = end.reason;
                }),
                Err(Broken::Failed(reason)) => {
                    self.tally(child.stream, |tally| tally.failed = Some(reason));
                    return Ok(());
                }
                Err(Broken::Loader) => return Err(Broken::Loader),
            }
        }
        Ok(())
    }

    fn tally<R: Default>(&self, stream: usize, change: impl FnOnce(&mut Tally) -> R) -> R {
        self.tallies.lock().map_or_else(|_| R::default(), |mut tallies| change(tallies.entry(stream).or_default()))
    }

    /// Moves the bookmarks of a stream and of its `changed_only` children to what was read, unless one of
    /// these children failed: then the parent waits for it.
    async fn advance(&self, step: &Step, key: Option<KeyValue>) -> Result<(), Broken> {
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
        self.tell(Message::Advance { stream: step.stream, key, children: dependent }).await
    }

    /// Ends the stream and everything that hangs on it.
    async fn end(&self, step: &Step, ending: &Ending) {
        let mut open = vec![(step, ending.clone())];
        while let Some((step, ending)) = open.pop() {
            for child in &step.children {
                open.push((child, self.child_ending(step, child, &ending)));
            }
            let ending = self.held(step, ending);
            let own_key = self.stream(step.stream).for_each.as_ref().is_some_and(|for_each| !for_each.changed_only);
            if own_key && ending.verdict == Verdict::Complete {
                // As below: a loader that is gone has said why.
                let _ = self.advance(step, None).await;
            }
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
        Ending { verdict, reason, notes: Vec::new() }
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

/// Whether what one page brought may count before the next: records ascend by the key, and none can slide
/// from a page that is to come onto one that was read. Where pages are counted, by us or by the links of
/// the API, a record that changes meanwhile makes the others move up; and where we go on after the last
/// record, it may have changed its own place.
fn advances_by_page(stream: &Stream) -> bool {
    let ascends = matches!(&stream.replication, Replication::Incremental(Incremental { order: Order::Ascending, .. }));
    let anchored = stream.pagination.restart_after.is_some_and(|restart| restart.pages == 1)
        || matches!(
            stream.pagination.next,
            Next::Single | Next::Cursor { token: Token::Body(_) | Token::Header(_), .. }
        );
    ascends && anchored
}

impl Broken {
    fn reason(self) -> String {
        match self {
            Broken::Failed(reason) => reason,
            Broken::Loader => "the destination cannot go on".to_owned(),
        }
    }
}
