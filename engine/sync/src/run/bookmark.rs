//! How far a bookmark may go.

use jiff::Timestamp;

use crate::state::{KeyValue, StreamState};

/// Why a stream that should ascend is failed.
pub(super) fn disordered(key: &KeyValue, before: &KeyValue) -> String {
    format!(
        "the spec says `order: ascending`, and {key} came after {before}; the bookmark stays where it was: \
         correct the order, or ask the API for it"
    )
}

/// Moves a bookmark on, or to wherever a start date that moved lets it begin anew.
pub(super) fn move_to(state: &mut StreamState, key: &KeyValue, start: Option<Timestamp>, moved: bool) {
    if moved || state.bookmark.as_ref().is_none_or(|known| known < key) {
        state.bookmark = Some(key.clone());
    }
    if moved || state.start.is_none() {
        state.start = start.or(state.start);
    }
}

/// A bookmark never passes the beginning of the run: what changed since may not have been seen.
pub(super) fn capped(key: KeyValue, started: Timestamp) -> KeyValue {
    match key {
        KeyValue::Timestamp(moment) => KeyValue::Timestamp(moment.min(started)),
        other => other,
    }
}
