//! What a trial brought: rows as they would land, and how records compare with the spec.

use serde::Serialize;
use tapwright_spec::model::Stream;

use super::compare::{Misfit, Unlisted, Unseen, compare};
use super::hooked::Worked;
use super::{Taken, Trial};
use crate::extract::Source;
use crate::hook::Hooks;
use crate::normalise::{Cell, Changed, NameFault, Normaliser};
use crate::run::change::{Change, Records};
use crate::run::rows::{PageRows, RowReader};

/// What a trial brought.
#[derive(Debug, Clone, Serialize)]
pub struct Findings {
    /// The stream.
    pub stream: String,
    /// Records that were read.
    pub records: usize,
    /// Parents for which was asked, if the stream has a parent.
    pub parents: Option<u64>,
    /// Where a first run begins, if not with everything.
    pub began: Option<String>,
    /// Why no more requests were sent.
    pub end: String,
    /// Why the trial broke off, if it did.
    pub fault: Option<String>,
    /// Columns of the stream's own table, its key first.
    pub columns: Vec<String>,
    /// Its rows; `None` is null.
    pub rows: Vec<Vec<Option<String>>>,
    /// Rows of child tables.
    pub child_rows: Vec<(String, usize)>,
    /// Records that `keep_if` leaves out.
    pub left_out: usize,
    /// What there is to tell of columns whose values did not all fit.
    pub split: Vec<String>,
    /// Records that would be set aside.
    pub rejected: Vec<Refused>,
    /// Keys that the spec does not list.
    pub unlisted: Vec<Unlisted>,
    /// Fields without a value.
    pub unseen: Vec<Unseen>,
    /// Fields whose type does not fit.
    pub misfits: Vec<Misfit>,
    /// What hooks say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A record that would be set aside.
#[derive(Debug, Clone, Serialize)]
pub struct Refused {
    /// Its place among the records, from 1.
    pub number: usize,
    /// Why.
    pub reason: String,
}

/// What the records are.
pub(super) fn findings(
    trial: &Trial,
    (source, hooks): (&Source, &Hooks),
    taken: &[Taken],
) -> Result<Findings, NameFault> {
    let streams = &trial.connector.streams;
    let stream = streams.iter().find(|stream| stream.name == trial.stream).unwrap_or(&streams[0]);
    let change = Change::of(stream, &trial.settings.values, trial.clock.now());
    let worked = Worked::of(trial, stream, (source, hooks), taken);
    let records = worked.records(&change, taken);
    let mut reader = RowReader::new(stream)?;
    let PageRows { batch, rejected, left_out, fault } = reader.page(&records.changed);
    let fault = worked.fault.clone().or(fault.map(|(at, fault)| format!("record {}: {fault}", records.numbers[at])));
    let mut rejected: Vec<Refused> = rejected
        .iter()
        .zip(batch.rejected())
        .map(|(at, one)| Refused { number: records.numbers[*at], reason: one.reason.clone() })
        .collect();
    let normaliser = reader.normaliser();
    let hide = |text: &str| source.redactor().redact(&text.replace(char::is_control, " "));
    let tables = normaliser.tables().all();
    let order = in_order(stream, normaliser);
    let (mut rows, mut child_rows) = (Vec::new(), Vec::new());
    if batch.records() > 0 {
        let own = batch.table(0);
        let shown = |cell: Option<&Cell<'_>>| written(cell).map(|text| hide(&text));
        rows.extend(own.all().iter().map(|row| {
            let cells = own.cells(*row);
            order.iter().map(|column| shown(cells.get(*column))).collect()
        }));
        child_rows.extend((1..tables.len()).map(|at| (tables[at].name.clone(), batch.table(at).all().len())));
    }
    let mut compared = compare(stream, &kept(&records))?;
    compared.misfits.iter_mut().for_each(|misfit| misfit.reason = hide(&misfit.reason));
    rejected.iter_mut().for_each(|refused: &mut Refused| refused.reason = hide(&refused.reason));
    Ok(Findings {
        stream: stream.name.clone(),
        records: taken.len(),
        parents: None,
        began: None,
        end: String::new(),
        fault,
        columns: order.iter().map(|column| tables[0].columns[*column].name.clone()).collect(),
        rows,
        child_rows,
        left_out: left_out as usize,
        split: normaliser.split_columns(),
        rejected,
        unlisted: compared.unlisted,
        unseen: compared.unseen,
        misfits: compared.misfits,
        notes: worked.notes.clone(),
    })
}

/// The texts whose fields are read.
fn kept<'t>(records: &'t Records<'_>) -> Vec<&'t str> {
    let kept = records.changed.iter().filter_map(|changed| match changed {
        Changed::Kept(kept) => Some(&*kept.record),
        _ => None,
    });
    kept.collect()
}

/// The columns of the stream's own table, its key first.
fn in_order(stream: &Stream, normaliser: &Normaliser) -> Vec<usize> {
    let own = &normaliser.tables().all()[0];
    let naming = stream.naming();
    let key = stream.primary_key.iter().filter_map(|name| own.column(&naming.column(name)));
    let mut order: Vec<usize> = key.collect();
    order.extend((0..own.columns.len()).filter(|column| !normaliser.tables().key().contains(column)));
    order
}

fn written(cell: Option<&Cell<'_>>) -> Option<String> {
    match cell? {
        Cell::Null | Cell::Absent => None,
        Cell::Bool(value) => Some(value.to_string()),
        Cell::Integer(value) => Some(value.to_string()),
        Cell::Number(value) => Some(value.to_string()),
        Cell::Text(text) => Some(text.to_string()),
    }
}
