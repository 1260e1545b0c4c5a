//! Reads folders of files as a stranger would who knows no more than the guide tells: of the rows with one key the one
//! with the greatest `_sdc_sequence` counts, and of child rows those of that version.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float64Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A row by its columns.
pub(crate) type Row = Map<String, Value>;

/// What the folder's manifest says.
pub(crate) fn manifest(root: &Path) -> Value {
    let text = std::fs::read(root.join("_tapwright/manifest.json")).expect("a manifest");
    serde_json::from_slice(&text).expect("a manifest")
}

/// All rows of a table that a pattern finds.
pub(crate) fn all(root: &Path, table: &str) -> Vec<Row> {
    let Ok(entries) = std::fs::read_dir(root.join(table)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension != "txt"));
    paths.sort();
    paths.iter().flat_map(|path| read(path)).collect()
}

/// The rows that count.
pub(crate) fn latest(root: &Path, table: &str) -> Vec<Row> {
    let tables = manifest(root)["tables"].clone();
    let entry = &tables[table];
    let mut rows = all(root, table);
    rows.sort_by_key(|row| row.get("_sdc_sequence").and_then(Value::as_i64));
    if table.starts_with("_sdc") {
        return rows;
    }
    if entry["is_child"] == true {
        let own = tables.as_object().expect("tables").iter();
        let mut own = own.filter(|(_, one)| one["stream"] == entry["stream"] && one["is_child"] == false);
        let (own, _) = own.next().expect("a parent");
        let version = |row: Row| row["_version"].as_i64();
        let stays: std::collections::BTreeSet<_> = latest(root, own).into_iter().map(version).collect();
        rows.retain(|row| stays.contains(&row["_sdc_sequence"].as_i64()));
        return rows;
    }
    let mut latest: BTreeMap<String, Row> = BTreeMap::new();
    for (number, mut row) in rows.into_iter().enumerate() {
        let key = entry["key"].as_array().expect("a key").iter();
        let key: Vec<String> = key.map(|name| row[name.as_str().expect("a name")].to_string()).collect();
        let key = if key.is_empty() { number.to_string() } else { key.join(" ") };
        row.insert("_version".into(), row["_sdc_sequence"].clone());
        let is_bare = row.get("_sdc_tombstone").is_some_and(|bare| *bare == 1);
        match (is_bare, latest.get_mut(&key)) {
            (true, Some(before)) => drop(before.insert("_sdc_deleted_at".into(), row["_sdc_deleted_at"].clone())),
            (true, None) => {}
            (false, _) => drop(latest.insert(key, row)),
        }
    }
    latest.into_values().collect()
}

fn read(path: &Path) -> Vec<Row> {
    let file = File::open(path).expect("a file");
    let mut text = String::new();
    let read = match path.extension().and_then(|extension| extension.to_str()) {
        Some("parquet") => return parquet_rows(file),
        Some("gz") => flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text),
        Some("zst") => zstd::Decoder::new(file).expect("zstd").read_to_string(&mut text),
        _ => std::io::BufReader::new(file).read_to_string(&mut text),
    };
    read.expect("a text");
    text.lines().map(json_row).collect()
}

fn json_row(line: &str) -> Row {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(line).expect("an object");
    let value = |raw: &RawValue| match raw.get().as_bytes()[0] {
        b'{' | b'[' => Value::from(raw.get()),
        _ => match serde_json::from_str(raw.get()).expect("a value") {
            Value::Bool(value) => Value::from(i64::from(value)),
            other => other,
        },
    };
    members.into_iter().map(|(name, raw)| (name, value(raw))).collect()
}

fn parquet_rows(file: File) -> Vec<Row> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("a reader");
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.expect("rows");
        let schema = batch.schema();
        for row in 0..batch.num_rows() {
            let columns = schema.fields().iter().zip(batch.columns());
            rows.push(columns.map(|(field, column)| (field.name().clone(), cell(column, row))).collect());
        }
    }
    rows
}

/// A value, as the cases write it.
pub(crate) fn cell(column: &ArrayRef, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8 => Value::from(column.as_string::<i32>().value(row)),
        DataType::Int64 => Value::from(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Value::from(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Value::from(i64::from(column.as_boolean().value(row))),
        DataType::Timestamp(_, Some(zone)) if zone.ends_with("UTC") => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            Value::from(Timestamp::from_microsecond(micros).expect("a moment").to_string())
        }
        DataType::Date32 => {
            let days = i64::from(column.as_primitive::<Date32Type>().value(row));
            let day = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(days)).expect("a day");
            Value::from(day.to_string())
        }
        DataType::Time64(_) => {
            let micros = column.as_primitive::<Time64MicrosecondType>().value(row);
            let time = Time::midnight().checked_add(jiff::Span::new().microseconds(micros)).expect("a time");
            Value::from(time.to_string())
        }
        DataType::Decimal128(38, 18) => {
            let value = column.as_primitive::<Decimal128Type>().value(row);
            let digits = format!("{:019}", value.unsigned_abs());
            let (whole, behind) = digits.split_at(digits.len() - 18);
            let text = format!("{}{whole}.{behind}", if value < 0 { "-" } else { "" });
            Value::from(text.trim_end_matches('0').trim_end_matches('.'))
        }
        other => panic!("a column of type {other}"),
    }
}
