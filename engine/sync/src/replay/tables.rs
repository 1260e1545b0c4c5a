//! What a database holds, as text: rows without nulls and without the moments of the load.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::{Map, Value, json};

use crate::state::StreamState;

const MOMENTS: [&str; 6] = [
    "_sdc_received_at",
    "_sdc_batched_at",
    "_sdc_sequence",
    "_sdc_record_hash",
    "_sdc_rejected_at",
    "_sdc_table_version",
];

/// Names with what belongs to each: tables with their rows, or streams with their state.
pub(super) type Named<T> = Vec<(String, T)>;

/// The tables with their rows, each a line of JSON.
pub(super) fn tables(path: &Path) -> rusqlite::Result<Named<Vec<String>>> {
    let connection = Connection::open(path)?;
    let names = all(&connection, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")?;
    let names = names.iter().filter_map(|row| row["name"].as_str());
    let mut tables = Vec::new();
    for name in names.filter(|name| !name.starts_with("_tapwright") && !name.starts_with("sqlite_")) {
        let quoted = name.replace('"', "\"\"");
        // A table of rejected records has no sequence; it stands in the order of its rows.
        let order = if name == "_sdc_rejected" { "rowid" } else { "_sdc_sequence" };
        let rows = all(&connection, &format!("SELECT * FROM \"{quoted}\" ORDER BY {order}"))?;
        if name != "_sdc_rejected" || !rows.is_empty() {
            tables.push((name.to_owned(), rows.into_iter().map(|row| Value::Object(row).to_string()).collect()));
        }
    }
    Ok(tables)
}

/// The state of each stream.
pub(super) fn state(path: &Path) -> rusqlite::Result<Named<String>> {
    let connection = Connection::open(path)?;
    let rows = all(&connection, "SELECT stream, state FROM _tapwright_state ORDER BY stream")?;
    let text = |row: &Map<String, Value>, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    Ok(rows.iter().map(|row| (text(row, "stream"), unmarked(text(row, "state")))).collect())
}

/// A state without how far it was loaded of a hub, which says nothing of the stream.
fn unmarked(text: String) -> String {
    let state = serde_json::from_str::<StreamState>(&text).ok().filter(|state| state.mark.is_some());
    let state = state.map(|state| StreamState { mark: None, ..state });
    state.and_then(|state| serde_json::to_string(&state).ok()).unwrap_or(text)
}

fn all(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<Map<String, Value>>> {
    let mut query = connection.prepare(sql)?;
    let names: Vec<String> = query.column_names().map(str::to_owned).collect();
    query.query_map([], |row| shown(row, &names))?.collect()
}

fn shown(row: &Row<'_>, names: &[String]) -> rusqlite::Result<Map<String, Value>> {
    let mut shown = Map::new();
    for (at, name) in names.iter().enumerate().filter(|(_, name)| !MOMENTS.contains(&name.as_str())) {
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
