//! Child rows follow their parent: they are inserted with it, and replaced when it changes.

use super::load::Load;
use super::rows::Source;
use super::shape::{Conflict, quote};

impl Load {
    /// Inserts the child rows of these records, table by table.
    pub(super) fn insert_children(&mut self, source: &Source<'_, '_>, roots: &[usize]) -> rusqlite::Result<()> {
        let mut numbers = Vec::new();
        for table in 1..self.shapes.len() {
            let rows = source.batch.table(table);
            if rows.all().is_empty() {
                continue;
            }
            numbers.clear();
            for root in roots {
                numbers.extend(rows.of_root(*root));
            }
            let mut rest = &numbers[..];
            while !rest.is_empty() {
                let insert = self.fit(table, rest.len(), Conflict::Overwrite);
                let (now, after) = rest.split_at(insert.rows);
                rest = after;
                let mut statement = source.connection.prepare_cached(self.text(insert))?;
                source.execute(&mut statement, table, now)?;
            }
        }
        Ok(())
    }

    /// Deletes the child rows of these records in the tables that the load writes.
    pub(super) fn delete_children(&self, source: &Source<'_, '_>, roots: &[usize]) -> rusqlite::Result<()> {
        for shape in &self.shapes[1..] {
            let sql = format!("DELETE FROM {} {}", quote(&shape.target), shape.by_source());
            let mut statement = source.connection.prepare_cached(&sql)?;
            for root in roots {
                source.bind_key(&mut statement, *root)?;
                statement.raw_execute()?;
            }
        }
        Ok(())
    }
}
