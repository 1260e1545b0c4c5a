//! What a database holds, as text: rows without nulls and without the moments of the load.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

const MOMENTS: [&str; 6] = [
    "_sdc_received_at",
    "_sdc_batched_at",
    "_sdc_sequence",
    "_sdc_record_hash",
    "_sdc_rejected_at",
    "_sdc_table_version",
];

/// The tables with their rows, each a line of JSON.
pub(crate) fn tables(path: &Path) -> Vec<(String, Vec<String>)> {
    let connection = Connection::open(path).expect("a database");
    let names = all(&connection, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    let names = names.iter().filter_map(|row| row["name"].as_str().map(str::to_owned));
    let shown = names.filter(|name| !name.starts_with("_tapwright") && !name.starts_with("sqlite_"));
    shown
        .map(|name| {
            let rows = all(&connection, &format!("SELECT * FROM \"{name}\" ORDER BY _sdc_sequence"));
            (name, rows.into_iter().map(|row| Value::Object(row).to_string()).collect())
        })
        .filter(|(name, rows): &(String, Vec<String>)| name != "_sdc_rejected" || !rows.is_empty())
        .collect()
}

/// The state of each stream.
pub(crate) fn state(path: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(path).expect("a database");
    let rows = all(&connection, "SELECT stream, state FROM _tapwright_state ORDER BY stream");
    let text = |row: &Map<String, Value>, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (text(row, "stream"), text(row, "state"))).collect()
}

fn all(connection: &Connection, sql: &str) -> Vec<Map<String, Value>> {
    // A table of rejected records has no sequence; it stands in the order of its rows.
    let fallback = sql.replace("_sdc_sequence", "rowid");
    let mut query = connection.prepare(sql).or_else(|_| connection.prepare(&fallback)).expect("a query");
    let names: Vec<String> = query.column_names().map(str::to_owned).collect();
    let mut rows = query.query([]).expect("rows");
    let mut found = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        let mut shown = Map::new();
        for (at, name) in names.iter().enumerate().filter(|(_, name)| !MOMENTS.contains(&name.as_str())) {
            let value = match row.get_ref(at).expect("a cell") {
                ValueRef::Null => continue,
                ValueRef::Integer(number) => json!(number),
                ValueRef::Real(number) => json!(number),
                ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
                ValueRef::Blob(_) => panic!("a blob in {name}"),
            };
            // Made up anew by each load.
            let value = if name.contains("__sdc_primary_key") { json!("…") } else { value };
            shown.insert(name.clone(), value);
        }
        found.push(shown);
    }
    found
}
