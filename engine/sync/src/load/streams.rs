//! Which of a hub's streams are loaded into a destination: all, or those that somebody names. What is not loaded there stays
//! where it was, so that a stream which is named again later goes on from there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::destination::Fault;
use crate::hub::{Hub, Standing};
use crate::plan::{PlanFault, chosen};
use crate::state::{Position, State};

/// The streams of a hub that are loaded.
#[derive(Debug, Clone, Default)]
pub struct Streams {
    /// None for all.
    named: Option<BTreeSet<String>>,
}

/// Why streams cannot be chosen.
#[derive(Debug, thiserror::Error)]
pub enum StreamsFault {
    /// The selection does not fit the connector.
    #[error(transparent)]
    Plan(#[from] PlanFault),
    /// The hub cannot be read.
    #[error(transparent)]
    Hub(#[from] Fault),
}

impl Streams {
    /// Those that a selection names, of which the spec that extracted last has some, and the hub the others: of earlier
    /// specs, or told by the API.
    ///
    /// # Errors
    /// A [`StreamsFault`] for a selection that names others.
    pub fn named(hub: &Hub, names: &[String]) -> Result<Streams, StreamsFault> {
        let Some(connector) = super::connector(hub)?.filter(|_| !names.is_empty()) else {
            return Ok(Streams::default());
        };
        let mut known: Vec<&str> = connector.streams.iter().map(|stream| stream.name.as_str()).collect();
        let held: Vec<&str> =
            hub.manifest.state.0.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
        known.extend(held);
        let chosen = chosen(&connector, names, &known)?;
        Ok(Streams { named: Some(chosen.into_iter().map(|at| known[at].to_owned()).collect()) })
    }

    /// Whether a stream is loaded.
    pub(super) fn has(&self, stream: &str) -> bool {
        self.named.as_ref().is_none_or(|named| named.contains(stream))
    }

    /// Those that somebody has named.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.named.iter().flatten()
    }

    /// What the hub keeps for a destination in this state whose load begins: what it kept before, and of what begins anew
    /// everything that is there.
    pub(super) fn begun(
        &self,
        hub: &Hub,
        before: Option<&Standing>,
        state: &State,
        (destination, now): (&str, Timestamp),
    ) -> Standing {
        let mut streams: BTreeMap<String, Position> = before.map(|one| one.streams.clone()).unwrap_or_default();
        let is_there = |name: &str| state.of(name).mark.is_some_and(|mark| mark.hub == hub.manifest.hub);
        for name in hub.manifest.state.0.keys().filter(|name| self.has(name)) {
            if !is_there(name) || !streams.contains_key(name) {
                streams.insert(name.clone(), hub.manifest.first());
            }
        }
        let loaded = before.map_or(now, |one| one.loaded);
        Standing { destination: destination.to_owned(), loaded, streams }
    }
}
