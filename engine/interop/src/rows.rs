//! JSON Schema of the rows of a stream, as files of JSON lines hold them.

use serde_json::{Map, Value, json};
use tapwright_spec::Connector;
use tapwright_spec::model::Stream;
use tapwright_sync::destination::kind_of;
use tapwright_sync::normalise::{ColumnType, NameFault};

use crate::table::{Column, Table, tables};

/// The draft in which all schemas are written.
pub(crate) const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of the rows of `stream`: of its own table at the top, of the tables of its lists under `$defs`, by their
/// names.
///
/// # Errors
/// A [`NameFault`] for names that collide or are reserved.
pub fn rows(connector: &Connector, stream: &Stream) -> Result<Value, NameFault> {
    // The kind is one of the program's own.
    let Ok(kind) = kind_of(Some("jsonl:rows")) else { return Ok(Value::Null) };
    let mut of_stream = tables(connector, kind)?.into_iter().filter(|table| table.stream.name == stream.name);
    let Some(own) = of_stream.next() else { return Ok(Value::Null) };
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!(DRAFT));
    schema.insert("title".to_owned(), json!(stream.title));
    schema.extend(object(&own));
    let children: Map<String, Value> =
        of_stream.map(|table| (table.name.clone(), Value::Object(object(&table)))).collect();
    if !children.is_empty() {
        schema.insert("$defs".to_owned(), Value::Object(children));
    }
    Ok(Value::Object(schema))
}

fn object(table: &Table<'_>) -> Map<String, Value> {
    let mut schema = Map::new();
    if !table.description.is_empty() {
        schema.insert("description".to_owned(), json!(table.description));
    }
    schema.insert("type".to_owned(), json!("object"));
    let properties = table.columns.iter().map(|column| (column.name.clone(), Value::Object(property(column))));
    schema.insert("properties".to_owned(), properties.collect::<Map<_, _>>().into());
    let needed = table.columns.iter().filter(|column| !column.nullable).map(|column| column.name.clone());
    schema.insert("required".to_owned(), needed.collect());
    let prefixes: Map<String, Value> =
        table.open.iter().filter(|prefix| !prefix.is_empty()).map(|prefix| (beginning(prefix), json!({}))).collect();
    if !prefixes.is_empty() {
        schema.insert("patternProperties".to_owned(), Value::Object(prefixes));
    }
    if !table.open.iter().any(String::is_empty) {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
    schema
}

/// A regular expression for names that begin like this.
fn beginning(prefix: &str) -> String {
    let escaped = prefix.chars().map(|c| match c {
        c if c.is_alphanumeric() || c == '_' || !c.is_ascii() => c.to_string(),
        // Between brackets a sign of punctuation is itself.
        '^' | '\\' | ']' => format!("\\{c}"),
        c => format!("[{c}]"),
    });
    format!("^{}", escaped.collect::<String>())
}

fn property(column: &Column) -> Map<String, Value> {
    let mut schema = typed(column.kind);
    if let (true, Some(Value::String(one))) = (column.nullable, schema.get("type").cloned()) {
        schema.insert("type".to_owned(), json!([one, "null"]));
    }
    if !column.description.is_empty() {
        schema.insert("description".to_owned(), json!(column.description));
    }
    let values = serde_json::Value::from(column.values.clone());
    if let (Some(example), ColumnType::Text) = (&column.example, column.kind) {
        schema.insert("examples".to_owned(), json!([example]));
    } else if !column.values.is_empty() && column.kind == ColumnType::Text {
        // An API may have another value tomorrow, and its row is loaded all the same.
        schema.insert("examples".to_owned(), values);
    }
    schema
}

/// The schema of values of a type.
fn typed(kind: ColumnType) -> Map<String, Value> {
    let schema = match kind {
        ColumnType::Text => json!({"type": "string"}),
        ColumnType::Integer => json!({"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX}),
        ColumnType::Number => json!({"type": "number"}),
        ColumnType::Boolean => json!({"type": "boolean"}),
        ColumnType::Decimal => json!({"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?$"}),
        ColumnType::Timestamp => json!({"type": "string", "format": "date-time"}),
        ColumnType::Date => json!({"type": "string", "format": "date"}),
        // `format: time` asks for a zone, and a time of day has none.
        ColumnType::Time => json!({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?$"}),
        ColumnType::Json => json!({}),
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}
