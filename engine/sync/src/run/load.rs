//! The loading side: one thread that owns the destination, takes pages in order, and commits rows and
//! state together.

mod outcome;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tapwright_spec::Connector;
use tapwright_spec::model::{Order, Replication, Stream};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::bookmark::{capped, disordered, end_of_window, move_to};
use super::change::{Change, Records};
use super::rows::{PageRows, RowReader};
use super::{Ending, Job, RunFault};
use crate::destination::{Completion, Delivery, Destination, Fault, Mode, Opening, Written};
use crate::extract::Page;
use crate::normalise::Batch;
use crate::plan::{Plan, Step};
use crate::report::{Progress, Verdict};
use crate::state::{Draft, KeyValue, State, StreamState};

/// Records after which a commit is due …
const COMMIT_RECORDS: u64 = 20_000;
/// … and the time after which one is due anyway.
const COMMIT_AFTER: Duration = Duration::from_secs(2);

/// What extraction tells the loader, in the order in which it must take effect.
pub(super) enum Message {
    /// Records of a stream.
    Page(Box<Arrived>),
    /// Everything of `stream` up to `key` is in the queue before this, with the children; without a key,
    /// up to the greatest one so far. A parent gives it: its next pages may be in the queue already.
    /// After a window of time, `until` is its end.
    Advance { stream: usize, key: Option<KeyValue>, until: Option<Timestamp>, children: Vec<usize> },
    /// What became of the stream's records so far in this read.
    Settle { stream: usize, answer: oneshot::Sender<Written> },
    /// The stream is read once more from the beginning.
    Again { stream: usize },
    /// The stream is at its end.
    End { stream: usize, ending: Ending },
}

/// A page with what its records need to be loaded.
pub(super) struct Arrived {
    pub(super) stream: usize,
    pub(super) page: Page,
    pub(super) parent: Option<std::sync::Arc<serde_json::Map<String, serde_json::Value>>>,
}

/// A stream that is being loaded.
struct Loading {
    name: String,
    rows: RowReader,
    change: Change,
    mode: Mode,
    version: Option<i64>,
    ascending: bool,
    /// The bookmark is the parent's key, not one of the stream's own.
    keyed_by_parent: bool,
    /// What the state said of it when the run began.
    known: StreamState,
    start: Option<Timestamp>,
    /// The start date moved: the bookmark begins anew.
    moved: bool,
    written: Written,
    earlier: Written,
    deleted: u64,
    left_out: u64,
    greatest: Option<KeyValue>,
    last: Option<KeyValue>,
    disorder: Option<String>,
    /// Why no more of its pages are taken.
    refused: Option<String>,
    ending: Option<Ending>,
}

impl Loading {
    fn staged(&self) -> bool {
        matches!(self.mode, Mode::Replace | Mode::Rebuild)
    }

    fn of(
        stream: &Stream,
        step: &Step,
        job: &Job,
        known: &StreamState,
        started: Timestamp,
    ) -> Result<Loading, RunFault> {
        let full = matches!(stream.replication, Replication::FullTable);
        let mode = if job.selection.full_refresh { Mode::Rebuild } else { Mode::of(stream) };
        let ascending = matches!(&stream.replication, Replication::Incremental(one) if one.order == Order::Ascending);
        Ok(Loading {
            name: stream.name.clone(),
            rows: RowReader::new(stream)?,
            change: Change::of(stream, &job.settings.values, started),
            mode,
            version: full.then(|| started.as_millisecond()),
            ascending: ascending && stream.for_each.is_none(),
            keyed_by_parent: stream.for_each.as_ref().is_some_and(|for_each| for_each.changed_only),
            known: known.clone(),
            start: step.start,
            moved: known.bookmark.is_some() && step.start.is_some() && step.start != known.start,
            written: Written::default(),
            earlier: Written::default(),
            deleted: 0,
            left_out: 0,
            greatest: None,
            last: None,
            disorder: None,
            refused: None,
            ending: None,
        })
    }
}

/// Owns the streams that are loaded, and the state.
pub(super) struct Loader {
    streams: Vec<Option<Loading>>,
    progress: Arc<Vec<Progress>>,
    state: State,
    draft: Draft,
    started: Timestamp,
    since_commit: u64,
    committed: Instant,
}

/// What the loader comes back with.
pub(super) struct Loaded {
    streams: Vec<Option<Loading>>,
    state: State,
    /// What ended loading before its time.
    pub(super) fault: Option<String>,
}

impl Loader {
    /// Makes ready the streams that are loaded.
    pub(super) fn open(job: &Job, state: State, plan: &Plan, progress: Arc<Vec<Progress>>) -> Result<Loader, RunFault> {
        let started = job.clock.now();
        let connector: &Connector = &job.connector;
        let mut streams: Vec<Option<Loading>> = connector.streams.iter().map(|_| None).collect();
        for step in plan.steps().into_iter().filter(|step| step.load) {
            let stream = &connector.streams[step.stream];
            streams[step.stream] = Some(Loading::of(stream, step, job, &state.of(&stream.name), started)?);
        }
        let (draft, committed) = (Draft::default(), Instant::now());
        Ok(Loader { streams, progress, state, draft, started, since_commit: 0, committed })
    }

    /// When the run began.
    pub(super) fn started(&self) -> Timestamp {
        self.started
    }

    /// Takes messages until there are no more. After a fault nothing is taken: extraction sees the closed
    /// queue and ends too.
    pub(super) fn run(
        mut self,
        mut destination: Box<dyn Destination>,
        mut queue: mpsc::Receiver<Message>,
        runtime: &Handle,
    ) -> Loaded {
        let outcome = self.take_all(destination.as_mut(), &mut queue, runtime);
        let fault = outcome.err().map(|fault| {
            // The rollback can only fail where the fault has closed the place anyway.
            let _ = destination.rollback();
            fault.to_string()
        });
        Loaded { streams: self.streams, state: self.state, fault }
    }

    fn take_all(
        &mut self,
        destination: &mut dyn Destination,
        queue: &mut mpsc::Receiver<Message>,
        runtime: &Handle,
    ) -> Result<(), Fault> {
        for loading in self.streams.iter_mut().flatten() {
            begin(destination, loading)?;
        }
        self.commit(destination)?;
        loop {
            let wait = runtime.block_on(async { tokio::time::timeout(COMMIT_AFTER, queue.recv()).await });
            match wait {
                Ok(Some(message)) => self.take(destination, message)?,
                Ok(None) => break,
                Err(_) => {}
            }
            let due = self.since_commit >= COMMIT_RECORDS || self.committed.elapsed() >= COMMIT_AFTER;
            if due && (self.since_commit > 0 || self.draft.changed().next().is_some()) {
                self.commit(destination)?;
            }
        }
        self.commit(destination)
    }

    fn take(&mut self, destination: &mut dyn Destination, message: Message) -> Result<(), Fault> {
        match message {
            Message::Page(arrived) => self.page(destination, &arrived),
            Message::Advance { stream, key, until, children } => {
                self.advance(stream, (key, until), &children);
                Ok(())
            }
            Message::Settle { stream, answer } => {
                let written = self.streams[stream].as_ref().map(|loading| loading.written).unwrap_or_default();
                // Nobody listens any more if the run was stopped meanwhile.
                let _ = answer.send(written);
                Ok(())
            }
            Message::Again { stream } => self.again(destination, stream),
            Message::End { stream, ending } => self.end(destination, stream, ending),
        }
    }

    fn page(&mut self, destination: &mut dyn Destination, arrived: &Arrived) -> Result<(), Fault> {
        let Some(loading) = &mut self.streams[arrived.stream] else { return Ok(()) };
        if loading.refused.is_some() {
            return Ok(());
        }
        let page = &arrived.page;
        let mut records = Records::default();
        for at in 0..page.records.len() {
            records.add(&loading.change, (at + 1, page.record(at)), arrived.parent.as_ref());
        }
        let PageRows { batch, left_out, fault, .. } = loading.rows.page(&records.changed);
        if let Some((at, fault)) = fault {
            let reason = format!("{}: record {}: {fault}", page.request, records.numbers[at]);
            self.progress[arrived.stream].refuse(&reason);
            loading.refused = Some(reason);
            return Ok(());
        }
        loading.left_out += left_out;
        if page.anew {
            // A key that is sent to the second brings back earlier records of that second.
            loading.last = None;
        }
        note_keys(loading, &batch);
        if loading.disorder.is_some() {
            // What was taken for read up to the bookmark was not: it goes back to where the run found it.
            let known = loading.known.clone();
            self.draft.change(&self.state, &loading.name, |state| {
                state.bookmark = known.bookmark;
                state.start = known.start;
            });
        }
        let tables = loading.rows.normaliser().tables();
        let delivery = Delivery { tables, batch: &batch, received: page.received_at };
        loading.written += destination.write(&loading.name, &delivery)?;
        self.since_commit += page.records.len() as u64;
        Ok(())
    }

    /// Moves the bookmark of a stream, and of the children that hang on its changes, to what is in the queue
    /// before. Staged loads move at their end alone.
    fn advance(&mut self, stream: usize, (key, until): (Option<KeyValue>, Option<Timestamp>), children: &[usize]) {
        let own = self.streams[stream].as_ref().map(|loading| (loading.greatest.clone(), loading.disorder.is_some()));
        let (key, disorder) = match own {
            Some((greatest, disorder)) => (key.or(greatest), disorder),
            None => (key, false),
        };
        let key = match until {
            Some(until) => Some(end_of_window(until, key.as_ref(), self.started)),
            None => key,
        };
        let Some(key) = key.map(|key| capped(key, self.started)) else { return };
        let affected = || std::iter::once(&stream).chain(children);
        let refused = |at: &usize| self.streams[*at].as_ref().is_some_and(|loading| loading.refused.is_some());
        if disorder || affected().any(refused) {
            return;
        }
        for at in affected() {
            let Some(loading) = self.streams[*at].as_mut() else { continue };
            if loading.staged() && loading.ending.is_none() {
                loading.greatest = Some(key.clone());
                continue;
            }
            let (start, moved) = (loading.start, loading.moved);
            self.draft.change(&self.state, &loading.name, |state| move_to(state, &key, start, moved));
        }
    }

    fn again(&mut self, destination: &mut dyn Destination, stream: usize) -> Result<(), Fault> {
        let Some(loading) = &mut self.streams[stream] else { return Ok(()) };
        destination.finish(&loading.name, Completion::Discard)?;
        if !loading.staged() {
            loading.earlier += Written { unchanged: 0, repeated: 0, ..loading.written };
        }
        loading.written = Written::default();
        (loading.left_out, loading.last) = (0, None);
        begin(destination, loading)
    }

    fn end(&mut self, destination: &mut dyn Destination, stream: usize, ending: Ending) -> Result<(), Fault> {
        let now = self.started;
        let Some(loading) = &mut self.streams[stream] else { return Ok(()) };
        let ending = match (&loading.disorder, &loading.refused, ending.verdict) {
            (Some(reason), None, Verdict::Complete) if loading.ascending => ending.because(reason),
            (_, Some(reason), Verdict::Complete | Verdict::Bounded) => ending.because(reason),
            _ => ending,
        };
        let complete = ending.verdict == Verdict::Complete;
        let completion = if complete { Completion::Complete } else { Completion::Discard };
        let gone = destination.finish(&loading.name, completion)?.deleted;
        if !complete && loading.staged() {
            // What waited in the stage is in no table.
            loading.written = Written { rejected: loading.written.rejected, ..Written::default() };
        }
        loading.deleted = gone + loading.written.deleted + loading.earlier.deleted;
        if complete {
            let (start, moved, version) = (loading.start, loading.moved, loading.version);
            let key = loading.greatest.clone().filter(|_| loading.staged() && loading.version.is_none());
            self.draft.change(&self.state, &loading.name, |state| {
                if let Some(key) = key.map(|key| capped(key, now)) {
                    *state = StreamState { bookmark: Some(key), start, ..StreamState::default() };
                } else if moved || state.start.is_none() {
                    state.start = start.or(state.start);
                }
                state.completed = Some(now);
                state.version = version.or(state.version);
            });
        }
        loading.ending = Some(ending);
        self.commit(destination)
    }

    fn commit(&mut self, destination: &mut dyn Destination) -> Result<(), Fault> {
        let receipt = destination.commit(&self.draft)?;
        self.draft.settle(&mut self.state, &receipt);
        self.since_commit = 0;
        self.committed = Instant::now();
        // A start date that moved is known to the state from its first commit on.
        for loading in self.streams.iter_mut().flatten() {
            loading.moved &= self.state.of(&loading.name).start != loading.start;
        }
        Ok(())
    }
}

fn begin(destination: &mut dyn Destination, loading: &mut Loading) -> Result<(), Fault> {
    let opening = Opening {
        stream: &loading.name,
        tables: loading.rows.normaliser().tables(),
        mode: loading.mode,
        version: loading.version,
    };
    let existing = destination.begin(&opening)?;
    loading.rows.normaliser_mut().adopt(&existing);
    Ok(())
}

/// Notes the greatest key, and records that do not ascend where the spec says that they do.
fn note_keys(loading: &mut Loading, batch: &Batch<'_>) {
    if loading.keyed_by_parent {
        return;
    }
    let Some(keys) = batch.keys(loading.rows.normaliser().tables()) else { return };
    if loading.ascending && loading.disorder.is_none() {
        let before = loading.last.as_ref().filter(|last| keys.first < **last);
        if let Some(before) = before {
            loading.disorder = Some(disordered(&keys.first, before));
        } else if !keys.ascending {
            loading.disorder = Some(disordered(&keys.last, &keys.greatest));
        }
    }
    if loading.greatest.as_ref().is_none_or(|greatest| *greatest < keys.greatest) {
        loading.greatest = Some(keys.greatest);
    }
    loading.last = Some(keys.last);
}
