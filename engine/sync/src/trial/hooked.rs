//! What hooks make of the records that a trial took.

use tapwright_spec::model::Stream;

use super::{Taken, Trial};
use crate::extract::Source;
use crate::hook::{Hooked, Hooks, Left};
use crate::run::change::{Change, Records};

/// The records of a stream, as hooks leave them.
#[derive(Default)]
pub(super) struct Worked {
    hooked: Option<Hooked>,
    /// The place of the stream among those that hooks send records to, if it is one.
    route: Option<usize>,
    /// Why the stream would fail.
    pub(super) fault: Option<String>,
    /// What hooks say.
    pub(super) notes: Vec<String>,
}

impl Worked {
    /// Has the hooks of a stream, or of the one that it is routed from, change what was taken.
    pub(super) fn of(trial: &Trial, stream: &Stream, (source, hooks): (&Source, &Hooks), taken: &[Taken]) -> Worked {
        let connector = &trial.connector;
        let origin = stream.routed_from.as_ref().and_then(|origin| connector.stream(origin)).unwrap_or(stream);
        let route = connector.routed_from(&origin.name).position(|routed| routed.name == stream.name);
        let mut hooks = match hooks.of_stream(connector, origin, source.redactor()) {
            Ok(Some(hooks)) => hooks,
            Ok(None) => return Worked::default(),
            Err(fault) => return Worked { fault: Some(fault), ..Worked::default() },
        };
        let raw: Vec<&str> = taken.iter().map(|one| one.record.as_str()).collect();
        let (hooked, fault) = match hooks.page(&raw) {
            Ok(hooked) => (hooked, None),
            Err((_, fault)) => (Hooked::default(), Some(fault)),
        };
        Worked { hooked: Some(hooked), route, fault, notes: hooks.notes() }
    }

    /// The records of the stream as the spec changes them then.
    pub(super) fn records<'r>(&'r self, change: &Change, taken: &'r [Taken]) -> Records<'r> {
        let mut records = Records::default();
        let mut add = |left: Left<'r>| {
            let names = taken[left.origin].names.as_ref().filter(|_| self.route.is_none());
            records.add(change, (left.origin + 1, left.record), names);
        };
        match (&self.hooked, self.route) {
            (None, _) => taken.iter().enumerate().for_each(|(origin, one)| add(Left { record: &one.record, origin })),
            (Some(hooked), Some(route)) => hooked.routed(route).for_each(add),
            (Some(hooked), None) => hooked.kept().for_each(add),
        }
        let refused = self.hooked.iter().filter(|_| self.route.is_none()).flat_map(|hooked| &hooked.refused);
        for (origin, reason) in refused {
            records.refuse((origin + 1, &taken[*origin].record), reason);
        }
        records
    }
}
