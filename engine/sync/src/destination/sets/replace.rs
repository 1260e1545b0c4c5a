//! The end of a load: a complete full table takes the place of the old one, in the same transaction as its state.

use super::load::Load;
use super::session::Session;
use super::{Sets, Trouble};
use crate::destination::shape::{equal, list, literal, quote};
use crate::destination::{Completion, Finished, Mode};

impl<S: Session> Sets<S> {
    pub(super) fn close_load(&mut self, mut load: Load<S>, completion: Completion) -> Result<Finished, Trouble> {
        load.merge(&self.session)?;
        let mut deleted = 0;
        if load.staged() && completion == Completion::Complete {
            deleted = match load.mode == Mode::Rebuild || !load.base.has_base {
                true => self.make_anew(&mut load)?,
                false => self.take_over(&mut load)?,
            };
            self.note_owner(&load)?;
            // What was set aside before is not there any more, or was set aside again.
            self.session.run(&format!(
                "DELETE FROM {}._sdc_rejected WHERE table_name = {} AND _sdc_sequence < {}",
                load.schema,
                literal(&load.shapes[0].name),
                load.base.start
            ))?;
        }
        self.drop_temporary(&load)?;
        Ok(Finished { deleted })
    }

    fn make_anew(&self, load: &mut Load<S>) -> Result<u64, Trouble> {
        let mut sql = String::new();
        for shape in &mut load.shapes {
            shape.there.clear();
            sql +=
                &format!("DELETE FROM {}._tapwright_columns WHERE table_name = {};", load.schema, literal(&shape.name));
            sql += &format!("DROP TABLE IF EXISTS {}.{};", load.schema, quote(&shape.name));
        }
        self.session.run(&sql)?;
        for table in 0..load.shapes.len() {
            self.make(load, table)?;
            self.session.run(&insert_waiting(load, table))?;
        }
        Ok(0)
    }

    /// Rows that did not come again go; what waits is written over the rest.
    fn take_over(&self, load: &mut Load<S>) -> Result<u64, Trouble> {
        for table in 0..load.shapes.len() {
            self.make(load, table)?;
        }
        let own = &load.shapes[0];
        let (real, waiting, seen) = (load.real(0), load.temporary("wait", 0), load.temporary("seen", 0));
        let mut sql = match own.dialect.indexed {
            true => format!("ANALYZE {waiting}; ANALYZE {seen};"),
            false => String::new(),
        };
        if !own.recognises() {
            let gone = self.session.delete(&format!("DELETE FROM {real}"))?;
            let children = (1..load.shapes.len()).map(|table| format!("DELETE FROM {};", load.real(table)));
            let inserts = (0..load.shapes.len()).map(|table| insert_waiting(load, table));
            self.session.run(&children.chain(inserts).collect::<String>())?;
            return Ok(gone);
        }
        for (at, shape) in load.shapes.iter().enumerate().skip(1) {
            let (table, by_seen) = (load.real(at), shape.by_source("x", own, "s"));
            let by_waiting = shape.by_source("x", own, "g");
            sql += &format!("DELETE FROM {table} x WHERE NOT EXISTS (SELECT 1 FROM {seen} s WHERE {by_seen});");
            sql += &format!("DELETE FROM {table} x USING {waiting} g WHERE {by_waiting};");
        }
        let by_seen = equal(&own.key, "x", &own.key, "s");
        self.session.run(&sql)?;
        let gone = self
            .session
            .delete(&format!("DELETE FROM {real} x WHERE NOT EXISTS (SELECT 1 FROM {seen} s WHERE {by_seen})"))?;
        let by_key = equal(&own.key, "x", &own.key, "g");
        let mut sql = format!("UPDATE {real} x SET {} FROM {waiting} g WHERE {by_key};", own.sets("x", "g"));
        let columns = own.columns();
        sql += &format!(
            "INSERT INTO {real} ({}) SELECT {} FROM {waiting} g WHERE NOT EXISTS (SELECT 1 FROM {seen} s WHERE {});",
            list(&columns, ""),
            list(&columns, "g."),
            equal(&own.key, "s", &own.key, "g")
        );
        let children = (1..load.shapes.len()).map(|table| insert_waiting(load, table));
        sql.extend(children);
        self.session.run(&sql)?;
        Ok(gone)
    }
}

fn insert_waiting<S: Session>(load: &Load<S>, table: usize) -> String {
    let columns = list(&load.shapes[table].columns(), "");
    format!("INSERT INTO {} ({columns}) SELECT {columns} FROM {};", load.real(table), load.temporary("wait", table))
}
