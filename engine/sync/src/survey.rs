//! What a run would create, alter, and cannot do in a destination, before it does anything.
//!
//! The destination is asked by the same code that a load begins with, and only reads.

mod bound;
mod changes;

use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;
use tapwright_spec::Connector;
use tapwright_spec::model::{Hook, LoadMode, Stream};
use tapwright_spec::{agreeing, counted};

use crate::destination::{Destination, Fault, Mode, NewColumn, Opening, Prospect, is_of_loads};
use crate::normalise::{NameFault, Normaliser};
use crate::plan::{PlanFault, Selection, Step, plan};
use crate::state::{KeyValue, State};
pub use bound::{bind, is_bound};
pub use changes::{Changes, SchemaChange};

/// Columns of a new table that the text names.
const SHOWN: usize = 8;

/// Why nothing can be told.
#[derive(Debug, thiserror::Error)]
pub enum SurveyFault {
    /// The selection does not fit the connector.
    #[error(transparent)]
    Plan(#[from] PlanFault),
    /// The destination cannot be read.
    #[error(transparent)]
    Destination(#[from] Fault),
    /// A stream's names do not fit.
    #[error(transparent)]
    Names(#[from] NameFault),
}

/// What a run would do to a destination.
#[derive(Debug, Clone, Serialize)]
pub struct Survey {
    /// The connector.
    pub connector: String,
    /// The destination.
    pub destination: String,
    /// The streams that would be loaded.
    pub streams: Vec<Surveyed>,
    /// What else the user should know.
    pub notes: Vec<String>,
}

/// What a run would do to the tables of a stream.
#[derive(Debug, Clone, Serialize)]
pub struct Surveyed {
    /// The stream.
    pub stream: String,
    /// What becomes of the rows that are there: `upsert`, `append`, `replace` or `rebuild`.
    pub mode: Mode,
    /// Whether records are merged onto rows, in the load mode `segment`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub merges: bool,
    /// How records become rows.
    #[serde(skip)]
    pub load_mode: LoadMode,
    /// From where on it is read, if not from the beginning.
    pub since: Option<KeyValue>,
    /// What the user should know of where it begins.
    pub note: Option<String>,
    /// What the spec says of what the tables cannot take as they are.
    pub schema_changes: &'static str,
    /// Fields for which the tables have no column, and get none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<String>,
    /// Its tables, its own first.
    pub tables: Vec<Prospect>,
}

/// Looks at what a run of `selection` at the moment `now` would do.
///
/// # Errors
/// A [`SurveyFault`] if that cannot be told; what a stream cannot do is told of its tables.
pub fn survey(
    connector: &Connector,
    selection: &Selection,
    destination: &mut dyn Destination,
    place: &str,
    now: Timestamp,
) -> Result<Survey, SurveyFault> {
    let state = destination.load_state()?;
    let plan = plan(connector, selection, &state, now)?;
    let mut steps: Vec<&Step> = plan.steps().into_iter().filter(|step| step.load).collect();
    steps.sort_by_key(|step| step.stream);
    let one = |step: &Step| surveyed(connector, (step, &state), selection.full_refresh, destination);
    let streams = steps.into_iter().map(one).collect::<Result<_, _>>()?;
    let notes = notes(connector, &state);
    Ok(Survey { connector: connector.name.clone(), destination: place.to_owned(), streams, notes })
}

fn surveyed(
    connector: &Connector,
    (step, state): (&Step, &State),
    anew: bool,
    destination: &mut dyn Destination,
) -> Result<Surveyed, SurveyFault> {
    let stream = &connector.streams[step.stream];
    let mut normaliser = Normaliser::new(stream)?;
    let mode = if anew { Mode::Rebuild } else { Mode::of(stream) };
    let version = (Mode::of(stream) == Mode::Replace).then_some(0);
    let refusal = match is_bound(stream, &state.of(&stream.name), mode) {
        true => bind(destination, stream, &mut normaliser, (mode, version))?,
        false => None,
    };
    let opening = Opening { stream: &stream.name, tables: normaliser.tables(), mode, version };
    let mut tables = destination.survey(&opening)?;
    for wide in destination.bounds().too_wide(normaliser.tables()) {
        let NameFault::TooWide { table, .. } = &wide else { continue };
        let at = normaliser.tables().all().iter().position(|one| one.name == *table);
        if let Some(found) = at.and_then(|at| tables.get_mut(at)) {
            found.faults = vec![wide.to_string()];
        }
    }
    let refused = refusal.is_some();
    if let Some(own) = tables.first_mut() {
        own.faults.extend(refusal);
    }
    drop_seen(&mut tables, &normaliser, has_asking_hooks(connector, stream));
    let (since, note) = (step.since.clone(), step.note.clone());
    let policy = stream.schema_changes.word();
    let lacking = if refused { Vec::new() } else { normaliser.lacking().to_vec() };
    let (merges, load_mode) = (stream.merges(), stream.load_mode);
    Ok(Surveyed {
        stream: stream.name.clone(),
        mode,
        merges,
        load_mode,
        since,
        note,
        schema_changes: policy,
        lacking,
        tables,
    })
}

/// Leaves out of what stays the columns that records have made, and those beside a column whose values did not all fit.
fn drop_seen(tables: &mut [Prospect], normaliser: &Normaliser, hooked: bool) {
    for (at, table) in tables.iter_mut().enumerate() {
        let wanted = normaliser.tables().all().get(at).map(|table| &table.columns).into_iter().flatten();
        let wanted: Vec<&str> = wanted.map(|column| column.name.as_str()).collect();
        let open: Vec<&str> =
            normaliser.open_objects().filter(|(table, _)| *table == at).map(|(_, prefix)| prefix).collect();
        let seen = |name: &str| open.iter().any(|prefix| name.starts_with(prefix));
        let beside = |name: &str| name.rsplit_once("__").is_some_and(|(of, _)| wanted.contains(&of));
        table.stay.retain(|name| !hooked && !seen(name) && !beside(name));
    }
}

/// Whether hooks of a stream are handed records before anybody knows their columns.
pub(crate) fn has_asking_hooks(connector: &Connector, stream: &Stream) -> bool {
    asking_hooks(connector, stream).next().is_some()
}

fn notes(connector: &Connector, state: &State) -> Vec<String> {
    let families = connector
        .dynamic
        .iter()
        .map(|family| format!("`{}`: only the API can tell its streams, and it is not asked here", family.name));
    let gone = state.0.keys().filter(|name| connector.stream(name).is_none() && connector.dynamic.is_empty());
    let gone = gone.map(|name| format!("`{name}` is no more in the spec: its table stays as it is"));
    let hooked = connector.streams.iter().filter_map(|stream| {
        let hook = asking_hooks(connector, stream).next()?;
        Some(format!("`{}`: the hook `{}` tells its columns only when a run has asked the API", stream.name, hook.name))
    });
    families.chain(hooked).chain(gone).collect()
}

/// The hooks of a stream whose columns nobody knows before the API was asked.
fn asking_hooks<'c>(connector: &'c Connector, stream: &'c Stream) -> impl Iterator<Item = &'c Hook> {
    let hooks = stream.hooks.iter().filter_map(|used| connector.hook(&used.name));
    hooks.filter(|hook| !hook.given.is_empty())
}

impl Survey {
    /// Whether a run could load all of it.
    pub fn is_possible(&self) -> bool {
        self.streams.iter().flat_map(|one| &one.tables).all(|table| table.faults.is_empty())
    }

    /// In words for people.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for one in &self.streams {
            let mut since = one.since.iter().map(|since| format!("; read from {since} on"));
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{}: {}{}", one.stream, one.words(), since.next().unwrap_or_default());
            one.tables.iter().for_each(|table| out += &one.told(table));
            if !one.lacking.is_empty() {
                let fields = one.lacking.join(", ");
                let _ = writeln!(
                    out,
                    "    {fields}: no column, and none is made: schema_changes is {}",
                    one.schema_changes
                );
            }
        }
        out.push('\n');
        self.notes.iter().for_each(|note| out += &format!("{note}\n"));
        let tables = || self.streams.iter().flat_map(|one| &one.tables);
        let made = counted(tables().filter(|table| !table.is_there).count(), "table");
        let grown = tables().filter(|table| table.is_there && !table.added.is_empty()).count();
        let faults: usize = tables().map(|table| table.faults.len()).sum();
        let faults = match faults {
            0 => String::new(),
            faults => format!("; {faults} {} in the way", agreeing(faults as u64, "fault stands", "faults stand")),
        };
        let grown = counted(grown, "table");
        let _ = writeln!(out, "{} into {}: {made} to make, {grown} to alter{faults}", self.connector, self.destination);
        out
    }
}

impl Surveyed {
    /// What becomes of the rows that are there.
    fn words(&self) -> &'static str {
        match self.mode {
            Mode::Upsert if self.merges => "rows are inserted, or records are merged onto those with their keys",
            Mode::Upsert => "rows are inserted, or overwritten by their keys",
            Mode::Append => "rows are added",
            Mode::Replace => "rows are replaced when all are read",
            Mode::Rebuild => "the tables are made anew when all is read",
        }
    }

    /// What becomes of a table.
    fn told(&self, table: &Prospect) -> String {
        let (name, anew) = (&table.table, self.mode.is_anew());
        let listed = || listed(&table.added, self.load_mode);
        let mut out = match (table.is_there, table.added.is_empty()) {
            _ if !table.faults.is_empty() => String::new(),
            (true, _) if anew => format!("  = {name} is made anew\n"),
            (false, _) => format!("  + {name}: {}\n", listed()),
            (true, true) => format!("  = {name}\n"),
            (true, false) => format!("  ~ {name} gets {}\n", listed()),
        };
        if !table.stay.is_empty() && table.faults.is_empty() && !anew {
            let (columns, count) = (table.stay.join(", "), table.stay.len() as u64);
            let stay = match self.merges {
                true => agreeing(count, "stays with its values", "stay with their values").to_owned(),
                false => {
                    format!(
                        "{} emptied with each row that is written",
                        agreeing(count, "stays, and is", "stay, and are")
                    )
                }
            };
            out += &format!("    {columns}: no more in the spec; {stay}\n");
        }
        table.faults.iter().for_each(|fault| out += &format!("  ! {fault}\n"));
        out
    }
}

/// The columns that a table gets.
fn listed(columns: &[NewColumn], load_mode: LoadMode) -> String {
    // The engine's own columns are in every table.
    let columns: Vec<&NewColumn> = columns.iter().filter(|one| !is_of_loads(load_mode, &one.name)).collect();
    let shown = columns.iter().take(SHOWN).map(|one| format!("{} {}", one.name, one.declared.to_lowercase()));
    let more = match columns.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.collect::<Vec<_>>().join(", "))
}
