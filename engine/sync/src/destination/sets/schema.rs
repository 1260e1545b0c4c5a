//! Tables are made, extended, and refused when they are not ours or no longer fit.

use tapwright_spec::model::LoadMode;

use super::absent::Absent;
use super::load::{Base, Load};
use super::session::{Session, There};
use super::{Sets, Trouble};
use crate::destination::columns::{is_of_loads, load_mode};
use crate::destination::naming::distinct;
use crate::destination::shape::{self, Column, Dialect, Shape, list, literal, quote};
use crate::destination::{Existing, Fault, Mode, Opening, Prospect};
use crate::normalise::Tables;

/// Tables of ours in every schema.
pub(in crate::destination) fn ours(schema: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {schema}._tapwright_state (connector text NOT NULL, stream text NOT NULL, \
           state json NOT NULL, committed_at timestamp with time zone NOT NULL, PRIMARY KEY (connector, stream)); \
         CREATE TABLE IF NOT EXISTS {schema}._tapwright_tables (table_name text PRIMARY KEY, connector text NOT NULL, \
           stream text NOT NULL, primary_key text NOT NULL, sequence bigint NOT NULL); \
         CREATE TABLE IF NOT EXISTS {schema}._tapwright_columns (table_name text NOT NULL, column_name text NOT NULL, \
           name text NOT NULL, PRIMARY KEY (table_name, column_name)); \
         CREATE TABLE IF NOT EXISTS {schema}._sdc_rejected (_sdc_rejected_at timestamp with time zone NOT NULL, \
           table_name text NOT NULL, reason text NOT NULL, record text NOT NULL, _sdc_sequence bigint NOT NULL);"
    )
}

impl<S: Session> Sets<S> {
    /// Checks the tables there are, and makes those in which the load writes.
    pub(super) fn open_load(&mut self, opening: &Opening<'_>) -> Result<Existing, Trouble> {
        let mut shapes = self.shapes(opening)?;
        let is_table = self.owned(&mut shapes[0], opening)?;
        for shape in &mut shapes[1..] {
            self.owned(shape, opening)?;
        }
        let anew = opening.mode == Mode::Rebuild;
        let has_base = is_table && !anew;
        let existing = self.existing(&shapes, anew)?;
        if !anew {
            shape::follow(&mut shapes);
        }
        let real = format!("{}.{}", quote(&self.schema), quote(&shapes[0].name));
        let has_rows = has_base && self.session.one(&format!("SELECT 1 FROM {real} LIMIT 1"))?.is_some();
        let stored = self.session.number(&format!(
            "SELECT max(sequence) FROM {}._tapwright_tables WHERE connector = {}",
            quote(&self.schema),
            literal(&self.connector)
        ))?;
        self.sequence.reach(stored);
        let base = Base { has_base, has_rows, start: self.sequence.next(0) };
        self.number += 1;
        if !anew {
            // Before anything is made: a table that does not fit is this stream's trouble alone.
            shapes.iter().try_for_each(Shape::check_types)?;
        }
        let mut load = Load::new(&self.session, opening, shapes, base, (self.number, quote(&self.schema)));
        for table in 0..load.shapes.len() {
            if !load.staged() {
                self.make(&mut load, table)?;
            }
        }
        if !load.staged() {
            self.note_owner(&load)?;
        }
        self.make_temporary(&load)?;
        self.loads.insert(opening.stream.to_owned(), load);
        Ok(existing)
    }

    /// What [`Sets::open_load`] would find and do.
    pub(super) fn prospects(&self, opening: &Opening<'_>) -> Result<Vec<Prospect>, Trouble> {
        let mut shapes = match self.shapes(opening) {
            Ok(shapes) => shapes,
            Err(Trouble::Named(fault)) => return Ok(vec![Prospect::refused(opening.stream, &fault)]),
            Err(trouble) => return Err(trouble),
        };
        let mut refused = Vec::new();
        for shape in &mut shapes {
            match self.owned(shape, opening) {
                Ok(_) => refused.push(None),
                Err(Trouble::Named(fault)) => refused.push(Some(Prospect::refused(&shape.name, &fault))),
                Err(trouble) => return Err(trouble),
            }
        }
        if opening.mode != Mode::Rebuild {
            shape::follow(&mut shapes);
        }
        let existing = self.existing(&shapes, opening.mode == Mode::Rebuild)?;
        let mut found = Vec::new();
        for ((shape, refused), columns) in shapes.iter().zip(refused).zip(existing) {
            let one = refused.unwrap_or_else(|| shape.prospect(opening.mode, !shape.there.is_empty()));
            found.push(Prospect { columns, ..one });
        }
        Ok(found)
    }

    fn shapes(&self, opening: &Opening<'_>) -> Result<Vec<Shape>, Trouble> {
        let versioned = opening.version.is_some();
        let tables = opening.tables.all().iter();
        let shapes: Vec<Shape> =
            tables.map(|table| Shape::new(self.session.dialect(), opening.tables, table, versioned)).collect();
        distinct(shapes.iter().map(|shape| (shape.said.as_str(), shape.name.as_str())))?;
        for shape in &shapes {
            shape.check_columns()?;
        }
        Ok(shapes)
    }

    /// Temporary tables go with the session, however that ends.
    fn make_temporary(&self, load: &Load<S>) -> Result<(), Trouble> {
        let mut sql = String::new();
        for (at, shape) in load.shapes.iter().enumerate() {
            sql += &create_incoming(load, at);
            if load.staged() {
                sql += &format!("CREATE TEMPORARY TABLE {} {};", load.temporary("wait", at), shape.definition());
            }
        }
        let own = &load.shapes[0];
        let keys = own.keys_alone();
        let seen = load.temporary("seen", 0);
        let indexed = match own.dialect.indexed {
            true => format!("ALTER TABLE {seen} ADD PRIMARY KEY ({});", list(&own.key, "")),
            false => String::new(),
        };
        sql += &format!(
            "CREATE TEMPORARY TABLE {} {keys}; CREATE TEMPORARY TABLE {seen} {keys}; \
             {indexed} \
             CREATE TEMPORARY TABLE {} ({}, what text NOT NULL);",
            load.temporary("kept", 0),
            load.temporary("what", 0),
            load.marks.definition(own.dialect),
        );
        self.session.run(&sql)
    }

    /// Drops what a load has used.
    pub(super) fn drop_temporary(&self, load: &Load<S>) -> Result<(), Trouble> {
        let mut names: Vec<String> = ["kept", "seen", "what"].iter().map(|what| load.temporary(what, 0)).collect();
        for table in 0..load.shapes.len() {
            names.push(load.temporary("in", table));
            names.push(load.temporary("wait", table));
        }
        self.session.run(&names.iter().map(|name| format!("DROP TABLE IF EXISTS {name};")).collect::<String>())
    }

    /// Finds the columns of a table, if there is one; a fault if it is somebody else's or has another key.
    fn owned(&self, shape: &mut Shape, opening: &Opening<'_>) -> Result<bool, Trouble> {
        let name = literal(&shape.name);
        let Some(there) = self.session.there(&self.schema, &shape.name)? else { return Ok(false) };
        let owner = self.ask_ours(&format!(
            "SELECT connector, stream, primary_key FROM {}._tapwright_tables WHERE table_name = {name}",
            quote(&self.schema)
        ))?;
        let owner = owner.into_iter().next().map(|row| row.into_iter().flatten().collect::<Vec<String>>());
        let foreign = |owner| Trouble::from(Fault::Foreign { table: shape.name.clone(), owner });
        match owner.as_deref() {
            Some([connector, stream, _]) if *connector != self.connector || stream != opening.stream => {
                return Err(foreign(format!("the connector `{connector}` made it for `{stream}`")));
            }
            Some(_) if opening.mode != Mode::Rebuild && loaded_in(&there) != shape.mode => {
                let (before, now) = (loaded_in(&there).word(), shape.mode.word());
                return Err(Fault::OtherLoadMode { table: shape.name.clone(), before, now }.into());
            }
            Some([_, _, before]) if opening.mode != Mode::Rebuild && *before != shape.key_text() => {
                let (before, now) = (before.clone(), shape.key_text());
                return Err(Fault::KeyChanged { table: shape.name.clone(), before, now }.into());
            }
            Some([_, _, before]) => shape.key_before = Some(before.clone()),
            _ => return Err(foreign("some other program made it".to_owned())),
        }
        shape.there = there;
        Ok(true)
    }

    /// The columns that the tables have, as the normaliser calls them, those of the engine left out.
    fn existing(&self, shapes: &[Shape], anew: bool) -> Result<Existing, Trouble> {
        if anew {
            return Ok(shapes.iter().map(|_| Vec::new()).collect());
        }
        let dialect = self.session.dialect();
        let sql = format!("SELECT table_name, column_name, name FROM {}._tapwright_columns", quote(&self.schema));
        let renamed = self.ask_ours(&sql)?;
        let said = |shape: &Shape, column: &str| {
            let is = |cell: &Option<String>, text: &str| cell.as_deref() == Some(text);
            let row = renamed.iter().find(|row| is(&row[0], &shape.name) && is(&row[1], column));
            row.and_then(|row| row[2].clone()).unwrap_or_else(|| column.to_owned())
        };
        let of_table = |shape: &Shape| {
            let columns = shape.there.iter().filter(|(name, _)| !is_of_loads(shape.mode, name));
            columns.filter_map(|(name, kind)| Some((said(shape, name), dialect.kind_of(kind)?))).collect()
        };
        Ok(shapes.iter().map(of_table).collect())
    }

    /// Makes a table that people read, or gives it the columns that it lacks.
    pub(super) fn make(&self, load: &mut Load<S>, table: usize) -> Result<(), Trouble> {
        let real = load.real(table);
        let shape = &mut load.shapes[table];
        if shape.there.is_empty() {
            self.session.run(&format!("CREATE TABLE {real} {}", shape.definition()))?;
            let dialect = shape.dialect;
            shape.there = shape.columns().into_iter().map(|column| of_table(dialect, column)).collect();
            return Ok(());
        }
        shape.check_types()?;
        let (dialect, columns) = (shape.dialect, shape.columns());
        let lacking: Vec<Column> =
            columns.into_iter().filter(|column| !shape.there.iter().any(|(name, _)| *name == column.name)).collect();
        self.add(&real, &lacking)?;
        load.shapes[table].there.extend(lacking.into_iter().map(|column| of_table(dialect, column)));
        Ok(())
    }

    fn add(&self, table: &str, columns: &[Column]) -> Result<(), Trouble> {
        let dialect = self.session.dialect();
        let add = |column: &Column| format!("ALTER TABLE {table} ADD COLUMN {};", column.definition(dialect, false));
        let sql: String = columns.iter().map(add).collect();
        if sql.is_empty() { Ok(()) } else { self.session.run(&sql) }
    }

    /// Gives the load the columns that were seen since.
    pub(super) fn extend(&self, load: &mut Load<S>, tables: &Tables) -> Result<(), Trouble> {
        let mut is_wider = false;
        for (at, table) in tables.all().iter().enumerate() {
            let known = load.shapes[at].cells.len();
            if known == table.columns.len() {
                continue;
            }
            // What came without the new columns goes first.
            load.merge(&self.session)?;
            let mut wider = Shape::new(self.session.dialect(), tables, table, load.version.is_some());
            wider.there = std::mem::take(&mut load.shapes[at].there);
            wider.follow();
            wider.check_columns()?;
            let added = wider.cells[known..].to_vec();
            load.shapes[at].there = wider.there;
            load.shapes[at].cells.extend(added.iter().cloned());
            let incoming = load.temporary("in", at);
            self.session.run(&format!("DROP TABLE {incoming}; {}", create_incoming(load, at)))?;
            match load.staged() {
                true if load.mode == Mode::Rebuild => self.add(&load.target(at), &added)?,
                true => {
                    load.shapes[at].check_types()?;
                    self.add(&load.target(at), &added)?;
                }
                false => self.make(load, at)?,
            }
            load.widened(&self.session, at);
            is_wider = true;
        }
        if is_wider && !load.staged() { self.note_columns(load) } else { Ok(()) }
    }

    /// Notes whose the tables are.
    pub(super) fn note_owner(&self, load: &Load<S>) -> Result<(), Trouble> {
        let row = |shape: &Shape| {
            let texts = [&shape.name, &self.connector, &load.stream, &shape.key_text()].map(|text| literal(text));
            format!("({}, 0)", texts.join(", "))
        };
        let rows: Vec<String> = load.shapes.iter().map(row).collect();
        self.session.run(&format!(
            "INSERT INTO {}._tapwright_tables VALUES {} ON CONFLICT (table_name) DO UPDATE SET \
             connector = excluded.connector, stream = excluded.stream, primary_key = excluded.primary_key",
            load.schema,
            rows.join(", ")
        ))?;
        self.note_columns(load)
    }

    /// Notes what columns are called whose names are not those of the fields.
    fn note_columns(&self, load: &Load<S>) -> Result<(), Trouble> {
        let mut rows = Vec::new();
        for shape in &load.shapes {
            for column in shape.columns().iter().filter(|column| column.name != column.said) {
                let texts = [&shape.name, &column.name, &column.said].map(|text| literal(text));
                rows.push(format!("({})", texts.join(", ")));
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        let into = format!("{}._tapwright_columns", load.schema);
        self.session.run(&format!("INSERT INTO {into} VALUES {} ON CONFLICT DO NOTHING", rows.join(", ")))
    }
}

/// The mode in which a table was loaded.
fn loaded_in(there: &There) -> LoadMode {
    load_mode(there.iter().map(|(name, _)| name.as_str()))
}

/// The temporary table through which rows come, with what records tell beside them where they are merged.
fn create_incoming<S: Session>(load: &Load<S>, table: usize) -> String {
    let beside = load.absent.as_ref().map(|_| Absent::column());
    format!("CREATE TEMPORARY TABLE {} {};", load.temporary("in", table), load.shapes[table].incoming(beside))
}

fn of_table(dialect: &Dialect, column: Column) -> (String, String) {
    (column.name, (dialect.declared)(column.kind).to_owned())
}
