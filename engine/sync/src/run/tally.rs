//! What the slices of a stream come to.

use std::collections::BTreeMap;

use tapwright_spec::counted;
use tapwright_spec::model::ForEach;

use super::Ending;
use super::family::Visit;
use crate::plan::Step;
use crate::report::Verdict;

/// What became of the slices of a stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) slices: u64,
    /// Why the first of them failed that did.
    pub(super) failed: Option<String>,
    pub(super) failures: u64,
    pub(super) bounded: Option<String>,
    pub(super) last: String,
    /// What the user should know of them.
    pub(super) notes: Vec<String>,
}

impl Tally {
    fn is_whole(&self) -> bool {
        self.failed.is_none() && self.bounded.is_none()
    }
}

impl Visit<'_> {
    /// What became of a stream that has slices.
    pub(super) fn tallied(&self, step: &Step, parents: &BTreeMap<usize, Ending>) -> Ending {
        let tally = self.tally(step.stream, |tally| tally.clone());
        let notes = tally.notes;
        let parent = |verdict| {
            let found =
                step.parents.iter().find_map(|at| Some((at, parents.get(at).filter(|end| end.verdict == verdict)?)));
            found.map(|(at, ending)| (self.stream(*at).name.as_str(), ending))
        };
        let (verdict, reason) = if let Some(failed) = tally.failed {
            let others = match tally.failures {
                0 | 1 => String::new(),
                more => format!("; {} more failed", more - 1),
            };
            (Verdict::Failed, failed + &others)
        } else if let Some((name, ending)) = parent(Verdict::Failed) {
            (Verdict::Failed, format!("its parent `{name}` failed: {}", ending.reason))
        } else if let Some(bounded) = tally.bounded {
            (Verdict::Bounded, bounded)
        } else if let Some((name, _)) = parent(Verdict::Bounded) {
            (Verdict::Bounded, format!("its parent `{name}` is bounded"))
        } else {
            let each = self.stream(step.stream).for_each.as_ref().map(|each| for_what(each, tally.slices));
            let each = each.unwrap_or_default();
            match tally.slices {
                0 => (Verdict::Complete, format!("{each} to read it for")),
                _ => (Verdict::Complete, format!("read for {each}; {}", tally.last)),
            }
        };
        Ending { verdict, reason, notes }
    }

    /// A parent whose bookmark had to wait for a child says so.
    pub(super) fn held(&self, step: &Step, mut ending: Ending) -> Ending {
        for child in &step.dependents {
            if !self.tally(*child, |tally| tally.is_whole()) {
                let name = &self.stream(*child).name;
                let waits = match self.stream(step.stream).keeps_slices() {
                    true => "the bookmarks of some slices wait",
                    false => "the bookmark waits",
                };
                ending.notes.push(format!("{waits}, because `{name}` was not read to its end"));
            }
        }
        ending
    }
}

/// How many slices there are of what, in words: `2 records of a`, `1 batch of records of a`, `no value`.
fn for_what(for_each: &ForEach, count: u64) -> String {
    let names: Vec<String> = for_each.streams().iter().map(|name| format!("`{name}`")).collect();
    let many = |noun: &str| if count == 0 { format!("no {noun}") } else { counted(count, noun) };
    match for_each.parents() {
        None if for_each.hook().is_some() => many("slice"),
        None => many("value"),
        Some(_) if for_each.parts.len() > 1 => {
            let records = if count > 1 { "records" } else { "a record" };
            format!("{} of {records} of {} and values", many("combination"), names.join(" or "))
        }
        Some(parents) if parents.batch.is_some() && count > 0 => {
            format!("{} of records of {}", many("batch"), names.join(" and "))
        }
        Some(parents) => {
            let joint = if count == 0 && parents.batch.is_none() { " or " } else { " and " };
            format!("{} of {}", many("record"), names.join(joint))
        }
    }
}
