//! The destinations that every case is run over: how a test opens one and looks at what it holds.

use rusqlite::types::ValueRef;
use serde_json::Value;
use tapwright_sync::destination::{self, Destination, Fault};

/// A destination for one case.
pub(crate) trait Place {
    /// Opens it for the connector `test`.
    fn open(&self) -> Result<Box<dyn Destination>, Fault>;

    /// Rows of a table in no order; booleans as 0 and 1, all that is no number as text.
    fn rows(&self, table: &str, columns: &[String]) -> Vec<Vec<Value>>;

    /// The names of a table's columns.
    fn columns(&self, table: &str) -> Vec<String>;

    /// What an interrupted load has left, to the next run's disgust.
    fn left(&self) -> Vec<Vec<Value>>;
}

/// A SQLite file.
pub(crate) struct SqliteFile {
    folder: tempfile::TempDir,
}

impl SqliteFile {
    pub(crate) fn new() -> SqliteFile {
        SqliteFile { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> String {
        self.folder.path().join("case.sqlite").to_string_lossy().into_owned()
    }

    fn query(&self, sql: &str) -> Vec<Vec<Value>> {
        rows_of(&rusqlite::Connection::open(self.path()).expect("a database"), sql)
    }
}

impl Place for SqliteFile {
    fn open(&self) -> Result<Box<dyn Destination>, Fault> {
        destination::open(&format!("sqlite:{}", self.path()), "test")
    }

    fn rows(&self, table: &str, columns: &[String]) -> Vec<Vec<Value>> {
        let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        self.query(&format!("SELECT {} FROM \"{table}\"", names.join(", ")))
    }

    fn columns(&self, table: &str) -> Vec<String> {
        let names = self.query(&format!("SELECT name FROM pragma_table_info('{table}')"));
        names.iter().filter_map(|row| row[0].as_str().map(str::to_owned)).collect()
    }

    fn left(&self) -> Vec<Vec<Value>> {
        self.query("SELECT name FROM sqlite_master WHERE name LIKE '_tapwright_stage%'")
    }
}

/// What a query gives, as JSON.
pub(crate) fn rows_of(connection: &rusqlite::Connection, sql: &str) -> Vec<Vec<Value>> {
    let Ok(mut statement) = connection.prepare(sql) else {
        return vec![vec![Value::from("no such table or column")]];
    };
    let count = statement.column_count();
    let mut found = Vec::new();
    let mut rows = statement.query([]).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        let cell = |at| match row.get_ref(at).expect("a cell") {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(value) => Value::from(value),
            ValueRef::Real(value) => Value::from(value),
            ValueRef::Text(text) => Value::from(String::from_utf8_lossy(text)),
            ValueRef::Blob(_) => Value::from("blob"),
        };
        found.push((0..count).map(cell).collect());
    }
    found
}
