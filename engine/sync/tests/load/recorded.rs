//! Every recording of `tests/recorded` and `connectors`, by syncs and through a hub: in each destination the rows and the
//! state that come of it are the same. SQLite's are compared with what is expected, in the tests of recordings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use tapwright_sync::destination::kind_of;
use tapwright_sync::replay::{Case, Way, find};
use tapwright_sync::state::{State, StreamState};

use crate::place::Place;

/// What is another each time.
const MOMENTS: [&str; 6] = [
    "_sdc_received_at",
    "_sdc_batched_at",
    "_sdc_sequence",
    "_sdc_record_hash",
    "_sdc_rejected_at",
    "_sdc_table_version",
];

/// Plays all recordings both ways, each into a new place.
pub(crate) fn every_recording(destination: &str, fresh: &mut dyn FnMut() -> Box<dyn Place>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cases = find(&[root.join("tests/recorded"), root.join("connectors")], &[]).expect("cases");
    assert!(cases.len() >= 50, "cases are missing");
    let only = std::env::var("RECORDED").unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| case.name.contains(&only)) {
        if let Err(why) = runtime.block_on(both_ways(case, fresh)) {
            wrong.push(format!("{destination}: {}: {why}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

async fn both_ways(case: &Case, fresh: &mut dyn FnMut() -> Box<dyn Place>) -> Result<(), String> {
    let (direct, through) = (fresh(), fresh());
    let reports = case.play_into(Way::Direct, &direct.url()).await?;
    match case.play_into(Way::Hub, &through.url()).await {
        Err(why) if why.contains("does not merge records onto rows") && !merges(&direct.url()) => return Ok(()),
        played => played.map_err(|why| format!("through a hub: {why}"))?,
    };
    let streams = reports.iter().flat_map(|report| &report.streams);
    let tables = streams.flat_map(|stream| stream.tables.iter().map(|table| table.table.as_str()));
    for table in tables.chain(["_sdc_rejected"]).collect::<BTreeSet<_>>() {
        same(&format!("rows of `{table}`"), &rows(direct.as_ref(), table), &rows(through.as_ref(), table))?;
    }
    let connector = reports.first().map_or("test", |report| report.connector.as_str());
    let state = |place: &dyn Place| {
        let state = place.look_as(connector).and_then(|mut there| there.load_state());
        state.map(unmarked).map_err(|fault| fault.to_string())
    };
    match case.differs_by_way() {
        true => Ok(()),
        false => same("state", &state(direct.as_ref())?, &state(through.as_ref())?),
    }
}

/// Whether a place takes the load mode `segment`.
fn merges(url: &str) -> bool {
    kind_of(Some(url)).is_ok_and(|kind| kind.capabilities.merges)
}

/// The rows of a table by their columns, without nulls.
fn rows(place: &dyn Place, table: &str) -> Vec<BTreeMap<String, Value>> {
    let mut columns = place.columns(table);
    if columns.is_empty() {
        return Vec::new();
    }
    // What is made up anew by each load names no row.
    let moments = match columns.iter().any(|name| name == "uuid_ts") && !columns.iter().any(|name| name == MOMENTS[2]) {
        true => ["received_at", "uuid_ts"].as_slice(),
        false => MOMENTS.as_slice(),
    };
    columns.retain(|name| !moments.contains(&name.as_str()) && !name.contains("__sdc_primary_key"));
    let named = |row: Vec<Value>| {
        let cells = columns.iter().cloned().zip(row);
        cells.filter(|(_, value)| !value.is_null()).collect::<BTreeMap<_, _>>()
    };
    let mut rows: Vec<_> = place.rows(table, &columns).into_iter().map(named).collect();
    rows.sort_by_cached_key(|row| serde_json::to_string(row).unwrap_or_default());
    rows
}

/// A state without how far it was loaded of a hub.
fn unmarked(state: State) -> BTreeMap<String, StreamState> {
    let told = state.0.into_iter().map(|(name, state)| (name, StreamState { mark: None, ..state }));
    told.filter(|(_, state)| *state != StreamState::default()).collect()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, direct: &T, through: &T) -> Result<(), String> {
    match direct == through {
        true => Ok(()),
        false => Err(format!("{what}:\n    by a sync {direct:?}\nthrough a hub {through:?}")),
    }
}
