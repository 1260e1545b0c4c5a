//! What the tables must hold, by `tests/redmine/truth.sql`, beside what they hold.

use std::collections::BTreeSet;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

const TRUTH: &str = include_str!("../../../../tests/redmine/truth.sql");

/// A table that does not hold what it must.
#[derive(Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) table: String,
    /// Rows that it should hold and does not.
    pub(crate) lacking: Vec<String>,
    /// Rows that it should not hold and does.
    pub(crate) extra: Vec<String>,
}

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
        let (lacking, extra) = (without(&must, &holds), without(&holds, &must));
        if !lacking.is_empty() || !extra.is_empty() {
            found.push(Difference { table: table.to_owned(), lacking, extra });
        }
    }
    assert!(tables.is_empty(), "truth.sql says nothing of {tables:?}");
    let rejected: i64 = ours.query_row("SELECT count(*) FROM _sdc_rejected", [], |row| row.get(0)).expect("a count");
    assert_eq!(rejected, 0, "records were set aside");
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

/// Rows as texts, each value under its column's name.
fn rows(statement: &mut rusqlite::Statement<'_>, columns: &[Column]) -> Vec<String> {
    let mut rows = statement.query([]).expect("rows");
    let mut told = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        let values = columns.iter().map(|column| {
            let value = row.get_ref(column.name.as_str()).expect("a value");
            format!("{}: {}", column.name, plain(value, &column.declared))
        });
        told.push(values.collect::<Vec<_>>().join(", "));
    }
    told.sort();
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
                "JSON TEXT" => serde_json::from_str::<serde_json::Value>(text).expect("JSON").to_string(),
                _ => format!("{text:?}"),
            }
        }
    }
}

/// What stands in `these` and not in `those`, each as often as it is too much.
fn without(these: &[String], those: &[String]) -> Vec<String> {
    let mut left = those.to_vec();
    let mut extra = Vec::new();
    for one in these {
        match left.iter().position(|other| other == one) {
            Some(at) => drop(left.swap_remove(at)),
            None => extra.push(one.clone()),
        }
    }
    extra
}
