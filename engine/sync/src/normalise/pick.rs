//! A few values of a record: what a parent gives to its children, and its replication key alone.

use serde_json::{Map, Value};
use tapwright_spec::exact;
use tapwright_spec::model::{Field, FieldType, Replication, Stream};

use super::Normaliser;
use super::batch::{Batch, Cell};
use super::compile::Source;
use super::table::{ColumnType, NameFault};

/// Reads a few fields of a stream's records and passes over the rest. Fields that `add` gives are not
/// in the record and left out.
#[derive(Debug)]
pub struct Picker {
    fields: Normaliser,
    key: Option<Normaliser>,
}

impl Picker {
    /// For the fields with these names; lists and objects are given whole.
    ///
    /// # Errors
    /// As [`Normaliser::new`].
    pub fn new(stream: &Stream, names: &[String]) -> Result<Picker, NameFault> {
        let named = |field: &&Field| names.contains(&field.name);
        let fields = only(stream.fields.iter().filter(named), &stream.name)?;
        let key = match &stream.replication {
            Replication::Incremental(incremental) => {
                incremental.key().and_then(|key| stream.field(key)).filter(|field| !field.added)
            }
            Replication::FullTable | Replication::Feed(_) => None,
        };
        let key = key.map(|field| {
            let source = Source::of_fields(&stream.name, std::slice::from_ref(field));
            Normaliser::of(Source { replication_key: Some(&field.name), ..source })
        });
        Ok(Picker { fields, key: key.transpose()? })
    }

    /// The values, by name; null where the record has none.
    ///
    /// # Errors
    /// The reason for which the record would be rejected.
    pub fn read(&mut self, record: &str) -> Result<Map<String, Value>, String> {
        let mut batch = Batch::new();
        self.fields.read(record, &[], &mut batch);
        if let Some(rejected) = batch.rejected.pop() {
            return Err(rejected.reason);
        }
        let own = &batch.tables[0];
        let columns = &self.fields.tables.all[0].columns;
        let cells = own.cells.iter().zip(columns);
        Ok(cells.map(|(cell, column)| (column.name.clone(), value(cell, column.kind))).collect())
    }

    /// The value of the replication key; `None` if there is none or it cannot be read.
    pub fn key_of(&mut self, record: &str) -> Option<crate::state::KeyValue> {
        let key = self.key.as_mut()?;
        let mut batch = Batch::new();
        key.read(record, &[], &mut batch);
        batch.keys(&key.tables).map(|keys| keys.greatest)
    }
}

fn only<'s>(fields: impl Iterator<Item = &'s Field>, name: &str) -> Result<Normaliser, NameFault> {
    let fields: Vec<Field> = fields
        .filter(|field| !field.added)
        .map(|field| match field.kind {
            FieldType::List(_) | FieldType::Object(_) | FieldType::Pairs(_) => {
                Field { kind: FieldType::Json, ..field.clone() }
            }
            _ => field.clone(),
        })
        .collect();
    Normaliser::of(Source::of_fields(name, &fields))
}

fn value(cell: &Cell<'_>, kind: ColumnType) -> Value {
    match cell {
        Cell::Null | Cell::Absent => Value::Null,
        Cell::Bool(value) => Value::from(*value),
        Cell::Integer(value) => Value::from(*value),
        Cell::Number(value) => Value::from(*value),
        Cell::Text(text) if kind == ColumnType::Json => {
            exact::read(text).unwrap_or_else(|_| Value::from(text.as_ref()))
        }
        Cell::Text(text) => Value::from(text.as_ref()),
    }
}
