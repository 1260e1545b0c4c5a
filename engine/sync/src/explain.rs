//! What a run of a connector would do, without a network: its requests, their cost, and the tables.
//!
//! Everything here is asked of what a run uses: requests of [`Source::rehearse`], where streams begin of
//! [`plan`], waiting of the rate budget, tables of the destination.

mod cost;
mod example;
mod placeholder;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::Serialize;
use tapwright_spec::Connector;
use tapwright_spec::counted;
use tapwright_spec::model::{FieldType, ForEach, Of, Replication, Stream};
use tapwright_spec::settings::Settings;

use crate::clock::{Clock, TestClock};
use crate::component::Components;
use crate::destination::{Kind, Layout, layout};
use crate::extract::{ExtractError, Following, JobShown, Shown, Source, nth_key};
use crate::http::{Request, Response, Transport, TransportFault};
use crate::normalise::NameFault;
use crate::plan::{Family, Plan, PlanFault, Selection, Step, plan};
use crate::state::{KeyValue, State, StreamState};

pub use cost::{Cost, Unit};

/// Amounts for which the cost is told.
const AMOUNTS: [u64; 2] = [1_000, 100_000];

/// When the explained run takes place, so that the same spec is explained in the same words.
const NOW: Timestamp = Timestamp::constant(1_769_860_800, 0);
/// Where its bookmarks stand.
const BOOKMARK: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// What a run of a connector would do.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// The moment at which bookmarks of the examples stand.
    pub bookmark: Timestamp,
    /// Streams without a parent, with those that hang on them.
    pub families: Vec<Branch>,
    /// The streams that were asked for, in the order of the spec.
    pub streams: Vec<Explained>,
}

/// A stream with its children.
#[derive(Debug, Serialize)]
pub struct Branch {
    /// Its name.
    pub stream: String,
    /// Whether it is fetched only for the records of its parent that changed.
    pub changed_only: bool,
    /// For what it is fetched, in words, if not once.
    pub each: Option<String>,
    /// Whether hooks of the stream that it hangs on send its records, so that nothing is fetched.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub routed: bool,
    /// The streams that are fetched for each of its records, and those to which its hooks send some.
    pub children: Vec<Branch>,
}

/// What a run does with one stream.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// Its name.
    pub stream: String,
    /// Where the example begins.
    pub since: Option<KeyValue>,
    /// Its requests.
    pub requests: Asked,
    /// What it costs; empty where nobody can know, since the API decides how large a page is, or a hook what is asked for.
    pub costs: Vec<Cost>,
    /// The hook that decides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_decided_by: Option<Decides>,
    /// The tables that it fills.
    pub tables: Vec<Layout>,
}

/// A hook that decides how much is asked for, and what it chooses.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decides {
    /// The pages.
    Pages(String),
    /// The slices.
    Slices(String),
}

impl Decides {
    /// The slices come first: there may be none of them, and there is a page of each at least.
    fn of(stream: &Stream) -> Option<Decides> {
        let cut = stream.for_each.as_ref().and_then(ForEach::hook).map(|(hook, _)| Decides::Slices(hook.name.clone()));
        cut.or_else(|| stream.pagination.hook().map(|hook| Decides::Pages(hook.name.clone())))
    }
}

/// What a stream asks for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// As it might be sent.
    Examples(Box<Requests>),
    /// Nothing: hooks of this stream send its records.
    Routed(String),
    /// Why no example can be made.
    Fault(String),
}

/// Examples of requests.
#[derive(Debug, Serialize)]
pub struct Requests {
    /// What comes before the first one and after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<JobShown>,
    /// The first one.
    pub first: Shown,
    /// What follows it, if there is more than one page.
    pub following: Following,
}

/// Why there is nothing to explain.
#[derive(Debug, thiserror::Error)]
pub enum ExplainFault {
    /// The selection does not fit the connector.
    #[error(transparent)]
    Plan(#[from] PlanFault),
    /// A stream's names do not fit.
    #[error(transparent)]
    Names(#[from] NameFault),
    /// Credentials cannot be computed.
    #[error(transparent)]
    Extract(#[from] ExtractError),
}

/// Explains the streams with these names, or all, and what tables they have in a destination of this kind. Values that
/// `settings` lack are shown by their names.
///
/// # Errors
/// A stream that does not exist, or names that cannot be tables.
pub fn explain(
    connector: &Connector,
    settings: &Settings,
    names: &[String],
    to: &Kind,
) -> Result<Explanation, ExplainFault> {
    let mut connector = connector.clone();
    // Nothing is loaded, so nothing is selected.
    connector.supports.table_selection = true;
    let all = planned(&connector, &[])?;
    let wanted = planned(&connector, names)?;
    let loaded: Vec<usize> = wanted.steps().iter().filter(|step| step.load).map(|step| step.stream).collect();
    let (filled, placeholders) = placeholder::fill(&connector, settings);
    let nobody: (Arc<dyn Transport>, Arc<dyn Clock>) = (Arc::new(Nowhere), Arc::new(TestClock::new(NOW)));
    // What a hook would make of a configuration that is made up says nothing.
    let source = Source::hooked(&connector, &filled, nobody, Components::default())?;
    let mut streams = Vec::new();
    let mut steps = all.steps();
    steps.sort_by_key(|step| step.stream);
    for step in steps.into_iter().filter(|step| loaded.contains(&step.stream)) {
        let stream = &connector.streams[step.stream];
        let (requests, costs) = match &stream.routed_from {
            Some(origin) => (Asked::Routed(origin.clone()), Vec::new()),
            None => match example::requests(&connector, &source, (stream, &filled.values), step, &AMOUNTS) {
                (Ok(requests), costs) => (Asked::Examples(Box::new(placeholders.show(requests))), costs),
                (Err(error), costs) => (Asked::Fault(placeholders.named(&error.to_string())), costs),
            },
        };
        streams.push(Explained {
            stream: stream.name.clone(),
            since: step.since.clone(),
            requests,
            costs,
            cost_decided_by: Decides::of(stream),
            tables: layout(stream, to)?,
        });
    }
    let roots = all.families.iter().flat_map(|family| family.roots().map(move |step| (family, step)));
    let families = roots.map(|(family, step)| branch(&connector, family, step)).collect();
    Ok(Explanation { bookmark: BOOKMARK, families, streams })
}

/// What `amount` records of each stream cost in a run that goes on where another ended, by name of the stream; those are
/// left out of which nobody can know it.
///
/// # Errors
/// Credentials that cannot be computed.
pub fn costs(connector: &Connector, settings: &Settings, amount: u64) -> Result<BTreeMap<String, Cost>, ExplainFault> {
    let mut connector = connector.clone();
    connector.supports.table_selection = true;
    let all = planned(&connector, &[])?;
    let (filled, _) = placeholder::fill(&connector, settings);
    let nobody: (Arc<dyn Transport>, Arc<dyn Clock>) = (Arc::new(Nowhere), Arc::new(TestClock::new(NOW)));
    let source = Source::hooked(&connector, &filled, nobody, Components::default())?;
    let asking = all.steps().into_iter().filter(|step| connector.streams[step.stream].routed_from.is_none());
    let costs = asking.filter_map(|step| {
        let stream = &connector.streams[step.stream];
        let (_, costs) = example::requests(&connector, &source, (stream, &filled.values), step, &[amount]);
        Some((stream.name.clone(), costs.into_iter().next()?))
    });
    Ok(costs.collect())
}

/// The plan of a run that goes on where another ended.
fn planned(connector: &Connector, names: &[String]) -> Result<Plan, PlanFault> {
    let mut state = State::default();
    for stream in &connector.streams {
        let keyed = connector.keyed_by(stream);
        if !matches!(keyed.replication, Replication::Incremental(_)) {
            continue;
        }
        let kind = keyed.bookmark_type().unwrap_or(&FieldType::String);
        let bookmark = Some(nth_key(kind, BOOKMARK, 0));
        state.0.insert(stream.name.clone(), StreamState { bookmark, ..StreamState::default() });
    }
    let selection = Selection { streams: names.to_vec(), ..Selection::default() };
    plan(connector, &selection, &state, NOW)
}

fn branch(connector: &Connector, family: &Family, step: &Step) -> Branch {
    let stream = &connector.streams[step.stream];
    let routed = step.routed.iter().filter_map(|routed| family.step(*routed));
    let hanging = family.children(step).chain(routed);
    Branch {
        stream: stream.name.clone(),
        changed_only: stream.is_changed_only(),
        each: stream.for_each.as_ref().map(each),
        routed: stream.routed_from.is_some(),
        children: hanging.map(|child| branch(connector, family, child)).collect(),
    }
}

/// `record`, `changed record and state`, `50 records`.
fn each(for_each: &ForEach) -> String {
    let part = |each: &tapwright_spec::model::Each| match &each.of {
        Of::Parents(parents) => {
            let record = if parents.changed_only { "changed record" } else { "record" };
            let record = parents.batch.map_or_else(|| record.to_owned(), |batch| counted(batch, record));
            match &parents.keep_if {
                Some(kept) => format!("{record} with `{}`", kept.condition.bare()),
                None => record,
            }
        }
        Of::Slices { hook, .. } => format!("slice of the hook `{}`", hook.name),
        Of::Values(_) | Of::Config(_) => each.name.clone(),
    };
    for_each.parts.iter().map(part).collect::<Vec<_>>().join(" and ")
}

/// The transport of a program that must not speak.
struct Nowhere;

impl Transport for Nowhere {
    fn send<'a>(&'a self, _: &'a Request, _: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        async { Err(TransportFault::Unsendable("nothing is sent while a spec is explained".to_owned())) }.boxed()
    }
}
