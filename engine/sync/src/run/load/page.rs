//! A page that has arrived: through the hooks of its stream, then into the tables of that and of those to which the
//! hooks send records.

use super::{Arrived, Loader};
use crate::destination::{Delivery, Destination, Fault};
use crate::hook::{Hooked, Left};
use crate::plan::Names;
use crate::run::change::Records;
use crate::run::loading::note_keys;
use crate::run::rows::PageRows;

/// The records of a page that are a stream's.
struct Came<'r> {
    stream: usize,
    arrived: &'r Arrived,
    records: Records<'r>,
}

impl Loader {
    pub(super) fn page(&mut self, destination: &mut dyn Destination, arrived: &Arrived) -> Result<(), Fault> {
        if !self.takes(arrived.stream) {
            return Ok(());
        }
        let page = &arrived.page;
        let raw: Vec<&str> = (0..page.records.len()).map(|at| page.record(at)).collect();
        self.since_commit += raw.len() as u64;
        let Some(hooks) = &mut self.hooks[arrived.stream] else {
            let came = raw.iter().enumerate().map(|(origin, record)| Left { record, origin });
            return self.load(destination, self.came(arrived.stream, arrived, came));
        };
        let hooked = match hooks.page(&raw) {
            Ok(hooked) => hooked,
            Err((at, fault)) => {
                let record = at.map_or_else(String::new, |at| format!("record {}: ", at + 1));
                self.refuse(arrived.stream, &format!("{}: {record}{fault}", page.request));
                return Ok(());
            }
        };
        let mut own = self.came(arrived.stream, arrived, hooked.kept());
        for (origin, reason) in &hooked.refused {
            own.records.refuse((origin + 1, raw[*origin]), reason);
        }
        self.load(destination, own)?;
        self.routed(destination, arrived, &hooked)
    }

    /// Whether pages of the stream are still of use to it, or to one that its hooks send records to.
    fn takes(&self, stream: usize) -> bool {
        let open = |at: usize| self.streams[at].as_ref().map(|loading| loading.refused.is_none());
        open(stream).unwrap_or_else(|| self.routes[stream].iter().any(|routed| open(*routed) == Some(true)))
    }

    /// Ends a stream whose hooks cannot go on, with those that they send records to.
    fn refuse(&mut self, stream: usize, reason: &str) {
        self.progress[stream].refuse(reason);
        for at in self.routes[stream].iter().chain([&stream]) {
            if let Some(loading) = &mut self.streams[*at] {
                loading.refused.get_or_insert_with(|| reason.to_owned());
            }
        }
    }

    /// Loads what hooks send to other streams.
    fn routed(&mut self, destination: &mut dyn Destination, arrived: &Arrived, hooked: &Hooked) -> Result<(), Fault> {
        for (route, stream) in self.routes[arrived.stream].clone().into_iter().enumerate() {
            let open = self.streams[stream].as_ref().is_some_and(|loading| loading.refused.is_none());
            if !open {
                continue;
            }
            let count = hooked.routed(route).count();
            self.progress[stream].records.fetch_add(count as u64, std::sync::atomic::Ordering::Relaxed);
            self.load(destination, self.came(stream, arrived, hooked.routed(route)))?;
        }
        Ok(())
    }

    /// What the spec makes of records that came for a stream.
    fn came<'r>(&self, stream: usize, arrived: &'r Arrived, left: impl Iterator<Item = Left<'r>>) -> Came<'r> {
        let mut records = Records::with_room(arrived.page.records.len());
        let names: Option<&Names> = arrived.names.as_ref().filter(|_| stream == arrived.stream);
        if let Some(loading) = &self.streams[stream] {
            left.for_each(|left| records.add(&loading.change, (left.origin + 1, left.record), names));
        }
        Came { stream, arrived, records }
    }

    /// Loads records into the tables of a stream.
    fn load(&mut self, destination: &mut dyn Destination, came: Came<'_>) -> Result<(), Fault> {
        let Came { stream, arrived, records } = came;
        let Some(loading) = &mut self.streams[stream] else { return Ok(()) };
        let page = &arrived.page;
        let PageRows { batch, left_out, fault, .. } = loading.filling.rows.page(&records.changed);
        if let Some((at, fault)) = fault {
            let reason = format!("{}: record {}: {fault}", page.request, records.numbers[at]);
            self.progress[stream].refuse(&reason);
            loading.refused = Some(reason);
            return Ok(());
        }
        loading.left_out += left_out;
        if page.anew {
            // A key that is sent to the second brings back earlier records of that second.
            loading.last = None;
        }
        note_keys(loading, arrived.walk, &batch);
        if loading.disorder.is_some() {
            // What was taken for read up to the bookmark was not: it goes back to where the run found it.
            let known = loading.known.clone();
            self.draft.change(&self.state, &loading.filling.name, |state| {
                state.bookmark = known.bookmark;
                state.start = known.start;
            });
        }
        loading.filling.grow(destination)?;
        let tables = loading.filling.rows.normaliser().tables();
        let delivery = Delivery { tables, batch: &batch, records: &records.changed, received: page.received_at };
        loading.written += destination.write(&loading.filling.name, &delivery)?;
        loading.counts.add(tables, &batch);
        Ok(())
    }
}
