//! The SQL for one table of a load: texts that are made once and found again in the statement cache.

use tapwright_spec::model::{LoadMode, RECEIVED_AT, UUID, UUID_TS};

use crate::destination::columns::{BATCHED, HASH, RECEIVED, SEQUENCE, VERSION, surrogate};
use crate::normalise::{ColumnType, Table, Tables};

/// Rows in one INSERT, if the parameters allow it. Above that SQLite gains nothing.
const ROWS: usize = 32;
/// SQLITE_MAX_VARIABLE_NUMBER
const PARAMETERS: usize = 32_766;
/// Parameters that all rows of a statement share: received, batched, version.
pub(super) const SHARED: usize = 3;

/// A name as SQL writes it.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names with commas between them.
pub(super) fn list(names: &[String]) -> String {
    names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ")
}

/// The declared type of a column: it tells people and the next run what it holds, and gives SQLite an
/// affinity under which nothing is converted.
pub(super) fn declared(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "TEXT",
        ColumnType::Integer => "INTEGER",
        ColumnType::Number => "REAL",
        ColumnType::Boolean => "BOOLEAN",
        ColumnType::Decimal => "DECIMAL TEXT",
        ColumnType::Timestamp => "TIMESTAMP TEXT",
        ColumnType::Date => "DATE TEXT",
        ColumnType::Time => "TIME TEXT",
        ColumnType::Json => "JSON TEXT",
    }
}

/// The type that a declared type stands for.
pub(super) fn kind_of(declared: &str) -> Option<ColumnType> {
    use ColumnType::{Boolean, Date, Decimal, Integer, Json, Number, Text, Time, Timestamp};
    let all = [Text, Integer, Number, Boolean, Decimal, Timestamp, Date, Time, Json];
    all.into_iter().find(|kind| self::declared(*kind).eq_ignore_ascii_case(declared))
}

/// What an INSERT does with a row whose key is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Conflict {
    /// The row that is there stays.
    PassOver,
    /// The row that is there gets the new values.
    Overwrite,
}

/// A column in SQL.
#[derive(Debug, Clone)]
pub(super) struct SqlColumn {
    pub(super) name: String,
    pub(super) declared: &'static str,
}

/// One table of a load.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// The table that people read.
    pub(super) real: String,
    /// The table that the load writes: the real one, or its stage.
    pub(super) target: String,
    pub(super) is_own: bool,
    /// Columns that make a row unique; with the parent's key in child tables.
    pub(super) key: Vec<SqlColumn>,
    /// In a child table the columns that hold the parent's key.
    pub(super) source: Vec<String>,
    /// The columns of records, in the order of their cells.
    pub(super) cells: Vec<SqlColumn>,
    /// Columns that the real table has from earlier loads. Until a value for one comes, a row that is overwritten
    /// has none in it.
    pub(super) others: Vec<String>,
    versioned: bool,
    /// The surrogate key is made of the record's values.
    by_values: bool,
    pub(super) mode: LoadMode,
}

impl Shape {
    pub(super) fn new(tables: &Tables, table: &Table, versioned: bool) -> Shape {
        let own = &tables.all()[0];
        let key: Vec<SqlColumn> = match tables.key() {
            [] => vec![SqlColumn { name: surrogate(tables.load_mode()).into(), declared: "TEXT" }],
            key => key.iter().map(|column| sql_column(&own.columns[*column])).collect(),
        };
        let source = |column: &SqlColumn| SqlColumn {
            name: format!("_sdc_source_key_{}", column.name),
            declared: column.declared,
        };
        let is_own = table.parent.is_none();
        let sources: Vec<SqlColumn> = key.iter().map(source).collect();
        let levels =
            (0..table.depth).map(|level| SqlColumn { name: format!("_sdc_level_{level}_id"), declared: "INTEGER" });
        Shape {
            real: table.name.clone(),
            target: table.name.clone(),
            is_own,
            source: match is_own {
                true => Vec::new(),
                false => sources.iter().map(|column| column.name.clone()).collect(),
            },
            key: match is_own {
                true => key,
                false => sources.into_iter().chain(levels).collect(),
            },
            cells: table.columns.iter().map(sql_column).collect(),
            others: Vec::new(),
            versioned,
            by_values: tables.is_append_only(),
            mode: tables.load_mode(),
        }
    }

    /// Whether a record that comes again has the key that it had before.
    pub(super) fn recognises(&self) -> bool {
        self.keyed() || self.by_values
    }

    /// The key as the table of tables tells it.
    pub(super) fn key_text(&self) -> String {
        match self.by_values && self.is_own {
            true => "all values together".to_owned(),
            false => self.key_names().join(", "),
        }
    }

    /// Whether the key is a column of the records.
    pub(super) fn keyed(&self) -> bool {
        !self.is_own || self.key[0].name != surrogate(self.mode)
    }

    /// Columns that come with the row and are no cells: in front of them.
    fn ahead(&self) -> Vec<SqlColumn> {
        match self.is_own && self.keyed() {
            true => Vec::new(),
            false => self.key.clone(),
        }
    }

    fn behind(&self) -> Vec<SqlColumn> {
        let column = |name: &str, declared| SqlColumn { name: name.into(), declared };
        if self.mode == LoadMode::Segment {
            let said = self.keyed().then(|| column(UUID, "TEXT"));
            return said.into_iter().chain([column(UUID_TS, "TIMESTAMP TEXT")]).collect();
        }
        let mut all = vec![column(SEQUENCE, "INTEGER")];
        if self.is_own {
            all.push(column(HASH, "INTEGER"));
        }
        all
    }

    fn shared(&self) -> Vec<SqlColumn> {
        let column = |name: &str, declared| SqlColumn { name: name.into(), declared };
        if self.mode == LoadMode::Segment {
            return vec![column(RECEIVED_AT, "TIMESTAMP TEXT")];
        }
        let mut all = vec![column(RECEIVED, "TIMESTAMP TEXT"), column(BATCHED, "TIMESTAMP TEXT")];
        if self.versioned {
            all.push(column(VERSION, "INTEGER"));
        }
        all
    }

    /// What the row tells of its version: a hash of what its record says, and a number that is greater for a later one.
    pub(super) fn version(&self) -> [&'static str; 2] {
        match self.mode {
            LoadMode::Stitch => [HASH, SEQUENCE],
            LoadMode::Segment => [UUID, UUID_TS],
        }
    }

    /// The columns that tell of the load, in the order of [`Source::bind_stamp`](super::rows::Source).
    pub(super) fn stamp(&self) -> &'static [&'static str] {
        match self.mode {
            LoadMode::Stitch => &[RECEIVED, BATCHED, SEQUENCE, HASH],
            LoadMode::Segment => &[RECEIVED_AT, UUID, UUID_TS],
        }
    }

    /// The column that tells when a record was deleted.
    pub(super) fn deleted(&self) -> &'static str {
        self.mode.deleted()
    }

    /// All columns, in the order of the table.
    pub(super) fn columns(&self) -> Vec<SqlColumn> {
        [self.ahead(), self.cells.clone(), self.shared(), self.behind()].concat()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.columns().into_iter().map(|column| column.name).collect()
    }

    pub(super) fn key_names(&self) -> Vec<String> {
        self.key.iter().map(|column| column.name.clone()).collect()
    }

    /// `CREATE TABLE` for the real table or its stage.
    pub(super) fn create(&self, name: &str) -> String {
        let rowid = self.is_own && self.key.len() == 1 && self.key[0].declared == "INTEGER";
        let columns = self.columns();
        let column = |column: &SqlColumn| {
            let is_key = self.key.iter().any(|key| key.name == column.name);
            let rule = match is_key {
                true if rowid => " PRIMARY KEY",
                true => " NOT NULL",
                false => "",
            };
            format!("{} {}{rule}", quote(&column.name), column.declared)
        };
        let columns: Vec<String> = columns.iter().map(column).collect();
        let key = match rowid {
            true => String::new(),
            false => format!(", PRIMARY KEY ({})", list(&self.key_names())),
        };
        let kind = if self.is_own { "" } else { " WITHOUT ROWID" };
        format!("CREATE TABLE {} ({}{key}){kind}", quote(name), columns.join(", "))
    }

    /// Parameters of one row.
    pub(super) fn width(&self) -> usize {
        match (self.mode, self.is_own, self.keyed()) {
            (LoadMode::Segment, ..) | (LoadMode::Stitch, true, true) => self.cells.len() + 2,
            (LoadMode::Stitch, true, false) => self.cells.len() + 3,
            (LoadMode::Stitch, false, _) => self.key.len() + self.cells.len() + 1,
        }
    }

    /// How many rows the largest INSERT takes: a power of two.
    pub(super) fn most(&self) -> usize {
        let mut rows = ROWS;
        while rows > 1 && rows * self.width() + SHARED > PARAMETERS {
            rows /= 2;
        }
        rows
    }

    /// `INSERT` of some rows. A child row takes the place of one with its key; for a row of the stream's
    /// own table `conflict` says what happens then.
    pub(super) fn insert(&self, rows: usize, conflict: Conflict) -> String {
        let values = self.values(rows);
        match conflict {
            _ if !self.is_own => format!("INSERT OR REPLACE {values}"),
            Conflict::Overwrite => format!("INSERT {values} {}", self.on_conflict(&self.target)),
            Conflict::PassOver => {
                format!("INSERT {values} ON CONFLICT ({}) DO NOTHING", list(&self.key_names()))
            }
        }
    }

    /// What an upsert does with a row whose key is there.
    pub(super) fn on_conflict(&self, into: &str) -> String {
        let (keys, names) = (self.key_names(), self.names());
        let unknown = |name: &&String| !names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let emptied = self.others.iter().filter(|_| into == self.real).filter(unknown);
        let emptied: Vec<String> = emptied.map(|name| format!("{} = NULL", quote(name))).collect();
        let sets = names.iter().filter(|name| !keys.contains(name));
        let sets: Vec<String> = sets.map(|name| self.set(name)).chain(emptied).collect();
        format!("ON CONFLICT ({}) DO UPDATE SET {}", list(&keys), sets.join(", "))
    }

    /// The new value of a column. Where a record is marked as deleted without saying since when, the moment at which that
    /// was noticed first stays.
    fn set(&self, name: &str) -> String {
        let (column, received) = (quote(name), self.stamp()[0]);
        match name == self.deleted() {
            true => format!(
                "{column} = CASE excluded.{column} WHEN excluded.{received} THEN coalesce({column}, excluded.{column}) \
                 ELSE excluded.{column} END"
            ),
            false => format!("{column} = excluded.{column}"),
        }
    }

    fn values(&self, rows: usize) -> String {
        let names = [self.ahead(), self.cells.clone(), self.behind(), self.shared()].concat();
        let names: Vec<String> = names.into_iter().map(|column| column.name).collect();
        let shared: Vec<String> = (1..=self.shared().len()).map(|number| format!("?{number}")).collect();
        let row = |row: usize| {
            let first = SHARED + 1 + row * self.width();
            let own: Vec<String> = (first..first + self.width()).map(|number| format!("?{number}")).collect();
            format!("({},{})", own.join(","), shared.join(","))
        };
        let rows: Vec<String> = (0..rows).map(row).collect();
        format!("INTO {} ({}) VALUES {}", quote(&self.target), list(&names), rows.join(","))
    }

    /// `WHERE` for one key.
    pub(super) fn by_key(&self) -> String {
        by(&self.key_names())
    }

    /// `WHERE` for the child rows of one parent.
    pub(super) fn by_source(&self) -> String {
        by(&self.source)
    }
}

fn by(names: &[String]) -> String {
    let tests: Vec<String> = names.iter().map(|name| format!("{} = ?", quote(name))).collect();
    format!("WHERE {}", tests.join(" AND "))
}

fn sql_column(column: &crate::normalise::Column) -> SqlColumn {
    SqlColumn { name: column.name.clone(), declared: declared(column.kind) }
}
