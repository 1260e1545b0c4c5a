//! The bookmarks of a stream's slices while a run goes on: one for each up to a bound, beyond it one for all.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use tapwright_spec::model::MOST_SLICES;

use super::bookmark::{capped, raise};
use crate::state::{KeyValue, StreamState};

/// What is known of the slices of one stream.
#[derive(Debug)]
pub(super) struct Slices {
    /// Keys are points in time: what is not read yet has later ones.
    timely: bool,
    /// The bookmark that all slices share since there were too many.
    shared: Option<KeyValue>,
    kept: BTreeMap<String, KeyValue>,
    /// Those of `kept` that the run came upon.
    seen: HashSet<String>,
    /// Slices for which there was no room.
    more: usize,
    /// By walk, the greatest key that came.
    open: BTreeMap<u64, KeyValue>,
    greatest: Option<KeyValue>,
    least: Least,
    note: Option<String>,
    pub(super) most: usize,
    /// Whether those that a run does not come upon keep their bookmarks: a hook cuts by them.
    remembers: bool,
}

/// The least key that a slice has reached.
#[derive(Debug, Clone, PartialEq)]
enum Least {
    /// Of no slice so far.
    Unknown,
    Key(KeyValue),
    /// One of them has none.
    Nothing,
}

impl Slices {
    /// Goes on where the state stands.
    pub(super) fn of(known: &StreamState, timely: bool) -> Slices {
        Slices {
            timely,
            shared: known.bookmark.clone(),
            kept: known.slices.clone(),
            seen: HashSet::new(),
            more: 0,
            open: BTreeMap::new(),
            greatest: known.bookmark.clone(),
            least: Least::Unknown,
            note: None,
            most: MOST_SLICES,
            remembers: false,
        }
    }

    /// The same for slices that a hook cuts.
    pub(super) fn of_hook(self) -> Slices {
        Slices { remembers: true, ..self }
    }

    /// Notes the greatest key of some rows of a walk.
    pub(super) fn note(&mut self, walk: u64, key: &KeyValue) {
        match self.open.get_mut(&walk) {
            Some(known) if *known >= *key => {}
            _ => drop(self.open.insert(walk, key.clone())),
        }
    }

    /// Forgets a walk; gives the greatest key that came.
    pub(super) fn close(&mut self, walk: u64) -> Option<KeyValue> {
        self.open.remove(&walk)
    }

    /// Notes that the slices with these identifiers are read up to `key`; gives the bookmarks that moved.
    pub(super) fn reached(&mut self, ids: &[String], key: Option<&KeyValue>) -> Vec<(String, KeyValue)> {
        let mut moved = Vec::new();
        for id in ids {
            let mut reached = self.kept.get(id).or(self.shared.as_ref()).cloned();
            key.into_iter().for_each(|key| raise(&mut reached, key));
            let Some(reached) = reached else {
                self.least = Least::Nothing;
                continue;
            };
            self.least = match std::mem::replace(&mut self.least, Least::Nothing) {
                Least::Unknown => Least::Key(reached.clone()),
                Least::Key(least) => Least::Key(if reached < least { reached.clone() } else { least }),
                Least::Nothing => Least::Nothing,
            };
            raise(&mut self.greatest, &reached);
            if self.shared.is_some() {
                continue;
            }
            if self.kept.contains_key(id) || self.kept.len() < self.most {
                self.seen.insert(id.clone());
                self.kept.insert(id.clone(), reached.clone());
                moved.push((id.clone(), reached));
            } else {
                self.more += 1;
            }
        }
        moved
    }

    /// Everything is read once more.
    pub(super) fn again(&mut self) {
        self.seen.clear();
        self.open.clear();
        self.more = 0;
    }

    /// What the state is to say when every slice is read.
    pub(super) fn complete(&mut self, state: &mut StreamState, started: Timestamp) {
        let many = self.seen.len() + self.more > self.most;
        let remembers = self.remembers && self.more == 0;
        if self.remembers && !remembers && !many {
            self.note = Some(format!(
                "the bookmarks of slices that the hook did not cut are forgotten, because there were more than {}",
                self.most
            ));
        }
        self.kept.retain(|id, _| remembers || self.seen.contains(id));
        state.slices.clone_from(&self.kept);
        if self.shared.is_none() && !many {
            return;
        }
        let shared = match (&self.least, self.timely) {
            (_, true) => self.greatest.clone().map(|key| capped(key, started)),
            (Least::Key(least), false) => Some(least.clone()),
            (_, false) => self.shared.clone(),
        };
        let most = self.most;
        if let Some(shared) = shared {
            self.note = Some(format!(
                "one bookmark stands for all slices, because there are more than {most}: a slice that appears from now on \
                 is asked for only from {shared} on; --full-refresh reads all"
            ));
            state.slices.clear();
            state.bookmark = Some(shared);
        } else {
            self.note = Some(format!(
                "{most} slices have a bookmark and the others are read from their beginning by each run, because some have \
                 no record yet, and no bookmark that all share would be safe"
            ));
        }
    }

    /// What the user should know.
    pub(super) fn note_of_report(&self) -> Option<String> {
        let shared = self.shared.as_ref().map(|shared| {
            format!(
                "one bookmark stands for all slices, because there were more than {}: a slice that appears is asked for \
                 only from {shared} on; --full-refresh reads all",
                self.most
            )
        });
        self.note.clone().or(shared)
    }
}

#[cfg(test)]
mod tests {
    use super::Slices;
    use crate::state::{KeyValue, StreamState};
    use jiff::Timestamp;

    fn after(slices: Slices, most: usize, ids: &[&str]) -> (Vec<String>, bool) {
        let mut slices = Slices { most, ..slices };
        for id in ids {
            slices.reached(&[(*id).to_owned()], Some(&KeyValue::Integer(1)));
        }
        let mut state = StreamState::default();
        slices.complete(&mut state, Timestamp::UNIX_EPOCH);
        (state.slices.into_keys().collect(), slices.note_of_report().is_some())
    }

    #[test]
    fn what_is_not_come_upon_is_forgotten_unless_a_hook_cuts_by_it() {
        let slices = ["a", "b"].map(|id| (id.to_owned(), KeyValue::Integer(1))).into();
        let known = StreamState { slices, ..StreamState::default() };
        let of = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(after(Slices::of(&known, false), 3, &["b"]), (of(&["b"]), false));
        assert_eq!(after(Slices::of(&known, false).of_hook(), 3, &["b"]), (of(&["a", "b"]), false));
        // Where there is no room, the old ones go, and that is told.
        assert_eq!(after(Slices::of(&known, false).of_hook(), 2, &["c"]), (of(&[]), true));
    }
}
