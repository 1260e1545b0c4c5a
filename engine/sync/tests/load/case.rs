//! One case: its runs one after the other in one database, then its tables.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tapwright_spec::model::SchemaPolicy;
use tapwright_sync::destination::{Completion, Delivery, Destination, Fault, Mode, Opening, Written};
use tapwright_sync::normalise::{Batch, Normaliser};
use tapwright_sync::state::{Draft, State};
use tapwright_sync::survey::{Changes, SchemaChange, bind};

use crate::place::Place;
use crate::stream;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case<'c> {
    #[allow(dead_code)]
    what: String,
    /// The destinations that it is about, if not all.
    only: Option<Vec<String>>,
    stream: Value,
    #[serde(borrow)]
    runs: Vec<Run<'c>>,
    #[serde(default)]
    tables: BTreeMap<String, Expected>,
    /// All columns of a table but the engine's own.
    #[serde(default)]
    columns: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run<'c> {
    #[serde(borrow)]
    batches: Vec<Vec<&'c RawValue>>,
    #[serde(default)]
    added: Vec<(usize, Value)>,
    /// What the spec says by now of the stream.
    stream: Option<Value>,
    #[serde(default)]
    end: End,
    #[serde(default)]
    rebuild: bool,
    /// new, changed, unchanged, repeated, rejected
    written: Option<[u64; 5]>,
    deleted: Option<u64>,
    /// The run fails, and says this.
    fault: Option<String>,
    unlisted: Option<Vec<String>>,
    /// What is told of columns whose values did not all fit.
    split: Option<Vec<String>>,
    /// What is told of changes of the tables, without the types, which each destination calls its own way.
    changes: Option<Vec<String>>,
    /// The tables lack what fields ask for, and do not get it.
    lacking: Option<Vec<String>>,
    /// The stream cannot be loaded for that.
    #[serde(default)]
    refused: bool,
    /// Why values were left out.
    discarded: Option<Vec<String>>,
    /// Why the stream cannot go on.
    stopped: Option<String>,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum End {
    #[default]
    Complete,
    Discard,
    /// Killed before the commit.
    Killed,
    /// Killed after a commit in the middle.
    KilledAfterCommit,
}

#[derive(Deserialize)]
struct Expected {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// Runs a case; the fault says what differs.
pub(crate) fn run(text: &str, destination: &str, fresh: &mut dyn FnMut() -> Box<dyn Place>) -> Result<(), String> {
    let case: Case<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if case.only.as_ref().is_some_and(|only| !only.iter().any(|one| one == destination)) {
        return Ok(());
    }
    let place = fresh();
    let place = place.as_ref();
    for (number, run) in case.runs.iter().enumerate() {
        let spec = run.stream.as_ref().unwrap_or(&case.stream);
        one(place, spec, run).map_err(|fault| format!("run {}: {fault}", number + 1))?;
    }
    drop(place.open().map_err(|fault| fault.to_string())?);
    for (table, expected) in &case.tables {
        let mut rows = place.says(table, &expected.columns, expected.rows.clone());
        let mut found = place.rows(table, &expected.columns);
        for rows in [&mut rows, &mut found] {
            rows.sort_by_key(|row| Value::from(row.as_slice()).to_string());
        }
        same(&format!("rows of {table}"), &found, &rows)?;
    }
    for (table, expected) in &case.columns {
        let mut names = place.columns(table);
        names.retain(|name| !name.starts_with("_sdc"));
        names.sort();
        let mut expected = expected.clone();
        expected.sort();
        same(&format!("columns of {table}"), &names, &expected)?;
    }
    same("left", &place.left(), &Vec::new())
}

fn one(place: &dyn Place, spec: &Value, run: &Run<'_>) -> Result<(), String> {
    match (attempt(place, spec, run), &run.fault) {
        (Ok(()), None) => Ok(()),
        (Err(Told::Fault(fault)), Some(expected)) if fault.to_string().contains(expected) => Ok(()),
        (Err(Told::Wide(text)), Some(expected)) if text.contains(expected) => Ok(()),
        (Err(Told::Differs(text) | Told::Wide(text)), _) => Err(text),
        (Err(Told::Fault(fault)), _) => Err(fault.to_string()),
        (Ok(()), Some(expected)) => Err(format!("did not fail with: {expected}")),
    }
}

enum Told {
    Fault(Fault),
    /// The spec has more fields than the destination has columns.
    Wide(String),
    Differs(String),
}

impl From<Fault> for Told {
    fn from(fault: Fault) -> Told {
        Told::Fault(fault)
    }
}

fn attempt(place: &dyn Place, spec: &Value, run: &Run<'_>) -> Result<(), Told> {
    let stream = stream::read(spec);
    let mut opened = place.open()?;
    let destination = opened.as_mut();
    let mut state = destination.load_state()?;
    let mut normaliser = Normaliser::new(&stream).map_err(|fault| Told::Differs(fault.to_string()))?;
    let mode = if run.rebuild { Mode::Rebuild } else { Mode::of(&stream) };
    let version = (mode == Mode::Replace).then(|| state.of(&stream.name).version.unwrap_or(0) + 1);
    if let Some(wide) = destination.bounds().too_wide(normaliser.tables()).first() {
        return Err(Told::Wide(wide.to_string()));
    }
    let opening = Opening { stream: &stream.name, tables: normaliser.tables(), mode, version };
    let foreseen = foreseen(place, &opening)?;
    if !mode.is_anew() && stream.schema_changes != SchemaPolicy::Evolve {
        let refused = bind(destination, &stream, &mut normaliser, (mode, version))?.is_some();
        differs("lacking", Some(&normaliser.lacking().to_vec()), run.lacking.as_ref())?;
        differs("refused", Some(&refused), Some(&run.refused))?;
    }
    let opening = Opening { stream: &stream.name, tables: normaliser.tables(), mode, version };
    let mut changes = Changes::default();
    changes.begin(destination, &opening, &normaliser, false)?;
    let begun = destination.begin(&opening);
    let found = begun.as_ref().err().map(ToString::to_string);
    differs("what a look foresees", Some(&found), Some(&foreseen))?;
    let existing = begun?;
    normaliser.adopt(&existing);
    normaliser.keep_within(destination.bounds());
    let mut sum = Written::default();
    let mut discarded = Vec::new();
    for records in &run.batches {
        normaliser.begin_page();
        let mut batch = page(&mut normaliser, records, run);
        while normaliser.widened() {
            batch = page(&mut normaliser, records, run);
        }
        discarded.extend_from_slice(batch.discarded());
        let opening = Opening { stream: &stream.name, tables: normaliser.tables(), mode, version };
        changes.grow(destination, &opening, &normaliser)?;
        let (tables, received) = (normaliser.tables(), Timestamp::UNIX_EPOCH);
        let delivery = Delivery { tables, batch: &batch, records: &[], received };
        sum += destination.write(&stream.name, &delivery)?;
    }
    sum += destination.flush(&stream.name)?;
    if mode.is_anew() {
        changes.end_anew(destination, &Opening { stream: &stream.name, tables: normaliser.tables(), mode, version })?;
    }
    finish(destination, &mut state, &stream.name, run)?;
    let written = [sum.new, sum.changed, sum.unchanged, sum.repeated, sum.rejected];
    let apart = |told: &[u64; 5]| match place.tells_changes() {
        true => *told,
        false => [told[0] + told[1] + told[2], 0, 0, told[3], told[4]],
    };
    differs("written", Some(&apart(&written)), run.written.as_ref().map(apart).as_ref())?;
    differs("discarded", Some(&discarded), run.discarded.as_ref())?;
    differs("stopped", Some(&normaliser.stopped().map(str::to_owned)), Some(&run.stopped))?;
    differs("changes", Some(&changes.all().map(briefly).collect()), run.changes.as_ref())?;
    differs("split", Some(&normaliser.split_columns()), run.split.as_ref())?;
    differs("unlisted", Some(&normaliser.unlisted().to_vec()), run.unlisted.as_ref())
}

/// A change without types, which each destination calls its own way.
fn briefly(change: &SchemaChange) -> String {
    match change {
        SchemaChange::TableAdded { table } => format!("table {table}"),
        SchemaChange::ColumnAdded { table, column, .. } => format!("added {table}.{column}"),
        SchemaChange::ColumnSplit { table, column, beside, .. } => format!("split {table}.{column} from {beside}"),
        SchemaChange::KeyChanged { table, before, now } => format!("rekeyed {table}: {before} -> {now}"),
        SchemaChange::TypeChanged { table, column, .. } => format!("retyped {table}.{column}"),
        SchemaChange::ColumnEmptied { table, column } => format!("emptied {table}.{column}"),
        SchemaChange::ColumnDropped { table, column } => format!("dropped {table}.{column}"),
    }
}

/// What a look at the place says will stop the load, if something does.
fn foreseen(place: &dyn Place, opening: &Opening<'_>) -> Result<Option<String>, Told> {
    let tables = place.look()?.survey(opening)?;
    Ok(tables.into_iter().flat_map(|table| table.faults).next())
}

fn page<'c>(normaliser: &mut Normaliser, records: &[&'c RawValue], run: &Run<'_>) -> Batch<'c> {
    let mut batch = Batch::new();
    for record in records {
        normaliser.read(record.get(), &run.added, &mut batch);
    }
    batch
}

fn finish(destination: &mut dyn Destination, state: &mut State, stream: &str, run: &Run<'_>) -> Result<(), Told> {
    let completion = match run.end {
        End::Killed => return Ok(()),
        End::KilledAfterCommit => {
            let _ = destination.commit(&Draft::default())?;
            return Ok(());
        }
        End::Complete => Completion::Complete,
        End::Discard => Completion::Discard,
    };
    let finished = destination.finish(stream, completion)?;
    let mut draft = Draft::default();
    draft.change(state, stream, |one| {
        one.version = Some(one.version.unwrap_or(0) + 1);
    });
    let receipt = destination.commit(&draft)?;
    draft.settle(state, &receipt);
    differs("deleted", Some(&finished.deleted), run.deleted.as_ref())
}

fn differs<T: PartialEq + std::fmt::Debug>(what: &str, found: Option<&T>, expected: Option<&T>) -> Result<(), Told> {
    match expected {
        Some(_) if found != expected => Err(Told::Differs(format!("{what}: found {found:?}, expected {expected:?}"))),
        _ => Ok(()),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}:\n   found {found:?}\nexpected {expected:?}")),
    }
}
