//! What a run will do: which streams, from where on, and which children hang on which parent. Pure.

mod span;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use jiff::Timestamp;
use tapwright_spec::Connector;
use tapwright_spec::model::{FieldType, Incremental, Replication, Stream};

use crate::state::{KeyValue, State};
pub use span::Span;
pub(crate) use span::window;

/// What the user asks for.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Names of streams; empty means all.
    pub streams: Vec<String>,
    /// From where incremental streams are read, in place of the default history.
    pub start: Option<Timestamp>,
    /// Forget the bookmarks and make the tables anew.
    pub full_refresh: bool,
}

/// Why a selection cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    /// A stream that does not exist.
    #[error("{connector} has no stream `{stream}`{hint}; its streams are {streams}")]
    NoStream {
        /// The connector.
        connector: String,
        /// What was asked for.
        stream: String,
        /// `, did you mean …?`
        hint: String,
        /// All streams.
        streams: String,
    },
    /// The connector does not let its user choose.
    #[error(
        "{0} replicates all of its tables: its spec says `supports: {{table_selection: false}}`; leave --stream out"
    )]
    NoSelection(String),
}

/// What a run will do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Streams without a parent, each with the children that are fetched for its records. Families are
    /// independent of each other.
    pub families: Vec<Step>,
}

/// A stream and what hangs on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Place of the stream in [`Connector::streams`].
    pub stream: usize,
    /// Whether its records are loaded; false for a parent that only its children need.
    pub load: bool,
    /// Records from this key on are asked for; `None` asks for all.
    pub since: Option<KeyValue>,
    /// Records up to this moment are asked for, of a stream whose key is a time.
    pub until: Option<Timestamp>,
    /// The start date that the state is to remember.
    pub start: Option<Timestamp>,
    /// What the user should know of where it begins.
    pub note: Option<String>,
    /// The streams fetched for each of its records.
    pub children: Vec<Step>,
}

impl Plan {
    /// Every step, parents before their children.
    pub fn steps(&self) -> Vec<&Step> {
        let mut steps: Vec<&Step> = Vec::new();
        let mut open: Vec<&Step> = self.families.iter().rev().collect();
        while let Some(step) = open.pop() {
            steps.push(step);
            open.extend(step.children.iter().rev());
        }
        steps
    }
}

/// Plans a run at the moment `now`.
///
/// # Errors
/// A [`PlanFault`] for a selection that the connector does not have or does not allow.
pub fn plan(connector: &Connector, selection: &Selection, state: &State, now: Timestamp) -> Result<Plan, PlanFault> {
    let wanted = wanted(connector, &selection.streams)?;
    let planner = Planner { connector, selection, state, now, wanted };
    let roots = (0..connector.streams.len()).filter(|at| connector.streams[*at].for_each.is_none());
    Ok(Plan { families: roots.filter_map(|at| planner.step(at, None)).collect() })
}

fn wanted(connector: &Connector, names: &[String]) -> Result<BTreeSet<usize>, PlanFault> {
    if names.is_empty() {
        return Ok((0..connector.streams.len()).collect());
    }
    if !connector.supports.table_selection {
        return Err(PlanFault::NoSelection(connector.name.clone()));
    }
    let known: Vec<&str> = connector.streams.iter().map(|stream| stream.name.as_str()).collect();
    names
        .iter()
        .map(|name| {
            known.iter().position(|known| known == name).ok_or_else(|| PlanFault::NoStream {
                connector: connector.name.clone(),
                stream: name.clone(),
                hint: tapwright_spec::nearest(name, known.iter().copied())
                    .map_or_else(String::new, |name| format!(", did you mean `{name}`?")),
                streams: known.join(", "),
            })
        })
        .collect()
}

struct Planner<'a> {
    connector: &'a Connector,
    selection: &'a Selection,
    state: &'a State,
    now: Timestamp,
    wanted: BTreeSet<usize>,
}

/// Where a stream begins for its own sake.
#[derive(Debug, Clone, PartialEq)]
struct Beginning {
    since: Option<KeyValue>,
    start: Option<Timestamp>,
    note: Option<String>,
}

impl Planner<'_> {
    /// The stream with its children, if any of them is wanted.
    fn step(&self, at: usize, parent: Option<&Stream>) -> Option<Step> {
        let stream = &self.connector.streams[at];
        let children: Vec<Step> = (0..self.connector.streams.len())
            .filter(|child| {
                let parent = self.connector.streams[*child].for_each.as_ref();
                parent.is_some_and(|for_each| for_each.stream == stream.name)
            })
            .filter_map(|child| self.step(child, Some(stream)))
            .collect();
        let load = self.wanted.contains(&at);
        if !load && children.is_empty() {
            return None;
        }
        let changed_only = stream.for_each.as_ref().is_some_and(|for_each| for_each.changed_only);
        let own = match parent.filter(|_| changed_only) {
            Some(parent) => Beginning { since: None, ..self.beginning(stream, parent) },
            None => self.beginning(stream, stream),
        };
        let since = self.earliest(stream, load.then_some(&own), &children);
        // Windows cannot begin at the beginning of time.
        let since = since.or_else(|| window(stream).and_then(|_| self.first()).map(KeyValue::Timestamp));
        let until = is_timed(stream).then_some(self.now);
        Some(Step { stream: at, load, since, until, start: own.start, note: own.note, children })
    }

    /// A parent is read from where the neediest of itself and its children goes on: all of it, if a
    /// child hangs on every parent.
    fn earliest(&self, stream: &Stream, own: Option<&Beginning>, children: &[Step]) -> Option<KeyValue> {
        let mut earliest: Option<KeyValue> = None;
        let children = children.iter().map(|child| {
            let child = &self.connector.streams[child.stream];
            let changed_only = child.for_each.as_ref().is_some_and(|for_each| for_each.changed_only);
            if changed_only { self.beginning(child, stream).since } else { None }
        });
        for since in own.map(|own| own.since.clone()).into_iter().chain(children) {
            let since = since?;
            match earliest.as_ref().map(|earliest| since.partial_cmp(earliest)) {
                None | Some(Some(Ordering::Less)) => earliest = Some(since),
                Some(Some(_)) => {}
                // Of two tokens nobody knows which is the earlier one.
                Some(None) => return None,
            }
        }
        earliest
    }

    /// Where a first run begins.
    fn first(&self) -> Option<Timestamp> {
        let history = self.connector.schedule.historical.as_ref();
        self.selection.start.or_else(|| history.map(|history| history.before(self.now)))
    }

    /// Where `stream` goes on. A `changed_only` child keeps its place by the key of its parent, `keyed`.
    fn beginning(&self, stream: &Stream, keyed: &Stream) -> Beginning {
        let known = if self.selection.full_refresh { Default::default() } else { self.state.of(&stream.name) };
        let incremental = match &keyed.replication {
            Replication::Incremental(incremental) => incremental,
            Replication::Feed(_) => {
                let token = known.bookmark.filter(|bookmark| matches!(bookmark, KeyValue::Token(_)));
                return Beginning { since: token, start: None, note: None };
            }
            Replication::FullTable => return Beginning { since: None, start: None, note: None },
        };
        let timed = known.bookmark.as_ref().is_none_or(|bookmark| matches!(bookmark, KeyValue::Timestamp(_)))
            && is_timed(keyed);
        let moved = self.selection.start.filter(|start| known.start != Some(*start) && known.bookmark.is_some());
        match (known.bookmark, moved.filter(|_| timed)) {
            (Some(_), Some(start)) => Beginning {
                since: Some(KeyValue::Timestamp(start)),
                start: Some(start),
                note: Some(format!("the start date is now {start}: read again from there")),
            },
            (Some(KeyValue::Timestamp(moment)), None) => {
                let since = further_back(incremental, moment.min(self.now));
                Beginning { since: Some(KeyValue::Timestamp(since)), start: known.start, note: None }
            }
            (Some(bookmark), None) => Beginning { since: Some(bookmark), start: known.start, note: None },
            (None, _) if !timed => Beginning { since: None, start: None, note: None },
            (None, _) => {
                let start = self.first();
                let note = start.map(|start| format!("first run: read from {start} on"));
                Beginning { since: start.map(KeyValue::Timestamp), start: self.selection.start, note }
            }
        }
    }
}

/// The beginning of a run whose bookmark is at `moment`.
fn further_back(incremental: &Incremental, moment: Timestamp) -> Timestamp {
    let windows = incremental.lookback.iter().chain(&incremental.attribution);
    windows.map(|window| window.before(moment)).min().unwrap_or(moment)
}

/// Whether the stream's replication key is a time.
fn is_timed(stream: &Stream) -> bool {
    let Replication::Incremental(incremental) = &stream.replication else { return false };
    stream.field(&incremental.key).is_some_and(|field| matches!(field.kind, FieldType::Timestamp | FieldType::Date))
}

#[cfg(test)]
mod tests {
    use super::{PlanFault, Selection, Step, plan};
    use crate::state::{KeyValue, State, StreamState};
    use jiff::Timestamp;
    use tapwright_spec::{Connector, Source, check};

    const SPEC: &str = "
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: A shop.}
schedule: {historical: 30 days}
auth: none
http: {base_url: 'http://127.0.0.1', records: '$.rows[*]'}
streams:
  orders:
    description: Orders.
    endpoint: GET /orders
    primary_key: id
    replication: {method: incremental, key: changed, since: {param: since}, lookback: 1 hour}
    fields: {id: integer, changed: timestamp}
  lines:
    description: Lines of changed orders.
    for_each: {stream: orders, changed_only: true}
    endpoint: 'GET /orders/{{ parent.id }}/lines'
    primary_key: id
    replication: {method: incremental, key: changed}
    fields: {id: integer, changed: timestamp}
  notes:
    description: Notes on every order.
    for_each: orders
    endpoint: 'GET /orders/{{ parent.id }}/notes'
    primary_key: id
    fields: {id: integer}
  users:
    description: Users.
    endpoint: GET /users
    primary_key: id
    fields: {id: integer}
";

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn shop() -> Connector {
        check(&Source::new("shop.yaml", SPEC)).unwrap_or_else(|faults| panic!("{faults:?}"))
    }

    fn knows(stream: &str, bookmark: &str) -> (String, StreamState) {
        let bookmark = Some(KeyValue::Timestamp(at(bookmark)));
        (stream.to_owned(), StreamState { bookmark, ..StreamState::default() })
    }

    fn planned(streams: &[&str], start: Option<&str>, state: &State) -> Result<Vec<Step>, PlanFault> {
        let streams = streams.iter().map(|name| (*name).to_owned()).collect();
        let selection = Selection { streams, start: start.map(at), full_refresh: false };
        plan(&shop(), &selection, state, at("2026-01-31T00:00:00Z")).map(|plan| plan.families)
    }

    fn since(step: &Step) -> Option<String> {
        step.since.as_ref().map(ToString::to_string)
    }

    #[test]
    fn a_first_run_begins_with_the_default_history() {
        let families = planned(&["orders"], None, &State::default()).expect("a plan");
        assert_eq!(since(&families[0]).as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!(families.len(), 1);
    }

    #[test]
    fn a_later_run_looks_back_from_its_bookmark() {
        let state = State([knows("orders", "2026-01-30T12:00:00Z")].into());
        let families = planned(&["orders"], None, &state).expect("a plan");
        assert_eq!(since(&families[0]).as_deref(), Some("2026-01-30T11:00:00Z"));
    }

    #[test]
    fn a_parent_goes_on_where_the_neediest_of_it_and_its_children_does() {
        let state = State([knows("orders", "2026-01-30T12:00:00Z"), knows("lines", "2026-01-20T00:00:00Z")].into());
        let families = planned(&["orders", "lines"], None, &state).expect("a plan");
        assert_eq!(since(&families[0]).as_deref(), Some("2026-01-19T23:00:00Z"));
        let alone = planned(&["lines"], None, &state).expect("a plan");
        assert_eq!((alone[0].load, since(&alone[0]).as_deref()), (false, Some("2026-01-19T23:00:00Z")));
    }

    #[test]
    fn a_child_of_every_parent_needs_all_parents() {
        let state = State([knows("orders", "2026-01-30T12:00:00Z")].into());
        let families = planned(&["notes"], None, &state).expect("a plan");
        assert_eq!((families[0].load, since(&families[0])), (false, None));
        assert_eq!(families[0].children.len(), 1);
    }

    #[test]
    fn another_start_date_is_said_and_read_from() {
        let mut state = State([knows("orders", "2026-01-30T12:00:00Z")].into());
        let moved = planned(&["orders"], Some("2025-06-01T00:00:00Z"), &state).expect("a plan");
        assert_eq!(since(&moved[0]).as_deref(), Some("2025-06-01T00:00:00Z"));
        assert!(moved[0].note.as_ref().is_some_and(|note| note.contains("start date")));
        state.0.get_mut("orders").expect("orders").start = Some(at("2025-06-01T00:00:00Z"));
        let same = planned(&["orders"], Some("2025-06-01T00:00:00Z"), &state).expect("a plan");
        assert_eq!((since(&same[0]).as_deref(), &same[0].note), (Some("2026-01-30T11:00:00Z"), &None));
    }

    #[test]
    fn a_stream_that_is_not_there_is_named_with_the_nearest() {
        let fault = planned(&["oders"], None, &State::default()).expect_err("no such stream");
        assert!(fault.to_string().contains("did you mean `orders`?"), "{fault}");
    }
}
