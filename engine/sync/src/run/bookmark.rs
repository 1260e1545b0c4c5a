//! How far a bookmark may go.

use jiff::{SignedDuration, Timestamp};

use crate::state::{KeyValue, StreamState};

/// Why a stream that should ascend is failed.
pub(super) fn disordered(key: &KeyValue, before: &KeyValue) -> String {
    format!(
        "the spec says `order: ascending`, and {key} came after {before}; the bookmark stays where it was: \
         correct the order, or ask the API for it"
    )
}

/// Raises a key to another one, if that is greater.
pub(super) fn raise(known: &mut Option<KeyValue>, key: &KeyValue) {
    if known.as_ref().is_none_or(|known| known < key) {
        *known = Some(key.clone());
    }
}

/// Lets all bookmarks of slices go back to a start date that moved, so that those that this run does not come to
/// begin there as well.
pub(super) fn go_back(state: &mut StreamState, start: Option<Timestamp>) {
    if let Some(start) = start.map(KeyValue::Timestamp) {
        for key in state.slices.values_mut().chain(&mut state.bookmark).filter(|key| start < **key) {
            key.clone_from(&start);
        }
    }
    state.start = start.or(state.start);
}

/// Moves a bookmark on, or to wherever a start date that moved lets it begin anew.
pub(super) fn move_to(state: &mut StreamState, key: &KeyValue, start: Option<Timestamp>, moved: bool) {
    let is_token = matches!(key, KeyValue::Token(_));
    if moved || is_token || state.bookmark.as_ref().is_none_or(|known| known < key) {
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

/// How much later than the API's clock ours may be.
const SKEW: SignedDuration = SignedDuration::from_hours(1);

/// Where the bookmark stands after a window: at its end, whatever keys its records have. Of the time that is just
/// past only what was seen counts: by the API's clock it may still go on.
pub(super) fn end_of_window(until: Timestamp, greatest: Option<&KeyValue>, started: Timestamp) -> KeyValue {
    let certain = started.checked_sub(SKEW).unwrap_or(started);
    let seen = match greatest {
        Some(KeyValue::Timestamp(seen)) => certain.max(*seen),
        _ => certain,
    };
    KeyValue::Timestamp(until.min(seen))
}
