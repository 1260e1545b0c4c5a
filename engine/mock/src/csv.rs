//! Records as separated values.

use serde_json::Value;
use tapwright_spec::model::{Csv, Stream};
use tapwright_spec::path::Segment;

/// The rows, with a line of names before them where the spec gives none.
pub(crate) fn of(stream: &Stream, records: &[Value], csv: &Csv) -> String {
    let sign = csv.delimiter.sign().to_string();
    let names = csv.header.clone().unwrap_or_else(|| names(stream, records));
    let row = |cells: Vec<String>| cells.join(&sign) + "\n";
    let header = csv.header.is_none().then(|| row(names.iter().map(|name| quoted(name)).collect()));
    let rows = records.iter().map(|record| row(names.iter().map(|name| cell(&record[name])).collect()));
    header.into_iter().chain(rows).collect()
}

/// The names of the columns: those of the fields, and what else the records have.
fn names(stream: &Stream, records: &[Value]) -> Vec<String> {
    let of_field =
        |field: &tapwright_spec::model::Field| match field.from.as_ref().and_then(|path| path.plain()?.first()) {
            Some(Segment::Key(name)) => name.clone(),
            _ => field.name.clone(),
        };
    let mut names: Vec<String> = stream.fields.iter().filter(|field| !field.added).map(of_field).collect();
    for name in records.iter().filter_map(Value::as_object).flat_map(|record| record.keys()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => quoted(text),
        Value::Array(_) | Value::Object(_) => quoted(&value.to_string()),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
