//! Rows to DuckDB as record batches, and answers from it as text.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType};

use crate::destination::arrow::Held;
use crate::destination::row::Put;
use crate::destination::sets::session::{self, Told};
use crate::destination::shape::Column;
use crate::normalise::ColumnType;

/// Rows on their way.
pub(super) struct Lane(Held);

impl Lane {
    pub(super) fn new(columns: &[Column]) -> Lane {
        Lane(Held::new(columns))
    }

    /// The rows so far, if there are any.
    pub(super) fn take(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.0.rows() == 0 { Ok(None) } else { self.0.take().map(Some) }
    }
}

impl session::Lane for Lane {
    fn begin_row(&mut self, _width: usize) {}

    fn put(&mut self, _kind: ColumnType, value: Put<'_>) -> Option<()> {
        self.0.put(value)
    }

    fn end_row(&mut self) {
        self.0.end_row();
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// The rows of an answer, whose columns are texts and whole numbers.
///
/// # Errors
/// What DuckDB says while it answers, and a column of another type.
pub(super) fn told(reader: impl RecordBatchReader) -> Result<Told, String> {
    let mut rows = Told::new();
    for batch in reader {
        let batch = batch.map_err(|error| error.to_string())?;
        for row in 0..batch.num_rows() {
            rows.push(batch.columns().iter().map(|column| text(column, row)).collect::<Result<_, _>>()?);
        }
    }
    Ok(rows)
}

fn text(column: &ArrayRef, row: usize) -> Result<Option<String>, String> {
    if column.is_null(row) {
        return Ok(None);
    }
    Ok(Some(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        other => return Err(format!("an answer of type {other} was not expected")),
    }))
}
