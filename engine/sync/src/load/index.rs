//! The loads of a hub, by the events that tell of them. No record is read for it.

use tapwright_spec::Connector;

use super::Load;
use crate::destination::{Completion, Fault};
use crate::hub::{Begun, Damage, Event, Frame, Head, Kind};
use crate::state::Position;

/// A load of a stream.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) begun: Begun,
    pub(super) begin: Position,
    /// Where and how it ends; none while its run goes on.
    pub(super) end: Option<(Position, Completion)>,
}

/// What a hub tells of its loads.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// In the order in which they begin.
    pub(super) spans: Vec<Span>,
    /// Where commits end.
    commits: Vec<Position>,
    /// What could not be read.
    pub(super) damages: Vec<Damage>,
    run: Option<jiff::Timestamp>,
    /// The connector of the run, by the name of its spec; none if it cannot be read, of which is told where it is needed.
    connector: Option<(String, Option<Connector>)>,
}

/// What a frame tells, beside records.
pub(super) enum Word {
    Head(Head),
    Event(Event),
    Rows,
}

/// Reads what a frame tells.
pub(super) fn word(frame: &Frame) -> Result<Word, Damage> {
    let read = match frame.kind {
        Kind::Head => serde_json::from_slice(&frame.payload).map(Word::Head),
        Kind::Event => serde_json::from_slice(&frame.payload).map(Word::Event),
        Kind::Rows => Ok(Word::Rows),
    };
    read.map_err(|error| frame.damage(error.to_string()))
}

impl Span {
    /// Whether the table holds its rows and no others when it is complete.
    pub(super) fn is_staged(&self) -> bool {
        self.begun.mode.is_staged()
    }

    /// Whether it is staged, and complete before a place.
    pub(super) fn replaces_before(&self, until: Position) -> bool {
        let complete = |end: &(Position, Completion)| end.0 < until && end.1 == Completion::Complete;
        self.is_staged() && self.end.as_ref().is_some_and(complete)
    }
}

impl Index {
    /// Reads that of the hub of a load.
    pub(super) fn of(load: &Load) -> Result<Index, Fault> {
        let (mut index, hub) = (Index::default(), &load.hub);
        let mut frames = hub.frames(hub.manifest.first());
        loop {
            let next = frames.next(|kind, _| kind != Kind::Rows);
            let told = next.and_then(|frame| match frame {
                Some(frame) => Ok(Some(((frame.at, frame.next), word(&frame)?))),
                None => Ok(None),
            });
            match told {
                Ok(Some((at, word))) => index.tell(at, word, load),
                Ok(None) => return Ok(index),
                Err(damage) => {
                    index.damages.push(damage);
                    frames.skip_segment();
                }
            }
        }
    }

    fn tell(&mut self, (at, next): (Position, Position), word: Word, load: &Load) {
        match word {
            Word::Head(head) => {
                if self.run.replace(head.run).is_some_and(|run| run != head.run) {
                    // The run before was killed: what it had begun ends there.
                    for span in self.spans.iter_mut().filter(|span| span.end.is_none()) {
                        span.end = Some((at, Completion::Discard));
                    }
                }
                if self.connector.as_ref().is_none_or(|(spec, _)| *spec != head.spec) {
                    let connector = load.connector(&head.spec).ok();
                    self.connector = Some((head.spec, connector));
                }
                for begun in head.under_way {
                    if self.open(&begun.stream).is_none() {
                        // It begins before what the hub still holds.
                        let begun = self.of_load(&begun);
                        self.spans.push(Span { begun: Begun { fresh: false, ..begun }, begin: at, end: None });
                    }
                }
            }
            Word::Event(Event::Begin(begun)) => {
                let begun = self.of_load(&begun);
                self.spans.push(Span { begun, begin: at, end: None });
            }
            Word::Event(Event::Finish { stream, completion }) => {
                if let Some(span) = self.open(&stream) {
                    span.end = Some((at, completion));
                }
            }
            Word::Event(Event::Commit(_)) => self.commits.push(next),
            Word::Rows => {}
        }
    }

    fn of_load(&self, begun: &Begun) -> Begun {
        let connector = self.connector.as_ref().and_then(|(_, connector)| connector.as_ref());
        connector.and_then(|connector| connector.stream(&begun.stream)).map_or(begun.clone(), |one| begun.of_load(one))
    }

    fn open(&mut self, stream: &str) -> Option<&mut Span> {
        self.spans.iter_mut().rev().find(|span| span.begun.stream == stream && span.end.is_none())
    }

    /// The end of the last commit up to a place.
    pub(super) fn commit_before(&self, at: Position) -> Position {
        let count = self.commits.partition_point(|commit| *commit <= at);
        count.checked_sub(1).map_or_else(Position::default, |last| self.commits[last])
    }

    /// The loads of a stream.
    pub(super) fn of_stream<'i>(&'i self, stream: &'i str) -> impl Iterator<Item = &'i Span> {
        self.spans.iter().filter(move |span| span.begun.stream == stream)
    }
}
