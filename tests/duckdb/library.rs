//! Asks DuckDB itself what a file holds, through the library that the destination finds, too.

use std::path::Path;

use adbc_core::options::{AdbcVersion, OptionDatabase};
use adbc_core::{Connection as _, Database as _, Driver as _, Statement as _};
use adbc_driver_manager::{ManagedConnection, ManagedDatabase, ManagedDriver};
use serde_json::Value;
use tapwright_sync::destination::{self, Fault};

use crate::reader::cell;

/// Says by name that a test is skipped; where everything is required that is a failure.
pub(crate) fn skipped(test: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let tried = destination::open(&format!("duckdb:{}/x.duckdb", folder.path().display()), "test");
    let Err(Fault::NoLibrary { .. }) = tried.map(|_| ()) else { return false };
    let lacking = "no libduckdb; say where it is with TAPWRIGHT_LIBDUCKDB=FILE";
    assert!(std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_none(), "{test}: {lacking}");
    eprintln!("skipped: {test}: {lacking}");
    true
}

/// A file that is open for queries: opening one takes longer than most of them.
pub(crate) struct Opened {
    connection: ManagedConnection,
    _database: ManagedDatabase,
    _driver: ManagedDriver,
}

impl Opened {
    pub(crate) fn new(path: &Path) -> Opened {
        let library = std::env::var_os("TAPWRIGHT_LIBDUCKDB").unwrap_or("libduckdb.so".into());
        let driver = ManagedDriver::load_dynamic_from_filename(library, Some(b"duckdb_adbc_init"), AdbcVersion::V110);
        let mut driver = driver.expect("a library");
        let file = [(OptionDatabase::Other("path".into()), path.display().to_string().as_str().into())];
        let database = driver.new_database_with_opts(file).expect("a database");
        let connection = database.new_connection().expect("a connection");
        Opened { connection, _database: database, _driver: driver }
    }

    /// The rows of a query, or nothing where a table or column is not there.
    pub(crate) fn query(&mut self, sql: &str) -> Option<Vec<Vec<Value>>> {
        let mut statement = self.connection.new_statement().expect("a statement");
        let found = statement.set_sql_query(sql).and_then(|()| statement.execute());
        let found = found.inspect_err(|error| eprintln!("{sql}: {error}")).ok()?;
        let mut rows = Vec::new();
        for batch in found {
            let batch = batch.expect("rows");
            let row = |row| batch.columns().iter().map(|column| cell(column, row)).collect();
            rows.extend((0..batch.num_rows()).map(row));
        }
        Some(rows)
    }
}

/// The rows of one query.
#[allow(dead_code, reason = "who asks much keeps the file open")]
pub(crate) fn query(path: &Path, sql: &str) -> Option<Vec<Vec<Value>>> {
    Opened::new(path).query(sql)
}
