//! What the slices of a stream come to.

use std::collections::BTreeMap;

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
                0 => (Verdict::Complete, format!("no {each} to read it for")),
                count => (Verdict::Complete, format!("read for {count} {each}; {}", tally.last)),
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

/// What slices are made of, in words: `records of a`, `batches of records of a`, `values`.
fn for_what(for_each: &ForEach, count: u64) -> String {
    let names: Vec<String> = for_each.streams().iter().map(|name| format!("`{name}`")).collect();
    let several = |one: &str, many: &str| if count == 0 { one.to_owned() } else { many.to_owned() };
    match for_each.parents() {
        None if for_each.hook().is_some() => several("slice", "slices"),
        None => several("value", "values"),
        Some(_) if for_each.parts.len() > 1 => {
            format!(
                "{} of {} and values",
                several("combination of a record", "combinations of records"),
                names.join(" or ")
            )
        }
        Some(parents) if parents.batch.is_some() => {
            format!("{} of {}", several("record", "batches of records"), names.join(" and "))
        }
        Some(_) => {
            format!("{} of {}", several("record", "records"), names.join(if count == 0 { " or " } else { " and " }))
        }
    }
}
