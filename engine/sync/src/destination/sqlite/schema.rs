//! Tables are made, extended, and refused when they are not ours or no longer fit.

use rusqlite::{Connection, OptionalExtension, params};
use tapwright_spec::model::LoadMode;

use super::load::Load;
use super::rows::floor;
use super::shape::{self, Shape, SqlColumn, quote};
use super::{Sqlite, Trouble};
use crate::destination::columns::{is_of_loads, load_mode};
use crate::destination::{Existing, Fault, Mode, Opening, Prospect, Rekeyed};
use crate::normalise::{ColumnType, DELETED, Tables};

/// A table's columns and declared types, as SQLite has them.
fn columns_of(connection: &Connection, table: &str) -> rusqlite::Result<Vec<[String; 2]>> {
    let mut statement = connection.prepare("SELECT name, type FROM pragma_table_info(?)")?;
    let rows = statement.query_map([table], |row| Ok([row.get(0)?, row.get(1)?]))?;
    rows.collect()
}

impl Sqlite {
    pub(super) fn drop_stages(&mut self) -> Result<(), Trouble> {
        let prefix = self.stage("");
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, ?) = ?";
        let mut statement = self.connection.prepare(sql)?;
        let length = prefix.chars().count();
        let names = statement.query_map(params![length as i64, prefix], |row| row.get(0))?;
        for name in names.collect::<rusqlite::Result<Vec<String>>>()? {
            self.drop_table(&name)?;
        }
        Ok(())
    }

    pub(super) fn drop_table(&self, name: &str) -> Result<(), Trouble> {
        self.connection.execute_batch(&format!("DROP TABLE IF EXISTS {}", quote(name)))?;
        Ok(())
    }

    fn stage(&self, table: &str) -> String {
        format!("_tapwright_stage:{}:{table}", self.connector)
    }

    /// Checks the tables there are, and makes those in which the load writes.
    pub(super) fn open_load(&mut self, opening: &Opening<'_>) -> Result<Existing, Trouble> {
        let versioned = opening.version.is_some();
        let tables = opening.tables.all();
        let shapes = tables.iter().map(|table| Shape::new(opening.tables, table, versioned));
        let mut shapes: Vec<Shape> = shapes.collect();
        let existing = self.existing(&shapes, opening)?;
        let has_base = self.is_table(&shapes[0].real)? && opening.mode != Mode::Rebuild;
        let staged = matches!(opening.mode, Mode::Replace | Mode::Rebuild);
        for shape in &mut shapes {
            if staged {
                shape.target = self.stage(&shape.real);
                self.drop_table(&shape.target)?;
            }
            self.make(shape)?;
            if has_base {
                let there = columns_of(&self.connection, &shape.real)?;
                if staged {
                    check_types(&shape.real, &there, shape)?;
                }
                // A mark that the spec does not speak of any more goes with the next version of its row.
                let of_records = |name: &str| !name.starts_with("_sdc") || name == DELETED;
                let ours = |[name, kind]: &[String; 2]| of_records(name) && shape::kind_of(kind).is_some();
                if shape.mode == LoadMode::Stitch {
                    shape.others = there.into_iter().filter(ours).map(|[name, _]| name).collect();
                }
            }
        }
        if !staged {
            self.note_owner(opening.stream, &shapes)?;
        }
        let has_rows = has_base && self.has_rows(&shapes[0].real)?;
        let stored: Option<i64> = self.connection.query_row(
            "SELECT max(sequence) FROM _tapwright_tables WHERE connector = ?",
            [&self.connector],
            |row| row.get(0),
        )?;
        self.sequence.reach(stored.unwrap_or(0));
        let start = floor(opening.tables.load_mode(), self.sequence.next(0));
        let rejected =
            self.connection.query_row("SELECT coalesce(max(rowid), 0) FROM _sdc_rejected", [], |row| row.get(0))?;
        self.loads.insert(
            opening.stream.to_owned(),
            Load::new(opening, shapes, super::load::Base { has_base, has_rows, start, rejected }),
        );
        Ok(existing)
    }

    /// What [`Sqlite::open_load`] would find and do.
    pub(super) fn prospects(&self, opening: &Opening<'_>) -> Result<Vec<Prospect>, Trouble> {
        let versioned = opening.version.is_some();
        let shapes = opening.tables.all().iter().map(|table| Shape::new(opening.tables, table, versioned));
        let one = |shape: Shape| {
            let columns = shape.columns().into_iter().map(|column| (column.name, column.declared.to_owned()));
            match self.owned(&shape, opening) {
                Ok(false) => return Ok(Prospect::new(&shape.real, columns)),
                Ok(true) => {}
                Err(Trouble::Named(fault)) => return Ok(Prospect::refused(&shape.real, &fault)),
                Err(trouble) => return Err(trouble),
            }
            let there = columns_of(&self.connection, &shape.real)?;
            let pairs: Vec<(String, String)> = there.iter().cloned().map(|[name, kind]| (name, kind)).collect();
            let mut prospect = Prospect::grown((&shape.real, shape.mode), columns, &pairs, str::eq_ignore_ascii_case);
            prospect.columns = of_records(shape.mode, &there);
            let sql = "SELECT primary_key FROM _tapwright_tables WHERE table_name = ?";
            let before = self.connection.query_row(sql, [&shape.real], |row| row.get(0)).optional()?;
            prospect.rekeyed = Rekeyed::of(before, shape.key_text());
            if opening.mode != Mode::Rebuild {
                let wanted = shape.columns();
                let faults = wanted.iter().filter_map(|column| {
                    let [_, before] = there.iter().find(|[name, _]| name.eq_ignore_ascii_case(&column.name))?;
                    check_type(&shape.real, before, column).err()
                });
                prospect.faults = faults.map(|trouble| trouble.named(&self.place).to_string()).collect();
            }
            Ok(prospect)
        };
        shapes.map(one).collect()
    }

    /// The columns that the tables have, those of the engine left out; a fault for a table that does not
    /// fit.
    fn existing(&self, shapes: &[Shape], opening: &Opening<'_>) -> Result<Existing, Trouble> {
        let mut existing = Existing::new();
        for shape in shapes {
            let exists = self.owned(shape, opening)?;
            let columns = match exists && opening.mode != Mode::Rebuild {
                true => columns_of(&self.connection, &shape.real)?,
                false => Vec::new(),
            };
            existing.push(of_records(shape.mode, &columns));
        }
        Ok(existing)
    }

    fn is_table(&self, name: &str) -> Result<bool, Trouble> {
        let sql = "SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')";
        Ok(self.connection.query_row(sql, [name], |_| Ok(())).optional()?.is_some())
    }

    fn has_rows(&self, name: &str) -> Result<bool, Trouble> {
        let sql = format!("SELECT 1 FROM {} LIMIT 1", quote(name));
        Ok(self.connection.query_row(&sql, [], |_| Ok(())).optional()?.is_some())
    }

    /// Whether the real table exists; a fault if it is somebody else's or has another key.
    fn owned(&self, shape: &Shape, opening: &Opening<'_>) -> Result<bool, Trouble> {
        if !self.is_table(&shape.real)? {
            return Ok(false);
        }
        let sql = "SELECT connector, stream, primary_key FROM _tapwright_tables WHERE table_name = ?";
        let owner: Option<[String; 3]> = self
            .connection
            .query_row(sql, [&shape.real], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))
            .optional()?;
        let foreign = |owner| Trouble::from(Fault::Foreign { table: shape.real.clone(), owner });
        match owner {
            None => Err(foreign("some other program made it".to_owned())),
            Some([connector, stream, _]) if connector != self.connector || stream != opening.stream => {
                Err(foreign(format!("the connector `{connector}` made it for `{stream}`")))
            }
            Some(_) if opening.mode == Mode::Rebuild => Ok(true),
            Some(_) if let Some(before) = self.other_mode(shape)? => {
                let (table, before, now) = (shape.real.clone(), before.word(), shape.mode.word());
                Err(Fault::OtherLoadMode { table, before, now }.into())
            }
            Some([_, _, before]) if before != shape.key_text() => {
                let now = shape.key_text();
                Err(Fault::KeyChanged { table: shape.real.clone(), before, now }.into())
            }
            Some(_) => Ok(true),
        }
    }

    /// The mode in which a table was loaded, if that is another.
    fn other_mode(&self, shape: &Shape) -> Result<Option<LoadMode>, Trouble> {
        let there = columns_of(&self.connection, &shape.real)?;
        let before = load_mode(there.iter().map(|[name, _]| name.as_str()));
        Ok(Some(before).filter(|before| *before != shape.mode))
    }

    /// Makes the table in which a load writes, or gives it the columns that it lacks.
    fn make(&self, shape: &Shape) -> Result<(), Trouble> {
        if self.is_table(&shape.target)? {
            return self.complete(&shape.target, &shape.columns());
        }
        self.connection.execute_batch(&shape.create(&shape.target))?;
        Ok(())
    }

    /// Adds the columns that a table lacks.
    pub(super) fn complete(&self, table: &str, wanted: &[SqlColumn]) -> Result<(), Trouble> {
        let there = columns_of(&self.connection, table)?;
        for column in wanted {
            match there.iter().find(|[name, _]| name.eq_ignore_ascii_case(&column.name)) {
                Some([_, before]) => check_type(table, before, column)?,
                None => self.connection.execute_batch(&format!(
                    "ALTER TABLE {} ADD COLUMN {} {}",
                    quote(table),
                    quote(&column.name),
                    column.declared
                ))?,
            }
        }
        Ok(())
    }

    /// Gives the load the columns that were seen since.
    pub(super) fn extend(&mut self, load: &mut Load, tables: &Tables) -> Result<(), Trouble> {
        for (shape, table) in load.shapes.iter_mut().zip(tables.all()) {
            if shape.cells.len() < table.columns.len() {
                let wider = Shape::new(tables, table, load.version.is_some());
                shape.cells = wider.cells;
                self.complete(&shape.target, &shape.cells)?;
                load.texts.clear();
                load.merges.clear();
            }
        }
        Ok(())
    }

    pub(super) fn note_owner(&self, stream: &str, shapes: &[Shape]) -> Result<(), Trouble> {
        for shape in shapes {
            self.connection.execute(
                "INSERT INTO _tapwright_tables VALUES (?, ?, ?, ?, 0)
                 ON CONFLICT (table_name) DO UPDATE SET connector = excluded.connector,
                     stream = excluded.stream, primary_key = excluded.primary_key",
                params![shape.real, self.connector, stream, shape.key_text()],
            )?;
        }
        Ok(())
    }
}

/// The columns that are not the engine's own.
fn of_records(mode: LoadMode, columns: &[[String; 2]]) -> Vec<(String, ColumnType)> {
    let columns = columns.iter().filter(|[name, _]| !is_of_loads(mode, name));
    columns.filter_map(|[name, kind]| Some((name.clone(), shape::kind_of(kind)?))).collect()
}

fn check_types(table: &str, there: &[[String; 2]], shape: &Shape) -> Result<(), Trouble> {
    for column in shape.columns() {
        if let Some([_, before]) = there.iter().find(|[name, _]| name.eq_ignore_ascii_case(&column.name)) {
            check_type(table, before, &column)?;
        }
    }
    Ok(())
}

/// Types that are all kept as text may follow each other: no value is converted.
fn check_type(table: &str, before: &str, column: &SqlColumn) -> Result<(), Trouble> {
    let is_text = |declared: &str| declared.to_ascii_uppercase().ends_with("TEXT");
    if before.eq_ignore_ascii_case(column.declared) || (is_text(before) && is_text(column.declared)) {
        return Ok(());
    }
    Err(Trouble::from(Fault::TypeChanged {
        table: table.to_owned(),
        column: column.name.clone(),
        before: before.to_owned(),
        now: column.declared.to_owned(),
    }))
}
