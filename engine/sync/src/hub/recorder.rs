//! A hub as the destination of a run: what other destinations make rows of is kept as it came.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use tapwright_spec::{Connector, Kept};

use super::event::{Begun, Event};
use super::frame::Kind;
use super::record;
use super::writer::{Limits, Writer};
use crate::destination::{
    Completion, Delivery, Destination, Existing, Fault, Finished, Opening, Prospect, Versions, Written,
};
use crate::normalise::Changed;
use crate::state::{Draft, Receipt, State};

/// Bytes of records that become a frame, at most; no more than a segment takes of them compressed.
const FRAME: u64 = 512 << 10;

/// A load under way.
struct Load {
    begun: Begun,
    versions: Versions,
    untold: Written,
}

/// A hub as the destination of a run.
pub(super) struct Recorder {
    writer: Writer,
    /// The spec as it is kept, once it is known.
    spec: Option<(String, String)>,
    loads: BTreeMap<String, Load>,
    /// Records that are no frame yet.
    rows: Vec<u8>,
    /// Bytes of them that become one.
    frame: u64,
    /// Something was written since the last commit.
    is_dirty: bool,
    /// A fault has dropped what was not committed, and nobody has taken note yet.
    failed: bool,
}

impl Recorder {
    pub(super) fn open(folder: &Path, connector: &str, limits: Limits) -> Result<Recorder, Fault> {
        let writer = Writer::open(folder, connector, limits)?;
        let (loads, rows, frame) = (BTreeMap::new(), Vec::new(), limits.segment.min(FRAME));
        Ok(Recorder { writer, spec: None, loads, rows, frame, is_dirty: false, failed: false })
    }

    /// Does a piece of work; after a fault nothing else is done until it is rolled back.
    fn guard<T>(&mut self, work: impl FnOnce(&mut Recorder) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.failed {
            let hint = ": an earlier fault was not rolled back";
            return Err(Fault::NoLoad { stream: self.writer.committed.connector.clone(), hint });
        }
        work(self).inspect_err(|_| {
            self.failed = true;
            self.loads.clear();
        })
    }

    fn begun(&self) -> Vec<Begun> {
        self.loads.values().map(|load| load.begun.clone()).collect()
    }

    /// Writes the records that wait.
    fn settle(&mut self) -> Result<(), Fault> {
        if !self.rows.is_empty() {
            self.writer.add(Kind::Rows, &self.rows, &self.begun())?;
            self.rows.clear();
            self.is_dirty = true;
        }
        Ok(())
    }

    fn tell(&mut self, event: &Event) -> Result<(), Fault> {
        self.settle()?;
        let text = serde_json::to_vec(event);
        let place = || self.writer.paths.shown();
        let text = text.map_err(|error| Fault::Other { place: place(), reason: error.to_string() })?;
        self.writer.add(Kind::Event, &text, &self.begun())?;
        self.is_dirty = true;
        Ok(())
    }

    fn load(&mut self, stream: &str) -> Result<&mut Load, Fault> {
        let missing = || Fault::NoLoad { stream: stream.to_owned(), hint: "; begin one first" };
        self.loads.get_mut(stream).ok_or_else(missing)
    }

    /// Whether a load reads its stream from the beginning.
    fn is_fresh(&self, opening: &Opening<'_>) -> bool {
        opening.mode.is_staged() || self.writer.committed.state.of(opening.stream).keys().next().is_none()
    }
}

impl Destination for Recorder {
    fn meet(&mut self, connector: &Connector) {
        let text = serde_json::to_string(&Kept::of(connector)).ok();
        self.spec = text.map(|text| (text, connector.version.clone()));
    }

    fn has_rows(&self) -> bool {
        false
    }

    fn load_state(&mut self) -> Result<State, Fault> {
        Ok(self.writer.committed.state.clone())
    }

    fn survey(&mut self, _opening: &Opening<'_>) -> Result<Vec<Prospect>, Fault> {
        Ok(Vec::new())
    }

    fn begin(&mut self, opening: &Opening<'_>) -> Result<Existing, Fault> {
        self.guard(|hub| {
            if let Some((spec, version)) = hub.spec.take() {
                hub.writer.extract_by(&spec, &version)?;
            }
            let fresh = hub.is_fresh(opening);
            let stream = opening.stream.to_owned();
            let begun = Begun { stream: stream.clone(), mode: opening.mode, version: opening.version, fresh };
            hub.tell(&Event::Begin(begun.clone()))?;
            let (versions, untold) = (Versions::default(), Written::default());
            hub.loads.insert(stream, Load { begun, versions, untold });
            Ok(Existing::new())
        })
    }

    fn write(&mut self, stream: &str, delivery: &Delivery<'_, '_>) -> Result<Written, Fault> {
        self.guard(|hub| {
            let place = hub.writer.paths.shown();
            let load = hub.load(stream)?;
            let news = load.versions.judge(delivery, &place, &mut load.untold)?;
            load.untold.rejected += delivery.batch.rejected().len() as u64;
            let records = worth_keeping(delivery, &news);
            if !records.is_empty() {
                record::put(&mut hub.rows, (stream, delivery.received), &records);
            }
            if hub.rows.len() as u64 >= hub.frame { hub.settle() } else { Ok(()) }
        })?;
        Ok(Written::default())
    }

    fn flush(&mut self, stream: &str) -> Result<Written, Fault> {
        self.guard(|hub| Ok(std::mem::take(&mut hub.load(stream)?.untold)))
    }

    fn finish(&mut self, stream: &str, completion: Completion) -> Result<Finished, Fault> {
        self.guard(|hub| {
            hub.load(stream)?;
            hub.tell(&Event::Finish { stream: stream.to_owned(), completion })?;
            hub.loads.remove(stream);
            Ok(Finished::default())
        })
    }

    fn commit(&mut self, draft: &Draft) -> Result<Receipt, Fault> {
        let now = Timestamp::now();
        self.guard(|hub| {
            hub.settle()?;
            let changed: Vec<_> = draft.changed().map(|(name, state)| (name.to_owned(), state.clone())).collect();
            let mut state = hub.writer.committed.state.clone();
            state.0.extend(changed.iter().cloned());
            // Bookmarks that somebody moves by hand come with no records.
            if hub.is_dirty {
                hub.tell(&Event::Commit(changed))?;
            }
            if hub.is_dirty || state != hub.writer.committed.state {
                hub.writer.commit(state)?;
            }
            hub.is_dirty = false;
            Ok(())
        })?;
        Ok(Receipt::new(now))
    }

    fn rollback(&mut self) -> Result<(), Fault> {
        self.loads.clear();
        self.rows.clear();
        (self.is_dirty, self.failed) = (false, false);
        self.writer.rollback()
    }
}

/// The records of a delivery that a later load needs: those of rows that are news, and those that are set aside. The
/// versions that they leave out are older than one that came before, so that rows only get newer as records follow.
fn worth_keeping<'d>(delivery: &'d Delivery<'_, '_>, news: &[bool]) -> Vec<&'d Changed<'d>> {
    let mut news = news.iter();
    let mut aside = delivery.batch.rejected().iter().peekable();
    let is_kept = |record: &&Changed<'_>| {
        let Some(text) = record.text() else { return false };
        match aside.next_if(|rejected| std::ptr::eq(rejected.record, text)) {
            Some(_) => true,
            None => news.next().copied().unwrap_or(true),
        }
    };
    delivery.records.iter().filter(is_kept).collect()
}
