//! DuckDB: one file. Rows come as Arrow record batches, through the interface that DuckDB's library has for them (ADBC);
//! the library is found when the program runs.
//!
//! Tables have no primary key: an index would have to fit in memory, and merges do without one.

mod fault;
mod lane;
mod library;

use std::cell::RefCell;
use std::fs::File;
use std::path::Path;

use adbc_core::options::{IngestMode, OptionDatabase, OptionStatement};
use adbc_core::{Connection as _, Database as _, Driver as _, Optionable as _, Statement as _};
use adbc_driver_manager::{ManagedConnection, ManagedStatement};

use super::naming::Rules;
use super::options::Options;
use super::sets::session::{Session, Target, There, Told};
use super::sets::{Sets, Trouble};
use super::shape::{Column, Dialect, literal};
use super::{Capabilities, Fault, Kind, alone, arrow};
use crate::normalise::{Bounds, ColumnType};
use lane::{Lane, told};

/// A file, made if there is none.
pub(super) const KIND: Kind = Kind {
    schemes: &["duckdb"],
    has_login: false,
    dialect: &DIALECT,
    capabilities: Capabilities {
        title: "DuckDB",
        form: "duckdb:PATH",
        types: declared,
        commit: "one transaction",
        changed: "overwritten",
        alone: "a lock on the file; the second run is refused",
        names: "any; two that differ in case alone are one",
        columns: "1,000, since each takes memory while rows are merged",
        set_aside: "timestamps and times finer than a microsecond; decimals of more than 20 digits before the point or 18 behind it",
        merges: true,
    },
    open: |rest, connector| Ok(Box::new(open(rest, connector)?)),
    look: |rest, connector| Ok(Box::new(look(rest, connector)?)),
    compact: None,
};

static DIALECT: Dialect = Dialect {
    columns: Rules { bytes: usize::MAX, kept: &[] },
    tables: Rules { bytes: usize::MAX, kept: &[] },
    declared,
    by_bytes: "",
    indexed: false,
    temporary: "temp.main.",
    most_columns: usize::MAX,
};

/// What the file is called in statements, whatever its name is.
const NAME: &str = "tapwright";

/// Columns of records in a table: in each of the up to three tables through which rows come, a column takes a block of
/// 256 KiB until the commit, whatever is in it.
const COLUMNS: usize = 1_000;

/// Nothing is fetched behind the user's back.
const SETTINGS: &str = "SET autoinstall_known_extensions = false; SET preserve_insertion_order = false;";

/// Megabytes that DuckDB takes before it takes to the disk, where the address names none.
const MEMORY: u32 = 1000;

/// Megabytes below which DuckDB does not even take rows in.
const LEAST: u32 = 60;

/// What DuckDB may take; a thread needs hundreds of megabytes in a merge.
fn memory(megabytes: u32) -> String {
    format!("SET memory_limit = '{megabytes}MB'; SET threads = {};", if megabytes < MEMORY { 1 } else { 2 })
}

/// Where a file is, and what DuckDB may take: `PATH`, or `PATH?memory=MEGABYTES`.
fn read(rest: &str) -> Result<(&str, String), Fault> {
    let mut options = Options::of("duckdb", rest);
    let megabytes = match options.take("memory").map(|text| text.parse::<u32>().map_err(|_| text)) {
        None => MEMORY,
        Some(Ok(megabytes)) if megabytes >= LEAST => megabytes,
        Some(Ok(megabytes)) => {
            return Err(options.wrong(&format!("`memory={megabytes}`: DuckDB needs {LEAST} (megabytes) at least")));
        }
        Some(Err(text)) => {
            return Err(options.wrong(&format!("`memory={text}`: write a number of megabytes, such as `memory=200`")));
        }
    };
    Ok((options.end()?, memory(megabytes)))
}

fn declared(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "VARCHAR",
        ColumnType::Integer => "BIGINT",
        ColumnType::Number => "DOUBLE",
        ColumnType::Boolean => "BOOLEAN",
        ColumnType::Decimal => "DECIMAL(38,18)",
        ColumnType::Timestamp => "TIMESTAMP WITH TIME ZONE",
        ColumnType::Date => "DATE",
        ColumnType::Time => "TIME",
        ColumnType::Json => "JSON",
    }
}

/// A session with a file.
struct DuckDb {
    connection: RefCell<ManagedConnection>,
    place: String,
    /// Given back after the file is closed.
    _lock: Option<File>,
}

impl DuckDb {
    /// Opens the file; `how` stands behind its name in `ATTACH`.
    fn open((path, memory): (&str, &str), how: &str, lock: Option<File>) -> Result<DuckDb, Fault> {
        let mut driver = library::load()?;
        let named = |error: adbc_core::error::Error| fault::name(path, &error.message);
        let inside = [(OptionDatabase::Other("path".into()), ":memory:".into())];
        let database = driver.new_database_with_opts(inside).map_err(named)?;
        let connection = RefCell::new(database.new_connection().map_err(named)?);
        let session = DuckDb { connection, place: path.to_owned(), _lock: lock };
        let file = literal(path);
        let spill = literal(&format!("{path}.tmp"));
        let attach =
            format!("{SETTINGS} {memory} SET temp_directory = {spill}; ATTACH {file} AS {NAME}{how}; USE {NAME};");
        session.run(&attach).map_err(|trouble| match trouble {
            Trouble::Broken(fault) | Trouble::Named(fault) => *fault,
            Trouble::Said(reason) => Fault::Other { place: path.to_owned(), reason },
        })?;
        Ok(session)
    }

    fn statement(&self) -> Result<ManagedStatement, Trouble> {
        self.connection.borrow_mut().new_statement().map_err(|error| self.named(&error))
    }

    fn named(&self, error: &adbc_core::error::Error) -> Trouble {
        Trouble::Broken(Box::new(fault::name(&self.place, &error.message)))
    }
}

impl Session for DuckDb {
    type Lane = Lane;

    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn bounds(&self) -> Bounds {
        Bounds { refuses: Some(arrow::refuses), columns: Some(COLUMNS), ..Bounds::default() }
    }

    fn lane(&self, columns: &[Column]) -> Lane {
        Lane::new(columns)
    }

    fn send(&self, lane: &mut Lane, target: &Target<'_>) -> Result<(), Trouble> {
        let Some(batch) = lane.take().map_err(|error| Trouble::Said(error.to_string()))? else { return Ok(()) };
        let mut statement = self.statement()?;
        let mut options = vec![
            (OptionStatement::TargetTable, target.table.into()),
            (OptionStatement::IngestMode, IngestMode::Append.into()),
        ];
        if target.schema.is_none() {
            options.push((OptionStatement::Temporary, "true".into()));
        }
        let mut send = || {
            options.drain(..).try_for_each(|(key, value)| statement.set_option(key, value))?;
            statement.bind(batch.clone())?;
            statement.execute_update()
        };
        send().map(|_| ()).map_err(|error| self.named(&error))
    }

    fn run(&self, sql: &str) -> Result<(), Trouble> {
        if sql.is_empty() { Ok(()) } else { self.ask(sql).map(|_| ()) }
    }

    fn ask(&self, sql: &str) -> Result<Told, Trouble> {
        let mut statement = self.statement()?;
        statement.set_sql_query(sql).map_err(|error| self.named(&error))?;
        let reader = statement.execute().map_err(|error| self.named(&error))?;
        told(reader).map_err(|reason| Trouble::Broken(Box::new(fault::name(&self.place, &reason))))
    }

    fn delete(&self, sql: &str) -> Result<u64, Trouble> {
        Ok(self.number(sql)?.cast_unsigned())
    }

    fn there(&self, _schema: &str, table: &str) -> Result<Option<There>, Trouble> {
        let there = self.ask(&format!(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = '{NAME}' AND \
             schema_name = 'main' AND lower(table_name) = lower({}) ORDER BY column_index",
            literal(table)
        ))?;
        let column = |row: Vec<Option<String>>| {
            let mut texts = row.into_iter();
            Some((texts.next()??, texts.next()??))
        };
        let there: There = there.into_iter().filter_map(column).collect();
        Ok(Some(there).filter(|there| !there.is_empty()))
    }
}

/// Opens the file for `connector`, and makes it if there is none.
///
/// # Errors
/// A [`Fault`] where there is no library of DuckDB's, and for a file that cannot be opened or is in use.
fn open(rest: &str, connector: &str) -> Result<Sets<DuckDb>, Fault> {
    let (path, memory) = read(rest)?;
    let lock = of_run(path)?;
    let session = DuckDb::open((path, &memory), "", lock)?;
    let mut opened = Sets::new(session, path.to_owned(), NAME.to_owned(), connector);
    opened.prepare(|sets| {
        if sets.session._lock.is_none() {
            sets.session._lock = of_run(path)?;
        }
        Ok(())
    })?;
    Ok(opened)
}

/// Opens the file for reading alone, whether there is one or not.
fn look(rest: &str, connector: &str) -> Result<Sets<DuckDb>, Fault> {
    let (path, memory) = read(rest)?;
    let session = match Path::new(path).exists() {
        true => DuckDb::open((path, &memory), " (READ_ONLY)", None)?,
        false => DuckDb::open((":memory:", &memory), "", None)?,
    };
    let mut opened = Sets::new(session, path.to_owned(), NAME.to_owned(), connector);
    let there = opened.guard(|sets| sets.session.there("", "_tapwright_state"))?;
    opened.bare = there.is_none();
    Ok(opened)
}

/// Takes the file for this run alone: DuckDB keeps other programs out, and this says that it is a run.
fn of_run(path: &str) -> Result<Option<File>, Fault> {
    File::open(path).map_or(Ok(None), |file| alone::lock(file, path))
}
