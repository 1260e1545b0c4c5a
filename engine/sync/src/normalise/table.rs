//! The tables that a stream fills: their names, columns and keys.
//!
//! Objects are flattened into `object__member`, lists become child tables `parent__list`. Names stay
//! as the spec or the API writes them, without control characters, unless the load mode is `segment` (see [`Naming`]); since SQLite takes `Name` and
//! `name` for one column, two names that differ in case alone collide. What begins with `_sdc` or
//! `__sdc` is ours. Declared columns always exist; a column of an open object exists from its first
//! value on.

use std::borrow::Cow;
use std::collections::HashMap;

use tapwright_spec::model::{LoadMode, Naming};
use xxhash_rust::xxh3::xxh3_64;

use super::batch::{Cell, Rows};

/// Prefix of the columns that the engine adds.
pub const RESERVED: &str = "_sdc";

/// The column that tells when a record was deleted, where the spec says how that is told, in the load mode `stitch`.
pub const DELETED: &str = "_sdc_deleted_at";

/// Columns that a table may have, those that the engine adds not counted.
pub const MAX_COLUMNS: usize = 1_900;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// Text.
    Text,
    /// 64-bit integer.
    Integer,
    /// Double.
    Number,
    /// 0 or 1.
    Boolean,
    /// Exact decimal, as text.
    Decimal,
    /// `YYYY-MM-DDTHH:MM:SSZ`, fractions only where there are some, without trailing zeros.
    Timestamp,
    /// `YYYY-MM-DD`
    Date,
    /// `HH:MM:SS`
    Time,
    /// JSON text.
    Json,
}

impl ColumnType {
    /// The types of columns that may stand beside another.
    pub(super) const SPLIT: [ColumnType; 8] = [
        ColumnType::Integer,
        ColumnType::Number,
        ColumnType::Boolean,
        ColumnType::Json,
        ColumnType::Decimal,
        ColumnType::Timestamp,
        ColumnType::Date,
        ColumnType::Text,
    ];

    /// What is put behind `name__` when a value of this type arrives for a column of another.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            ColumnType::Integer => "it",
            ColumnType::Number => "fl",
            ColumnType::Boolean => "bo",
            ColumnType::Json => "js",
            ColumnType::Decimal => "de",
            ColumnType::Timestamp => "ti",
            ColumnType::Date => "da",
            ColumnType::Text | ColumnType::Time => "st",
        }
    }

    /// The type as a spec writes it.
    pub(crate) fn in_spec(self) -> &'static str {
        match self {
            ColumnType::Text => "string",
            ColumnType::Integer => "integer",
            ColumnType::Number => "number",
            ColumnType::Boolean => "boolean",
            ColumnType::Decimal => "decimal",
            ColumnType::Timestamp => "timestamp",
            ColumnType::Date => "date",
            ColumnType::Time => "time",
            ColumnType::Json => "json",
        }
    }

    /// Values of this type, in words.
    pub(super) fn word(self) -> &'static str {
        match self {
            ColumnType::Text => "texts",
            ColumnType::Integer => "integers",
            ColumnType::Number => "numbers",
            ColumnType::Boolean => "booleans",
            ColumnType::Decimal => "decimals",
            ColumnType::Timestamp => "timestamps",
            ColumnType::Date => "dates",
            ColumnType::Time => "times of day",
            ColumnType::Json => "JSON",
        }
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in the destination.
    pub name: String,
    /// What it holds.
    pub kind: ColumnType,
    pub(super) seed: u32,
}

/// A table of a stream: its own, or the child table of a list.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name in the destination.
    pub name: String,
    /// The table in which its lists stood; `None` for the stream's own table.
    pub parent: Option<usize>,
    /// How many lists deep: the number of its `_sdc_level_<n>_id` columns.
    pub depth: usize,
    /// In order; columns seen later are appended.
    pub columns: Vec<Column>,
    pub(super) seed: u32,
    /// The declared columns; those behind them are an open object's.
    pub(super) fixed: usize,
    names: HashMap<String, usize>,
}

/// Why a name cannot be a column or a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Two fields would fill one column or table.
    #[error("field collision on `{0}`: two fields become this one name (names that differ in case alone are one)")]
    Collision(String),
    /// A name that the engine keeps for itself.
    #[error("`{0}` is reserved: names that begin with `_sdc` or `__sdc` are the engine's own")]
    Reserved(String),
    /// Nothing is left of the name.
    #[error("`{0}` leaves no name for a column or table")]
    Empty(String),
    /// A column of an open object more than a table can have.
    #[error("`{0}` would be one column too many: a table holds {1}, those of the engine not counted")]
    TooMany(String, usize),
    /// Fields for more columns than a table can have.
    #[error(
        "the table `{table}` would have {count} columns, and it can have {most}, those of the engine not counted; {}",
        narrower(*most)
    )]
    TooWide {
        /// The table.
        table: String,
        /// How many columns the spec's fields fill.
        count: usize,
        /// How many it can have.
        most: usize,
    },
    /// A list or an object where only a single value can be added.
    #[error("`{0}` is given by `add`, so it is a single value or of type json, no list or object")]
    AddedNested(String),
    /// A key that is no column.
    #[error("`{0}` is no single column of the stream, so it cannot be a key")]
    NoColumn(String),
}

/// What helps where a table holds so many columns and no more.
fn narrower(most: usize) -> &'static str {
    match most < MAX_COLUMNS {
        true => {
            "list fewer fields, keep what belongs together in one with `as: json`, or load into a destination that holds more"
        }
        false => "list fewer fields, or keep what belongs together in one with `as: json`",
    }
}

impl Table {
    /// The position of a column, by name without regard to case.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.get(&name.to_ascii_lowercase()).copied()
    }

    /// Takes back the columns beyond the first `count`.
    pub(super) fn cut(&mut self, count: usize) {
        self.columns.truncate(count);
        self.names.retain(|_, position| *position < count);
    }

    pub(super) fn add(&mut self, name: &str, kind: ColumnType) -> Result<usize, NameFault> {
        self.put(canonical(name)?, kind)
    }

    /// Adds a column whose name is the engine's own.
    pub(super) fn add_ours(&mut self, name: &str, kind: ColumnType) -> Result<usize, NameFault> {
        self.put(name.to_owned(), kind)
    }

    fn put(&mut self, name: String, kind: ColumnType) -> Result<usize, NameFault> {
        let position = self.columns.len();
        let folded = name.to_ascii_lowercase();
        if self.names.contains_key(&folded) {
            return Err(NameFault::Collision(name));
        }
        self.names.insert(folded, position);
        let seed = seed_of(&name);
        self.columns.push(Column { name, kind, seed });
        Ok(position)
    }
}

/// All tables of a stream. The first is its own.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    pub(super) all: Vec<Table>,
    pub(super) key: Vec<usize>,
    pub(super) replication_key: Option<usize>,
    pub(super) deleted: Option<usize>,
    pub(super) append_only: bool,
    pub(super) naming: Naming,
    /// The column of the stream's own table that holds the values of the key, if the engine adds one.
    pub(super) id: Option<usize>,
    /// Columns of the stream's own table without which a record is set aside.
    pub(super) required: Vec<usize>,
}

impl Tables {
    /// The stream's own table first; a parent stands before its children.
    pub fn all(&self) -> &[Table] {
        &self.all
    }

    /// The columns of the stream's own table that identify a row, in order; empty: there is a row for each record, or
    /// for each that differs from the others.
    pub fn key(&self) -> &[usize] {
        &self.key
    }

    /// Whether records never change, and are known by all of their values: [`Batch::identities`](super::Batch::identities).
    pub fn is_append_only(&self) -> bool {
        self.append_only
    }

    /// The column of the stream's own table that the engine adds for the values of the key.
    pub fn id(&self) -> Option<usize> {
        self.id
    }

    /// How records become rows.
    pub fn load_mode(&self) -> LoadMode {
        self.naming.mode
    }

    /// Whether a record is merged onto the row of its key. Then [`Cell::Absent`](super::Cell::Absent) stands where it does
    /// not have a member, and [`Batch::identities`](super::Batch::identities) tell whether it says what another said.
    pub fn merges(&self) -> bool {
        self.naming.mode == LoadMode::Segment && !self.key.is_empty()
    }

    /// Fills cells up to an end with what stands in columns for which nothing came.
    pub(super) fn fill(&self, cells: &mut Vec<Cell<'_>>, end: usize) {
        match self.merges() {
            true => cells.resize_with(end, || Cell::Absent),
            false => cells.resize_with(end, || Cell::Null),
        }
    }

    /// The column of the stream's own table that holds the replication key.
    pub fn replication_key(&self) -> Option<usize> {
        self.replication_key
    }

    /// The column of the stream's own table that tells when a record was deleted: a moment, or `true` for that of its
    /// receipt.
    pub fn deleted(&self) -> Option<usize> {
        self.deleted
    }

    /// Adds the column of a field, or of a member by its path.
    pub(super) fn add_column(&mut self, table: usize, path: &str, kind: ColumnType) -> Result<usize, NameFault> {
        let name = self.naming.column(path);
        match name.is_empty() {
            true => Err(NameFault::Empty(path.escape_default().to_string())),
            false => self.all[table].add(&name, kind),
        }
    }

    pub(super) fn add(&mut self, name: &str, parent: Option<usize>) -> Result<usize, NameFault> {
        let name = canonical(&self.naming.table(name))?;
        if self.all.iter().any(|one| one.name.eq_ignore_ascii_case(&name)) {
            return Err(NameFault::Collision(name));
        }
        let depth = parent.map_or(0, |parent| self.all[parent].depth + 1);
        let seed = seed_of(&name);
        self.all.push(Table { name, parent, depth, columns: Vec::new(), seed, fixed: 0, names: HashMap::new() });
        Ok(self.all.len() - 1)
    }
}

impl Tables {
    /// Puts the values of the key of the row under way into its column `id`, if it has one: with `:` between them, and in
    /// texts `%3A` for that.
    pub(super) fn identify(&self, own: &mut Rows<'_>) {
        let Some(id) = self.id else { return };
        let part = |column: &usize| match &own.cells[own.open + *column] {
            Cell::Text(text) if self.key.len() > 1 && self.all[0].columns[*column].kind == ColumnType::Text => {
                text.replace('%', "%25").replace(':', "%3A")
            }
            Cell::Text(text) => text.to_string(),
            Cell::Integer(number) => number.to_string(),
            Cell::Number(number) => number.to_string(),
            Cell::Bool(value) => value.to_string(),
            Cell::Null | Cell::Absent => String::new(),
        };
        let parts: Vec<String> = self.key.iter().map(part).collect();
        own.cells[own.open + id] = Cell::Text(Cow::Owned(parts.join(":")));
    }
}

fn canonical(name: &str) -> Result<String, NameFault> {
    let kept: String = name.chars().filter(|c| !c.is_control()).collect();
    if kept.trim().is_empty() {
        return Err(NameFault::Empty(name.escape_default().to_string()));
    }
    let folded = kept.to_ascii_lowercase();
    if folded.starts_with(RESERVED) || folded.starts_with("__sdc") {
        return Err(NameFault::Reserved(kept));
    }
    Ok(kept)
}

fn seed_of(name: &str) -> u32 {
    xxh3_64(name.to_ascii_lowercase().as_bytes()) as u32
}
