//! The tables of a load as a destination that works on sets has them: names, columns, and the texts of SQL that are
//! made of these.

use tapwright_spec::model::{LoadMode, RECEIVED_AT, UUID, UUID_TS};

use super::columns::{BATCHED, HASH, RECEIVED, SEQUENCE, VERSION, surrogate};
use super::naming::{Rules, distinct};
use super::{Fault, Mode, Prospect, Rekeyed};
use crate::normalise::{ColumnType, DELETED, Table, Tables};

/// How a destination calls and declares things.
#[derive(Debug)]
pub(super) struct Dialect {
    /// Names of columns.
    pub(super) columns: Rules,
    /// Names of tables.
    pub(super) tables: Rules,
    /// Type of a column, as a table is declared.
    pub(super) declared: fn(ColumnType) -> &'static str,
    /// What stands behind the type of a text that is compared by its bytes.
    pub(super) by_bytes: &'static str,
    /// Whether tables are declared with their primary key, which brings an index.
    pub(super) indexed: bool,
    /// What stands in front of the name of a temporary table.
    pub(super) temporary: &'static str,
    /// Columns that a table may have.
    pub(super) most_columns: usize,
}

impl Dialect {
    /// The type that a declared type stands for.
    pub(super) fn kind_of(&self, declared: &str) -> Option<ColumnType> {
        use ColumnType::{Boolean, Date, Decimal, Integer, Json, Number, Text, Time, Timestamp};
        let all = [Text, Integer, Number, Boolean, Decimal, Timestamp, Date, Time, Json];
        all.into_iter().find(|kind| (self.declared)(*kind) == declared)
    }

    fn column(&self, said: &str, kind: ColumnType) -> Column {
        Column { said: said.to_owned(), name: self.columns.fit(said).into_owned(), kind }
    }
}

/// The columns of `_sdc_rejected`, in which every destination keeps records that became no row.
pub(super) fn rejected_columns() -> Vec<Column> {
    let all = [
        ("_sdc_rejected_at", ColumnType::Timestamp),
        ("table_name", ColumnType::Text),
        ("reason", ColumnType::Text),
        ("record", ColumnType::Text),
    ];
    all.map(|(name, kind)| Column::ours(name, kind)).to_vec()
}

/// A name as SQL writes it.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it, where a backslash is one.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// As the normaliser calls it.
    pub(super) said: String,
    /// As the table calls it.
    pub(super) name: String,
    pub(super) kind: ColumnType,
}

impl Column {
    /// A column of the engine's, or one that is there: its name is as it is.
    pub(super) fn ours(name: &str, kind: ColumnType) -> Column {
        Column { said: name.to_owned(), name: name.to_owned(), kind }
    }

    /// As `CREATE TABLE` and `ALTER TABLE` declare it. Texts of keys are compared by their bytes.
    pub(super) fn definition(&self, dialect: &Dialect, is_key: bool) -> String {
        let bytes = if is_key && self.kind == ColumnType::Text { dialect.by_bytes } else { "" };
        let rule = if is_key { " NOT NULL" } else { "" };
        format!("{} {}{bytes}{rule}", quote(&self.name), (dialect.declared)(self.kind))
    }
}

/// How a record that comes again is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// By its key alone.
    Columns,
    /// By all its values.
    Values,
    /// Not at all: each row gets a new key.
    Never,
}

/// One table of a load.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) dialect: &'static Dialect,
    /// As the normaliser calls it.
    pub(super) said: String,
    /// As the schema calls it.
    pub(super) name: String,
    pub(super) is_own: bool,
    /// How many lists deep.
    pub(super) depth: usize,
    /// Columns that make a row unique; with the parent's key in child tables.
    pub(super) key: Vec<Column>,
    /// How many of these hold the key of the stream's own row.
    pub(super) sources: usize,
    pub(super) cells: Vec<Column>,
    /// Columns that the table has from earlier loads, with their types.
    pub(super) there: Vec<(String, String)>,
    /// The key that the table was made with.
    pub(super) key_before: Option<String>,
    versioned: bool,
    pub(super) known: Known,
    pub(super) mode: LoadMode,
}

impl Shape {
    pub(super) fn new(dialect: &'static Dialect, tables: &Tables, table: &Table, versioned: bool) -> Shape {
        let own = &tables.all()[0];
        let known = match tables.key() {
            [] if tables.is_append_only() => Known::Values,
            [] => Known::Never,
            _ => Known::Columns,
        };
        let key: Vec<(&str, ColumnType)> = match tables.key() {
            [] => vec![(surrogate(tables.load_mode()), ColumnType::Text)],
            key => key.iter().map(|at| (own.columns[*at].name.as_str(), own.columns[*at].kind)).collect(),
        };
        let is_own = table.parent.is_none();
        let sources = key.len();
        let key = match is_own {
            true => key.iter().map(|(name, kind)| dialect.column(name, *kind)).collect(),
            false => {
                let source =
                    |(name, kind): &(&str, ColumnType)| dialect.column(&format!("_sdc_source_key_{name}"), *kind);
                let level = |level| dialect.column(&format!("_sdc_level_{level}_id"), ColumnType::Integer);
                key.iter().map(source).chain((0..table.depth).map(level)).collect()
            }
        };
        Shape {
            dialect,
            said: table.name.clone(),
            name: dialect.tables.fit(&table.name).into_owned(),
            is_own,
            depth: table.depth,
            key,
            sources,
            cells: table.columns.iter().map(|column| dialect.column(&column.name, column.kind)).collect(),
            there: Vec::new(),
            key_before: None,
            versioned,
            known,
            mode: tables.load_mode(),
        }
    }

    /// Whether a record that comes again has the key that it had before.
    pub(super) fn recognises(&self) -> bool {
        self.known != Known::Never
    }

    /// The key as the table of tables tells it.
    pub(super) fn key_text(&self) -> String {
        match self.known == Known::Values && self.is_own {
            true => "all values together".to_owned(),
            false => self.key.iter().map(|column| column.said.as_str()).collect::<Vec<_>>().join(", "),
        }
    }

    /// Refuses columns that would have one name, and more than a table may have.
    pub(super) fn check_columns(&self) -> Result<(), Fault> {
        let columns = self.columns();
        let (most, count) = (self.dialect.most_columns, columns.len());
        if count > most {
            return Err(Fault::TooManyColumns { table: self.name.clone(), count, most });
        }
        distinct(columns.iter().map(|column| (column.said.as_str(), column.name.as_str())))
    }

    /// A text column of an earlier load takes all that is kept as text; the load follows it.
    pub(super) fn follow(&mut self) {
        let Shape { dialect, cells, key, there, .. } = self;
        for column in cells.iter_mut().chain(key) {
            let before =
                there.iter().find(|(name, _)| *name == column.name).and_then(|(_, kind)| dialect.kind_of(kind));
            let is_text = !matches!(column.kind, ColumnType::Integer | ColumnType::Number | ColumnType::Boolean);
            if before == Some(ColumnType::Text) && is_text {
                column.kind = ColumnType::Text;
            }
        }
    }

    /// A column that is there must be of the type that the load writes.
    pub(super) fn check_types(&self) -> Result<(), Fault> {
        self.mistyped().next().map_or(Ok(()), Err)
    }

    /// The columns that are of another type than the load writes.
    fn mistyped(&self) -> impl Iterator<Item = Fault> {
        self.columns().into_iter().filter_map(|column| {
            let (_, before) = self.there.iter().find(|(name, _)| *name == column.name)?;
            let now = (self.dialect.declared)(column.kind);
            let (table, before) = (self.name.clone(), before.clone());
            (before != now).then(|| Fault::TypeChanged { table, column: column.name, before, now: now.to_owned() })
        })
    }

    /// What a load in this mode would find, where the table is there or not.
    pub(super) fn prospect(&self, mode: Mode, is_there: bool) -> Prospect {
        let columns = self.columns().into_iter();
        let columns = columns.map(|column| (column.name, (self.dialect.declared)(column.kind).to_owned()));
        match (is_there, mode) {
            (false, _) => Prospect::new(&self.name, columns),
            (true, mode) => Prospect {
                rekeyed: Rekeyed::of(self.key_before.clone(), self.key_text()),
                faults: self.mistyped().filter(|_| !mode.is_anew()).map(|fault| fault.to_string()).collect(),
                ..Prospect::grown((&self.name, self.mode), columns, &self.there, |one, other| one == other)
            },
        }
    }

    /// Columns that come with the row and are no cells: in front of them.
    fn ahead(&self) -> &[Column] {
        match self.is_own && self.known == Known::Columns {
            true => &[],
            false => &self.key,
        }
    }

    /// All columns, in the order of the table and of `COPY`.
    pub(super) fn columns(&self) -> Vec<Column> {
        let dialect = self.dialect;
        let mut all = [self.ahead(), &self.cells].concat();
        if self.mode == LoadMode::Segment {
            all.push(dialect.column(RECEIVED_AT, ColumnType::Timestamp));
            if self.known == Known::Columns {
                all.push(dialect.column(UUID, ColumnType::Text));
            }
            all.push(dialect.column(UUID_TS, ColumnType::Timestamp));
            return all;
        }
        all.push(dialect.column(RECEIVED, ColumnType::Timestamp));
        all.push(dialect.column(BATCHED, ColumnType::Timestamp));
        if self.versioned {
            all.push(dialect.column(VERSION, ColumnType::Integer));
        }
        all.push(dialect.column(SEQUENCE, ColumnType::Integer));
        if self.is_own {
            all.push(dialect.column(HASH, ColumnType::Integer));
        }
        all
    }

    /// Whether rows are marked as deleted.
    pub(super) fn is_marked(&self) -> bool {
        self.cells.iter().any(|column| column.name == DELETED)
    }

    fn is_key(&self, column: &Column) -> bool {
        self.key.iter().any(|key| key.name == column.name)
    }

    /// `(columns)` of a `CREATE TABLE`.
    pub(super) fn definition(&self) -> String {
        let columns: Vec<String> =
            self.columns().iter().map(|column| column.definition(self.dialect, self.is_key(column))).collect();
        let key = if self.dialect.indexed { format!(", PRIMARY KEY ({})", list(&self.key, "")) } else { String::new() };
        format!("({}{key})", columns.join(", "))
    }

    /// `(columns)` of a temporary table of keys.
    pub(super) fn keys_alone(&self) -> String {
        let columns: Vec<String> = self.key.iter().map(|column| column.definition(self.dialect, true)).collect();
        format!("({})", columns.join(", "))
    }

    /// `(columns)` of a temporary table through which rows come, with what stands beside them.
    pub(super) fn incoming(&self, beside: Option<Column>) -> String {
        let columns = self.columns().into_iter().chain(beside);
        let columns: Vec<String> =
            columns.map(|column| column.definition(self.dialect, self.is_key(&column))).collect();
        format!("({})", columns.join(", "))
    }

    /// `a.key = b.key`, of the stream's own row alone.
    pub(super) fn by_source(&self, a: &str, own: &Shape, b: &str) -> String {
        equal(&self.key[..self.sources], a, &own.key, b)
    }

    /// Sets each column to what comes; columns of which this load knows nothing are emptied.
    pub(super) fn sets(&self, table: &str, from: &str) -> String {
        let columns = self.columns();
        let others = self.there.iter().filter(|(name, kind)| {
            let of_records = !name.starts_with("_sdc") || name == DELETED;
            of_records && self.dialect.kind_of(kind).is_some() && !columns.iter().any(|column| column.name == *name)
        });
        let emptied = others.map(|(name, _)| format!("{} = NULL", quote(name)));
        let set = |column: &Column| {
            let name = quote(&column.name);
            match column.name == DELETED {
                // Where a record does not say since when, the moment at which that was noticed first stays.
                true => format!(
                    "{name} = CASE {from}.{name} WHEN {from}.{RECEIVED} THEN coalesce({table}.{name}, {from}.{name}) \
                     ELSE {from}.{name} END"
                ),
                false => format!("{name} = {from}.{name}"),
            }
        };
        let sets = columns.iter().filter(|column| !self.is_key(column)).map(set);
        sets.chain(emptied).collect::<Vec<_>>().join(", ")
    }
}

/// Text columns of earlier loads take what is kept as text; the key of a child table that is not there yet is of the
/// types of its parent's.
pub(super) fn follow(shapes: &mut [Shape]) {
    let Some((own, children)) = shapes.split_first_mut() else { return };
    own.follow();
    for child in children {
        if child.there.is_empty() {
            child.key.iter_mut().zip(&own.key).for_each(|(source, key)| source.kind = key.kind);
        } else {
            child.follow();
        }
    }
}

/// Names with commas between them; `prefix` is `i.` or nothing.
pub(super) fn list(columns: &[Column], prefix: &str) -> String {
    let names: Vec<String> = columns.iter().map(|column| format!("{prefix}{}", quote(&column.name))).collect();
    names.join(", ")
}

/// `a.key = b.key` for columns that may have two names.
pub(super) fn equal(ours: &[Column], a: &str, theirs: &[Column], b: &str) -> String {
    let one = |(one, other): (&Column, &Column)| format!("{a}.{} = {b}.{}", quote(&one.name), quote(&other.name));
    ours.iter().zip(theirs).map(one).collect::<Vec<_>>().join(" AND ")
}
