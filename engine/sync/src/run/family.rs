//! The extraction side: streams that hang together, read side by side, and what became of each.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::counted;
use tapwright_spec::model::{Next, Replication, Stream};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::load::Message;
use super::slice::ReadEnd;
use super::tally::Tally;
use super::{Ending, Stop, routed};
use crate::clock::Clock;
use crate::destination::Written;
use crate::extract::{ExtractError, FaultKind, Source};
use crate::hook::Proof;
use crate::plan::{Family, Occasions, Plan, Step, Values, window};
use crate::report::{Phase, Progress, Verdict};
use crate::state::KeyValue;

/// How often streams are read whose rows slid between their pages.
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

/// A family under way.
pub(super) struct Visit<'r> {
    pub(super) reading: &'r Reading,
    pub(super) family: &'r Family,
    /// What slices have come to, by stream.
    tallies: Mutex<BTreeMap<usize, Tally>>,
    /// Of each stream the walks that may be under way at once, whatever parents and pages they are for.
    pub(super) turns: Vec<Semaphore>,
    /// Numbers walks, so that the loader can tell their rows apart.
    pub(super) walks: AtomicU64,
}

/// How a stream without a parent ended.
enum RootEnd {
    /// It is one slice.
    Single(Result<ReadEnd, Broken>),
    /// It was read in windows.
    Windows(Ending),
    /// It has slices of its own; their tally tells.
    Slices(Result<(), Broken>),
}

/// Why nothing is to be read, by the request with which the spec proves that the credentials work. An API
/// that answers strangers too, with less, would else empty tables and move bookmarks past what it hides.
pub(super) async fn refusal(reading: &Reading, proof: Proof, stop: &Stop) -> Option<String> {
    let mut stop = stop.clone();
    let unproven = match proof {
        Proof::Good => None,
        Proof::Bad(error) => Some(error),
        Proof::Unasked => tokio::select! {
            biased;
            Ok(_) = stop.wait_for(Option::is_some) => None,
            checked = reading.source.check() => checked.err().map(|error| error.to_string()),
        },
    };
    unproven.map(|error| format!("nothing was read, because the check of the connection failed: {error}"))
}

/// Ends all families unread.
pub(super) async fn none(reading: &Reading, plan: &Plan, reason: &str) -> Vec<f64> {
    for family in &plan.families {
        Visit::new(reading, family).end_unread(reason).await;
    }
    vec![0.0; reading.connector.streams.len()]
}

/// Reads all families, so many at once; gives the seconds that each stream took.
pub(super) async fn all(reading: &Reading, plan: &Plan, stop: &Stop, at_once: usize) -> Vec<f64> {
    let mut seconds = vec![0.0; reading.connector.streams.len()];
    let families = plan.families.iter().map(|family| {
        let mut stop = stop.clone();
        async move {
            let began = reading.clock.now();
            let visit = Visit::new(reading, family);
            let stopped = stop.wait_for(Option::is_some);
            tokio::select! {
                biased;
                Ok(reason) = stopped => {
                    let reason = reason.clone().unwrap_or_default();
                    visit.end_unread(&reason).await;
                }
                endings = visit.roots() => visit.end(endings).await,
            }
            (family, elapsed(began, reading.clock.now()))
        }
    });
    let mut done = stream::iter(families).buffer_unordered(at_once);
    while let Some((family, took)) = done.next().await {
        for step in &family.steps {
            seconds[step.stream] = took;
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

impl<'r> Visit<'r> {
    fn new(reading: &'r Reading, family: &'r Family) -> Visit<'r> {
        let turns = |stream: &Stream| Semaphore::new(stream.limits.concurrency.max(1) as usize);
        let turns = reading.connector.streams.iter().map(turns).collect();
        Visit { reading, family, tallies: Mutex::default(), turns, walks: AtomicU64::new(0) }
    }

    pub(super) fn stream(&self, at: usize) -> &'r Stream {
        &self.reading.connector.streams[at]
    }

    pub(super) async fn tell(&self, message: Message) -> Result<(), Broken> {
        self.reading.sender.send(message).await.map_err(|_| Broken::Loader)
    }

    /// Reads the streams without a parent with all that hangs on them, again if rows slid, until a read is whole.
    /// They are read again together: a child may hang on several of them.
    async fn roots(&self) -> BTreeMap<usize, Ending> {
        let mut before: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
        let mut endings: BTreeMap<usize, Ending> = BTreeMap::new();
        for read in 1..=READS {
            let ends = join_all(self.family.roots().map(|step| async move { (step, self.root(step).await) })).await;
            let mut again = false;
            for (step, end) in ends {
                let notes = endings.remove(&step.stream).map(|earlier| earlier.notes).unwrap_or_default();
                let (mut ending, slid) = match self.judged(step, end, &mut before).await {
                    Ok(judged) => judged,
                    Err(broken) => (Ending::failed(broken.reason()), None),
                };
                let own = std::mem::replace(&mut ending.notes, notes);
                ending.notes.extend(own);
                if let Some(slid) = slid {
                    again |= read < READS;
                    ending.notes.push(format!("read again, because rows slid between pages: {slid}"));
                    ending.reason = format!("rows slid between pages in each of {READS} reads: {slid}");
                }
                endings.insert(step.stream, ending);
            }
            if !again {
                break;
            }
            if let Err(broken) = self.again().await {
                let reason = broken.reason();
                return self.family.roots().map(|step| (step.stream, Ending::failed(reason.clone()))).collect();
            }
        }
        for ending in endings.values_mut().filter(|ending| ending.verdict == Verdict::Failed) {
            ending.notes.clear();
        }
        endings
    }

    async fn root(&self, step: &'r Step) -> RootEnd {
        let stream = self.stream(step.stream);
        let Some(for_each) = &stream.for_each else {
            if let Some(window) = window(stream) {
                return RootEnd::Windows(self.windows(step, window).await);
            }
            return RootEnd::Single(self.whole(step).await);
        };
        let cut = match self.reading.source.cut(stream, &step.slices) {
            Ok(cut) => cut,
            Err(why) => return RootEnd::Slices(Err(Broken::Failed(why))),
        };
        let made = Values { config: &self.reading.config, now: self.reading.clock.now(), cut: &cut };
        let occasions = Occasions::of(stream, for_each, made).alone();
        RootEnd::Slices(self.all_slices(step, &occasions).await)
    }

    /// Reads a stream from where it goes on, or anew if the API no longer knows of that place.
    async fn whole(&self, step: &Step) -> Result<ReadEnd, Broken> {
        match self.slice(step, None, None).await {
            Err(Broken::Expired(reason)) if step.since.is_some() => {
                let note = format!("{reason}: everything is read anew; rows that are gone at the source stay");
                let anew = Step { since: None, ..step.clone() };
                self.slice(&anew, None, None).await.map(|end| ReadEnd { note: Some(note), ..end })
            }
            end => end,
        }
    }

    /// What a read came to, and what shows that its rows slid.
    async fn judged(
        &self,
        step: &'r Step,
        end: RootEnd,
        before: &mut BTreeMap<usize, (u64, u64)>,
    ) -> Result<(Ending, Option<String>), Broken> {
        let end = match end {
            RootEnd::Single(end) => end?,
            RootEnd::Windows(ending) => return Ok((ending, None)),
            RootEnd::Slices(end) => {
                end?;
                return Ok((self.tallied(step, &BTreeMap::new()), None));
            }
        };
        if let Some(slid) = self.slid(step, &end, before).await? {
            let notes = end.note.into_iter().collect();
            return Ok((Ending { notes, ..Ending::failed(String::new()) }, Some(slid)));
        }
        if end.is_whole {
            self.advance(step, end.key, None).await?;
        }
        let verdict = if end.bounded { Verdict::Bounded } else { Verdict::Complete };
        Ok((Ending { verdict, reason: end.reason, notes: end.note.into_iter().collect() }, None))
    }

    /// What shows that rows moved between pages while they were read: a count that moved, or keys that
    /// came on two pages. The same keys twice in two reads are the API's own.
    async fn slid(
        &self,
        step: &Step,
        end: &ReadEnd,
        before: &mut BTreeMap<usize, (u64, u64)>,
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
        if repeated == 0 || before.insert(step.stream, figures) == Some(figures) {
            return Ok(None);
        }
        Ok(Some(format!("{} came on two pages", counted(repeated, "key"))))
    }

    /// Forgets what an earlier read of the family came to.
    async fn again(&self) -> Result<(), Broken> {
        for step in &self.family.steps {
            self.tally(step.stream, |tally| *tally = Tally::default());
            if step.load {
                self.tell(Message::Again { stream: step.stream }).await?;
            }
        }
        Ok(())
    }

    pub(super) fn tally<R: Default>(&self, stream: usize, change: impl FnOnce(&mut Tally) -> R) -> R {
        self.tallies.lock().map_or_else(|_| R::default(), |mut tallies| change(tallies.entry(stream).or_default()))
    }

    /// Moves the bookmarks of a stream and of its dependents to what was read; of a stream that is read in windows to
    /// `until`, the end of one.
    pub(super) async fn advance(
        &self,
        step: &Step,
        key: Option<KeyValue>,
        until: Option<Timestamp>,
    ) -> Result<(), Broken> {
        if matches!(self.stream(step.stream).replication, Replication::FullTable) {
            return Ok(());
        }
        self.tell(Message::Advance { stream: step.stream, key, until, children: step.dependents.clone() }).await
    }

    async fn end_unread(&self, reason: &str) {
        let endings = self.family.roots().map(|step| (step.stream, Ending::failed(reason.to_owned())));
        self.end(endings.collect()).await;
    }

    /// Ends the streams of the family, parents before their children.
    async fn end(&self, roots: BTreeMap<usize, Ending>) {
        let mut ended = roots;
        for step in &self.family.steps {
            let ending = match ended.get(&step.stream) {
                Some(ending) => ending.clone(),
                None => match routed::origin(self.stream(step.stream), step, &ended) {
                    Some((origin, ending)) => routed::ending(origin, ending),
                    None => self.tallied(step, &ended),
                },
            };
            ended.insert(step.stream, ending.clone());
            let ending = self.held(step, ending);
            self.reading.progress[step.stream].enter(Phase::Ended(ending.verdict));
            if step.load {
                // A loader that is gone has said why.
                let _ = self.tell(Message::End { stream: step.stream, ending }).await;
            }
        }
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
