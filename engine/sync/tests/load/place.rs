//! The destinations that every case is run over: how a test opens one and looks at what it holds.

use rusqlite::types::ValueRef;
use serde_json::Value;
use tapwright_sync::destination::{self, Destination, Fault};

use crate::server::Server;

/// A destination for one case.
pub(crate) trait Place {
    /// Its address; a password is in it, as a user should not have it.
    fn url(&self) -> String;

    /// Opens it for the connector `test`.
    fn open(&self) -> Result<Box<dyn Destination>, Fault> {
        destination::open(&self.url(), "test")
    }

    /// Opens it to look at what is there.
    fn look(&self) -> Result<Box<dyn Destination>, Fault> {
        self.look_as("test")
    }

    /// The same for another connector.
    fn look_as(&self, connector: &str) -> Result<Box<dyn Destination>, Fault> {
        destination::look(&self.url(), connector)
    }

    /// Rows of a table in no order; booleans as 0 and 1, all that is no number as text.
    fn rows(&self, table: &str, columns: &[String]) -> Vec<Vec<Value>>;

    /// The names of a table's columns.
    fn columns(&self, table: &str) -> Vec<String>;

    /// What an interrupted load has left, to the next run's disgust.
    fn left(&self) -> Vec<Vec<Value>>;

    /// How it says these rows.
    fn says(&self, _table: &str, _columns: &[String], rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
        rows
    }

    /// Whether it tells new, changed and unchanged rows apart.
    fn tells_changes(&self) -> bool {
        true
    }
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
    fn url(&self) -> String {
        format!("sqlite:{}", self.path())
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

/// A schema of a PostgreSQL.
pub(crate) struct Schema<'s> {
    server: &'s Server,
    name: String,
}

impl<'s> Schema<'s> {
    pub(crate) fn new(server: &'s Server, number: usize) -> Schema<'s> {
        Schema { server, name: format!("case {number}") }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn query(&self, sql: &str) -> Vec<Vec<Value>> {
        match self.server.psql(sql) {
            Ok(text) => text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect(),
            Err(_) => vec![vec![Value::from("no such table or column")]],
        }
    }

    fn types(&self, table: &str) -> Vec<Vec<Value>> {
        let wanted = format!("table_schema = '{}' AND table_name = '{table}'", self.name);
        self.query(&format!(
            "SELECT json_build_array(column_name, data_type) FROM information_schema.columns WHERE {wanted}"
        ))
    }
}

impl Place for Schema<'_> {
    fn url(&self) -> String {
        let address = self.server.address().replace("tester@", "tester:p-w%204%3A%40%2FZq@");
        format!("{address}?schema={}", self.name.replace(' ', "%20"))
    }

    fn rows(&self, table: &str, columns: &[String]) -> Vec<Vec<Value>> {
        let types = self.types(table);
        let shown = |name: &String| {
            let kind = types.iter().find(|row| row[0] == name.as_str()).and_then(|row| row[1].as_str());
            match kind.unwrap_or_default() {
                "boolean" => format!("\"{name}\"::int"),
                "timestamp with time zone" => {
                    format!("regexp_replace(to_char(\"{name}\", 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '\\.?0+$', '') || 'Z'")
                }
                "bigint" | "double precision" => format!("\"{name}\""),
                _ => format!("\"{name}\"::text"),
            }
        };
        let shown: Vec<String> = columns.iter().map(shown).collect();
        let sql = format!("SELECT json_build_array({}) FROM \"{}\".\"{table}\"", shown.join(", "), self.name);
        let mut rows = self.query(&sql);
        let doubles = types.iter().filter(|row| row[1] == "double precision");
        let doubles: Vec<usize> =
            doubles.filter_map(|row| columns.iter().position(|name| row[0] == name.as_str())).collect();
        // PostgreSQL's JSON has 2 for the double 2.0.
        for row in &mut rows {
            for at in &doubles {
                row[*at] = row[*at].as_f64().map_or(Value::Null, Value::from);
            }
        }
        rows
    }

    fn columns(&self, table: &str) -> Vec<String> {
        self.types(table).iter().filter_map(|row| row[0].as_str().map(str::to_owned)).collect()
    }

    fn left(&self) -> Vec<Vec<Value>> {
        // A session that ended may take a moment to clean up.
        std::thread::sleep(std::time::Duration::from_millis(20));
        Vec::new()
    }
}
