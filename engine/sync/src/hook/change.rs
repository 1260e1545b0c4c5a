//! The hooks of one stream at work: each gets what the one before it left.

use tapwright_hook::{Changed, Fault, Records};
use tapwright_spec::model::{Hook, OnError};

use crate::auth::Redactor;
use crate::component::lines;

/// The hooks of a stream of a run, in their order.
pub struct StreamHooks {
    steps: Vec<Step>,
    redactor: Redactor,
}

struct Step {
    hook: String,
    records: Records,
    on_error: OnError,
}

/// What hooks made of the records of a page.
#[derive(Default)]
pub struct Hooked {
    stages: Vec<Stage>,
    /// The records that were refused, by their place on the page from 0, with the reason.
    pub refused: Vec<(usize, String)>,
}

/// What one hook made of them.
struct Stage {
    changed: Changed,
    /// By place in its batch: the place on the page.
    origins: Vec<usize>,
}

/// A record as hooks leave it.
#[derive(Debug, Clone, Copy)]
pub struct Left<'h> {
    /// Its JSON text.
    pub record: &'h str,
    /// Place on the page, from 0, of the record that it comes of.
    pub origin: usize,
}

impl StreamHooks {
    /// Of hooks that were begun; nothing where there are none.
    pub(super) fn of(steps: Vec<(Records, &Hook)>, redactor: &Redactor) -> Option<StreamHooks> {
        let step =
            |(records, hook): (Records, &Hook)| Step { hook: hook.name.clone(), records, on_error: hook.on_error };
        let steps: Vec<Step> = steps.into_iter().map(step).collect();
        (!steps.is_empty()).then(|| StreamHooks { steps, redactor: redactor.clone() })
    }

    /// Changes the records of a page.
    ///
    /// # Errors
    /// Why the stream cannot go on, with the place of the record on the page, from 0, if it is known.
    pub fn page(&mut self, records: &[&str]) -> Result<Hooked, (Option<usize>, String)> {
        let mut hooked = Hooked::default();
        for step in &mut self.steps {
            let stage = {
                let batch: Vec<Left<'_>> = match hooked.stages.last() {
                    Some(_) => hooked.kept().collect(),
                    None => records.iter().enumerate().map(|(origin, record)| Left { record, origin }).collect(),
                };
                let texts: Vec<&str> = batch.iter().map(|left| left.record).collect();
                let origins: Vec<usize> = batch.iter().map(|left| left.origin).collect();
                let at = |fault: &Fault| fault.record.and_then(|record| origins.get(record - 1)).copied();
                let changed = step
                    .records
                    .change(&texts)
                    .map_err(|fault| (at(&fault), self.redactor.redact(&on_page(fault, &origins))))?;
                Stage { changed, origins }
            };
            for refused in &stage.changed.refused {
                let origin = stage.origins[refused.record];
                let reason = self.redactor.redact(&on_page(refused.fault.clone(), &stage.origins));
                if step.on_error == OnError::Fail {
                    return Err((Some(origin), reason));
                }
                if !hooked.refused.iter().any(|(known, _)| *known == origin) {
                    hooked.refused.push((origin, reason));
                }
            }
            hooked.stages.push(stage);
        }
        Ok(hooked)
    }

    /// What whoever runs the sync should know: what hooks told of the stream, and the lines of their logs.
    pub fn notes(&mut self) -> Vec<String> {
        let mut notes = Vec::new();
        for step in &mut self.steps {
            let hook = &step.hook;
            notes.extend(step.records.effect().notes.iter().map(|note| format!("hook `{hook}`: {note}")));
            notes.extend(lines(hook, &step.records.log()));
        }
        notes.iter().map(|note| self.redactor.redact(note)).collect()
    }
}

/// A fault with the number of the record on the page, whichever of its batch it is.
fn on_page(fault: Fault, origins: &[usize]) -> String {
    let record = fault.record.and_then(|record| Some(origins.get(record - 1)? + 1));
    Fault { record, ..fault }.to_string()
}

impl Hooked {
    /// The records that stay with the stream.
    pub fn kept(&self) -> impl Iterator<Item = Left<'_>> {
        self.stages.last().into_iter().flat_map(|stage| stage.left(None))
    }

    /// The records that go to the stream at this place among those to which this one's hooks send records.
    pub fn routed(&self, route: usize) -> impl Iterator<Item = Left<'_>> {
        self.stages.iter().flat_map(move |stage| stage.left(Some(route)))
    }
}

impl Stage {
    fn left(&self, route: Option<usize>) -> impl Iterator<Item = Left<'_>> {
        let lines = self.changed.lines().filter(move |line| line.route == route);
        lines.map(|line| Left { record: line.record, origin: self.origins[line.origin] })
    }
}
