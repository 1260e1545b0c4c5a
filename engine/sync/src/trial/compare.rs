//! What records hold against what the spec declares, field by field.

use serde::Serialize;
use serde_json::Value;
use tapwright_spec::model::{Field, FieldType, LoadMode, Replication, SchemaPolicy, Stream, Take, Unlisted as Policy};
use tapwright_spec::path::Segment;

use super::infer::{infer, yaml};
use crate::normalise::{Batch, Cell, NameFault, Normaliser};

/// A key of records that no field lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unlisted {
    /// The key.
    pub name: String,
    /// The type that its values seem to have; `None` if they are all null.
    pub inferred: Option<String>,
    /// A line for `fields:`; for a key that is always null a guess.
    pub yaml: String,
}

/// A field without a value in any record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unseen {
    /// The field.
    pub name: String,
    /// Whether its place is there at least, with a null.
    pub always_null: bool,
}

/// A field whose type does not take what came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Misfit {
    /// The field.
    pub name: String,
    /// Its type in the spec.
    pub declared: String,
    /// The type that its values seem to have.
    pub inferred: Option<String>,
    /// Why the first record that does not fit does not, with the value.
    pub reason: String,
    /// How many records do not fit.
    pub records: usize,
}

/// All that differs.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) unlisted: Vec<Unlisted>,
    pub(super) unseen: Vec<Unseen>,
    pub(super) misfits: Vec<Misfit>,
}

/// Compares records with the fields of `stream`.
pub(super) fn compare(stream: &Stream, records: &[&str]) -> Result<Comparison, NameFault> {
    let mut comparison = Comparison::default();
    let trees: Vec<Value> = records.iter().filter_map(|record| serde_json::from_str(record).ok()).collect();
    for name in &unlisted(stream, records)? {
        let values: Vec<&Value> = trees.iter().filter_map(|tree| tree.get(name)).collect();
        let inferred = infer(&values);
        let yaml = yaml(name, inferred.as_deref().unwrap_or("string"));
        comparison.unlisted.push(Unlisted { name: name.clone(), inferred, yaml });
    }
    // What `add` computes is not in the records.
    for field in stream.fields.iter().filter(|field| !field.added) {
        let read = alone(stream, field, records)?;
        let values: Vec<Value> = trees.iter().filter_map(|tree| value_of(field, tree)).collect();
        if let Some(reason) = read.reason {
            comparison.misfits.push(Misfit {
                name: field.name.clone(),
                declared: field.kind.to_string(),
                inferred: infer(&values.iter().collect::<Vec<_>>()),
                reason: reason.strip_prefix(&format!("field `{}`: ", field.name)).unwrap_or(&reason).to_owned(),
                records: read.refused,
            });
        } else if !read.seen {
            let unseen = Unseen { name: field.name.clone(), always_null: values.iter().any(Value::is_null) };
            if values.iter().all(Value::is_null) {
                comparison.unseen.push(unseen);
            }
        }
    }
    Ok(comparison)
}

/// The keys that no field lists. With types that take everything, so that no record is set aside before its
/// end.
fn unlisted(stream: &Stream, records: &[&str]) -> Result<Vec<String>, NameFault> {
    let fields = stream.fields.iter().map(|field| Field { kind: FieldType::Json, take: None, ..field.clone() });
    let mut normaliser = Normaliser::new(&only(stream, fields.collect()))?;
    for record in records {
        normaliser.read(record, &[], &mut Batch::new());
    }
    Ok(normaliser.unlisted().to_vec())
}

fn only(stream: &Stream, fields: Vec<Field>) -> Stream {
    let (primary_key, replication, unlisted) = (Vec::new(), Replication::FullTable, Policy::Drop);
    let (schema_changes, load_mode) = (SchemaPolicy::Evolve, LoadMode::Stitch);
    Stream { fields, primary_key, replication, unlisted, schema_changes, load_mode, ..stream.clone() }
}

/// What came of reading one field.
#[derive(Default)]
struct Read {
    seen: bool,
    reason: Option<String>,
    refused: usize,
}

/// Reads one field of the records as a run would, as if the stream had no other.
fn alone(stream: &Stream, field: &Field, records: &[&str]) -> Result<Read, NameFault> {
    let mut normaliser = Normaliser::new(&Stream { deleted: None, ..only(stream, vec![field.clone()]) })?;
    let mut read = Read::default();
    for record in records {
        let mut batch = Batch::new();
        normaliser.read(record, &[], &mut batch);
        match batch.rejected() {
            [] => {
                let own = batch.table(0);
                let filled = own.all().iter().any(|row| own.cells(*row).iter().any(|cell| *cell != Cell::Null));
                read.seen |= filled || batch.rows() > batch.records();
            }
            [rejected, ..] => {
                read.refused += 1;
                read.reason.get_or_insert_with(|| rejected.reason.clone());
            }
        }
    }
    Ok(read)
}

/// The value at a field's place, with the part of it that is taken.
fn value_of(field: &Field, record: &Value) -> Option<Value> {
    let value = match &field.from {
        None => record.get(&field.name)?,
        Some(path) => {
            let places = path.locate(record);
            places.first()?.iter().try_fold(record, |value, step| match step {
                Segment::Key(key) => value.get(key),
                Segment::Index(index) => value.get(index),
                Segment::Each => None,
            })?
        }
    };
    Some(match (value, field.take) {
        (Value::String(text), Some(Take::LastSegment)) => {
            let last = text.rsplit('/').next().unwrap_or(text);
            last.parse::<i64>().map_or_else(|_| last.into(), Value::from)
        }
        (other, _) => other.clone(),
    })
}
