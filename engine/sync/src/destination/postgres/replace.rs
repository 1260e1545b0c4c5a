//! The end of a load: a complete full table takes the place of the old one, in the same transaction as its state.

use super::load::Load;
use super::{Postgres, Trouble};
use crate::destination::shape::{equal, list, literal, quote};
use crate::destination::{Completion, Finished, Mode};

impl Postgres {
    pub(super) fn close_load(&mut self, mut load: Load, completion: Completion) -> Result<Finished, Trouble> {
        load.merge(&self.wire)?;
        let mut deleted = 0;
        if load.staged() && completion == Completion::Complete {
            deleted = match load.mode == Mode::Rebuild || !load.base.has_base {
                true => self.make_anew(&mut load)?,
                false => self.take_over(&mut load)?,
            };
            self.note_owner(&load)?;
            // What was set aside before is not there any more, or was set aside again.
            self.wire.run(&format!(
                "DELETE FROM {}._sdc_rejected WHERE table_name = {} AND _sdc_sequence < {}",
                load.schema,
                literal(&load.shapes[0].name),
                load.base.start
            ))?;
        }
        self.drop_temporary(&load)?;
        Ok(Finished { deleted })
    }

    fn make_anew(&self, load: &mut Load) -> Result<u64, Trouble> {
        let mut sql = String::new();
        for shape in &mut load.shapes {
            shape.there.clear();
            sql +=
                &format!("DELETE FROM {}._tapwright_columns WHERE table_name = {};", load.schema, literal(&shape.name));
            sql += &format!("DROP TABLE IF EXISTS {}.{};", load.schema, quote(&shape.name));
        }
        self.wire.run(&sql)?;
        for table in 0..load.shapes.len() {
            self.make(load, table)?;
            self.wire.run(&insert_waiting(load, table))?;
        }
        Ok(0)
    }

    /// Rows that did not come again go; what waits is written over the rest.
    fn take_over(&self, load: &mut Load) -> Result<u64, Trouble> {
        for table in 0..load.shapes.len() {
            self.make(load, table)?;
        }
        let own = &load.shapes[0];
        let (real, waiting, seen) = (load.real(0), load.temporary("wait", 0), load.temporary("seen", 0));
        let mut sql = format!("ANALYZE {waiting}; ANALYZE {seen};");
        if !own.recognises() {
            let gone = self
                .wire
                .number(&format!("WITH gone AS (DELETE FROM {real} RETURNING 1) SELECT count(*) FROM gone"))?;
            let children = (1..load.shapes.len()).map(|table| format!("DELETE FROM {};", load.real(table)));
            let inserts = (0..load.shapes.len()).map(|table| insert_waiting(load, table));
            self.wire.run(&children.chain(inserts).collect::<String>())?;
            return Ok(gone as u64);
        }
        for (at, shape) in load.shapes.iter().enumerate().skip(1) {
            let (table, by_seen) = (load.real(at), shape.by_source("x", own, "s"));
            let by_waiting = shape.by_source("x", own, "g");
            sql += &format!("DELETE FROM {table} x WHERE NOT EXISTS (SELECT FROM {seen} s WHERE {by_seen});");
            sql += &format!("DELETE FROM {table} x USING {waiting} g WHERE {by_waiting};");
        }
        let by_seen = equal(&own.key, "x", &own.key, "s");
        sql += &format!(
            "WITH gone AS (DELETE FROM {real} x WHERE NOT EXISTS (SELECT FROM {seen} s WHERE {by_seen}) RETURNING 1) \
             SELECT count(*) FROM gone"
        );
        let gone = self.wire.number(&sql)?;
        let by_key = equal(&own.key, "x", &own.key, "g");
        let mut sql = format!("UPDATE {real} x SET {} FROM {waiting} g WHERE {by_key};", own.sets("x", "g"));
        let columns = own.columns();
        sql += &format!(
            "INSERT INTO {real} ({}) SELECT {} FROM {waiting} g WHERE NOT EXISTS (SELECT FROM {seen} s WHERE {});",
            list(&columns, ""),
            list(&columns, "g."),
            equal(&own.key, "s", &own.key, "g")
        );
        let children = (1..load.shapes.len()).map(|table| insert_waiting(load, table));
        sql.extend(children);
        self.wire.run(&sql)?;
        Ok(gone as u64)
    }
}

fn insert_waiting(load: &Load, table: usize) -> String {
    let columns = list(&load.shapes[table].columns(), "");
    format!("INSERT INTO {} ({columns}) SELECT {columns} FROM {};", load.real(table), load.temporary("wait", table))
}
