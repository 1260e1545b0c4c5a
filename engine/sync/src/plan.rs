//! What a run will do: which streams, from where on, and which children hang on which parents. Pure.

mod beginning;
mod occasion;
mod span;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tapwright_spec::Connector;
use tapwright_spec::model::Stream;

use crate::state::{KeyValue, State};

pub use occasion::{Names, Occasion, Occasions, Values, known};
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
    /// Streams that hang together. Families are independent of each other.
    pub families: Vec<Family>,
}

/// Streams that hang together, by parents that they share or children that they have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Its streams, parents before their children.
    pub steps: Vec<Step>,
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
    /// Where slices go on that have a bookmark of their own; the others begin at `since`.
    pub slices: BTreeMap<String, KeyValue>,
    /// Records up to this moment are asked for, of a stream whose key is a time.
    pub until: Option<Timestamp>,
    /// The start date that the state is to remember.
    pub start: Option<Timestamp>,
    /// What the user should know of where it begins.
    pub note: Option<String>,
    /// The streams for whose records it is fetched, or whose hooks send its records.
    pub parents: Vec<usize>,
    /// The streams fetched for its records.
    pub children: Vec<usize>,
    /// The streams that are read along with its bookmark: `changed_only` children, and theirs, and streams to which hooks
    /// send records.
    pub dependents: Vec<usize>,
    /// The streams to which its hooks send records that are loaded.
    pub routed: Vec<usize>,
}

impl Plan {
    /// Every step, parents before their children.
    pub fn steps(&self) -> Vec<&Step> {
        self.families.iter().flat_map(|family| &family.steps).collect()
    }
}

impl Family {
    /// The step of a stream.
    pub fn step(&self, stream: usize) -> Option<&Step> {
        self.steps.iter().find(|step| step.stream == stream)
    }

    /// The steps whose streams have no parent.
    pub fn roots(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.parents.is_empty())
    }

    /// The way to a stream from one that has no parent, by the first of its parents and of theirs.
    pub fn line_to(&self, stream: usize) -> Vec<&Step> {
        let mut line: Vec<&Step> = Vec::new();
        let mut next = self.step(stream);
        while let Some(step) = next {
            line.insert(0, step);
            next = step.parents.first().and_then(|parent| self.step(*parent));
        }
        line
    }

    /// The steps of the streams that are fetched for the records of `step`.
    pub fn children<'a>(&'a self, step: &'a Step) -> impl Iterator<Item = &'a Step> {
        step.children.iter().filter_map(|child| self.step(*child))
    }
}

impl Step {
    /// Where a slice begins that is known to the state by these identifiers: where the least of them goes on.
    pub fn since_of(&self, ids: &[String]) -> Option<KeyValue> {
        let mut least: Option<&KeyValue> = None;
        for id in ids {
            let since = self.slices.get(id).or(self.since.as_ref())?;
            if least.is_none_or(|least| since < least) {
                least = Some(since);
            }
        }
        least.or(self.since.as_ref()).cloned()
    }
}

/// Plans a run at the moment `now`.
///
/// # Errors
/// A [`PlanFault`] for a selection that the connector does not have or does not allow.
pub fn plan(connector: &Connector, selection: &Selection, state: &State, now: Timestamp) -> Result<Plan, PlanFault> {
    let wanted = wanted(connector, &selection.streams)?;
    let planner = Planner { connector, selection, state, now, wanted };
    Ok(Plan { families: planner.families() })
}

fn wanted(connector: &Connector, names: &[String]) -> Result<BTreeSet<usize>, PlanFault> {
    let known: Vec<&str> = connector.streams.iter().map(|stream| stream.name.as_str()).collect();
    chosen(connector, names, &known)
}

/// The places among the streams `known` of those that a selection names: all, if it names none.
///
/// # Errors
/// A [`PlanFault`] for a selection that names others, or that the connector does not allow.
pub(crate) fn chosen(connector: &Connector, names: &[String], known: &[&str]) -> Result<BTreeSet<usize>, PlanFault> {
    if names.is_empty() {
        return Ok((0..known.len()).collect());
    }
    if !connector.supports.table_selection {
        return Err(PlanFault::NoSelection(connector.name.clone()));
    }
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

impl Planner<'_> {
    /// The streams that are read, in order: parents before their children, each beside what it hangs on.
    fn order(&self) -> Vec<usize> {
        let read: BTreeSet<usize> = (0..self.connector.streams.len()).filter(|at| self.is_read(*at)).collect();
        let mut order: Vec<usize> = Vec::new();
        let mut open: Vec<usize> = read.iter().rev().copied().filter(|at| self.parents(*at).is_empty()).collect();
        while let Some(at) = open.pop() {
            let ready = self.parents(at).iter().all(|parent| order.contains(parent));
            // The last of its parents brings it up again.
            if ready && !order.contains(&at) {
                order.push(at);
                let hanging = self.children(at).into_iter().chain(self.routed(at)).rev();
                open.extend(hanging.filter(|child| read.contains(child)));
            }
        }
        order
    }

    fn families(&self) -> Vec<Family> {
        let mut families: Vec<Family> = Vec::new();
        for at in self.order() {
            let step = self.step(at);
            let (own, others): (Vec<Family>, Vec<Family>) = families
                .into_iter()
                .partition(|family| family.steps.iter().any(|other| step.parents.contains(&other.stream)));
            families = others;
            let mut steps: Vec<Step> = own.into_iter().flat_map(|family| family.steps).collect();
            steps.push(step);
            families.push(Family { steps });
        }
        families.sort_by_key(|family| family.steps[0].stream);
        families
    }

    fn step(&self, at: usize) -> Step {
        let stream = &self.connector.streams[at];
        let own = self.beginning(stream);
        let children: Vec<usize> = self.children(at).into_iter().filter(|child| self.is_read(*child)).collect();
        let mut dependents = Vec::new();
        self.dependents(at, &mut dependents);
        let (since, slices) = self.reads_from(at);
        // Windows cannot begin at the beginning of time.
        let since = since.or_else(|| window(stream).and_then(|_| self.first()).map(KeyValue::Timestamp));
        let load = self.wanted.contains(&at);
        let until = stream.is_timed().then_some(self.now);
        let (start, note) = (own.start, own.note);
        let (parents, routed) = (self.parents(at), self.routed(at));
        Step { stream: at, load, since, slices, until, start, note, parents, children, dependents, routed }
    }

    /// Whether the stream is wanted, or a stream that hangs on it.
    fn is_read(&self, at: usize) -> bool {
        self.wanted.contains(&at)
            || !self.routed(at).is_empty()
            || self.children(at).into_iter().any(|child| self.is_read(child))
    }

    /// The streams to which hooks of this one send records that are wanted.
    fn routed(&self, at: usize) -> Vec<usize> {
        let name = &self.connector.streams[at].name;
        let comes = |one: &Stream| one.routed_from.as_ref() == Some(name);
        self.wanted.iter().copied().filter(|one| comes(&self.connector.streams[*one])).collect()
    }

    fn parents(&self, at: usize) -> Vec<usize> {
        let stream = &self.connector.streams[at];
        let names = stream.parents().iter().chain(&stream.routed_from);
        names.filter_map(|name| self.connector.streams.iter().position(|one| one.name == *name)).collect()
    }

    fn children(&self, at: usize) -> Vec<usize> {
        let name = &self.connector.streams[at].name;
        let is_child = |stream: &Stream| stream.parents().contains(name);
        (0..self.connector.streams.len()).filter(|child| is_child(&self.connector.streams[*child])).collect()
    }

    fn dependents(&self, at: usize, found: &mut Vec<usize>) {
        found.extend(self.routed(at));
        for child in self.children(at) {
            if self.connector.streams[child].is_changed_only() && self.is_read(child) {
                found.push(child);
                self.dependents(child, found);
            }
        }
    }
}

#[cfg(test)]
mod tests;
