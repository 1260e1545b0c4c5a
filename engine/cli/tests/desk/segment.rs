//! The load mode `segment`: a row for each record that the site ever held, merged of what was told of it.

use std::collections::BTreeMap;
use std::path::Path;

use desk_simulator::{Edit, ServerOptions};
use serde_json::{Value, json};
use tapwright_spec::Connector;
use tapwright_spec::model::{Field, FieldType, Stream};

use crate::compare::{self, Row, Tables, put};
use crate::custom;
use crate::site::{Desk, stream};

/// Columns that tell of the load.
const OF_THE_LOAD: [&str; 3] = ["received_at", "uuid", "uuid_ts"];

/// The row that a record makes, worked out apart from the engine.
fn row_of(stream: &Stream, record: &Value) -> Row {
    let mut row = Row::new();
    for field in &stream.fields {
        let value = compare::found(field, record);
        match &field.kind {
            FieldType::Object(Some(members)) => {
                compare::object(&format!("{}_", field.name), members, &value, &mut row);
            }
            FieldType::List(_) if value.is_null() => {}
            FieldType::List(_) => put(&mut row, name_of(stream, field), value),
            kind => put(&mut row, name_of(stream, field), compare::cell(kind, &value)),
        }
    }
    // Where the key is another column than `id`, its values stand there.
    if stream.primary_key != ["id"] {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let key = |key: &String| text(&row[name_of(stream, stream.field(key).expect("a field"))]);
        let values: Vec<String> = stream.primary_key.iter().map(key).collect();
        row.insert("id".to_owned(), json!(values.join(":")));
    }
    row
}

fn name_of<'f>(stream: &Stream, field: &'f Field) -> &'f str {
    match field.name.as_str() {
        "received_at" => "property_received_at",
        // It is a part of the key, and not the whole.
        "id" if stream.primary_key != ["id"] => "property_id",
        name => name,
    }
}

/// The rows of all tables, by what identifies them.
type Rows = BTreeMap<(String, String), Row>;

fn expected(connector: &Connector, dump: &Value) -> Rows {
    let mut rows = Rows::new();
    for stream in &connector.streams {
        for record in dump[&stream.name].as_array().expect("records") {
            let mut row = row_of(stream, record);
            if !stream.hooks.is_empty() {
                custom::columns(&stream.name, record, &dump["custom_fields"], &mut row);
            }
            rows.insert((stream.name.clone(), row["id"].to_string()), row);
        }
    }
    rows
}

/// The same of a database. A list is a text there, whose JSON is compared.
fn actual(path: &Path) -> Rows {
    let tables: Tables = compare::tables(path, &|name| OF_THE_LOAD.contains(&name));
    let row = |table: &String, text: &String| {
        let mut row: Row = serde_json::from_str(text).expect("a row");
        for value in row.values_mut() {
            let list = value.as_str().filter(|text| text.starts_with('['));
            *value = list.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone());
        }
        ((table.clone(), row["id"].to_string()), row)
    };
    tables.iter().flat_map(|(table, rows)| rows.iter().map(move |text| row(table, text))).collect()
}

#[track_caller]
fn assert_same(expected: &Rows, actual: &Rows) {
    for (at, row) in expected {
        assert_eq!(actual.get(at), Some(row), "{at:?}");
    }
    let more: Vec<_> = actual.keys().filter(|at| !expected.contains_key(at)).collect();
    assert!(more.is_empty(), "{more:?}");
}

#[test]
fn rows_are_merged_and_none_goes_in_the_load_mode_segment() {
    let desk = Desk::start(60, ServerOptions::default());
    let connector = desk.connector();
    let sync = || {
        let ended = desk.sync(&["--load-mode", "segment", "--report", "json"]);
        assert_eq!(ended.code, Some(0), "{}", ended.said());
        serde_json::from_str::<Value>(&ended.out).expect("the report is JSON")
    };
    sync();
    let before = expected(&connector, &desk.server.dump());
    assert_same(&before, &actual(&desk.path("desk.db")));

    let still = sync();
    for one in still["streams"].as_array().expect("streams") {
        assert_eq!((&one["new"], &one["changed"], &one["deleted"]), (&json!(0), &json!(0), &json!(0)), "{one}");
    }
    let edit = Edit { cases: 7, new_cases: 3, customers: 4, deleted_cases: 2, deleted_users: 2, ..Edit::default() };
    let _ = desk.server.edit(&edit);
    let report = sync();
    let mut rows = before;
    let after = expected(&connector, &desk.server.dump());
    let users = |rows: &Rows| rows.keys().filter(|(table, _)| table == "users").count();
    let gone = users(&rows) - users(&after);
    rows.extend(after);
    assert_eq!((gone, stream(&report, "users")["deleted"].as_u64()), (2, Some(0)));
    assert_same(&rows, &actual(&desk.path("desk.db")));

    let other = desk.sync(&[]);
    assert_eq!(other.code, Some(3), "{}", other.said());
    assert!(other.said().contains("was loaded in the load mode `segment`"), "{}", other.said());
}
