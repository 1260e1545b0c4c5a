//! The loading side: one thread that owns the destination, takes pages in order, and commits rows and
//! state together.

mod outcome;
mod page;
mod wait;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tapwright_spec::Connector;
use tapwright_spec::model::Stream;
use tokio::sync::{mpsc, oneshot};

use super::bookmark::{capped, end_of_window, go_back, move_to};
use super::loading::{Loading, begin, tally};
use super::slices::Slices;
use super::told::Told;
use super::{Bounds, Ending, Job, RunFault};
use crate::auth::Redactor;
use crate::destination::{Completion, Destination, Fault, Written};
use crate::extract::Page;
use crate::hook::{HookFault, Hooks, StreamHooks};
use crate::plan::{Names, Plan};
use crate::report::{Progress, Verdict};
use crate::state::{Draft, KeyValue, State, StreamState};
use wait::Next;

/// The time after which a commit is due, however few records wait for it.
const COMMIT_AFTER: Duration = Duration::from_secs(2);

/// What extraction tells the loader, in the order in which it must take effect.
pub(super) enum Message {
    /// Records of a stream.
    Page(Box<Arrived>),
    /// Everything of `stream` up to `key` is in the queue before this, with the children; without a key,
    /// up to the greatest one so far. A parent gives it: its next pages may be in the queue already.
    /// After a window of time, `until` is its end.
    Advance { stream: usize, key: Option<KeyValue>, until: Option<Timestamp>, children: Vec<usize> },
    /// A walk of a stream that keeps slices is over. What it reached is in the queue before this, with the children.
    Slice { stream: usize, walk: u64, reached: Option<Reached>, children: Vec<usize> },
    /// What became of the stream's records so far in this read.
    Settle { stream: usize, answer: oneshot::Sender<Written> },
    /// The stream is read once more from the beginning.
    Again { stream: usize },
    /// The stream is at its end.
    End { stream: usize, ending: Ending },
}

/// How far a slice was read.
pub(super) struct Reached {
    /// How the state knows it.
    pub(super) ids: Vec<String>,
    /// Greatest key that its records had, where children hang on them.
    pub(super) key: Option<KeyValue>,
    /// The end of its last window, if it is read in such.
    pub(super) until: Option<Timestamp>,
}

/// A page with what its records need to be loaded.
pub(super) struct Arrived {
    pub(super) stream: usize,
    pub(super) page: Page,
    pub(super) names: Option<Names>,
    /// Number of the walk that brought it.
    pub(super) walk: u64,
}

/// Owns the streams that are loaded, and the state.
pub(super) struct Loader {
    streams: Vec<Option<Loading>>,
    /// What changes the records of each stream before all else.
    hooks: Vec<Option<StreamHooks>>,
    /// By stream: those to which its hooks send records.
    routes: Vec<Vec<usize>>,
    progress: Arc<Vec<Progress>>,
    state: State,
    draft: Draft,
    started: Timestamp,
    since_commit: u64,
    committed: Instant,
    bounds: Bounds,
    journal: Told,
}

/// What the loader comes back with.
pub(super) struct Loaded {
    streams: Vec<Option<Loading>>,
    /// By stream: what its hooks have told.
    told: Vec<Vec<String>>,
    state: State,
    /// There are columns to tell of.
    has_rows: bool,
    /// What ended loading before its time.
    pub(super) fault: Option<String>,
}

impl Loader {
    /// Makes ready the streams that are loaded.
    pub(super) fn open(
        job: &Job,
        state: State,
        plan: &Plan,
        progress: Arc<Vec<Progress>>,
        bounds: Bounds,
    ) -> Result<Loader, RunFault> {
        let started = job.clock.now();
        let connector: &Connector = &job.connector;
        let mut streams: Vec<Option<Loading>> = connector.streams.iter().map(|_| None).collect();
        for step in plan.steps().into_iter().filter(|step| step.load) {
            let stream = &connector.streams[step.stream];
            let mut loading = Loading::of(stream, step, job, &state.of(&stream.name), started)?;
            loading.slices.iter_mut().for_each(|slices| slices.most = bounds.slices);
            streams[step.stream] = Some(loading);
        }
        let tables = streams.iter().flatten().map(|loading| loading.filling.rows.normaliser().tables());
        let wide: Vec<String> =
            tables.flat_map(|tables| job.destination.bounds().too_wide(tables)).map(|wide| wide.to_string()).collect();
        if !wide.is_empty() {
            return Err(RunFault::Refused(wide.join("\n")));
        }
        if job.destination.bounds().keeps_versions && streams.iter().flatten().any(|loading| loading.filling.merges()) {
            return Err(Fault::NoMerging { place: job.place.clone() }.into());
        }
        let (draft, committed) = (Draft::default(), Instant::now());
        let position = |name: &str| connector.streams.iter().position(|one| one.name == name);
        let routed =
            |stream: &Stream| connector.routed_from(&stream.name).filter_map(|one| position(&one.name)).collect();
        let routes = connector.streams.iter().map(routed).collect();
        let hooks = connector.streams.iter().map(|_| None).collect();
        let (since_commit, journal) = (0, Told::default());
        Ok(Loader { streams, hooks, routes, progress, state, draft, started, since_commit, committed, bounds, journal })
    }

    /// Writes what happens into this journal.
    pub(super) fn telling(self, journal: Told) -> Loader {
        Loader { journal, ..self }
    }

    /// Begins the hooks of the streams that are read.
    pub(super) fn hooked(self, connector: &Connector, hooks: &Hooks, redactor: &Redactor) -> Result<Loader, RunFault> {
        let wanted = |at: usize| {
            self.streams[at].is_some() || self.routes[at].iter().any(|routed| self.streams[*routed].is_some())
        };
        let of = |(at, stream): (usize, &Stream)| match wanted(at) {
            true => hooks.of_stream(connector, stream, redactor).map_err(|why| RunFault::Hook(HookFault::Spec(why))),
            false => Ok(None),
        };
        let hooks = connector.streams.iter().enumerate().map(of).collect::<Result<_, _>>()?;
        Ok(Loader { hooks, ..self })
    }

    /// When the run began.
    pub(super) fn started(&self) -> Timestamp {
        self.started
    }

    /// Takes messages until there are no more. After a fault nothing is taken: extraction sees the closed
    /// queue and ends too.
    pub(super) fn run(mut self, mut destination: Box<dyn Destination>, mut queue: mpsc::Receiver<Message>) -> Loaded {
        let has_rows = destination.has_rows();
        let outcome = self.take_all(destination.as_mut(), &mut queue);
        let fault = outcome.err().map(|fault| {
            // The rollback can only fail where the fault has closed the place anyway.
            let _ = destination.rollback();
            fault.to_string()
        });
        let told = self.hooks.iter_mut().map(|hooks| hooks.as_mut().map(StreamHooks::notes).unwrap_or_default());
        Loaded { told: told.collect(), streams: self.streams, state: self.state, has_rows, fault }
    }

    fn take_all(
        &mut self,
        destination: &mut dyn Destination,
        queue: &mut mpsc::Receiver<Message>,
    ) -> Result<(), Fault> {
        for loading in self.streams.iter_mut().flatten() {
            begin(destination, loading)?;
        }
        self.commit(destination)?;
        loop {
            match wait::next(queue, COMMIT_AFTER) {
                Next::Message(message) => self.take(destination, message)?,
                Next::Closed => break,
                Next::Nothing => {}
            }
            let due = self.since_commit >= self.bounds.records || self.committed.elapsed() >= COMMIT_AFTER;
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
            Message::Slice { stream, walk, reached, children } => {
                self.slice((stream, walk), reached, &children);
                Ok(())
            }
            Message::Settle { stream, answer } => {
                let mut loading = self.streams[stream].as_mut();
                loading.as_deref_mut().map_or(Ok(()), |loading| tally(destination, loading))?;
                let written = loading.map(|loading| loading.written).unwrap_or_default();
                // Nobody listens any more if the run was stopped meanwhile.
                let _ = answer.send(written);
                Ok(())
            }
            Message::Again { stream } => self.again(destination, stream),
            Message::End { stream, ending } => self.end(destination, stream, ending),
        }
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
            self.draft.change(&self.state, &loading.filling.name, |state| move_to(state, &key, start, moved));
        }
    }

    /// Moves the bookmarks of a slice, and those of the dependents that were read along with it.
    fn slice(&mut self, (stream, walk): (usize, u64), reached: Option<Reached>, children: &[usize]) {
        let slices = self.streams[stream].as_mut().and_then(|loading| loading.slices.as_mut());
        let own = slices.and_then(|slices| slices.close(walk));
        let affected = || std::iter::once(&stream).chain(children);
        let refused = |at: &usize| self.streams[*at].as_ref().is_some_and(|loading| loading.refused.is_some());
        let Some(reached) = reached.filter(|_| !affected().any(refused)) else { return };
        for at in affected() {
            let Some(loading) = self.streams[*at].as_mut() else { continue };
            let Some(slices) = &mut loading.slices else { continue };
            // What an answer told stands in no row.
            let key = own.clone().filter(|_| *at == stream).or(reached.key.clone());
            let key = match reached.until {
                Some(until) => Some(end_of_window(until, key.as_ref(), self.started)),
                None => key,
            };
            let moved = slices.reached(&reached.ids, key.map(|key| capped(key, self.started)).as_ref());
            if loading.staged() {
                continue;
            }
            let (start, began_anew) = (loading.start, loading.moved || loading.known.start.is_none());
            self.draft.change(&self.state, &loading.filling.name, |state| {
                if began_anew && state.start != start {
                    go_back(state, start);
                }
                state.slices.extend(moved);
            });
        }
    }

    fn again(&mut self, destination: &mut dyn Destination, stream: usize) -> Result<(), Fault> {
        let Some(loading) = &mut self.streams[stream] else { return Ok(()) };
        tally(destination, loading)?;
        destination.finish(&loading.filling.name, Completion::Discard)?;
        loading.counts.discard();
        if !loading.staged() {
            loading.earlier += Written { unchanged: 0, repeated: 0, ..loading.written };
        }
        loading.written = Written::default();
        (loading.left_out, loading.last) = (0, None);
        loading.slices.iter_mut().for_each(Slices::again);
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
        tally(destination, loading)?;
        loading.notes = destination.notes(&loading.filling.name);
        loading.filling.settle(destination, complete)?;
        let gone = destination.finish(&loading.filling.name, completion)?.deleted;
        if !complete && loading.staged() {
            // What waited in the stage is in no table.
            loading.counts.discard();
            loading.written = Written { rejected: loading.written.rejected, ..Written::default() };
        }
        loading.deleted = gone + loading.written.deleted + loading.earlier.deleted;
        if complete {
            let (start, moved, version) = (loading.start, loading.moved, loading.filling.version);
            let key = loading.greatest.clone().filter(|_| loading.staged() && loading.filling.version.is_none());
            let anew = loading.staged() && loading.slices.is_some();
            let mut slices = loading.slices.take();
            self.draft.change(&self.state, &loading.filling.name, |state| {
                if anew {
                    *state = StreamState { start, ..StreamState::default() };
                } else if let Some(key) = key.map(|key| capped(key, now)) {
                    *state = StreamState { bookmark: Some(key), start, ..StreamState::default() };
                } else if moved || state.start.is_none() {
                    state.start = start.or(state.start);
                }
                if let Some(slices) = &mut slices {
                    slices.complete(state, now);
                }
                state.completed = Some(now);
                state.version = version.or(state.version);
            });
            loading.slices = slices;
        }
        self.journal.ended(loading, &ending);
        loading.ending = Some(ending);
        self.commit(destination)
    }

    fn commit(&mut self, destination: &mut dyn Destination) -> Result<(), Fault> {
        for loading in self.streams.iter_mut().flatten().filter(|loading| loading.ending.is_none()) {
            tally(destination, loading)?;
        }
        let receipt = destination.commit(&self.draft)?;
        self.journal.committed(self.streams.iter_mut().flatten(), &self.state, &self.draft);
        self.draft.settle(&mut self.state, &receipt);
        self.since_commit = 0;
        self.committed = Instant::now();
        // A start date that moved is known to the state from its first commit on.
        for loading in self.streams.iter_mut().flatten() {
            loading.moved &= self.state.of(&loading.filling.name).start != loading.start;
        }
        Ok(())
    }
}
