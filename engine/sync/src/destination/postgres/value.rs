//! Values as PostgreSQL's binary COPY takes them, and those that it cannot hold.

use bytes::{BufMut, BytesMut};

use super::decimal;
use crate::destination::exact::{days, micros, time_micros};
use crate::destination::row::Put;
use crate::normalise::{Cell, ColumnType};

/// Days from 1970 to 2000, where PostgreSQL begins to count.
const TO_2000: i32 = 10_957;

/// Type of a column, as a table is declared.
pub(super) fn declared(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "text",
        ColumnType::Integer => "bigint",
        ColumnType::Number => "double precision",
        ColumnType::Boolean => "boolean",
        ColumnType::Decimal => "numeric",
        ColumnType::Timestamp => "timestamp with time zone",
        ColumnType::Date => "date",
        ColumnType::Time => "time without time zone",
        ColumnType::Json => "json",
    }
}

/// Why a column of this type cannot hold a value.
pub(super) fn refuses(kind: ColumnType, cell: &Cell<'_>) -> Option<&'static str> {
    let Cell::Text(text) = cell else { return None };
    let finer = "is finer than a microsecond, and PostgreSQL holds no more; make it a `string`";
    match kind {
        ColumnType::Text | ColumnType::Json if text.as_bytes().contains(&0) => {
            Some("the text holds the character U+0000, which PostgreSQL cannot hold")
        }
        ColumnType::Timestamp if micros(text).is_none() => Some(finer),
        ColumnType::Time if time_micros(text).is_none() => Some(finer),
        ColumnType::Decimal if decimal::parts(text).is_none() => {
            Some("the number has more digits than PostgreSQL's numeric holds; make it a `string`")
        }
        _ => None,
    }
}

/// Puts a value with its length; `None` if the column cannot hold it.
pub(super) fn put_one(into: &mut BytesMut, kind: ColumnType, value: Put<'_>) -> Option<()> {
    match value {
        Put::Cell(cell) => return put(into, kind, cell),
        Put::Moment(micros) => put_moment(into, micros),
        Put::Integer(number) => put_i64(into, number),
        Put::Text(text) => put_text(into, text),
        Put::Members(_) => return None,
    }
    Some(())
}

/// Puts a value with its length; `None` if the column cannot hold it, which [`refuses`] tells before.
pub(super) fn put(into: &mut BytesMut, kind: ColumnType, cell: &Cell<'_>) -> Option<()> {
    match (cell, kind) {
        (Cell::Null | Cell::Absent, _) => into.put_i32(-1),
        (Cell::Bool(value), ColumnType::Boolean) => {
            into.put_i32(1);
            into.put_u8(u8::from(*value));
        }
        (Cell::Integer(value), ColumnType::Integer) => put_i64(into, *value),
        (Cell::Number(value), ColumnType::Number) => {
            into.put_i32(8);
            into.put_f64(*value);
        }
        (Cell::Text(text), ColumnType::Text | ColumnType::Json) => put_text(into, text),
        (Cell::Text(text), ColumnType::Timestamp) => put_moment(into, micros(text)?),
        (Cell::Text(text), ColumnType::Time) => put_i64(into, time_micros(text)?),
        (Cell::Text(text), ColumnType::Date) => {
            into.put_i32(4);
            into.put_i32(days(text)? - TO_2000);
        }
        (Cell::Text(text), ColumnType::Decimal) => decimal::put(into, text)?,
        _ => return None,
    }
    Some(())
}

/// Microseconds since 1970.
fn put_moment(into: &mut BytesMut, micros: i64) {
    put_i64(into, micros - i64::from(TO_2000) * 86_400_000_000);
}

pub(super) fn put_i64(into: &mut BytesMut, value: i64) {
    into.put_i32(8);
    into.put_i64(value);
}

pub(super) fn put_text(into: &mut BytesMut, text: &str) {
    // A text is shorter than the body that it came in, which is far below the 1 GiB that a length tells.
    into.put_i32(text.len() as i32);
    into.put_slice(text.as_bytes());
}
