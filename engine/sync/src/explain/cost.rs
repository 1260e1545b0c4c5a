//! What a stream costs: requests by a rehearsal of its pages, waiting by the run's own rate budget.

use jiff::Timestamp;
use serde::Serialize;
use tapwright_spec::Connector;
use tapwright_spec::model::{ForEach, Next, Stream};

use crate::extract::{ExtractError, Rehearsal};
use crate::http::{Budget, Share};
use crate::paginate::StopReason;

/// What a number of records costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// So many
    pub amount: u64,
    /// of these
    pub unit: Unit,
    /// take at least so many requests,
    pub requests: u64,
    /// of which the rate budget holds back some, for so many seconds in all. What the API takes for its
    /// answers comes on top.
    pub waits_seconds: u64,
    /// A bound of the spec ends the walk before all is read.
    pub bounded: bool,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Records of the stream.
    Records,
    /// Records of the parent, each with no more children than one page holds.
    Parents,
}

/// The cost of each of `amounts`, where it can be known. Each record, or the whole stream, is asked for `slices` times if
/// values are gone through.
pub(super) fn costs(
    connector: &Connector,
    (stream, slices): (&Stream, u64),
    amounts: &[u64],
    rehearse: impl Fn(u64, u64) -> Result<Rehearsal, ExtractError>,
) -> Vec<Cost> {
    let page = match (&stream.pagination.next, &stream.pagination.size) {
        (Next::Single, _) => None,
        (_, Some(size)) => Some(size.value),
        (_, None) if !stream.parents().is_empty() => None,
        (_, None) => return Vec::new(),
    };
    let parents = stream.for_each.as_ref().and_then(ForEach::parents);
    let slices = slices.max(1);
    let cost = |amount: u64| {
        let unit = if parents.is_some() { Unit::Parents } else { Unit::Records };
        let batch = parents.and_then(|parents| parents.batch).unwrap_or(1).max(1) as u64;
        let (records, times) = match unit {
            Unit::Records => (amount.div_ceil(slices), slices),
            Unit::Parents => (1, amount.div_ceil(batch) * slices),
        };
        let walk = rehearse(records, page.unwrap_or(records)).ok()?;
        let requests = walk.requests * times;
        let bounded = matches!(walk.end, StopReason::MaxPages(_));
        Some(Cost { amount, unit, requests, waits_seconds: waiting(connector, stream, requests), bounded })
    };
    amounts.iter().copied().filter_map(cost).collect()
}

/// Seconds for which the budget holds back the last of so many requests.
fn waiting(connector: &Connector, stream: &Stream, requests: u64) -> u64 {
    let budget = Budget::new(connector.rate_limit.clone());
    let mut now = Timestamp::UNIX_EPOCH;
    for _ in 0..requests {
        while let Err(full) = budget.take(Share::of(&stream.limits), now) {
            now = now.saturating_add(full.wait).unwrap_or(Timestamp::MAX);
        }
    }
    u64::try_from(now.as_second()).unwrap_or(0)
}
