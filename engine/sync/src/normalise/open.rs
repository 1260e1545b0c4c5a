//! Open objects: `type: object` without members. Their keys become columns `object__key` as they are
//! seen, typed by their values.
//!
//! A text, integer, number or boolean gives a column of that type; an object in the object is flattened
//! further; a list is kept as JSON text; null gives nothing. The first type that is seen stays the
//! column's; a value of another type goes to `object__key__st`, `__it`, `__fl`, `__bo` or `__js` beside
//! it, so no value changes. A whole number goes into a number's column and `2.0` into an integer's.

use super::batch::Cell;
use super::convert;
use super::exact;
use super::plan::Plan;
use super::table::{ColumnType, NameFault, Tables};

/// A scalar or list of an open object: its cell and the type of column it wants.
pub(super) struct Seen<'a> {
    pub(super) cell: Cell<'a>,
    pub(super) kind: ColumnType,
}

impl<'a> Seen<'a> {
    /// Reads a number by its digits.
    pub(super) fn number(raw: &'a str) -> Result<Seen<'a>, String> {
        if raw.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            if let Ok(value) = raw.parse() {
                return Ok(Seen { cell: Cell::Integer(value), kind: ColumnType::Integer });
            }
            return Err(format!("{} is no 64-bit integer", convert::cut(raw)));
        }
        match exact::number(raw) {
            Some(value) => Ok(Seen { cell: Cell::Number(value), kind: ColumnType::Number }),
            None => Err(format!("{} is no number that a double holds", convert::cut(raw))),
        }
    }

    /// The same value as a column of type `main` would hold it, if it can.
    fn fit(self, main: ColumnType) -> Seen<'a> {
        let cell = match (&self.cell, main) {
            (Cell::Integer(value), ColumnType::Number) => exact::number(&value.to_string()).map(Cell::Number),
            (Cell::Number(value), ColumnType::Integer) => exact::integer(&format!("{value}")).map(Cell::Integer),
            _ => None,
        };
        match cell {
            Some(cell) => Seen { cell, kind: main },
            None => self,
        }
    }
}

impl Plan {
    /// The column for what was seen under a key, made if there is none, and the cell for it.
    pub(super) fn place<'a>(
        &mut self,
        tables: &mut Tables,
        inferred: usize,
        seen: Seen<'a>,
    ) -> Result<(usize, Cell<'a>), NameFault> {
        let one = &mut self.inferred[inferred];
        let existing = |name: &str| {
            let name = name.to_ascii_lowercase();
            self.existing.get(&(one.table, name)).copied()
        };
        let main = one.main.or_else(|| existing(&one.name)).unwrap_or(seen.kind);
        let seen = seen.fit(main);
        if let Some((_, column)) = one.columns.iter().find(|(kind, _)| *kind == seen.kind) {
            return Ok((*column, seen.cell));
        }
        let name = match seen.kind == main {
            true => one.name.clone(),
            false => format!("{}__{}", one.name, seen.kind.suffix()),
        };
        let column = tables.all[one.table].add(&name, seen.kind)?;
        one.main = Some(main);
        one.columns.push((seen.kind, column));
        Ok((column, seen.cell))
    }

    /// Takes back the columns that a record made which was rejected after all: a table has no column
    /// without a value.
    pub(super) fn forget(&mut self, tables: &mut Tables, widths: &[usize]) {
        if tables.all.iter().zip(widths).all(|(table, width)| table.columns.len() == *width) {
            return;
        }
        for (table, width) in tables.all.iter_mut().zip(widths) {
            table.cut(*width);
        }
        for one in &mut self.inferred {
            one.columns.retain(|(_, column)| *column < widths[one.table]);
            if one.columns.is_empty() {
                one.main = None;
            }
        }
    }
}
