//! What became of the streams of a run, as far as loading knows it.

use super::{Ending, Loaded};
use crate::normalise::Normaliser;
use crate::plan::{Plan, Step};
use crate::report::{StreamReport, Verdict};
use crate::state::State;

impl Loaded {
    /// When the loader itself broke.
    pub(in crate::run) fn broken(reason: &str) -> Loaded {
        Loaded {
            streams: Vec::new(),
            told: Vec::new(),
            state: State::default(),
            has_rows: false,
            fault: Some(format!("loading broke off: {reason}")),
        }
    }

    /// What hooks have told of streams that are read and not loaded.
    pub(in crate::run) fn told_of_others(&self, plan: &Plan) -> Vec<String> {
        let others = plan.steps().into_iter().filter(|step| !step.load);
        others.flat_map(|step| self.told.get(step.stream).into_iter().flatten().cloned()).collect()
    }

    /// What became of a stream, without the figures of its requests.
    pub(in crate::run) fn report(&self, step: &Step, name: &str, interrupted: Option<&str>) -> StreamReport {
        let loading = self.streams.get(step.stream).and_then(Option::as_ref);
        let ending = loading.and_then(|loading| loading.ending.clone()).unwrap_or_else(|| Ending {
            verdict: Verdict::Failed,
            reason: interrupted.unwrap_or("the stream was not read to its end").to_owned(),
            notes: Vec::new(),
        });
        let written = loading.map(|loading| {
            let mut written = loading.earlier;
            written += loading.written;
            written
        });
        let written = written.unwrap_or_default();
        let rows = loading.map(|loading| loading.filling.rows.normaliser());
        let split = rows.filter(|_| self.has_rows).map(Normaliser::split_columns).unwrap_or_default();
        let of_tables = loading.map(|loading| loading.notes.clone()).unwrap_or_default();
        let told = self.told.get(step.stream).cloned().unwrap_or_default();
        let slices = loading.and_then(|loading| loading.slices.as_ref()?.note_of_report());
        StreamReport {
            deleted: loading.map_or(0, |loading| loading.deleted),
            rejections: loading.map(|loading| loading.counts.rejections().to_vec()).unwrap_or_default(),
            tables: loading
                .map(|loading| loading.counts.tables(loading.filling.rows.normaliser().tables()))
                .unwrap_or_default(),
            left_out: loading.map_or(0, |loading| loading.left_out),
            discards: loading.map(|loading| loading.counts.discards().to_vec()).unwrap_or_default(),
            schema_changes: loading.map(|loading| loading.filling.changes.all().cloned().collect()).unwrap_or_default(),
            unlisted: rows.map(|rows| rows.unlisted().to_vec()).unwrap_or_default(),
            notes: [
                step.note.iter().cloned().collect(),
                ending.notes,
                slices.into_iter().collect(),
                split,
                of_tables,
                told,
            ]
            .concat(),
            ..StreamReport::of(name, (ending.verdict, ending.reason), written, self.state.of(name))
        }
    }
}
