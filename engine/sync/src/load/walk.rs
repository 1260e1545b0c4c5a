//! Goes through a hub and tells a destination what a run told the hub.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tapwright_spec::{Connector, counted};

use super::Load;
use super::course::{Course, Hindrance};
use super::figures::{Figures, Open};
use super::index::{Index, Word, word};
use crate::destination::{Completion, Delivery, Fault, Written};
use crate::hub::{Begun, Came, Damage, Event, Frame, Head, Kind, deliveries};
use crate::run::Stop;
use crate::run::counts::Counts;
use crate::run::filling::Filling;
use crate::run::rows::PageRows;
use crate::state::{Draft, Mark, Position, State, StreamState};

/// The time after which a commit is due, however few records wait for it.
const COMMIT_AFTER: Duration = Duration::from_secs(2);
/// The records after which it is.
const COMMIT_RECORDS: u64 = 20_000;

/// How a walk ends.
pub(super) enum Ended {
    /// At the end of its course.
    Well,
    /// When it was asked to.
    Stopped(String),
    /// Where something stands in the way; what was not committed is to be rolled back.
    Hindered(Hindrance),
    /// With a fault of the destination.
    Broken(Fault),
}

/// Why a walk does not go on.
enum Halt {
    Damage(Damage),
    Unfit(Hindrance),
    Fault(Fault),
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Halt {
        Halt::Fault(fault)
    }
}

impl From<Damage> for Halt {
    fn from(damage: Damage) -> Halt {
        Halt::Damage(damage)
    }
}

/// The tables of a stream do not take what stands there.
fn unfit(stream: &str, at: Position, why: String) -> Halt {
    Halt::Unfit(Hindrance::Unfit { stream: stream.to_owned(), at, why })
}

/// A way through a hub.
pub(super) struct Walk<'w> {
    load: &'w mut Load,
    course: &'w Course,
    index: &'w Index,
    /// What the destination has committed.
    state: State,
    connector: Option<(String, Connector)>,
    run: Option<jiff::Timestamp>,
    /// Loads that the hub has under way where the walk is.
    under_way: BTreeMap<String, (Begun, Position)>,
    /// Those that the destination has.
    open: BTreeMap<String, Open>,
    /// Staged loads whose end is not in the hub yet: where they begin.
    waiting: BTreeMap<String, Position>,
    /// What the hub said last of each stream that is loaded from here on.
    told: BTreeMap<String, StreamState>,
    figures: BTreeMap<String, Figures>,
    /// As of the last commit.
    settled: BTreeMap<String, Figures>,
    /// Rows of which the journal is told with the next commit.
    untold: Vec<(String, BTreeMap<String, u64>)>,
    since_commit: u64,
    committed: Instant,
}

impl<'w> Walk<'w> {
    /// Begins with what earlier walks have settled.
    pub(super) fn new(
        load: &'w mut Load,
        course: &'w Course,
        index: &'w Index,
        state: State,
        settled: BTreeMap<String, Figures>,
    ) -> Walk<'w> {
        let figures = settled.clone();
        Walk {
            load,
            course,
            index,
            state,
            connector: None,
            run: None,
            under_way: BTreeMap::new(),
            open: BTreeMap::new(),
            waiting: BTreeMap::new(),
            told: BTreeMap::new(),
            figures,
            settled,
            untold: Vec::new(),
            since_commit: 0,
            committed: Instant::now(),
        }
    }

    /// Goes to the end of the course; also gives what was committed.
    pub(super) fn go(mut self, stop: &Stop) -> (Ended, BTreeMap<String, Figures>) {
        let ended = match self.walk(stop) {
            Ok(None) => Ended::Well,
            Ok(Some(reason)) => Ended::Stopped(reason),
            Err(Halt::Damage(damage)) => Ended::Hindered(Hindrance::Damage(damage)),
            Err(Halt::Unfit(hindrance)) => Ended::Hindered(hindrance),
            Err(Halt::Fault(fault)) => Ended::Broken(fault),
        };
        (ended, self.settled)
    }

    fn walk(&mut self, stop: &Stop) -> Result<Option<String>, Halt> {
        let low = self.course.low();
        // The head of the segment tells which loads go on there.
        let hub = self.load.hub.clone();
        let mut frames = hub.frames(Position { byte: 0, ..low });
        while let Some(frame) = frames.next(|kind, at| kind != Kind::Rows || at >= low)? {
            if frame.at >= self.course.until {
                break;
            }
            if let Some(committed) = self.frame(&frame)? {
                let reason = stop.borrow().clone();
                let due = self.since_commit >= COMMIT_RECORDS || self.committed.elapsed() >= COMMIT_AFTER;
                if due || reason.is_some() {
                    self.commit(committed)?;
                }
                if reason.is_some() {
                    return Ok(reason);
                }
            }
        }
        self.commit(self.course.until)?;
        Ok(None)
    }

    /// Takes a frame; gives its end if what stands before belongs together.
    fn frame(&mut self, frame: &Frame) -> Result<Option<Position>, Halt> {
        match word(frame)? {
            Word::Head(head) => self.head(&head, frame.at)?,
            Word::Event(Event::Begin(begun)) => {
                let name = begun.stream.clone();
                self.under_way.insert(name.clone(), (begun, frame.at));
                if self.course.takes(&name, frame.at) {
                    self.begin(&name, frame.at)?;
                }
            }
            Word::Event(Event::Finish { stream, completion }) => self.finish(&stream, completion)?,
            Word::Event(Event::Commit(states)) => {
                let wanted = states.into_iter().filter(|(name, _)| self.course.takes(name, frame.at));
                let wanted: Vec<_> = wanted.filter(|(name, _)| !self.waiting.contains_key(name)).collect();
                self.told.extend(wanted);
                return Ok(Some(frame.next));
            }
            Word::Rows if frame.at >= self.course.low() => self.rows(frame)?,
            Word::Rows => {}
        }
        Ok(None)
    }

    fn head(&mut self, head: &Head, at: Position) -> Result<(), Halt> {
        if self.run.replace(head.run).is_some_and(|run| run != head.run) {
            // The run before was killed. What was not complete is not.
            for stream in self.under_way.keys().cloned().collect::<Vec<_>>() {
                self.finish(&stream, Completion::Discard)?;
            }
        }
        if self.connector.as_ref().is_none_or(|(spec, _)| *spec != head.spec) {
            self.connector = Some((head.spec.clone(), self.load.connector(&head.spec)?));
        }
        for begun in &head.under_way {
            self.under_way.entry(begun.stream.clone()).or_insert_with(|| (begun.clone(), at));
        }
        Ok(())
    }

    /// Begins the load of a stream that is under way, unless the hub does not hold all that it needs.
    fn begin(&mut self, stream: &str, at: Position) -> Result<(), Halt> {
        let Some((begun, begin)) = self.under_way.get(stream).cloned() else { return Ok(()) };
        let known = self.connector.as_ref().and_then(|(_, connector)| connector.stream(stream));
        let begun = known.map_or(begun.clone(), |known| begun.of_load(known));
        let staged = begun.mode.is_staged();
        let ends = self.index.of_stream(stream).find(|span| span.begin == begin).and_then(|span| span.end.as_ref());
        if staged && ends.is_none_or(|(end, _)| *end >= self.course.end_of(stream)) {
            self.waiting.insert(stream.to_owned(), begin);
            let waits = "its last full read is not in the hub to its end yet".to_owned();
            self.figures.entry(stream.to_owned()).or_default().waits = Some(waits);
            return Ok(());
        }
        let mut filling = self.filling(stream, &begun)?;
        let destination = self.load.destination.as_mut();
        match filling.begin(destination) {
            Ok(None) => {}
            Ok(Some(why)) => return Err(unfit(stream, at, why)),
            Err(fault) if fault.is_of_a_table() => return Err(unfit(stream, at, fault.to_string())),
            Err(fault) => return Err(fault.into()),
        }
        let (records, written, counts) = (0, Written::default(), Counts::default());
        self.open.insert(stream.to_owned(), Open { filling, begin, records, written, counts });
        Ok(())
    }

    /// The tables of a stream, by the spec with which it was extracted.
    fn filling(&self, stream: &str, begun: &Begun) -> Result<Filling, Fault> {
        let place = self.load.hub.place();
        let found =
            self.connector.as_ref().and_then(|(_, connector)| connector.stream(stream).map(|known| (connector, known)));
        let Some((connector, known)) = found else {
            let reason = format!("the spec by which `{stream}` was extracted does not have it");
            return Err(Fault::Other { place, reason });
        };
        let before = self.told.get(stream).cloned().unwrap_or_else(|| self.state.of(stream));
        let filling = Filling::of(connector, known, &before, (begun.mode, begun.version));
        filling.map_err(|fault| Fault::Other { place, reason: fault.to_string() })
    }

    fn rows(&mut self, frame: &Frame) -> Result<(), Halt> {
        let came = deliveries(&frame.payload).map_err(|why| frame.damage(why))?;
        for one in came {
            if !self.course.takes(one.stream, frame.at) || self.waiting.contains_key(one.stream) {
                continue;
            }
            if !self.open.contains_key(one.stream) {
                self.begin(one.stream, frame.at)?;
            }
            self.write(&one, frame.at)?;
        }
        Ok(())
    }

    fn write(&mut self, came: &Came<'_>, at: Position) -> Result<(), Halt> {
        let Some(open) = self.open.get_mut(came.stream) else { return Ok(()) };
        let PageRows { batch, fault, .. } = open.filling.rows.page(&came.records);
        if let Some((_, why)) = fault {
            return Err(unfit(came.stream, at, why));
        }
        open.filling.grow(self.load.destination.as_mut())?;
        let tables = open.filling.rows.normaliser().tables();
        let delivery = Delivery { tables, batch: &batch, records: &came.records, received: came.received };
        open.written += self.load.destination.write(came.stream, &delivery)?;
        open.counts.add(tables, &batch);
        open.records += came.records.len() as u64;
        self.since_commit += came.records.len() as u64;
        Ok(())
    }

    fn finish(&mut self, stream: &str, completion: Completion) -> Result<(), Halt> {
        self.under_way.remove(stream);
        self.waiting.remove(stream);
        let Some(mut open) = self.open.remove(stream) else { return Ok(()) };
        open.written += self.load.destination.flush(stream)?;
        let notes = self.load.destination.notes(stream);
        let complete = completion == Completion::Complete;
        open.filling.settle(self.load.destination.as_mut(), complete)?;
        let gone = self.load.destination.finish(stream, completion)?.deleted;
        let figures = self.figures.entry(stream.to_owned()).or_default();
        if !complete && open.filling.staged() {
            // What waited in the stage is in no table.
            open.counts.discard();
            open.written = Written { rejected: open.written.rejected, ..Written::default() };
        }
        figures.gone += gone;
        figures.waits = None;
        self.untold.extend(figures.take(&mut open, notes).map(|rows| (stream.to_owned(), rows)));
        Ok(())
    }

    /// Makes what was told so far stay, with how far that is.
    fn commit(&mut self, up_to: Position) -> Result<(), Fault> {
        for (stream, open) in &mut self.open {
            open.written += self.load.destination.flush(stream)?;
        }
        let mut draft = Draft::default();
        for stream in self.course.from.keys() {
            let up_to = match self.open.get(stream).filter(|open| open.filling.staged()) {
                Some(open) => open.begin,
                None => self.waiting.get(stream).copied().unwrap_or(up_to),
            };
            let up_to = up_to.min(self.course.end_of(stream));
            self.mark(&mut draft, stream, up_to);
        }
        if draft.changed().next().is_some() {
            let receipt = self.load.destination.commit(&draft)?;
            draft.settle(&mut self.state, &receipt);
        }
        self.settle();
        (self.since_commit, self.committed) = (0, Instant::now());
        Ok(())
    }

    /// Notes how far a stream is loaded, with what the hub said of it.
    fn mark(&mut self, draft: &mut Draft, stream: &str, up_to: Position) {
        let Some(from) = self.course.from.get(stream) else { return };
        let known = self.state.of(stream);
        let before = known.mark.as_ref().filter(|mark| mark.hub == self.load.hub.manifest.hub).map(|mark| mark.up_to);
        // A stream that is still to begin has come no further.
        if up_to < *from || before.is_some_and(|before| before >= up_to) {
            return;
        }
        let mark = Mark { hub: self.load.hub.manifest.hub.clone(), up_to };
        let told = self.told.get(stream).cloned().unwrap_or(known);
        draft.change(&self.state, stream, |state| *state = StreamState { mark: Some(mark), ..told });
    }

    /// What is committed counts, whatever comes.
    fn settle(&mut self) {
        for (stream, open) in self.open.iter_mut().filter(|(_, open)| !open.filling.staged()) {
            let figures = self.figures.entry(stream.clone()).or_default();
            self.untold.extend(figures.take(open, Vec::new()).map(|rows| (stream.clone(), rows)));
        }
        for (stream, rows) in self.untold.drain(..) {
            let all = counted(rows.values().sum::<u64>(), "row");
            self.load.journal.committed(&stream, format!("committed {all}"), rows);
        }
        for (stream, (_, why)) in &self.course.held {
            self.figures.entry(stream.clone()).or_default().stopped = Some(why.clone());
        }
        for (stream, figures) in &mut self.figures {
            figures.known = self.state.of(stream);
        }
        self.settled.clone_from(&self.figures);
    }
}
