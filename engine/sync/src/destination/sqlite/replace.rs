//! The end of a load: a complete full table takes the place of the old one, in the same transaction as
//! its state.

use rusqlite::Connection;

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
        for shape in &load.shapes[1..] {
            let own = &load.shapes[0];
            let sql = format!(
                "DELETE FROM {} WHERE ({}) IN (SELECT {} FROM {})",
                quote(&shape.real),
                list(&shape.source),
                list(&own.key_names()),
                quote(&own.target)
            );
            self.connection.execute(&sql, [])?;
        }
        for shape in &load.shapes {
            let (real, stage, names) = (quote(&shape.real), quote(&shape.target), list(&shape.names()));
            let conflict = shape.on_conflict();
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

fn delete_unseen(connection: &Connection, load: &mut Load) -> Result<u64, Trouble> {
    let own = load.shapes[0].clone();
    let (real, key) = (quote(&own.real), list(&own.key_names()));
    let sql = format!("SELECT _rowid_ FROM {real} WHERE _rowid_ >= ? ORDER BY _rowid_ LIMIT {STRIDE}");
    let mut page = connection.prepare(&sql)?;
    let mut children = Vec::new();
    for shape in &load.shapes[1..] {
        let source = list(&shape.source);
        let sql = format!(
            "DELETE FROM {} WHERE ({source}) IN (SELECT {key} FROM {real} WHERE _rowid_ = ?)",
            quote(&shape.real)
        );
        children.push(connection.prepare(&sql)?);
    }
    let mut delete = connection.prepare(&format!("DELETE FROM {real} WHERE _rowid_ = ?"))?;
    let mut from = i64::MIN;
    let mut deleted = 0;
    loop {
        let rowids = page.query_map([from], |row| row.get(0))?;
        let rowids = rowids.collect::<rusqlite::Result<Vec<i64>>>()?;
        for rowid in rowids.iter().filter(|rowid| !load.seen.contains(**rowid)) {
            for statement in &mut children {
                statement.execute([rowid])?;
            }
            deleted += delete.execute([rowid])? as u64;
        }
        match rowids.last().and_then(|last| last.checked_add(1)) {
            Some(next) => from = next,
            None => return Ok(deleted),
        }
    }
}
