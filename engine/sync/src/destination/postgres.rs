//! PostgreSQL: a schema for each connector. Rows come by binary `COPY`.

mod address;
mod decimal;
mod fault;
mod lane;
mod passfile;
mod tls;
mod value;
mod wire;

use std::time::{Duration, Instant};

use xxhash_rust::xxh3::xxh3_64;

use super::naming::Rules;
use super::sets::session::{Session, Target, There, Told};
use super::sets::{Sets, Trouble};
use super::shape::{Column, Dialect, list, literal, quote};
use super::{Capabilities, Fault, Kind};
use crate::normalise::Bounds;
use lane::Lane;
use wire::Wire;

/// A schema of a database, made if there is none.
pub(super) const KIND: Kind = Kind {
    schemes: &["postgres", "postgresql"],
    has_login: true,
    dialect: &DIALECT,
    capabilities: Capabilities {
        title: "PostgreSQL",
        form: "postgres://USER@HOST/DATABASE",
        types: value::declared,
        commit: "one transaction",
        changed: "overwritten",
        alone: "an advisory lock on the schema; the second run waits 10 seconds, then is refused",
        names: "up to 63 bytes; longer ones are cut and end in a hash; `xmin` and the like get `_` behind them",
        columns: "1,580; a row whose values, long texts not counted, have more than 7,800 bytes is set aside",
        set_aside: "texts with U+0000; timestamps and times finer than a microsecond; decimals beyond `numeric`; keys of more than 2,600 bytes",
        merges: true,
    },
    open: |rest, connector| Ok(Box::new(open(rest, connector)?)),
    look: |rest, connector| Ok(Box::new(look(rest, connector)?)),
    compact: None,
};

/// PostgreSQL's own columns keep their names.
static DIALECT: Dialect = Dialect {
    columns: Rules { bytes: 63, kept: &["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"] },
    tables: Rules { bytes: 63, kept: &[] },
    declared: value::declared,
    by_bytes: " COLLATE \"C\"",
    indexed: true,
    temporary: "pg_temp.",
    most_columns: MOST_COLUMNS,
};

/// How long another run of the connector is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of a key that an index holds, with room for what comes with it.
const KEY_BYTES: usize = 2_600;

/// Columns that PostgreSQL gives a table.
const MOST_COLUMNS: usize = 1_600;

/// Columns of records in a table, with room for the engine's own.
const COLUMNS: usize = 1_580;

/// Bytes of a row that fits a page of 8 KiB, with room for its head and the engine's own columns.
const ROW_BYTES: usize = 7_800;

/// A session on a server.
struct Postgres {
    wire: Wire,
    place: String,
}

impl Postgres {
    fn named(&self, error: &tokio_postgres::Error) -> Trouble {
        Trouble::Broken(Box::new(fault::name(&self.place, error)))
    }
}

impl Session for Postgres {
    type Lane = Lane;

    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            refuses: Some(value::refuses),
            key_bytes: Some(KEY_BYTES),
            columns: Some(COLUMNS),
            row_bytes: Some(ROW_BYTES),
            takes_members: false,
            keeps_versions: false,
        }
    }

    fn lane(&self, _columns: &[Column]) -> Lane {
        Lane::default()
    }

    fn send(&self, lane: &mut Lane, target: &Target<'_>) -> Result<(), Trouble> {
        if lane.bytes.is_empty() {
            return Ok(());
        }
        let prepare = || {
            let schema = target.schema.unwrap_or("pg_temp");
            let into = format!("{schema}.{} ({})", quote(target.table), list(target.columns, ""));
            self.wire.prepare(&format!("COPY {into} FROM STDIN (FORMAT binary)"))
        };
        let statement = match lane.statement.take() {
            Some(statement) => statement,
            None => prepare().map_err(|error| self.named(&error))?,
        };
        self.wire.copy(&statement, lane.take()).map_err(|error| self.named(&error))?;
        lane.statement = Some(statement);
        Ok(())
    }

    fn run(&self, sql: &str) -> Result<(), Trouble> {
        self.wire.run(sql).map_err(|error| self.named(&error))
    }

    fn ask(&self, sql: &str) -> Result<Told, Trouble> {
        self.wire.ask(sql).map_err(|error| self.named(&error))
    }

    fn delete(&self, sql: &str) -> Result<u64, Trouble> {
        let gone = self.number(&format!("WITH gone AS ({sql} RETURNING 1) SELECT count(*) FROM gone"))?;
        Ok(gone.cast_unsigned())
    }

    fn there(&self, schema: &str, table: &str) -> Result<Option<There>, Trouble> {
        let is_it = format!("n.nspname = {} AND c.relname = {}", literal(schema), literal(table));
        let there = self.ask(&format!(
            "SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_class c JOIN pg_namespace n \
             ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             WHERE {is_it} ORDER BY a.attnum"
        ))?;
        let relation = format!("SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {is_it}");
        if there.is_empty() && self.one(&relation)?.is_none() {
            return Ok(None);
        }
        let column = |row: Vec<Option<String>>| {
            let mut texts = row.into_iter();
            Some((texts.next()??, texts.next()??))
        };
        Ok(Some(there.into_iter().filter_map(column).collect()))
    }
}

/// Opens the schema of `connector` at the address, and makes it if there is none.
///
/// # Errors
/// A [`Fault`] for an address that leads nowhere, a login that is refused, or a schema in use.
fn open(rest: &str, connector: &str) -> Result<Sets<Postgres>, Fault> {
    let mut opened = connect(rest, connector)?;
    opened.guard(|sets| {
        let encoding = sets.session.one("SHOW server_encoding")?.unwrap_or_default();
        if encoding != "UTF8" {
            let reason = format!("the database's encoding is {encoding}, and texts need UTF8");
            return Err(Fault::Address { place: sets.place.clone(), reason }.into());
        }
        // A merge whose program was killed is given up soon; servers before 14 cannot.
        sets.session.ask(
            "SELECT set_config(name, '5s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'",
        )?;
        alone(sets)
    })?;
    opened.prepare(|sets| {
        let schema = &sets.schema;
        let there = format!("SELECT 1 FROM pg_namespace WHERE nspname = {}", literal(schema));
        match sets.session.one(&there)? {
            Some(_) => Ok(()),
            None => sets.session.run(&format!("CREATE SCHEMA {}", quote(schema))),
        }
    })?;
    Ok(opened)
}

/// Opens the schema of `connector` for reading alone, whether there is one or not.
fn look(rest: &str, connector: &str) -> Result<Sets<Postgres>, Fault> {
    let mut opened = connect(rest, connector)?;
    let schema = literal(&opened.schema);
    let ours = format!("SELECT 1 FROM pg_tables WHERE schemaname = {schema} AND tablename = '_tapwright_state'");
    let ours = opened.session.wire.one(&ours).map_err(|error| fault::name(&opened.place, &error))?;
    opened.bare = ours.is_none();
    Ok(opened)
}

fn connect(rest: &str, connector: &str) -> Result<Sets<Postgres>, Fault> {
    let address = address::read(rest, connector, &|name| std::env::var(name).ok())?;
    let session = Postgres { wire: Wire::connect(&address)?, place: address.place.clone() };
    Ok(Sets::new(session, address.place, address.schema, connector))
}

/// Takes the schema for this run alone, until the session ends, however it ends.
fn alone(sets: &Sets<Postgres>) -> Result<(), Trouble> {
    let key = xxh3_64(format!("tapwright:{}", sets.schema).as_bytes()).cast_signed();
    let until = Instant::now() + PATIENCE;
    while sets.session.one(&format!("SELECT pg_try_advisory_lock({key})"))?.as_deref() != Some("t") {
        if Instant::now() > until {
            return Err(Fault::Busy { place: format!("{} (schema {})", sets.place, sets.schema) }.into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
