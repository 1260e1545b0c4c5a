//! From where on a stream is read.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;
use tapwright_spec::model::{Incremental, Replication, Stream};

use super::Planner;
use crate::state::{KeyValue, StreamState};

/// Where a stream goes on for its own sake.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Beginning {
    /// From this key on; of a stream that keeps slices, those that have no bookmark yet.
    pub(super) since: Option<KeyValue>,
    /// The bookmarks of slices.
    pub(super) slices: BTreeMap<String, KeyValue>,
    pub(super) start: Option<Timestamp>,
    pub(super) note: Option<String>,
}

impl Planner<'_> {
    /// A parent is read from where the neediest of itself and of the children that hang on its changes goes on;
    /// all of it, if something is read for every record of it.
    pub(super) fn reads_from(&self, at: usize) -> (Option<KeyValue>, BTreeMap<String, KeyValue>) {
        let mut needs = Vec::new();
        // Children of changed parents are read whole.
        if self.connector.streams[at].is_changed_only() || !self.needs(at, &mut needs) {
            return (None, BTreeMap::new());
        }
        let mut needs = needs.into_iter();
        let Some(first) = needs.next() else { return (None, BTreeMap::new()) };
        needs.fold((first.since, first.slices), |one, other| neediest(&one, &(other.since, other.slices)))
    }

    /// Collects where the stream and its dependents go on; false if every record is needed.
    fn needs(&self, at: usize, found: &mut Vec<Beginning>) -> bool {
        if self.wanted.contains(&at) {
            found.push(self.beginning(&self.connector.streams[at]));
        }
        found.extend(self.routed(at).into_iter().map(|one| self.beginning(&self.connector.streams[one])));
        let mut read = self.children(at).into_iter().filter(|child| self.is_read(*child));
        read.all(|child| self.connector.streams[child].is_changed_only() && self.needs(child, found))
    }

    /// Where a first run begins.
    pub(super) fn first(&self) -> Option<Timestamp> {
        let history = self.connector.schedule.historical.as_ref();
        self.selection.start.or_else(|| history.map(|history| history.before(self.now)))
    }

    /// Where `stream` goes on. A `changed_only` child keeps its place by the key of its parent.
    pub(super) fn beginning(&self, stream: &Stream) -> Beginning {
        let keyed = self.connector.keyed_by(stream);
        let known = if self.selection.full_refresh { StreamState::default() } else { self.state.of(&stream.name) };
        let incremental = match &keyed.replication {
            Replication::Incremental(incremental) => incremental,
            Replication::Feed(_) => {
                let token = known.bookmark.filter(|bookmark| matches!(bookmark, KeyValue::Token(_)));
                return Beginning { since: token, ..Beginning::default() };
            }
            Replication::FullTable => return Beginning::default(),
        };
        let timed = known.keys().all(|key| matches!(key, KeyValue::Timestamp(_))) && keyed.is_timed();
        let begun = known.keys().next().is_some();
        if let Some(start) = self.selection.start.filter(|start| begun && timed && reaches_back(&known, *start)) {
            return self.moved(incremental, &known, start);
        }
        let later = self.selection.start.zip(known.start).filter(|(start, before)| begun && timed && start > before);
        let note = later.map(|(start, before)| {
            format!("{start} is later than {before}, from where on it was read: it goes on from its bookmark")
        });
        let slices = known.slices.iter().map(|(id, key)| (id.clone(), self.further_back(incremental, key))).collect();
        if let Some(bookmark) = &known.bookmark {
            let since = Some(self.further_back(incremental, bookmark));
            return Beginning { since, slices, start: known.start, note };
        }
        if !timed {
            return Beginning { slices, ..Beginning::default() };
        }
        let asked = known.start.filter(|_| begun).or(self.selection.start);
        let start = asked.or_else(|| self.first());
        let first = start.filter(|_| !begun).map(|start| format!("first run: read from {start} on"));
        let note = note.or(first);
        Beginning { since: start.map(KeyValue::Timestamp), slices, start: asked, note }
    }

    /// Reads again from an earlier start date; what is not read as far as that goes on where it stands.
    fn moved(&self, incremental: &Incremental, known: &StreamState, start: Timestamp) -> Beginning {
        let from = KeyValue::Timestamp(start);
        let behind = |key: &&KeyValue| **key < from;
        let bookmark = known.bookmark.as_ref().filter(behind).map(|key| self.further_back(incremental, key));
        let slices = known.slices.iter().filter(|(_, key)| behind(key));
        Beginning {
            slices: slices.map(|(id, key)| (id.clone(), self.further_back(incremental, key))).collect(),
            since: Some(bookmark.unwrap_or(from)),
            start: Some(start),
            note: Some(format!("the start date is now {start}: read again from there")),
        }
    }

    /// The beginning of a run whose bookmark is this.
    fn further_back(&self, incremental: &Incremental, bookmark: &KeyValue) -> KeyValue {
        let KeyValue::Timestamp(moment) = bookmark else { return bookmark.clone() };
        let moment = self.now.min(*moment);
        let windows = incremental.lookback.iter().chain(&incremental.attribution);
        KeyValue::Timestamp(windows.map(|window| window.before(moment)).min().unwrap_or(moment))
    }
}

/// Whether a start date asks for more than was read: it lies before the one of the first run, or, if that run had none,
/// before a bookmark.
fn reaches_back(known: &StreamState, start: Timestamp) -> bool {
    match known.start {
        Some(before) => start < before,
        None => known.keys().any(|key| KeyValue::Timestamp(start) < *key),
    }
}

type Place = (Option<KeyValue>, BTreeMap<String, KeyValue>);

/// For each slice, and for those that are in neither, the earlier of two places.
fn neediest(one: &Place, other: &Place) -> Place {
    let least = |a: Option<&KeyValue>, b: Option<&KeyValue>| match (a, b) {
        (Some(a), Some(b)) => match b.partial_cmp(a) {
            Some(Ordering::Less) => Some(b.clone()),
            Some(_) => Some(a.clone()),
            // Of two tokens nobody knows which is the earlier one.
            None => None,
        },
        _ => None,
    };
    let of = |place: &Place, id: &String| place.1.get(id).or(place.0.as_ref()).cloned();
    let ids = one.1.keys().chain(other.1.keys());
    let slices =
        ids.filter_map(|id| Some((id.clone(), least(of(one, id).as_ref(), of(other, id).as_ref())?))).collect();
    (least(one.0.as_ref(), other.0.as_ref()), slices)
}
