//! What destinations keep while loads are under way: the loads by their streams, the numbers of their rows,
//! and the state that was there before.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tapwright_spec::model::LoadMode;

use super::Fault;
use crate::state::{State, StreamState};

/// Loads under way, by stream.
pub(super) type Loads<L> = BTreeMap<String, L>;

/// The load of a stream, which must have begun.
///
/// # Errors
/// A [`Fault::NoLoad`].
pub(super) fn take<L>(loads: &mut Loads<L>, stream: &str) -> Result<L, Fault> {
    loads.remove(stream).ok_or_else(|| Fault::NoLoad { stream: stream.to_owned(), hint: "; begin one first" })
}

/// The state of streams, from their names and texts.
///
/// # Errors
/// A [`Fault::State`] that names the stream whose state cannot be read.
pub(super) fn stored(place: &str, rows: impl IntoIterator<Item = [String; 2]>) -> Result<State, Fault> {
    let mut state = State::default();
    for [stream, text] in rows {
        match serde_json::from_str::<StreamState>(&text) {
            Ok(one) => state.0.insert(stream, one),
            Err(error) => {
                return Err(Fault::State { place: place.to_owned(), stream, reason: error.to_string() });
            }
        };
    }
    Ok(state)
}

/// Nanoseconds.
const MICROSECOND: usize = 1_000;

/// The greatest `_sdc_sequence` that was given so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sequence(pub(super) i64);

impl Sequence {
    /// The first of `count` numbers that stand one after the other: nanoseconds since 1970, and greater than all before.
    pub(super) fn next(&mut self, count: usize) -> i64 {
        let now = i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX);
        let first = now.max(self.0 + 1);
        self.0 = first + count as i64;
        first
    }

    /// The first for `count` records of a load in this mode: in `segment` they stand a microsecond apart, since `uuid_ts`
    /// tells them.
    pub(super) fn next_of(&mut self, mode: LoadMode, count: usize) -> i64 {
        self.next(if mode == LoadMode::Segment { count * MICROSECOND } else { count })
    }

    /// Takes note of what was stored before.
    pub(super) fn reach(&mut self, stored: i64) {
        self.0 = self.0.max(stored);
    }
}
