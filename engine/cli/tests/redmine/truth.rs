//! What the tables must hold, by `tests/redmine/truth.sql`, beside what they hold.

use std::collections::BTreeSet;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value;

use crate::real::difference::{Difference, nothing_was_rejected};

const TRUTH: &str = include_str!("../../../../tests/redmine/truth.sql");

/// The tables of `ours` that do not hold what `redmine` says.
pub(crate) fn differences(redmine: &Connection, ours: &Connection) -> Vec<Difference> {
    let mut parts = TRUTH.split("-- table: ");
    redmine.execute_batch(parts.next().unwrap_or_default()).expect("the views of truth.sql");
    let mut tables: BTreeSet<String> = loaded(ours);
    let mut found = Vec::new();
    for part in parts {
        let (table, query) = part.split_once('\n').expect("a table with its query");
        assert!(tables.remove(table), "{table} was not loaded");
        let columns = columns(ours, table);
        let mut statement = redmine.prepare(query).unwrap_or_else(|fault| panic!("{table}: {fault}"));
        let mut told: Vec<&str> = statement.column_names().collect();
        told.sort_unstable();
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(told, names, "{table}: the columns that truth.sql compares are all there are");
        drop(told);
        let must = rows(&mut statement, &columns);
        let sql = format!("SELECT \"{}\" FROM \"{table}\"", names.join("\", \""));
        let holds = rows(&mut ours.prepare(&sql).expect("a query"), &columns);
        found.extend(Difference::between(table, &must, &holds));
    }
    assert!(tables.is_empty(), "truth.sql says nothing of {tables:?}");
    nothing_was_rejected(ours);
    found
}

/// A column that is compared.
struct Column {
    name: String,
    declared: String,
}

fn loaded(ours: &Connection) -> BTreeSet<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'";
    let mut statement = ours.prepare(sql).expect("a query");
    let names = statement.query_map([], |row| row.get(0)).expect("names");
    names.map(|name| name.expect("a name")).collect()
}

/// The columns by name, without those that tell of the load; a child row's key and place are compared.
fn columns(ours: &Connection, table: &str) -> Vec<Column> {
    let sql = "SELECT name, type FROM pragma_table_info(?) WHERE name NOT LIKE '\\_sdc%' ESCAPE '\\'
               OR name LIKE '\\_sdc\\_source\\_key%' ESCAPE '\\' OR name LIKE '\\_sdc\\_level%' ESCAPE '\\' ORDER BY name";
    let mut statement = ours.prepare(sql).expect("a query");
    let columns = statement.query_map([table], |row| Ok(Column { name: row.get(0)?, declared: row.get(1)? }));
    columns.expect("columns").map(|column| column.expect("a column")).collect()
}

/// Rows as objects: each value, as a text, under its column's name.
fn rows(statement: &mut rusqlite::Statement<'_>, columns: &[Column]) -> Vec<Value> {
    let mut rows = statement.query([]).expect("rows");
    let mut told = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        let values = columns.iter().map(|column| {
            let value = row.get_ref(column.name.as_str()).expect("a value");
            (column.name.clone(), Value::String(plain(value, &column.declared)))
        });
        told.push(Value::Object(values.collect()));
    }
    told
}

/// A value as both databases would tell it. Redmine keeps fractions of seconds and tells none.
fn plain(value: ValueRef<'_>, declared: &str) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) if declared == "REAL" => format!("{:?}", number as f64),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => format!("{number:?}"),
        ValueRef::Blob(bytes) => format!("{bytes:?}"),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).expect("UTF-8");
            match declared {
                "TIMESTAMP TEXT" if !text.ends_with('Z') => format!("{:?}", text[..19].replace(' ', "T") + "Z"),
                "JSON TEXT" => serde_json::from_str::<Value>(text).expect("JSON").to_string(),
                _ => format!("{text:?}"),
            }
        }
    }
}
