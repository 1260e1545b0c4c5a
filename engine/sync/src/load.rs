//! What a hub holds -> a destination, from where that left off.
//!
//! The events of the hub are what a run told its destination: loads that begin and end, records, commits. They are told
//! again, by the spec with which each was extracted, and how far that came is committed with the rows.

mod course;
mod figures;
mod index;
mod streams;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tapwright_spec::Connector;
use tapwright_spec::model::LoadMode;

use crate::destination::{Destination, Fault};
use crate::hub::{Hub, Standing};
use crate::journal::{Journal, Level, Part};
use crate::report::{RunReport, Verdict};
use crate::run::Stop;
use crate::state::Mark;
use course::{Course, Hindrance, Planner};
use figures::Figures;
use index::Index;
pub use streams::{Streams, StreamsFault};
use walk::{Ended, Walk};

/// A hub and the destination that it is loaded into.
pub struct Load {
    /// The hub.
    pub hub: Hub,
    /// Where rows go.
    pub destination: Box<dyn Destination>,
    /// How messages call the destination.
    pub place: String,
    /// What the hub knows it by.
    pub reader: String,
    /// What of the hub is loaded.
    pub streams: Streams,
    /// How records become rows, if not as the specs say.
    pub load_mode: Option<LoadMode>,
    /// Where it is told what happens.
    pub journal: Journal,
}

/// The connector by which was extracted last, if anything was.
///
/// # Errors
/// A [`Fault`] if its spec cannot be read.
pub fn connector(hub: &Hub) -> Result<Option<Connector>, Fault> {
    hub.manifest.segments.last().map(|last| hub.connector(&last.spec)).transpose()
}

impl Load {
    /// Loads what the destination does not have, to the end of the hub or until `stop` gives a reason.
    ///
    /// # Errors
    /// A [`Fault`] if it cannot begin; later ones are in the report.
    pub fn go(mut self, stop: &Stop) -> Result<RunReport, Fault> {
        let loaded = self.run(stop);
        match &loaded {
            Ok(report) => self.journal.keep(report),
            Err(fault) => self.journal.broke(&fault.to_string()),
        }
        loaded
    }

    fn run(&mut self, stop: &Stop) -> Result<RunReport, Fault> {
        let started = Timestamp::now();
        let standing = self.hub.readers()?.into_iter().find(|one| one.destination == self.reader);
        // From now on nothing goes that this destination needs.
        let state = self.destination.load_state()?;
        self.hub.note(&self.streams.begun(&self.hub, standing.as_ref(), &state, (&self.reader, started)))?;
        let index = Index::of(self)?;
        let mut hindrances: Vec<Hindrance> = index.damages.iter().cloned().map(Hindrance::Damage).collect();
        let mut figures = BTreeMap::new();
        let (course, interrupted) = loop {
            let state = self.destination.load_state()?;
            let planner =
                Planner { hub: &self.hub, index: &index, standing: standing.as_ref(), streams: &self.streams };
            let course = planner.course(&state, &hindrances)?;
            let walk = Walk::new(self, &course, &index, state, figures);
            let (ended, settled) = walk.go(stop);
            figures = settled;
            match ended {
                Ended::Well => break (course, None),
                Ended::Stopped(reason) => break (course, Some(reason)),
                Ended::Hindered(hindrance) if !hindrances.contains(&hindrance) => hindrances.push(hindrance),
                Ended::Hindered(hindrance) => {
                    let _ = self.destination.rollback();
                    break (course, Some(format!("no way leads past this: {hindrance:?}")));
                }
                Ended::Broken(fault) => {
                    // The rollback can only fail where the fault has closed the place anyway.
                    let _ = self.destination.rollback();
                    break (course, Some(fault.to_string()));
                }
            }
            self.destination.rollback()?;
        };
        let interrupted = match interrupted {
            None => {
                self.settle(standing.as_ref())?;
                course.blocked.clone()
            }
            broken => broken,
        };
        Ok(self.report(started, interrupted, (&course, figures)))
    }

    /// The connector by which was extracted, from the name of its spec.
    fn connector(&self, spec: &str) -> Result<Connector, Fault> {
        let connector = self.hub.connector(spec)?;
        let Some(mode) = self.load_mode else { return Ok(connector) };
        connector.in_load_mode(mode).map_err(|faults| Fault::Other {
            place: self.hub.place(),
            reason: faults.faults().first().map(|fault| fault.message.clone()).unwrap_or_default(),
        })
    }

    /// Notes how far the destination has come.
    fn settle(&mut self, before: Option<&Standing>) -> Result<(), Fault> {
        let state = self.destination.load_state()?;
        let of_hub = |mark: &&Mark| mark.hub == self.hub.manifest.hub;
        let marks = state.0.iter().filter_map(|(name, state)| Some((name, state.mark.as_ref().filter(of_hub)?)));
        // Of what is loaded there no more, by who dropped it, nothing is kept.
        let counts = |name: &String| self.streams.has(name) || before.is_some_and(|one| one.streams.contains_key(name));
        let marks = marks.filter(|(name, _)| counts(name));
        let streams: BTreeMap<_, _> = marks.map(|(name, mark)| (name.clone(), mark.up_to)).collect();
        match streams.is_empty() {
            true => Ok(()),
            false => self.hub.note(&Standing { destination: self.reader.clone(), loaded: Timestamp::now(), streams }),
        }
    }

    fn report(
        &self,
        started: Timestamp,
        interrupted: Option<String>,
        (course, figures): (&Course, BTreeMap<String, Figures>),
    ) -> RunReport {
        let version = self.hub.manifest.segments.last().map(|last| last.version.clone());
        for note in &course.notes {
            self.journal.say(Level::Warning, note.clone());
        }
        let mut figures = figures;
        let names: BTreeSet<&String> = course.from.keys().chain(self.streams.names()).collect();
        let streams = names.into_iter().map(|name| figures.remove(name).unwrap_or_default().report(name));
        let mut streams: Vec<_> = streams.collect();
        for stream in &mut streams {
            if interrupted.is_some() {
                "not all that the hub holds is loaded".clone_into(&mut stream.reason);
                stream.verdict = Verdict::Failed;
            }
            self.journal.tell(Part::Target, Level::Info, &stream.stream, stream.reason.clone());
        }
        RunReport {
            connector: self.hub.manifest.connector.clone(),
            version: version.unwrap_or_default(),
            destination: self.place.clone(),
            started,
            seconds: (Timestamp::now() - started).total(jiff::Unit::Second).unwrap_or(0.0),
            interrupted,
            notes: course.notes.clone(),
            streams,
        }
    }
}
