//! Compares a site's dump with the tables, driven by the checked spec and written apart from the
//! engine's own reading of records.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};
use tapwright_spec::Connector;
use tapwright_spec::model::{Field, FieldType, Member, Stream, Take};

use crate::custom;

/// Rows by table; a row is its columns that are not null, as JSON text.
pub(crate) type Tables = BTreeMap<String, Vec<String>>;

/// A row under way.
pub(crate) type Row = Map<String, Value>;

/// What the tables must hold when the site holds `dump`.
pub(crate) fn expected(connector: &Connector, dump: &Value) -> Tables {
    let mut tables = Tables::new();
    for stream in &connector.streams {
        for table in tables_of(stream) {
            tables.insert(table, Vec::new());
        }
        let records = dump[&stream.name].as_array().unwrap_or_else(|| panic!("the dump has no `{}`", stream.name));
        for record in records {
            let mut rows = rows_of(stream, record);
            if let Some((_, own)) = rows.last_mut().filter(|_| !stream.hooks.is_empty()) {
                custom::columns(&stream.name, record, &dump["custom_fields"], own);
            }
            for (table, row) in rows {
                tables.get_mut(&table).expect("a table of the spec").push(Value::Object(row).to_string());
            }
        }
    }
    tables.values_mut().for_each(|rows| rows.sort());
    tables
}

fn tables_of(stream: &Stream) -> Vec<String> {
    let lists = stream.fields.iter().filter(|field| matches!(field.kind, FieldType::List(_)));
    let lists = lists.map(|field| format!("{}__{}", stream.name, field.name));
    std::iter::once(stream.name.clone()).chain(lists).collect()
}

fn rows_of(stream: &Stream, record: &Value) -> Vec<(String, Row)> {
    let mut own = Row::new();
    let mut lists = Vec::new();
    for field in &stream.fields {
        let value = found(field, record);
        match &field.kind {
            FieldType::List(element) => lists.push((field, element, value)),
            FieldType::Object(None) => open_object(&field.name, &value, &mut own),
            FieldType::Object(Some(members)) => object(&format!("{}__", field.name), members, &value, &mut own),
            kind => put(&mut own, &field.name, cell(kind, &value)),
        }
    }
    let mut rows = Vec::new();
    for (field, element, list) in lists {
        for (level, value) in list.as_array().into_iter().flatten().enumerate() {
            let mut row = Row::new();
            for key in &stream.primary_key {
                row.insert(format!("_sdc_source_key_{key}"), own[key].clone());
            }
            row.insert("_sdc_level_0_id".into(), json!(level));
            match element.as_ref() {
                FieldType::Object(Some(members)) => object("", members, value, &mut row),
                kind => put(&mut row, "value", cell(kind, value)),
            }
            rows.push((format!("{}__{}", stream.name, field.name), row));
        }
    }
    rows.push((stream.name.clone(), own));
    rows
}

/// What a field finds in a record: under its name, or where `from` leads.
pub(crate) fn found(field: &Field, record: &Value) -> Value {
    let Some(from) = field.from.as_ref() else {
        return record[&field.name].clone();
    };
    let steps = from.source().trim_start_matches("$.").split('.');
    let value = steps.fold(record, |value, step| &value[step]);
    match (field.take, value) {
        (Some(Take::LastSegment), Value::String(text)) => text.rsplit('/').next().into(),
        _ => value.clone(),
    }
}

pub(crate) fn put(row: &mut Row, name: &str, cell: Value) {
    if !cell.is_null() {
        row.insert(name.to_owned(), cell);
    }
}

pub(crate) fn object(prefix: &str, members: &[Member], value: &Value, row: &mut Row) {
    for member in members {
        put(row, &format!("{prefix}{}", member.name), cell(&member.kind, &value[&member.name]));
    }
}

fn open_object(name: &str, value: &Value, row: &mut Row) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let cell = match value {
            Value::Bool(truth) => json!(i64::from(*truth)),
            Value::Array(_) => json!(value.to_string()),
            other => other.clone(),
        };
        put(row, &format!("{name}__{key}"), cell);
    }
}

/// A value as SQLite gives it back.
pub(crate) fn cell(kind: &FieldType, value: &Value) -> Value {
    match (kind, value) {
        (_, Value::Null) => Value::Null,
        (FieldType::Integer, Value::String(text)) if text.is_empty() => Value::Null,
        (FieldType::Integer, Value::String(text)) => json!(text.parse::<i64>().expect("an integer")),
        (FieldType::Boolean, Value::Bool(truth)) => json!(i64::from(*truth)),
        (FieldType::Timestamp, Value::String(text)) => {
            json!(text.parse::<jiff::Timestamp>().expect("a time").to_string())
        }
        (FieldType::Json, value) => json!(value.to_string()),
        (FieldType::String, Value::String(_)) | (FieldType::Integer, Value::Number(_)) => value.clone(),
        (FieldType::String, other) => json!(other.to_string()),
        (kind, value) => panic!("{value} as {kind}"),
    }
}

/// What the tables of a database hold, without the columns that tell of the load.
pub(crate) fn actual(path: &Path) -> Tables {
    let of_the_load = |name: &str| name.starts_with("_sdc_") && !name.contains("_key_") && !name.contains("_level_");
    tables(path, &of_the_load)
}

/// What two databases must have in common that were filled at different times.
pub(crate) fn lasting(path: &Path) -> Tables {
    let moments = ["_sdc_received_at", "_sdc_batched_at", "_sdc_sequence", "_sdc_table_version"];
    tables(path, &|name| moments.contains(&name))
}

/// What they hold, without the columns that are passed over.
pub(crate) fn tables(path: &Path, passed_over: &dyn Fn(&str) -> bool) -> Tables {
    let connection = Connection::open(path).expect("a database");
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a verdict");
    assert_eq!(verdict, "ok");
    let mut names = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'")
        .expect("a query");
    let names = names.query_map([], |row| row.get::<_, String>(0)).expect("names");
    let mut tables: Tables = names
        .map(|name| name.expect("a name"))
        .map(|name| (name.clone(), rows(&connection, &name, passed_over)))
        .collect();
    let rejected = rows(&connection, "_sdc_rejected", &|_| false);
    if !rejected.is_empty() {
        tables.insert("_sdc_rejected".into(), rejected);
    }
    tables
}

fn rows(connection: &Connection, table: &str, passed_over: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut all = connection.prepare(&format!("SELECT * FROM \"{table}\"")).expect("a query");
    let names: Vec<String> = all.column_names().map(str::to_owned).collect();
    let mut found = all.query([]).expect("rows");
    let mut rows = Vec::new();
    while let Some(row) = found.next().expect("a row") {
        let mut shown = Row::new();
        for (at, name) in names.iter().enumerate() {
            if passed_over(name) {
                continue;
            }
            put(
                &mut shown,
                name,
                match row.get_ref(at).expect("a cell") {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(number) => json!(number),
                    ValueRef::Real(number) => json!(number),
                    ValueRef::Text(text) if name == "custom_fields" => {
                        // With its keys in the order of a tree.
                        json!(serde_json::from_slice::<Value>(text).expect("JSON").to_string())
                    }
                    ValueRef::Text(text) => json!(std::str::from_utf8(text).expect("UTF-8")),
                    ValueRef::Blob(_) => panic!("a blob in {table}.{name}"),
                },
            );
        }
        rows.push(Value::Object(shown).to_string());
    }
    rows.sort();
    rows
}

/// Asserts that both hold the same rows, and tells the first few that differ.
#[track_caller]
pub(crate) fn assert_same(expected: &Tables, actual: &Tables) {
    let wrong = differences(expected, actual);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What differs, in words.
pub(crate) fn differences(expected: &Tables, actual: &Tables) -> Vec<String> {
    let names: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
    let mut wrong = Vec::new();
    for name in names {
        let (Some(expected), Some(actual)) = (expected.get(name), actual.get(name)) else {
            let side = if actual.contains_key(name) { "too much" } else { "missing" };
            wrong.push(format!("table {name} is {side}"));
            continue;
        };
        if expected == actual {
            continue;
        }
        wrong.push(format!("{name}: {} rows, {} are expected", actual.len(), expected.len()));
        let (there, here): (BTreeSet<_>, BTreeSet<_>) = (expected.iter().collect(), actual.iter().collect());
        wrong.extend(there.difference(&here).take(3).map(|row| format!("  missing: {row}")));
        wrong.extend(here.difference(&there).take(3).map(|row| format!("  too much: {row}")));
    }
    wrong
}
