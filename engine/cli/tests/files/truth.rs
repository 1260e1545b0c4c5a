//! What a place holds, held against what the API does.

use std::path::Path;

use serde_json::Value;

use crate::world::World;
use crate::{library, reader};

/// What the columns of the world's truth are, by table.
const TABLES: [(&str, &[&str]); 4] = [
    ("items", &["id", "at", "name"]),
    ("items__tags", &["_sdc_source_key_id", "_sdc_level_0_id", "value"]),
    ("groups", &["id", "name"]),
    ("groups__members", &["_sdc_source_key_id", "_sdc_level_0_id", "value"]),
];

/// Compares what the place named `to` holds with what the API does.
pub(crate) fn compare(world: &World, to: &str, after: &str) {
    let (scheme, path) = to.split_once(':').expect("a place");
    let root = Path::new(path.split('?').next().expect("a path"));
    let is_folder = ["jsonl", "parquet"].contains(&scheme);
    for ((table, columns), (_, expected)) in TABLES.iter().zip(world.truth()) {
        let mut rows: Vec<Vec<Value>> = match is_folder {
            true => {
                let cells = |row: reader::Row| columns.iter().map(|name| row[*name].clone()).collect();
                reader::latest(root, table).into_iter().map(cells).collect()
            }
            false => {
                let sql = format!("SELECT \"{}\" FROM {table}", columns.join("\", \""));
                match scheme == "sqlite" {
                    true => sqlite(root, &sql),
                    false => library::query(root, &sql).expect("rows"),
                }
            }
        };
        rows.sort_by_key(|row| [0, 1].map(|at| row[at].as_i64()));
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let line = |row: &Vec<Value>| row.iter().map(text).collect::<Vec<_>>().join("\t");
        let found: Vec<String> = rows.iter().map(line).collect();
        let expected: Vec<&str> = expected.lines().collect();
        let differs = found.iter().zip(&expected).find(|(found, expected)| found != *expected);
        let counts = (found.len(), expected.len());
        assert!(differs.is_none() && counts.0 == counts.1, "{after}: {table}: {counts:?} rows, {differs:?}");
        // Of a full table each row is there once, for readers who know nothing of versions.
        let all = if is_folder { reader::all(root, table).len() } else { counts.0 };
        assert!(all == counts.0 || table.starts_with("items"), "{after}: {table}: {all} rows in {} files", counts.0);
    }
}

/// The rows of a query.
pub(crate) fn sqlite(path: &Path, sql: &str) -> Vec<Vec<Value>> {
    let connection = rusqlite::Connection::open(path).expect("a database");
    let mut statement = connection.prepare(sql).expect("a query");
    let columns = statement.column_count();
    let cell = |row: &rusqlite::Row<'_>, at: usize| match row.get_ref(at)? {
        rusqlite::types::ValueRef::Integer(number) => Ok(Value::from(number)),
        other => Ok(Value::from(other.as_str().unwrap_or_default())),
    };
    let rows = statement.query_map([], |row| (0..columns).map(|at| cell(row, at)).collect());
    rows.expect("rows").collect::<Result<_, _>>().expect("rows")
}
