//! Streams whose tables stay as they are, or do not simply get what their records need: `schema_changes` of the spec.

use tapwright_spec::model::{SchemaPolicy, Stream};

use crate::destination::{Destination, Fault, Mode, Opening};
use crate::normalise::Normaliser;
use crate::state::StreamState;

/// Whether `schema_changes` counts for a load of the stream: it does not evolve, and was read whole before.
pub fn is_bound(stream: &Stream, known: &StreamState, mode: Mode) -> bool {
    stream.schema_changes != SchemaPolicy::Evolve && known.completed.is_some() && !mode.is_anew()
}

/// Holds a stream to the tables that are there. Says why it cannot be loaded, if its fields ask for columns that it gets
/// none for and that is not to be passed over.
///
/// # Errors
/// A [`Fault`] if the place cannot be read.
pub fn bind(
    destination: &mut dyn Destination,
    stream: &Stream,
    normaliser: &mut Normaliser,
    (mode, version): (Mode, Option<i64>),
) -> Result<Option<String>, Fault> {
    let found = destination.survey(&Opening { stream: &stream.name, tables: normaliser.tables(), mode, version })?;
    if !found.first().is_some_and(|own| own.is_there && own.faults.is_empty()) {
        return Ok(None);
    }
    let columns: Vec<_> = found.into_iter().map(|table| table.columns).collect();
    Ok(match normaliser.settle(stream, &columns) {
        Ok(()) if stream.schema_changes != SchemaPolicy::Fail || normaliser.lacking().is_empty() => None,
        Ok(()) => Some(format!(
            "the tables of `{}` have no column for {}, and the spec says `schema_changes: fail`; `--full-refresh` makes \
             them anew",
            stream.name,
            quoted(normaliser.lacking())
        )),
        Err(fault) => Some(fault.to_string()),
    })
}

/// The names, with what marks them as such.
fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
