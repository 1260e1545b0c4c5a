//! Streams to which the hooks of another send records: they end as that one does.

use std::collections::BTreeMap;

use tapwright_spec::model::Stream;

use super::Ending;
use crate::plan::Step;
use crate::report::Verdict;

/// The stream whose hooks send the records of `stream`, with its ending.
pub(super) fn origin<'e>(
    stream: &'e Stream,
    step: &Step,
    ended: &'e BTreeMap<usize, Ending>,
) -> Option<(&'e str, &'e Ending)> {
    let origin = stream.routed_from.as_deref()?;
    Some((origin, ended.get(step.parents.first()?)?))
}

/// How a stream ends whose records come from hooks of `origin`.
pub(super) fn ending(origin: &str, of: &Ending) -> Ending {
    let reason = match of.verdict {
        Verdict::Complete => format!("sent by hooks of `{origin}`, which is complete"),
        Verdict::Bounded => format!("`{origin}`, whose hooks send its records, is bounded"),
        Verdict::Failed => format!("`{origin}`, whose hooks send its records, failed: {}", of.reason),
    };
    Ending { verdict: of.verdict, reason, notes: Vec::new() }
}
