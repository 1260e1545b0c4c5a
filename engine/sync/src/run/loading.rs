//! A stream that is being loaded: what it has come to, and the keys of its rows.

use jiff::Timestamp;
use tapwright_spec::model::{Order, Replication, Stream};

use super::bookmark::disordered;
use super::change::Change;
use super::counts::Counts;
use super::filling::Filling;
use super::slices::Slices;
use super::{Ending, Job, RunFault};
use crate::destination::{Destination, Fault, Mode, Written};
use crate::normalise::Batch;
use crate::plan::Step;
use crate::state::{KeyValue, StreamState};

/// A stream that is being loaded.
pub(super) struct Loading {
    pub(super) filling: Filling,
    pub(super) change: Change,
    pub(super) ascending: bool,
    /// The bookmark is the key of the stream that it hangs on, not one of its own.
    pub(super) keyed_by_parent: bool,
    /// What the state said of it when the run began.
    pub(super) known: StreamState,
    pub(super) start: Option<Timestamp>,
    /// The start date moved: the bookmark begins anew.
    pub(super) moved: bool,
    pub(super) written: Written,
    pub(super) counts: Counts,
    pub(super) earlier: Written,
    pub(super) deleted: u64,
    pub(super) left_out: u64,
    pub(super) greatest: Option<KeyValue>,
    pub(super) last: Option<KeyValue>,
    pub(super) disorder: Option<String>,
    /// Why no more of its pages are taken.
    pub(super) refused: Option<String>,
    /// The bookmarks of its slices, if it has any.
    pub(super) slices: Option<Slices>,
    pub(super) ending: Option<Ending>,
    /// What the destination says of its tables.
    pub(super) notes: Vec<String>,
}

impl Loading {
    pub(super) fn staged(&self) -> bool {
        self.filling.staged()
    }

    pub(super) fn of(
        stream: &Stream,
        step: &Step,
        job: &Job,
        known: &StreamState,
        started: Timestamp,
    ) -> Result<Loading, RunFault> {
        let full = matches!(stream.replication, Replication::FullTable);
        let mode = if job.selection.full_refresh { Mode::Rebuild } else { Mode::of(stream) };
        let version = full.then(|| started.as_millisecond());
        let ascending = matches!(&stream.replication, Replication::Incremental(one) if one.order == Order::Ascending);
        // A hub, which itself has no load mode, keeps what a load in that of the spec needs.
        let as_said = Stream { load_mode: job.connector.load_mode, ..stream.clone() };
        Ok(Loading {
            filling: Filling::of(&job.connector, stream, known, (mode, version))?,
            change: Change::of(&as_said, &job.settings.values, started),
            ascending: ascending && stream.for_each.is_none() && stream.routed_from.is_none(),
            keyed_by_parent: stream.hangs_on().is_some(),
            known: known.clone(),
            start: step.start,
            moved: known.keys().next().is_some() && step.start.is_some() && step.start != known.start,
            written: Written::default(),
            counts: Counts::default(),
            earlier: Written::default(),
            deleted: 0,
            left_out: 0,
            greatest: None,
            last: None,
            disorder: None,
            refused: None,
            slices: slices(stream, job, known),
            ending: None,
            notes: Vec::new(),
        })
    }
}

/// The slices of a stream that keeps a bookmark for each, or of one that hangs on such a stream.
fn slices(stream: &Stream, job: &Job, known: &StreamState) -> Option<Slices> {
    let keyed = job.connector.keyed_by(stream);
    let known = if job.selection.full_refresh { &StreamState::default() } else { known };
    let slices = || Slices::of(known, keyed.is_timed());
    let is_cut = keyed.for_each.as_ref().is_some_and(|for_each| for_each.hook().is_some());
    keyed.keeps_slices().then(|| if is_cut { slices().of_hook() } else { slices() })
}

/// Opens the stream's tables.
pub(super) fn begin(destination: &mut dyn Destination, loading: &mut Loading) -> Result<(), Fault> {
    if let Some(reason) = loading.filling.begin(destination)? {
        loading.refused.get_or_insert(reason);
    }
    Ok(())
}

/// Adds the figures that the destination has not told yet.
pub(super) fn tally(destination: &mut dyn Destination, loading: &mut Loading) -> Result<(), Fault> {
    loading.written += destination.flush(&loading.filling.name)?;
    Ok(())
}

/// Notes the greatest key, and records that do not ascend where the spec says that they do.
pub(super) fn note_keys(loading: &mut Loading, walk: u64, batch: &Batch<'_>) {
    if loading.keyed_by_parent {
        return;
    }
    let Some(keys) = batch.keys(loading.filling.rows.normaliser().tables()) else { return };
    if let Some(slices) = &mut loading.slices {
        return slices.note(walk, &keys.greatest);
    }
    if loading.ascending && loading.disorder.is_none() {
        let before = loading.last.as_ref().filter(|last| keys.first < **last);
        if let Some(before) = before {
            loading.disorder = Some(disordered(&keys.first, before));
        } else if !keys.ascending {
            loading.disorder = Some(disordered(&keys.last, &keys.greatest));
        }
    }
    if loading.greatest.as_ref().is_none_or(|greatest| *greatest < keys.greatest) {
        loading.greatest = Some(keys.greatest);
    }
    loading.last = Some(keys.last);
}
