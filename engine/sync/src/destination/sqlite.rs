//! SQLite: one file, rows and state in one transaction.
//!
//! The journal is a WAL with `synchronous = NORMAL`: a killed program loses nothing that was committed;
//! after a power cut the last commits may be gone, rows and state together, and the next run reads them
//! again. Beside the streams' tables there are
//!
//! | table | holds |
//! |---|---|
//! | `_tapwright_state` | the state of each connector's streams |
//! | `_tapwright_tables` | which connector and stream made a table, and its primary key |
//! | `_sdc_rejected` | records that became no row, with the reason |
//! | `_tapwright_stage:…` | rows of a full table that is not complete yet; dropped by the next run |

mod children;
mod fault;
mod load;
mod merge;
mod replace;
mod rows;
mod schema;
mod seen;
mod shape;
mod tombstones;

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, params};

use super::alone;
use super::loads::{Loads, Sequence, stored, take};
use super::naming::Rules;
use super::shape::Dialect;
use super::{
    Capabilities, Completion, Delivery, Destination, Existing, Fault, Finished, Kind, Opening, Prospect, Written,
};
use crate::state::{Draft, Receipt, State};
use load::Load;

/// A file, made if there is none.
pub(super) const KIND: Kind = Kind {
    schemes: &["sqlite"],
    has_login: false,
    dialect: &DIALECT,
    capabilities: Capabilities {
        title: "SQLite",
        form: "sqlite:PATH",
        types: shape::declared,
        commit: "one transaction",
        changed: "overwritten",
        alone: "a lock on the file; the second run is refused",
        names: "any; two that differ in case alone are one",
        columns: "1,900",
        set_aside: "none",
        merges: true,
    },
    open: |path, connector| Ok(Box::new(Sqlite::open(path, connector)?)),
    look: |path, connector| Ok(Box::new(Sqlite::look(path, connector)?)),
    compact: None,
};

static DIALECT: Dialect = Dialect {
    columns: Rules { bytes: usize::MAX, kept: &[] },
    tables: Rules { bytes: usize::MAX, kept: &[] },
    declared: shape::declared,
    by_bytes: "",
    indexed: true,
    temporary: "temp.",
    most_columns: usize::MAX,
};

/// How long another program's lock is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Statements that are kept ready.
const STATEMENTS: usize = 512;

const OURS: &str = "
    CREATE TABLE IF NOT EXISTS _tapwright_state (
        connector TEXT NOT NULL, stream TEXT NOT NULL, state TEXT NOT NULL, committed_at TEXT NOT NULL,
        PRIMARY KEY (connector, stream));
    CREATE TABLE IF NOT EXISTS _tapwright_tables (
        table_name TEXT NOT NULL COLLATE NOCASE PRIMARY KEY, connector TEXT NOT NULL,
        stream TEXT NOT NULL, primary_key TEXT NOT NULL, sequence INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS _sdc_rejected (
        _sdc_rejected_at TEXT NOT NULL, table_name TEXT NOT NULL, reason TEXT NOT NULL, record TEXT NOT NULL);";

/// A SQLite database as the destination of one connector.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    place: String,
    connector: String,
    loads: Loads<Load>,
    /// Greatest `_sdc_sequence` given so far.
    sequence: Sequence,
    /// A fault has rolled back what was not committed, and nobody has taken note yet.
    failed: bool,
    /// Dropped after the connection: closing another handle of the file sooner would drop SQLite's own locks.
    _lock: Option<File>,
}

impl Sqlite {
    /// Opens the database at `path` for `connector`, and makes it if there is none. A path may be
    /// written as `sqlite:PATH`. What an interrupted load of the connector has left is dropped.
    ///
    /// # Errors
    /// A [`Fault`] for a path that cannot be opened or written, is locked, or is no database.
    pub fn open(path: &str, connector: &str) -> Result<Sqlite, Fault> {
        let path = path.strip_prefix("sqlite:").unwrap_or(path);
        let named = |error: rusqlite::Error| fault::name(path, &error);
        if Path::new(path).is_dir() {
            return Err(Fault::Open { place: path.to_owned(), reason: "it is a folder".into() });
        }
        let connection = Connection::open(path).map_err(named)?;
        // Two runs at once would take each other's stages for left-overs.
        let lock = File::open(path).map_or(Ok(None), |file| alone::lock(file, path))?;
        prepare(&connection).map_err(named)?;
        let mut opened = Sqlite::of(connection, path, connector, lock);
        opened.guard(|sqlite| {
            sqlite.drop_stages()?;
            Ok(sqlite.connection.execute_batch("COMMIT")?)
        })?;
        Ok(opened)
    }

    /// Opens the database at `path` for reading alone; where there is none, an empty one in memory.
    fn look(path: &str, connector: &str) -> Result<Sqlite, Fault> {
        let opened = || {
            let connection = match Path::new(path).exists() {
                true => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
                false => Connection::open_in_memory()?,
            };
            connection.busy_timeout(PATIENCE)?;
            let ours = "SELECT count(*) FROM sqlite_master WHERE name = '_tapwright_state'";
            if connection.query_row(ours, [], |row| row.get(0)).map(|found: i64| found == 0)? {
                // Somebody else's file, or none: passing tables stand for those that a run would make.
                connection.execute_batch(&OURS.replace("CREATE TABLE", "CREATE TEMPORARY TABLE"))?;
            }
            Ok(connection)
        };
        let connection = opened().map_err(|error| fault::name(path, &error))?;
        Ok(Sqlite::of(connection, path, connector, None))
    }

    fn of(connection: Connection, path: &str, connector: &str, lock: Option<File>) -> Sqlite {
        Sqlite {
            connection,
            place: path.to_owned(),
            connector: connector.to_owned(),
            loads: Loads::new(),
            sequence: Sequence::default(),
            failed: false,
            _lock: lock,
        }
    }

    /// The connection, for tests that look at what was written.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Does a piece of work in the transaction under way, or begins one; a fault rolls it back.
    fn guard<T>(&mut self, work: impl FnOnce(&mut Sqlite) -> Result<T, Trouble>) -> Result<T, Fault> {
        if self.failed {
            let hint = ": an earlier fault was not rolled back";
            return Err(Fault::NoLoad { stream: self.connector.clone(), hint });
        }
        let begun = match self.connection.is_autocommit() {
            true => self.connection.execute_batch("BEGIN IMMEDIATE").map_err(Trouble::from),
            false => Ok(()),
        };
        match begun.and_then(|()| work(self)) {
            Ok(value) => Ok(value),
            Err(trouble) => {
                self.failed = true;
                self.loads.clear();
                if !self.connection.is_autocommit() {
                    // The first trouble is the one to tell of.
                    let _ = self.connection.execute_batch("ROLLBACK");
                }
                Err(trouble.named(&self.place))
            }
        }
    }

    fn write_state(&mut self, draft: &Draft, now: Timestamp) -> Result<(), Trouble> {
        for (stream, state) in draft.changed() {
            let text = serde_json::to_string(state).map_err(|error| Fault::State {
                place: self.place.clone(),
                stream: stream.to_owned(),
                reason: error.to_string(),
            })?;
            let mut statement =
                self.connection.prepare_cached("INSERT OR REPLACE INTO _tapwright_state VALUES (?, ?, ?, ?)")?;
            statement.execute(params![self.connector, stream, text, now.to_string()])?;
        }
        self.connection.execute(
            "UPDATE _tapwright_tables SET sequence = max(sequence, ?) WHERE connector = ?",
            params![self.sequence.0, self.connector],
        )?;
        Ok(())
    }
}

impl Destination for Sqlite {
    fn load_state(&mut self) -> Result<State, Fault> {
        let connection = &self.connection;
        let read = || -> rusqlite::Result<Vec<[String; 2]>> {
            let sql = "SELECT stream, state FROM _tapwright_state WHERE connector = ?";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([&self.connector], |row| Ok([row.get(0)?, row.get(1)?]))?;
            rows.collect()
        };
        stored(&self.place, read().map_err(|error| fault::name(&self.place, &error))?)
    }

    fn survey(&mut self, opening: &Opening<'_>) -> Result<Vec<Prospect>, Fault> {
        self.prospects(opening).map_err(|trouble| trouble.named(&self.place))
    }

    fn begin(&mut self, opening: &Opening<'_>) -> Result<Existing, Fault> {
        let begun = self.guard(|sqlite| {
            sqlite.connection.execute_batch("SAVEPOINT opening")?;
            let (begun, end) = match sqlite.open_load(opening) {
                Ok(existing) => (Ok(existing), "RELEASE opening"),
                // A table that does not fit is this stream's trouble alone: the other loads go on.
                Err(Trouble::Named(fault)) => (Err(fault), "ROLLBACK TO opening; RELEASE opening"),
                Err(trouble) => return Err(trouble),
            };
            sqlite.connection.execute_batch(end)?;
            Ok(begun)
        })?;
        begun.map_err(|fault| *fault)
    }

    fn write(&mut self, stream: &str, delivery: &Delivery<'_, '_>) -> Result<Written, Fault> {
        self.guard(|sqlite| {
            let mut load = take(&mut sqlite.loads, stream)?;
            let first = sqlite.sequence.next_of(delivery.tables.load_mode(), delivery.batch.records());
            sqlite.extend(&mut load, delivery.tables)?;
            let written = load.write(&sqlite.connection, delivery, first)?;
            sqlite.loads.insert(stream.to_owned(), load);
            Ok(written)
        })
    }

    fn finish(&mut self, stream: &str, completion: Completion) -> Result<Finished, Fault> {
        self.guard(|sqlite| {
            let load = take(&mut sqlite.loads, stream)?;
            sqlite.close_load(load, completion)
        })
    }

    fn commit(&mut self, draft: &Draft) -> Result<Receipt, Fault> {
        let now = Timestamp::now();
        self.guard(|sqlite| {
            sqlite.write_state(draft, now)?;
            Ok(sqlite.connection.execute_batch("COMMIT")?)
        })?;
        Ok(Receipt::new(now))
    }

    fn rollback(&mut self) -> Result<(), Fault> {
        self.loads.clear();
        self.failed = false;
        if self.connection.is_autocommit() {
            return Ok(());
        }
        let done = self.connection.execute_batch("ROLLBACK");
        done.map_err(|error| fault::name(&self.place, &error))
    }
}

/// Trouble within the transaction, named when it leaves it.
#[derive(Debug)]
enum Trouble {
    Sql(rusqlite::Error),
    Named(Box<Fault>),
}

impl Trouble {
    fn named(self, place: &str) -> Fault {
        match self {
            Trouble::Sql(error) => fault::name(place, &error),
            Trouble::Named(fault) => *fault,
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Trouble {
        Trouble::Sql(error)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::Named(Box::new(fault))
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    // Some network file systems cannot hold a WAL; what takes its place is safe only when it is flushed.
    let flush = if mode == "wal" { "NORMAL" } else { "FULL" };
    // A view on a table that is made anew must not stand in the way of the renaming.
    connection.execute_batch(&format!("PRAGMA synchronous = {flush}; PRAGMA legacy_alter_table = ON;"))?;
    connection.execute_batch(&format!("BEGIN IMMEDIATE;{OURS}"))?;
    connection.execute_batch("COMMIT")
}
