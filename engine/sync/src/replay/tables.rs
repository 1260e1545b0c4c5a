//! What a database holds, as text: rows without nulls and without the moments of the load.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::{Map, Value, json};
use tapwright_spec::model::{RECEIVED_AT, UUID, UUID_TS};

use crate::state::StreamState;

/// Columns of the engine's that another run would fill otherwise, or that are a hash.
const MOMENTS: [&str; 6] = [
    "_sdc_received_at",
    "_sdc_batched_at",
    "_sdc_sequence",
    "_sdc_record_hash",
    "_sdc_rejected_at",
    "_sdc_table_version",
];

/// The same of tables of the load mode `segment`.
const OF_SEGMENT: [&str; 3] = [RECEIVED_AT, UUID, UUID_TS];

/// Names with what belongs to each: tables with their rows, or streams with their state.
pub(super) type Named<T> = Vec<(String, T)>;

/// The tables with their rows, each a line of JSON.
pub(super) fn tables(path: &Path) -> rusqlite::Result<Named<Vec<String>>> {
    let connection = Connection::open(path)?;
    let names = rows(&connection, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", &[])?;
    let names = names.iter().filter_map(|row| row["name"].as_str());
    let mut tables = Vec::new();
    for name in names.filter(|name| !name.starts_with("_tapwright") && !name.starts_with("sqlite_")) {
        let quoted = name.replace('"', "\"\"");
        let has = |column: &str| {
            let sql = "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?";
            connection.query_row(sql, [name, column], |row| row.get::<_, i64>(0)).map(|found| found > 0)
        };
        // A table of rejected records has no sequence; it stands in the order of its rows.
        let (order, left_out) = match name {
            "_sdc_rejected" => ("rowid", MOMENTS.as_slice()),
            _ if has("_sdc_sequence")? => ("_sdc_sequence", MOMENTS.as_slice()),
            _ => (UUID_TS, OF_SEGMENT.as_slice()),
        };
        let sql = format!("SELECT * FROM \"{quoted}\" ORDER BY {order}");
        let rows = rows(&connection, &sql, left_out)?;
        if name != "_sdc_rejected" || !rows.is_empty() {
            tables.push((name.to_owned(), rows.into_iter().map(|row| Value::Object(row).to_string()).collect()));
        }
    }
    Ok(tables)
}

/// The state of each stream.
pub(super) fn state(path: &Path) -> rusqlite::Result<Named<String>> {
    let connection = Connection::open(path)?;
    let rows = rows(&connection, "SELECT stream, state FROM _tapwright_state ORDER BY stream", &[])?;
    let text = |row: &Map<String, Value>, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    Ok(rows.iter().map(|row| (text(row, "stream"), unmarked(text(row, "state")))).collect())
}

/// A state without how far it was loaded of a hub, which says nothing of the stream.
fn unmarked(text: String) -> String {
    let state = serde_json::from_str::<StreamState>(&text).ok().filter(|state| state.mark.is_some());
    let state = state.map(|state| StreamState { mark: None, ..state });
    state.and_then(|state| serde_json::to_string(&state).ok()).unwrap_or(text)
}

fn rows(connection: &Connection, sql: &str, left_out: &[&str]) -> rusqlite::Result<Vec<Map<String, Value>>> {
    let mut query = connection.prepare(sql)?;
    let names: Vec<String> = query.column_names().map(str::to_owned).collect();
    query.query_map([], |row| shown(row, &names, left_out))?.collect()
}

fn shown(row: &Row<'_>, names: &[String], left_out: &[&str]) -> rusqlite::Result<Map<String, Value>> {
    let mut shown = Map::new();
    for (at, name) in names.iter().enumerate().filter(|(_, name)| !left_out.contains(&name.as_str())) {
        let value = match row.get_ref(at)? {
            ValueRef::Null => continue,
            ValueRef::Integer(number) => json!(number),
            ValueRef::Real(number) => json!(number),
            ValueRef::Text(text) | ValueRef::Blob(text) => json!(String::from_utf8_lossy(text)),
        };
        // Made up anew by each load, or a hash.
        let value = if name.contains("__sdc_primary_key") { json!("…") } else { value };
        shown.insert(name.clone(), value);
    }
    Ok(shown)
}
