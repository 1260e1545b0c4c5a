//! A stream that is being loaded: what it has come to, and the keys of its rows.

use jiff::Timestamp;
use tapwright_spec::model::{Order, Replication, Stream};

use super::bookmark::disordered;
use super::change::Change;
use super::counts::Counts;
use super::rows::RowReader;
use super::slices::Slices;
use super::{Ending, Job, RunFault};
use crate::destination::{Destination, Fault, Mode, Opening, Written};
use crate::normalise::Batch;
use crate::plan::Step;
use crate::state::{KeyValue, StreamState};
use crate::survey::{Changes, bind, has_asking_hooks, is_bound};

/// A stream that is being loaded.
pub(super) struct Loading {
    pub(super) name: String,
    pub(super) rows: RowReader,
    pub(super) change: Change,
    pub(super) mode: Mode,
    pub(super) version: Option<i64>,
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
    /// What the load changes of the tables that were there.
    pub(super) changes: Changes,
    /// Its hooks tell columns that nobody knows before.
    hooked: bool,
    /// The stream, if its tables may not simply get what its records need.
    bound: Option<Box<Stream>>,
}

impl Loading {
    pub(super) fn staged(&self) -> bool {
        matches!(self.mode, Mode::Replace | Mode::Rebuild)
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
        let ascending = matches!(&stream.replication, Replication::Incremental(one) if one.order == Order::Ascending);
        Ok(Loading {
            name: stream.name.clone(),
            rows: RowReader::new(stream)?,
            change: Change::of(stream, &job.settings.values, started),
            mode,
            version: full.then(|| started.as_millisecond()),
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
            changes: Changes::default(),
            hooked: has_asking_hooks(&job.connector, stream),
            bound: is_bound(stream, known, mode).then(|| Box::new(stream.clone())),
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

/// Holds the stream to the tables that are there, if its spec asks for that.
fn hold(destination: &mut dyn Destination, loading: &mut Loading) -> Result<(), Fault> {
    let Some(stream) = &loading.bound else { return Ok(()) };
    let how = (loading.mode, loading.version);
    if let Some(reason) = bind(destination, stream, loading.rows.normaliser_mut(), how)? {
        loading.refused.get_or_insert(reason);
    }
    Ok(())
}

/// Opens the stream's tables.
pub(super) fn begin(destination: &mut dyn Destination, loading: &mut Loading) -> Result<(), Fault> {
    hold(destination, loading)?;
    let opening = Opening {
        stream: &loading.name,
        tables: loading.rows.normaliser().tables(),
        mode: loading.mode,
        version: loading.version,
    };
    loading.changes.begin(destination, &opening, loading.rows.normaliser(), loading.hooked)?;
    let existing = destination.begin(&opening)?;
    let normaliser = loading.rows.normaliser_mut();
    normaliser.adopt(&existing);
    normaliser.keep_within(destination.bounds());
    Ok(())
}

/// Looks at what rows with columns that were seen since will change of the tables.
pub(super) fn grow(destination: &mut dyn Destination, loading: &mut Loading) -> Result<(), Fault> {
    let normaliser = loading.rows.normaliser();
    let (tables, mode, version) = (normaliser.tables(), loading.mode, loading.version);
    let opening = Opening { stream: &loading.name, tables, mode, version };
    loading.changes.grow(destination, &opening, normaliser)
}

/// Looks at what the end of the load changes of the tables.
pub(super) fn settle(destination: &mut dyn Destination, loading: &mut Loading, complete: bool) -> Result<(), Fault> {
    let tables = loading.rows.normaliser().tables();
    let (mode, version) = (loading.mode, loading.version);
    match complete {
        false if loading.staged() => loading.changes.discard(),
        true if mode.is_anew() => {
            loading.changes.end_anew(destination, &Opening { stream: &loading.name, tables, mode, version })?;
        }
        _ => {}
    }
    Ok(())
}

/// Adds the figures that the destination has not told yet.
pub(super) fn tally(destination: &mut dyn Destination, loading: &mut Loading) -> Result<(), Fault> {
    loading.written += destination.flush(&loading.name)?;
    Ok(())
}

/// Notes the greatest key, and records that do not ascend where the spec says that they do.
pub(super) fn note_keys(loading: &mut Loading, walk: u64, batch: &Batch<'_>) {
    if loading.keyed_by_parent {
        return;
    }
    let Some(keys) = batch.keys(loading.rows.normaliser().tables()) else { return };
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
