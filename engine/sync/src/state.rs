//! Where a run goes on: what the destination has committed, per stream.
//!
//! The state of a connector lives in the destination, beside the rows, and is written in the same
//! transaction. A [`Draft`] collects what the next commit may say; it becomes the [`State`] only
//! against the [`Receipt`] of that commit.

pub mod edit;
mod standing;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use standing::{Standing, Standings};

/// A value of a replication key. Values of one stream are all of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyValue {
    /// An instant (fields of type timestamp and date).
    Timestamp(Timestamp),
    /// An integer.
    Integer(i64),
    /// A text, compared byte by byte.
    Text(String),
    /// The token of a feed: it is the same or another, and never greater.
    Token(String),
}

impl PartialOrd for KeyValue {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (KeyValue::Timestamp(a), KeyValue::Timestamp(b)) => Some(a.cmp(b)),
            (KeyValue::Integer(a), KeyValue::Integer(b)) => Some(a.cmp(b)),
            (KeyValue::Text(a), KeyValue::Text(b)) => Some(a.cmp(b)),
            (KeyValue::Token(a), KeyValue::Token(b)) if a == b => Some(Ordering::Equal),
            _ => None,
        }
    }
}

impl fmt::Display for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyValue::Timestamp(moment) => moment.fmt(f),
            KeyValue::Integer(number) => number.fmt(f),
            KeyValue::Text(text) => text.fmt(f),
            // It says nothing to people.
            KeyValue::Token(_) => f.write_str("the feed's token"),
        }
    }
}

/// A place in a hub, where what follows begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Number of the segment.
    pub segment: u64,
    /// The byte in its file.
    pub byte: u64,
}

/// How far a stream is loaded of a hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The hub's own name.
    pub hub: String,
    /// Everything before is loaded.
    #[serde(flatten)]
    pub up_to: Position,
}

/// What is known of one stream after a commit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamState {
    /// Greatest replication key among the committed rows; for a `changed_only` child the key of its
    /// parent up to which its parents' children are committed. Of a stream of very many slices, the one bookmark
    /// that all of them share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bookmark: Option<KeyValue>,
    /// The bookmarks of a stream that is fetched for parents or values, each by the parent's primary key or the
    /// value as JSON. Never more than [`MOST_SLICES`](tapwright_spec::model::MOST_SLICES).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub slices: BTreeMap<String, KeyValue>,
    /// The start date with which the first run began, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// When the last complete read of the stream was committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<Timestamp>,
    /// Counts complete full reads; `_sdc_table_version` of the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// How far it is loaded of a hub, if its rows come from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

impl StreamState {
    /// All its bookmarks.
    pub fn keys(&self) -> impl Iterator<Item = &KeyValue> {
        self.bookmark.iter().chain(self.slices.values())
    }
}

/// The state of a connector, by stream. As the destination has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State(pub BTreeMap<String, StreamState>);

impl State {
    /// What is known of `stream`.
    pub fn of(&self, stream: &str) -> StreamState {
        self.0.get(stream).cloned().unwrap_or_default()
    }
}

/// Proof that a destination has committed rows and state together. Only a destination makes one.
#[derive(Debug)]
#[must_use]
pub struct Receipt {
    committed: Timestamp,
}

impl Receipt {
    /// For a destination, after its commit succeeded.
    pub(crate) fn new(committed: Timestamp) -> Receipt {
        Receipt { committed }
    }

    /// When the commit was made.
    pub fn committed(&self) -> Timestamp {
        self.committed
    }
}

/// What the next commit may say, before it is committed.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    changed: BTreeMap<String, StreamState>,
}

impl Draft {
    /// Changes what the next commit says of `stream`, beginning from `state` or an earlier change.
    pub fn change(&mut self, state: &State, stream: &str, change: impl FnOnce(&mut StreamState)) {
        let entry = self.changed.entry(stream.to_owned()).or_insert_with(|| state.of(stream));
        change(entry);
    }

    /// The streams whose state changes, with their new state.
    pub fn changed(&self) -> impl Iterator<Item = (&str, &StreamState)> {
        self.changed.iter().map(|(name, state)| (name.as_str(), state))
    }

    /// Takes over what was committed.
    pub fn settle(&mut self, state: &mut State, _receipt: &Receipt) {
        state.0.append(&mut self.changed);
    }
}

#[cfg(test)]
mod tests {
    use super::{Draft, KeyValue, Receipt, State};
    use jiff::Timestamp;

    #[test]
    fn a_draft_moves_the_state_only_against_a_receipt() {
        let mut state = State::default();
        let mut draft = Draft::default();
        draft.change(&state, "cases", |cases| {
            cases.bookmark = Some(KeyValue::Integer(7));
        });
        assert_eq!(state.of("cases").bookmark, None);
        draft.settle(&mut state, &Receipt::new(Timestamp::UNIX_EPOCH));
        assert_eq!(state.of("cases").bookmark, Some(KeyValue::Integer(7)));
        assert_eq!(draft.changed().count(), 0);
    }

    #[test]
    fn keys_of_two_kinds_do_not_compare() {
        assert!(KeyValue::Integer(1).partial_cmp(&KeyValue::Text("1".into())).is_none());
    }
}
