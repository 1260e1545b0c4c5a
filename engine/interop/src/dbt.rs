//! The tables as sources of dbt, with what is known of them as tests.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tapwright_docs::sql_name;
use tapwright_spec::Connector;
use tapwright_spec::model::{Field, FieldType, LoadMode, UUID_TS};
use tapwright_sync::destination::BATCHED;
use tapwright_sync::normalise::{ColumnType, NameFault};

use crate::place::Place;
use crate::table::{Column, Reference, Table, tables};

/// After this time without a newer row dbt warns, unless runs are rarer.
const QUIET: Duration = Duration::from_secs(24 * 60 * 60);

/// A `sources.yml`.
#[derive(Serialize)]
struct Sources {
    version: u8,
    sources: [Source; 1],
}

#[derive(Serialize)]
struct Source {
    name: String,
    description: String,
    loader: &'static str,
    schema: String,
    quoting: Value,
    tables: Vec<SourceTable>,
}

#[derive(Serialize)]
struct SourceTable {
    name: String,
    description: String,
    config: Config,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data_tests: Vec<Value>,
    columns: Vec<SourceColumn>,
}

#[derive(Serialize)]
struct Config {
    loaded_at_field: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    freshness: Option<Value>,
}

#[derive(Serialize)]
struct SourceColumn {
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data_tests: Vec<Value>,
}

/// Why there is no file.
#[derive(Debug)]
pub enum SourcesFault {
    /// Names that collide or are reserved.
    Names(NameFault),
    /// It cannot be written as YAML.
    Yaml(String),
}

impl std::fmt::Display for SourcesFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SourcesFault::Names(fault) => fault.fmt(f),
            SourcesFault::Yaml(fault) => f.write_str(fault),
        }
    }
}

impl std::error::Error for SourcesFault {}

impl From<NameFault> for SourcesFault {
    fn from(fault: NameFault) -> SourcesFault {
        SourcesFault::Names(fault)
    }
}

/// The tables of a connector as a `sources.yml` of dbt 1.10 or later, as they are in `place`.
///
/// # Errors
/// A [`SourcesFault`]: names that collide or are reserved.
pub fn sources(connector: &Connector, place: &Place) -> Result<String, SourcesFault> {
    let all = tables(connector, place.kind)?;
    let source = Source {
        name: connector.name.clone(),
        description: raw(&format!("{} {}. {}", connector.title, connector.version, connector.about.summary)),
        loader: "tapwright",
        schema: place.schema.clone(),
        quoting: json!({"schema": true, "identifier": true}),
        tables: all.iter().map(|one| table(connector, one)).collect(),
    };
    serde_yaml::to_string(&Sources { version: 2, sources: [source] })
        .map_err(|error| SourcesFault::Yaml(error.to_string()))
}

fn table(connector: &Connector, table: &Table<'_>) -> SourceTable {
    let columns = table.columns.iter().map(|column| SourceColumn {
        name: column.name.clone(),
        description: raw(&column.description),
        data_type: column.declared.to_owned(),
        quote: (sql_name(&column.name) != column.name).then_some(true),
        config: column.personal.then(|| json!({"meta": {"personal": true}})),
        data_tests: tests(connector, table, column),
    });
    SourceTable {
        name: table.name.clone(),
        description: raw(&table.description),
        config: freshness(connector, table),
        data_tests: together(table),
        columns: columns.collect(),
    }
}

/// How old the newest row may be: by the replication key, where that is a time.
fn freshness(connector: &Connector, table: &Table<'_>) -> Config {
    let key = table.stream.own_key().filter(|_| table.parent.is_none()).and_then(|key| table.stream.field(key));
    let name = |key: &Field| sql_name(&table.stream.naming().column(&key.name));
    let field = key.and_then(|key| match key.kind {
        FieldType::Timestamp => Some(name(key)),
        FieldType::Date => Some(format!("cast({} as timestamp)", name(key))),
        _ => None,
    });
    let Some(loaded_at_field) = field else {
        let written = if table.stream.load_mode == LoadMode::Segment { UUID_TS } else { BATCHED };
        return Config { loaded_at_field: written.to_owned(), freshness: None };
    };
    let twice = connector.schedule.frequency.as_ref().map_or(QUIET, |frequency| frequency.as_std() * 2);
    let hours = twice.max(QUIET).as_secs().div_ceil(60 * 60);
    Config { loaded_at_field, freshness: Some(json!({"warn_after": {"count": hours, "period": "hour"}})) }
}

/// What holds for several columns together: a key of several is unique.
fn together(table: &Table<'_>) -> Vec<Value> {
    if table.key.len() < 2 {
        return Vec::new();
    }
    let texts: Vec<String> = table.key.iter().map(|key| format!("cast({} as varchar)", sql_name(key))).collect();
    vec![json!({"unique": {"arguments": {"column_name": format!("({})", texts.join(" || '/' || "))}}})]
}

fn tests(connector: &Connector, table: &Table<'_>, column: &Column) -> Vec<Value> {
    let mut tests = Vec::new();
    let is_key = table.key == [column.name.clone()];
    tests.extend(is_key.then(|| json!("unique")));
    // That a load fills its own columns need not be tested on each day.
    let is_ours = column.of_load && !table.key.contains(&column.name);
    tests.extend((!column.nullable && !is_ours).then(|| json!("not_null")));
    // What the API may say otherwise tomorrow is worth a warning.
    if !column.values.is_empty() {
        let is_text = column.kind == ColumnType::Text;
        tests.push(test("accepted_values", json!({"values": column.values, "quote": is_text}), Some("Warn")));
    }
    let of_column = |reference: &&Reference| reference.columns == [column.name.clone()];
    tests.extend(table.references.iter().filter(of_column).map(|reference| {
        let to = format!("source('{}', '{}')", connector.name, reference.table.replace('\'', "\\'"));
        let arguments = json!({"to": to, "field": reference.to.first().map(|name| sql_name(name))});
        test("relationships", arguments, (!reference.certain).then_some("Warn"))
    }));
    tests
}

fn test(name: &str, arguments: Value, severity: Option<&str>) -> Value {
    let mut test = BTreeMap::from([("arguments", arguments)]);
    test.extend(severity.map(|severity| ("config", json!({"severity": severity}))));
    json!({name: test})
}

/// A text that dbt takes for what it is: it reads descriptions as templates.
fn raw(text: &str) -> String {
    let is_template = ["{{", "{%", "{#"].iter().any(|sign| text.contains(sign));
    if is_template { format!("{{% raw %}}{text}{{% endraw %}}") } else { text.to_owned() }
}
