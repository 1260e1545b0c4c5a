//! The end of a load: a complete full table takes the place of the old one, in the same transaction as
//! its state.

use std::ops::Range;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, Statement, params, params_from_iter};

use super::load::Load;
use super::shape::{Shape, list, quote};
use super::{Sqlite, Trouble};
use crate::destination::{Completion, Finished, Mode};

/// Rows that are looked at before those gone are deleted.
const STRIDE: i64 = 20_000;

impl Sqlite {
    pub(super) fn close_load(&mut self, mut load: Load, completion: Completion) -> Result<Finished, Trouble> {
        if !load.staged() {
            return Ok(Finished::default());
        }
        let mut deleted = 0;
        if completion == Completion::Complete {
            deleted = match load.mode == Mode::Rebuild || !load.base.has_base {
                true => self.swap(&load)?,
                false => self.merge(&mut load)?,
            };
            self.note_owner(&load.stream, &load.shapes)?;
            // What was set aside before is not there any more, or was set aside again.
            self.connection.execute(
                "DELETE FROM _sdc_rejected WHERE table_name = ? AND rowid <= ?",
                params![load.shapes[0].real, load.base.rejected],
            )?;
        }
        for shape in &load.shapes {
            self.drop_table(&shape.target)?;
        }
        Ok(Finished { deleted })
    }

    /// The stage becomes the table.
    fn swap(&self, load: &Load) -> Result<u64, Trouble> {
        for shape in &load.shapes {
            self.drop_table(&shape.real)?;
            let (stage, real) = (quote(&shape.target), quote(&shape.real));
            self.connection.execute_batch(&format!("ALTER TABLE {stage} RENAME TO {real}"))?;
        }
        Ok(0)
    }

    /// Rows that did not come again go; what waits in the stage is written over the rest.
    fn merge(&self, load: &mut Load) -> Result<u64, Trouble> {
        for shape in &load.shapes {
            match self.exists(&shape.real)? {
                true => self.complete(&shape.real, &shape.columns())?,
                false => self.connection.execute_batch(&shape.create(&shape.real))?,
            }
        }
        let deleted = match load.shapes[0].keyed() {
            true => delete_unseen(&self.connection, load)?,
            false => delete_all(&self.connection, &load.shapes)?,
        };
        delete_staged_children(&self.connection, &load.shapes)?;
        for shape in &load.shapes {
            let (real, stage, names) = (quote(&shape.real), quote(&shape.target), list(&shape.names()));
            let conflict = shape.on_conflict(&shape.real);
            let sql = format!("INSERT INTO {real} ({names}) SELECT {names} FROM {stage} WHERE true {conflict}");
            self.connection.execute(&sql, [])?;
        }
        Ok(deleted)
    }

    fn exists(&self, table: &str) -> Result<bool, Trouble> {
        let sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE";
        Ok(self.connection.query_row(sql, [table], |row| row.get::<_, i64>(0))? > 0)
    }
}

fn delete_all(connection: &Connection, shapes: &[Shape]) -> Result<u64, Trouble> {
    let mut deleted = 0;
    for shape in shapes.iter().rev() {
        deleted = connection.execute(&format!("DELETE FROM {}", quote(&shape.real)), [])?;
    }
    Ok(deleted as u64)
}

/// A row that is to go.
struct Gone {
    rowid: i64,
    key: Vec<Value>,
}

fn key_of(row: &Row<'_>, columns: Range<usize>) -> rusqlite::Result<Vec<Value>> {
    columns.map(|column| row.get(column)).collect()
}

fn delete_unseen(connection: &Connection, load: &mut Load) -> Result<u64, Trouble> {
    let own = &load.shapes[0];
    let (real, key) = (quote(&own.real), list(&own.key_names()));
    let columns = 1..1 + own.key.len();
    let sql = format!("SELECT _rowid_, {key} FROM {real} WHERE _rowid_ >= ? ORDER BY _rowid_ LIMIT {STRIDE}");
    let mut page = connection.prepare(&sql)?;
    let mut delete = connection.prepare(&format!("DELETE FROM {real} WHERE _rowid_ = ?"))?;
    let mut children = children_by_key(connection, &load.shapes)?;
    let mut from = Some(i64::MIN);
    let mut deleted = 0;
    while let Some(first) = from.take() {
        let mut gone = Vec::new();
        let mut rows = page.query([first])?;
        while let Some(row) = rows.next()? {
            let rowid: i64 = row.get(0)?;
            from = rowid.checked_add(1);
            if !load.seen.contains(rowid) {
                gone.push(Gone { rowid, key: key_of(row, columns.clone())? });
            }
        }
        drop(rows);
        for one in gone {
            for statement in &mut children {
                statement.execute(params_from_iter(&one.key))?;
            }
            deleted += delete.execute([one.rowid])? as u64;
        }
    }
    Ok(deleted)
}

/// The child rows of rows that wait in the stage make room for those there.
fn delete_staged_children(connection: &Connection, shapes: &[Shape]) -> Result<(), Trouble> {
    let mut children = children_by_key(connection, shapes)?;
    if children.is_empty() {
        return Ok(());
    }
    let own = &shapes[0];
    let sql = format!("SELECT {} FROM {}", list(&own.key_names()), quote(&own.target));
    let mut staged = connection.prepare(&sql)?;
    let mut rows = staged.query([])?;
    while let Some(row) = rows.next()? {
        let key = key_of(row, 0..own.key.len())?;
        for statement in &mut children {
            statement.execute(params_from_iter(&key))?;
        }
    }
    Ok(())
}

/// For each child table the statement that deletes the rows of one parent: by all columns of its key,
/// which a subquery in their place would not use.
fn children_by_key<'c>(connection: &'c Connection, shapes: &[Shape]) -> rusqlite::Result<Vec<Statement<'c>>> {
    let delete =
        |shape: &Shape| connection.prepare(&format!("DELETE FROM {} {}", quote(&shape.real), shape.by_source()));
    shapes[1..].iter().map(delete).collect()
}
