//! Rows as Parquet: gathered in columns, written in row groups of bounded size.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float64Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, TimestampMicrosecondArray, new_null_array};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection};
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::arrow::{ArrowSchemaConverter, ProjectionMask};
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::{SchemaDescriptor, Type};
use xxhash_rust::xxh3::xxh3_128;

use super::Trouble;
use super::format::{Fate, KeyColumns, Met};
use crate::destination::arrow::Held;
use crate::destination::columns::{RECEIVED, SEQUENCE, TOMBSTONE};
use crate::destination::row::{Put, tagged};
use crate::destination::shape::Column;
use crate::normalise::{ColumnType, DELETED};

/// How pages are compressed.
pub(in crate::destination) type Compression = parquet::basic::Compression;

/// Rows, and bytes of rows, that wait for the writer.
const ROWS: usize = 8_192;
/// See [`ROWS`].
const BYTES: usize = 1 << 20;
/// Bytes of a row group in memory.
const GROUP: usize = 16 << 20;

/// A file that is written.
pub(super) struct Pages {
    held: Held,
    writer: ArrowWriter<File>,
}

impl Pages {
    pub(super) fn create(path: &Path, columns: &[Column], compression: Compression) -> Result<Pages, Trouble> {
        let held = Held::new(columns);
        let properties = WriterProperties::builder().set_compression(compression).build();
        let options =
            ArrowWriterOptions::new().with_properties(properties).with_parquet_schema(schema(&held, columns)?);
        let writer = ArrowWriter::try_new_with_options(File::create(path)?, held.schema().clone(), options)?;
        Ok(Pages { held, writer })
    }

    pub(super) fn put(&mut self, value: Put<'_>) -> Option<()> {
        self.held.put(value)
    }

    pub(super) fn end_row(&mut self) -> Result<(), Trouble> {
        self.held.end_row();
        if self.held.rows() >= ROWS || self.held.bytes() >= BYTES { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), Trouble> {
        let batch = self.held.take().map_err(ParquetError::from)?;
        self.write(&batch)
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), Trouble> {
        self.writer.write(batch)?;
        if self.writer.memory_size() >= GROUP {
            self.writer.flush()?;
        }
        Ok(())
    }

    /// Bytes so far, about.
    pub(super) fn bytes(&self) -> u64 {
        (self.writer.bytes_written() + self.writer.in_progress_size()) as u64
    }

    /// Ends the file; what is in it outlasts a power cut.
    pub(super) fn finish(mut self) -> Result<(), Trouble> {
        if self.held.rows() > 0 {
            self.send()?;
        }
        self.writer.finish()?;
        Ok(self.writer.inner().sync_all()?)
    }

    /// Copies rows of a file; gives how many.
    pub(super) fn copy(&mut self, path: &Path, fate: &mut dyn FnMut(i64) -> Fate) -> Result<u64, Trouble> {
        let mut keep = Vec::new();
        let mut marks = BTreeMap::new();
        let mut copied = 0;
        for batch in open(path, Some(&[SEQUENCE]))? {
            let batch = batch.map_err(ParquetError::from)?;
            for sequence in sequences(path, &batch)? {
                let fate = fate(*sequence);
                keep.push(!matches!(fate, Fate::Drop));
                if let Fate::Mark(mark) = &fate {
                    marks.insert(copied, mark.parse::<i64>().ok());
                }
                copied += u64::from(!matches!(fate, Fate::Drop));
            }
        }
        if copied == 0 {
            return Ok(0);
        }
        let selection = RowSelection::from_filters(&[BooleanArray::from(keep)]);
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?.with_row_selection(selection);
        let mut from = 0;
        for batch in reader.with_batch_size(ROWS).build()? {
            let batch = batch.map_err(ParquetError::from)?;
            let until = from + batch.num_rows() as u64;
            let marks: Vec<_> = marks.range(from..until).map(|(at, mark)| ((at - from) as usize, *mark)).collect();
            let batch = self.shaped(&batch, &marks)?;
            self.write(&batch)?;
            from = until;
        }
        Ok(copied)
    }

    /// The batch with the columns of this file, and marks of deletions set.
    fn shaped(&self, batch: &RecordBatch, marks: &[(usize, Option<i64>)]) -> Result<RecordBatch, Trouble> {
        let column = |field: &Arc<arrow_schema::Field>| -> ArrayRef {
            match batch.column_by_name(field.name()) {
                Some(there) if field.name() == DELETED && !marks.is_empty() => marked(there, marks),
                Some(there) => there.clone(),
                None => new_null_array(field.data_type(), batch.num_rows()),
            }
        };
        let schema = self.held.schema();
        let columns = schema.fields().iter().map(column).collect();
        Ok(RecordBatch::try_new(schema.clone(), columns).map_err(ParquetError::from)?)
    }
}

fn marked(there: &ArrayRef, marks: &[(usize, Option<i64>)]) -> ArrayRef {
    let mut all: Vec<Option<i64>> = there.as_primitive::<TimestampMicrosecondType>().iter().collect();
    marks.iter().for_each(|(at, mark)| all[*at] = *mark);
    Arc::new(TimestampMicrosecondArray::from(all).with_timezone("UTC"))
}

/// Parquet's own schema: that of Arrow, and JSON says that it is JSON.
fn schema(held: &Held, columns: &[Column]) -> Result<SchemaDescriptor, Trouble> {
    let plain = ArrowSchemaConverter::new().convert(held.schema())?;
    let field = |(field, column): (&Arc<Type>, &Column)| -> Result<Arc<Type>, ParquetError> {
        match column.kind {
            ColumnType::Json => Ok(Arc::new(
                Type::primitive_type_builder(&column.name, Physical::BYTE_ARRAY)
                    .with_repetition(Repetition::OPTIONAL)
                    .with_logical_type(Some(LogicalType::Json))
                    .with_converted_type(ConvertedType::JSON)
                    .build()?,
            )),
            _ => Ok(field.clone()),
        }
    };
    let fields = plain.root_schema().get_fields().iter().zip(columns).map(field).collect::<Result<Vec<_>, _>>()?;
    let root = Type::group_type_builder(plain.root_schema().name()).with_fields(fields).build()?;
    Ok(SchemaDescriptor::new(Arc::new(root)))
}

fn open(path: &Path, columns: Option<&[&str]>) -> Result<ParquetRecordBatchReader, Trouble> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?.with_batch_size(ROWS);
    let mask = columns.map(|names| ProjectionMask::columns(builder.parquet_schema(), names.iter().copied()));
    Ok(match mask {
        Some(mask) => builder.with_projection(mask).build()?,
        None => builder.build()?,
    })
}

fn sequences<'b>(path: &Path, batch: &'b RecordBatch) -> Result<&'b [i64], Trouble> {
    let column = batch.column_by_name(SEQUENCE).and_then(|column| column.as_primitive_opt::<Int64Type>());
    let column = column.ok_or_else(|| Trouble::Said(format!("{}: rows have no {SEQUENCE}", path.display())))?;
    Ok(column.values())
}

/// Puts a value of a key as keys are told apart, of a row that is read.
fn put_read(into: &mut Vec<u8>, column: &ArrayRef, row: usize) -> Option<()> {
    if column.is_null(row) {
        into.push(0);
        return Some(());
    }
    match column.data_type() {
        DataType::Utf8 => tagged(into, column.as_string::<i32>().value(row).as_bytes()),
        DataType::Boolean => tagged(into, &[u8::from(column.as_boolean().value(row))]),
        DataType::Float64 => tagged(into, &column.as_primitive::<Float64Type>().value(row).to_le_bytes()),
        DataType::Int64 => tagged(into, &column.as_primitive::<Int64Type>().value(row).to_le_bytes()),
        DataType::Timestamp(..) => {
            tagged(into, &column.as_primitive::<TimestampMicrosecondType>().value(row).to_le_bytes())
        }
        DataType::Time64(_) => tagged(into, &column.as_primitive::<Time64MicrosecondType>().value(row).to_le_bytes()),
        DataType::Date32 => tagged(into, &column.as_primitive::<Date32Type>().value(row).to_le_bytes()),
        DataType::Decimal128(..) => tagged(into, &column.as_primitive::<Decimal128Type>().value(row).to_le_bytes()),
        _ => None,
    }
}

/// Tells of each row of a stream's own table.
pub(super) fn scan(
    path: &Path,
    key: KeyColumns<'_>,
    each: &mut dyn FnMut(Met<'_>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let ours = [SEQUENCE, RECEIVED, DELETED, TOMBSTONE];
    let names: Vec<&str> = key.iter().map(|(name, _)| name.as_str()).chain(ours).collect();
    let mut bytes = Vec::new();
    for batch in open(path, Some(&names))? {
        let batch = batch.map_err(ParquetError::from)?;
        let sequences = sequences(path, &batch)?;
        let moment = |name: &str, row: usize| {
            let column = batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>()?;
            (!column.is_null(row)).then(|| column.value(row))
        };
        let bare = batch.column_by_name(TOMBSTONE).and_then(|column| column.as_boolean_opt());
        for (row, sequence) in sequences.iter().enumerate() {
            bytes.clear();
            for (name, _) in key {
                let put = batch.column_by_name(name).and_then(|column| put_read(&mut bytes, column, row));
                put.ok_or_else(|| Trouble::Said(format!("{}: rows have no `{name}`", path.display())))?;
            }
            let mark = moment(DELETED, row);
            let text = mark.map(|mark| mark.to_string());
            each(Met {
                key: xxh3_128(&bytes),
                sequence: *sequence,
                is_bare: bare.is_some_and(|bare| !bare.is_null(row) && bare.value(row)),
                on_receipt: mark.is_some() && mark == moment(RECEIVED, row),
                mark: text.as_deref(),
            })?;
        }
    }
    Ok(())
}
