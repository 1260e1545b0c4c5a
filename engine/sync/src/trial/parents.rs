//! What a child is fetched for: the parents on a page, as a run would take them.

use tapwright_spec::model::Stream;

use super::Trial;
use crate::extract::Page;
use crate::normalise::{Changed, Picker};
use crate::plan::{Names, Occasion, Occasions, Values};
use crate::run::change::Change;

/// Reads the parents of one child.
pub(super) struct Parents<'t> {
    stream: &'t Stream,
    picker: Picker,
    change: Change,
    occasions: Occasions,
}

impl<'t> Parents<'t> {
    /// Nothing, if `child` is fetched for no records.
    pub(super) fn of(trial: &'t Trial, stream: &'t Stream, child: &Stream) -> Result<Option<Parents<'t>>, String> {
        let Some(for_each) = &child.for_each else { return Ok(None) };
        let reads = for_each.parents().map(|parents| parents.reads.clone()).unwrap_or_default();
        let picker = Picker::new(stream, &reads).map_err(|fault| fault.to_string())?;
        let change = Change::of(stream, &trial.settings.values, trial.clock.now());
        let occasions = Occasions::of(child, for_each, Values::of(&trial.settings.values, trial.clock.now()));
        Ok(Some(Parents { stream, picker, change, occasions }))
    }

    /// The slices that the records of a page make.
    pub(super) fn on(&mut self, page: &Page, own: Option<&Names>) -> Result<Vec<Occasion>, String> {
        let mut made = Vec::new();
        for at in 0..page.records.len() {
            let record = page.record(at);
            let refused = |reason| format!("{}: record {} cannot be a parent: {reason}", page.request, at + 1);
            let mut changed = Vec::new();
            self.change.apply(record, own, &mut changed);
            for one in changed {
                let kept = match one {
                    Changed::Kept(kept) => kept,
                    Changed::LeftOut | Changed::Gone(_) => continue,
                    Changed::Refused(_, reason) | Changed::Unsplit(_, reason) => return Err(refused(reason)),
                };
                let mut values = self.picker.read(&kept.record).map_err(refused)?;
                for (field, value) in kept.added {
                    values.insert(self.stream.fields[field].name.clone(), value);
                }
                let unjudged = |why| format!("{}: record {}: {why}", page.request, at + 1);
                made.extend(self.occasions.parent(self.stream, values).map_err(unjudged)?);
            }
        }
        Ok(made)
    }

    /// The slice of those that wait for others of their batch.
    pub(super) fn rest(&mut self) -> Vec<Occasion> {
        self.occasions.rest()
    }
}
