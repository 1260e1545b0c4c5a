//! Rows in columns: Arrow record batches, which Parquet files are written from and DuckDB takes in bulk.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, StringBuilder,
    Time64MicrosecondBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use super::exact::{DIGITS, SCALE, days, fixed, micros, time_micros};
use super::row::Put;
use super::shape::Column;
use crate::normalise::{Cell, ColumnType};

/// Arrow's type of a column.
pub(super) fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text | ColumnType::Json => DataType::Utf8,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Number => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Decimal => DataType::Decimal128(DIGITS, SCALE as i8),
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Date => DataType::Date32,
        ColumnType::Time => DataType::Time64(TimeUnit::Microsecond),
    }
}

/// Why a column of this type cannot hold a value.
pub(super) fn refuses(kind: ColumnType, cell: &Cell<'_>) -> Option<&'static str> {
    let Cell::Text(text) = cell else { return None };
    let finer = "is finer than a microsecond, and the destination holds no more; make it a `string`";
    match kind {
        ColumnType::Timestamp if micros(text).is_none() => Some(finer),
        ColumnType::Time if time_micros(text).is_none() => Some(finer),
        ColumnType::Decimal if fixed(text).is_none() => Some(
            "the destination holds decimals of up to 20 digits before the point and 18 behind it; make it a `string`",
        ),
        _ => None,
    }
}

/// Values of one column, one after the other.
enum Filler {
    Text(StringBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Boolean(BooleanBuilder),
    Decimal(Decimal128Builder),
    Moment(TimestampMicrosecondBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
}

impl Filler {
    fn of(kind: ColumnType) -> Filler {
        let declared = data_type(kind);
        match kind {
            ColumnType::Text | ColumnType::Json => Filler::Text(StringBuilder::new()),
            ColumnType::Integer => Filler::Integer(Int64Builder::new()),
            ColumnType::Number => Filler::Number(Float64Builder::new()),
            ColumnType::Boolean => Filler::Boolean(BooleanBuilder::new()),
            ColumnType::Decimal => Filler::Decimal(Decimal128Builder::new().with_data_type(declared)),
            ColumnType::Timestamp => Filler::Moment(TimestampMicrosecondBuilder::new().with_data_type(declared)),
            ColumnType::Date => Filler::Date(Date32Builder::new()),
            ColumnType::Time => Filler::Time(Time64MicrosecondBuilder::new()),
        }
    }

    /// Appends a value; gives its bytes, or nothing if the column cannot hold it.
    fn put(&mut self, value: Put<'_>) -> Option<usize> {
        let cell = match value {
            Put::Cell(Cell::Null | Cell::Absent) => {
                self.put_null();
                return Some(1);
            }
            Put::Cell(cell) => cell,
            Put::Moment(micros) => return self.put_number(micros),
            Put::Integer(number) => return self.put_number(number),
            Put::Text(text) => return self.put_text(text),
            Put::Members(_) => return None,
        };
        match (self, cell) {
            (Filler::Boolean(all), Cell::Bool(value)) => all.append_value(*value),
            (Filler::Integer(all), Cell::Integer(value)) => all.append_value(*value),
            (Filler::Number(all), Cell::Number(value)) => all.append_value(*value),
            (filler, Cell::Text(text)) => return filler.put_text(text),
            _ => return None,
        }
        Some(8)
    }

    fn put_number(&mut self, number: i64) -> Option<usize> {
        match self {
            Filler::Integer(all) => all.append_value(number),
            Filler::Moment(all) => all.append_value(number),
            _ => return None,
        }
        Some(8)
    }

    fn put_text(&mut self, text: &str) -> Option<usize> {
        match self {
            Filler::Text(all) => all.append_value(text),
            Filler::Decimal(all) => all.append_value(fixed(text)?),
            Filler::Moment(all) => all.append_value(micros(text)?),
            Filler::Date(all) => all.append_value(days(text)?),
            Filler::Time(all) => all.append_value(time_micros(text)?),
            _ => return None,
        }
        Some(text.len() + 4)
    }

    fn put_null(&mut self) {
        match self {
            Filler::Text(all) => all.append_null(),
            Filler::Integer(all) => all.append_null(),
            Filler::Number(all) => all.append_null(),
            Filler::Boolean(all) => all.append_null(),
            Filler::Decimal(all) => all.append_null(),
            Filler::Moment(all) => all.append_null(),
            Filler::Date(all) => all.append_null(),
            Filler::Time(all) => all.append_null(),
        }
    }

    fn take(&mut self) -> ArrayRef {
        match self {
            Filler::Text(all) => Arc::new(all.finish()),
            Filler::Integer(all) => Arc::new(all.finish()),
            Filler::Number(all) => Arc::new(all.finish()),
            Filler::Boolean(all) => Arc::new(all.finish()),
            Filler::Decimal(all) => Arc::new(all.finish()),
            Filler::Moment(all) => Arc::new(all.finish()),
            Filler::Date(all) => Arc::new(all.finish()),
            Filler::Time(all) => Arc::new(all.finish()),
        }
    }
}

/// Rows that wait to be handed over together.
pub(super) struct Held {
    schema: SchemaRef,
    fillers: Vec<Filler>,
    /// The column that the next value is for.
    at: usize,
    rows: usize,
    bytes: usize,
}

impl Held {
    /// Nothing yet, for these columns.
    pub(super) fn new(columns: &[Column]) -> Held {
        let fields: Vec<Field> =
            columns.iter().map(|column| Field::new(&column.name, data_type(column.kind), true)).collect();
        let fillers = columns.iter().map(|column| Filler::of(column.kind)).collect();
        Held { schema: Arc::new(Schema::new(fields)), fillers, at: 0, rows: 0, bytes: 0 }
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Puts the next value of the row; nothing if the column cannot hold it.
    pub(super) fn put(&mut self, value: Put<'_>) -> Option<()> {
        self.bytes += self.fillers.get_mut(self.at)?.put(value)?;
        self.at += 1;
        Some(())
    }

    /// Ends a row; columns of which nothing was told are empty.
    pub(super) fn end_row(&mut self) {
        self.fillers[self.at..].iter_mut().for_each(Filler::put_null);
        self.at = 0;
        self.rows += 1;
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// About how much memory the rows take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The rows so far.
    ///
    /// # Errors
    /// Only if columns are not of one length, which would be our fault.
    pub(super) fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        (self.rows, self.bytes) = (0, 0);
        RecordBatch::try_new(self.schema.clone(), self.fillers.iter_mut().map(Filler::take).collect())
    }
}
