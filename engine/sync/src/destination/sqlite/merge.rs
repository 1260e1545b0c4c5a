//! A record is merged onto the row of its key: what it says is set, and what it does not say stays.
//!
//! One statement sets the columns that came, if one of them would change: so a record that says less than the one before
//! it, and nothing new, is no change.

use std::collections::HashMap;

use super::Trouble;
use super::load::Load;
use super::rows::Source;
use super::shape::{Shape, quote};
use crate::normalise::Cell;

/// Texts that are kept.
const TEXTS: usize = 512;

/// SQL texts by the columns that came; they are long.
#[derive(Debug, Default)]
pub(super) struct Merges(HashMap<Vec<u64>, String>);

impl Merges {
    /// Forgets all: the columns are others.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Load {
    /// Merges a record onto a row; says whether that changes it.
    pub(super) fn merge(&mut self, source: &Source<'_, '_>, root: usize, rowid: i64) -> Result<bool, Trouble> {
        let columns = told(source, root);
        if columns.is_empty() {
            return Ok(false);
        }
        let on_receipt = source.is_marked_on_receipt(root).then(|| source.tables.deleted()).flatten();
        let mut mask = vec![0_u64; self.shapes[0].cells.len() / 64 + 2];
        columns.iter().for_each(|column| mask[1 + column / 64] |= 1 << (column % 64));
        mask[0] = u64::from(on_receipt.is_some());
        if self.merges.0.len() > TEXTS {
            self.merges.clear();
        }
        let shape = &self.shapes[0];
        let text = self.merges.0.entry(mask).or_insert_with(|| update(shape, &columns, on_receipt));
        let mut statement = source.connection.prepare_cached(text)?;
        source.bind_merge(&mut statement, root, (&columns, rowid))?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Merges a record whose key came before in this load, unless it is older by its replication key.
    pub(super) fn merge_repeat(&mut self, source: &Source<'_, '_>, root: usize) -> Result<(), Trouble> {
        let target = self.shapes[0].target.clone();
        let Some(found) = self.find_in(&target, source, root)?.filter(|found| !found.is_same) else { return Ok(()) };
        let is_older = source.has_replication_key(root) && self.is_older(&target, source, root)?;
        if !is_older {
            self.merge(source, root, found.rowid)?;
        }
        Ok(())
    }
}

/// The columns of which a record says something, without its key.
fn told(source: &Source<'_, '_>, root: usize) -> Vec<usize> {
    let own = source.batch.table(0);
    let cells = own.cells(own.all()[root]).iter().enumerate();
    let of_key = |column: usize| source.tables.key().contains(&column) || source.tables.id() == Some(column);
    let told = cells.filter(|(column, cell)| **cell != Cell::Absent && !of_key(*column));
    told.map(|(column, _)| column).collect()
}

/// `UPDATE` of one row; `on_receipt` is the mark of a deletion that says not since when: the moment at which that was
/// noticed first stays.
fn update(shape: &Shape, columns: &[usize], on_receipt: Option<usize>) -> String {
    let stamp = shape.stamp();
    let (mut sets, mut changes) = (Vec::new(), Vec::new());
    for (number, name) in (1..).zip(stamp) {
        sets.push(format!("{name} = ?{number}"));
    }
    let rowid = stamp.len() + 1;
    for (number, column) in (rowid + 1..).zip(columns) {
        let name = quote(&shape.cells[*column].name);
        if on_receipt == Some(*column) {
            sets.push(format!("{name} = coalesce({name}, ?{number})"));
            changes.push(format!("{name} IS NULL"));
        } else {
            sets.push(format!("{name} = ?{number}"));
            changes.push(format!("{name} IS NOT ?{number}"));
        }
    }
    let (target, sets, changes) = (quote(&shape.target), sets.join(", "), changes.join(" OR "));
    format!("UPDATE {target} SET {sets} WHERE _rowid_ = ?{rowid} AND ({changes})")
}
