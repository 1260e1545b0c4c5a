//! What a row leaves in the hash by which a run tells new, changed and unchanged ones apart.

use xxhash_rust::xxh3::xxh3_64;

use super::{Cell, Rows};
use crate::normalise::table::Table;

/// Nulls leave no trace, so that a column more or less changes no hash, unless they empty what a row has, as where records
/// are merged; the columns that every row of an open object may have in another order are summed up. Says how many bytes
/// the values have.
pub(super) fn put_row(bytes: &mut Vec<u8>, (table, merged): (&Table, bool), rows: &Rows<'_>, number: usize) -> u64 {
    bytes.extend_from_slice(&table.seed.to_le_bytes());
    for level in rows.levels(number, table.depth) {
        bytes.extend_from_slice(&level.to_le_bytes());
    }
    let (mut sum, mut size) = (0_u64, 0);
    for (position, cell) in rows.cells(rows.rows[number]).iter().enumerate() {
        let before = bytes.len();
        size += put_cell(bytes, (table.columns[position].seed, merged), cell);
        if position >= table.fixed && bytes.len() > before {
            sum = sum.wrapping_add(xxh3_64(&bytes[before..]));
            bytes.truncate(before);
        }
    }
    bytes.extend_from_slice(&sum.to_le_bytes());
    size
}

fn put_cell(bytes: &mut Vec<u8>, (seed, merged): (u32, bool), cell: &Cell<'_>) -> u64 {
    let mut head = |tag: u8, value: u64| {
        let mut piece = [0; 13];
        piece[..4].copy_from_slice(&seed.to_le_bytes());
        piece[4] = tag;
        piece[5..].copy_from_slice(&value.to_le_bytes());
        bytes.extend_from_slice(&piece);
    };
    match cell {
        Cell::Null if merged => {
            head(0, 0);
            return 0;
        }
        Cell::Null | Cell::Absent => return 0,
        Cell::Bool(value) => head(1, u64::from(*value)),
        Cell::Integer(value) => head(2, value.cast_unsigned()),
        Cell::Number(value) => head(3, value.to_bits()),
        Cell::Text(text) => {
            head(4, text.len() as u64);
            bytes.extend_from_slice(text.as_bytes());
            return text.len() as u64;
        }
    }
    8
}
