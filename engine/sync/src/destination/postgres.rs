//! PostgreSQL: a schema for each connector, rows and state in one transaction.
//!
//! Rows come by binary `COPY` into temporary tables and are merged from there by few statements, however many they
//! are. What waits for the end of a full table waits in temporary tables too: they go with the session, so that a run
//! that is killed leaves nothing. Beside the streams' tables there are in the schema
//!
//! | table | holds |
//! |---|---|
//! | `_tapwright_state` | the state of each connector's streams |
//! | `_tapwright_tables` | which connector and stream made a table, and its primary key |
//! | `_tapwright_columns` | what columns stand for whose names are not those of the fields |
//! | `_sdc_rejected` | records that became no row, with the reason |

mod address;
mod decimal;
mod fault;
mod load;
mod merge;
mod passfile;
mod replace;
mod schema;
mod tls;
mod value;
mod wire;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_64;

use super::naming::Rules;
use super::shape::{Dialect, literal, quote};
use super::{
    Capabilities, Completion, Delivery, Destination, Existing, Fault, Finished, Kind, Opening, Prospect, Written,
};
use crate::normalise::Bounds;
use crate::state::{Draft, Receipt, State, StreamState};
use load::Load;
use wire::Wire;

/// A schema of a database, made if there is none.
pub(super) const KIND: Kind = Kind {
    schemes: &["postgres", "postgresql"],
    has_login: true,
    capabilities: Capabilities {
        title: "PostgreSQL",
        form: "postgres://USER@HOST/DATABASE",
        types: value::declared,
        commit: "one transaction",
        changed: "overwritten",
        alone: "an advisory lock on the schema; the second run waits 10 seconds, then is refused",
        names: "up to 63 bytes; longer ones are cut and end in a hash; `xmin` and the like get `_` behind them",
        columns: "1,600",
        set_aside: "texts with U+0000; timestamps and times finer than a microsecond; decimals beyond `numeric`; keys of more than 2,600 bytes",
    },
    open: |rest, connector| Ok(Box::new(Postgres::open(rest, connector)?)),
    look: |rest, connector| Ok(Box::new(Postgres::look(rest, connector)?)),
    compact: None,
};

/// PostgreSQL's own columns keep their names.
static DIALECT: Dialect = Dialect {
    columns: Rules { bytes: 63, kept: &["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"] },
    tables: Rules { bytes: 63, kept: &[] },
    declared: value::declared,
    by_bytes: " COLLATE \"C\"",
    indexed: true,
};

/// How long another run of the connector is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of a key that an index holds, with room for what comes with it.
const KEY_BYTES: usize = 2_600;

/// A schema of a PostgreSQL database as the destination of one connector.
pub(super) struct Postgres {
    wire: Wire,
    place: String,
    schema: String,
    connector: String,
    loads: BTreeMap<String, Load>,
    /// Loads that were begun so far.
    number: u64,
    /// Greatest `_sdc_sequence` given so far.
    sequence: i64,
    in_transaction: bool,
    /// A fault has rolled back what was not committed, and nobody has taken note yet.
    failed: bool,
    /// The schema has none of our own tables: it is only looked at.
    bare: bool,
}

/// Trouble within the transaction, named when it leaves it.
#[derive(Debug)]
enum Trouble {
    Sql(tokio_postgres::Error),
    Named(Box<Fault>),
    Said(String),
}

impl Trouble {
    fn named(self, place: &str) -> Fault {
        match self {
            Trouble::Sql(error) => fault::name(place, &error),
            Trouble::Named(fault) => *fault,
            Trouble::Said(reason) => Fault::Other { place: place.to_owned(), reason },
        }
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Trouble {
        Trouble::Sql(error)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::Named(Box::new(fault))
    }
}

impl Postgres {
    /// Opens the schema of `connector` at the address, and makes it if there is none.
    ///
    /// # Errors
    /// A [`Fault`] for an address that leads nowhere, a login that is refused, or a schema in use.
    fn open(rest: &str, connector: &str) -> Result<Postgres, Fault> {
        let mut opened = Postgres::connect(rest, connector)?;
        opened.prepare()?;
        Ok(opened)
    }

    /// Opens the schema of `connector` for reading alone, whether there is one or not.
    fn look(rest: &str, connector: &str) -> Result<Postgres, Fault> {
        let mut opened = Postgres::connect(rest, connector)?;
        let schema = literal(&opened.schema);
        let ours = format!("SELECT 1 FROM pg_tables WHERE schemaname = {schema} AND tablename = '_tapwright_state'");
        let ours = opened.wire.one(&ours).map_err(|error| fault::name(&opened.place, &error))?;
        opened.bare = ours.is_none();
        Ok(opened)
    }

    fn connect(rest: &str, connector: &str) -> Result<Postgres, Fault> {
        let address = address::read(rest, connector, &|name| std::env::var(name).ok())?;
        Ok(Postgres {
            wire: Wire::connect(&address)?,
            place: address.place,
            schema: address.schema,
            connector: connector.to_owned(),
            loads: BTreeMap::new(),
            number: 0,
            sequence: 0,
            in_transaction: false,
            failed: false,
            bare: false,
        })
    }

    /// Rows of one of our own tables, of which an unused schema has none.
    fn ask_ours(&self, sql: &str) -> Result<wire::Told, tokio_postgres::Error> {
        if self.bare { Ok(Vec::new()) } else { self.wire.ask(sql) }
    }

    fn prepare(&mut self) -> Result<(), Fault> {
        self.guard(|postgres| {
            let wire = &postgres.wire;
            let encoding = wire.one("SHOW server_encoding")?.unwrap_or_default();
            if encoding != "UTF8" {
                let reason = format!("the database's encoding is {encoding}, and texts need UTF8");
                return Err(Fault::Address { place: postgres.place.clone(), reason }.into());
            }
            // A merge whose program was killed is given up soon; servers before 14 cannot.
            wire.ask(
                "SELECT set_config(name, '5s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'",
            )?;
            postgres.alone()
        })?;
        self.guard(|postgres| {
            let (wire, schema) = (&postgres.wire, &postgres.schema);
            if wire.one(&format!("SELECT 1 FROM pg_namespace WHERE nspname = {}", literal(schema)))?.is_none() {
                wire.run(&format!("CREATE SCHEMA {}", quote(schema)))?;
            }
            wire.run(&schema::ours(&quote(schema)))?;
            postgres.end("COMMIT")
        })
    }

    /// Takes the schema for this run alone, until the session ends, however it ends.
    fn alone(&self) -> Result<(), Trouble> {
        let key = xxh3_64(format!("tapwright:{}", self.schema).as_bytes()).cast_signed();
        let until = Instant::now() + PATIENCE;
        while self.wire.one(&format!("SELECT pg_try_advisory_lock({key})"))?.as_deref() != Some("t") {
            if Instant::now() > until {
                return Err(Fault::Busy { place: format!("{} (schema {})", self.place, self.schema) }.into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Does a piece of work in the transaction under way, or begins one; a fault rolls it back.
    fn guard<T>(&mut self, work: impl FnOnce(&mut Postgres) -> Result<T, Trouble>) -> Result<T, Fault> {
        if self.failed {
            let hint = ": an earlier fault was not rolled back";
            return Err(Fault::NoLoad { stream: self.connector.clone(), hint });
        }
        let begun = match self.in_transaction {
            true => Ok(()),
            false => self.wire.run("BEGIN").map_err(Trouble::from),
        };
        self.in_transaction = true;
        begun.and_then(|()| work(self)).map_err(|trouble| {
            self.failed = true;
            self.loads.clear();
            // The first trouble is the one to tell of.
            let _ = self.end("ROLLBACK");
            trouble.named(&self.place)
        })
    }

    fn end(&mut self, how: &str) -> Result<(), Trouble> {
        self.in_transaction = false;
        Ok(self.wire.run(how)?)
    }

    /// `count` numbers for `_sdc_sequence`, one after the other: nanoseconds since 1970, and greater
    /// than all before.
    fn sequences(&mut self, count: usize) -> i64 {
        let now = i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX);
        let first = now.max(self.sequence + 1);
        self.sequence = first + count as i64;
        first
    }

    fn take(&mut self, stream: &str) -> Result<Load, Trouble> {
        self.loads
            .remove(stream)
            .ok_or_else(|| Trouble::from(Fault::NoLoad { stream: stream.to_owned(), hint: "; begin one first" }))
    }

    fn write_state(&mut self, draft: &Draft, now: Timestamp) -> Result<(), Trouble> {
        let schema = quote(&self.schema);
        let mut sql = String::new();
        for (stream, state) in draft.changed() {
            let text = serde_json::to_string(state).map_err(|error| Fault::State {
                place: self.place.clone(),
                stream: stream.to_owned(),
                reason: error.to_string(),
            })?;
            let texts = [&self.connector, stream, &text, &now.to_string()].map(literal);
            sql += &format!(
                "INSERT INTO {schema}._tapwright_state VALUES ({}) ON CONFLICT (connector, stream) DO UPDATE SET \
                 state = excluded.state, committed_at = excluded.committed_at;",
                texts.join(", ")
            );
        }
        sql += &format!(
            "UPDATE {schema}._tapwright_tables SET sequence = greatest(sequence, {}) WHERE connector = {};",
            self.sequence,
            literal(&self.connector)
        );
        Ok(self.wire.run(&sql)?)
    }
}

impl Destination for Postgres {
    fn bounds(&self) -> Bounds {
        Bounds { refuses: Some(value::refuses), key_bytes: Some(KEY_BYTES) }
    }

    fn load_state(&mut self) -> Result<State, Fault> {
        let sql = format!(
            "SELECT stream, state FROM {}._tapwright_state WHERE connector = {}",
            quote(&self.schema),
            literal(&self.connector)
        );
        let rows = self.ask_ours(&sql).map_err(|error| fault::name(&self.place, &error))?;
        let mut state = State::default();
        for row in rows {
            let mut texts = row.into_iter().map(Option::unwrap_or_default);
            let (stream, text) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
            match serde_json::from_str::<StreamState>(&text) {
                Ok(one) => state.0.insert(stream, one),
                Err(error) => {
                    let (place, reason) = (self.place.clone(), error.to_string());
                    return Err(Fault::State { place, stream, reason });
                }
            };
        }
        Ok(state)
    }

    fn survey(&mut self, opening: &Opening<'_>) -> Result<Vec<Prospect>, Fault> {
        self.prospects(opening).map_err(|trouble| trouble.named(&self.place))
    }

    fn begin(&mut self, opening: &Opening<'_>) -> Result<Existing, Fault> {
        let begun = self.guard(|postgres| {
            postgres.wire.run("SAVEPOINT opening")?;
            let (begun, end) = match postgres.open_load(opening) {
                Ok(existing) => (Ok(existing), "RELEASE opening"),
                // A table that does not fit is this stream's trouble alone: the other loads go on.
                Err(Trouble::Named(fault)) => (Err(fault), "ROLLBACK TO opening; RELEASE opening"),
                Err(trouble) => return Err(trouble),
            };
            postgres.wire.run(end)?;
            Ok(begun)
        })?;
        begun.map_err(|fault| *fault)
    }

    fn write(&mut self, stream: &str, delivery: &Delivery<'_, '_>) -> Result<Written, Fault> {
        self.guard(|postgres| {
            let mut load = postgres.take(stream)?;
            let first = postgres.sequences(delivery.batch.records());
            postgres.extend(&mut load, delivery.tables)?;
            load.write(&postgres.wire, delivery, first)?;
            postgres.loads.insert(stream.to_owned(), load);
            Ok(Written { rejected: delivery.batch.rejected().len() as u64, ..Written::default() })
        })
    }

    fn flush(&mut self, stream: &str) -> Result<Written, Fault> {
        self.guard(|postgres| {
            let mut load = postgres.take(stream)?;
            load.merge(&postgres.wire)?;
            let told = std::mem::take(&mut load.untold);
            postgres.loads.insert(stream.to_owned(), load);
            Ok(told)
        })
    }

    fn notes(&self, stream: &str) -> Vec<String> {
        let mut notes = Vec::new();
        for shape in self.loads.get(stream).into_iter().flat_map(|load| &load.shapes) {
            if shape.name != shape.said {
                notes.push(format!("the table `{}` is called `{}`", shape.said, shape.name));
            }
            let renamed = shape.columns().into_iter().filter(|column| column.name != column.said);
            notes.extend(
                renamed.map(|one| format!("{}: the column `{}` is called `{}`", shape.name, one.said, one.name)),
            );
        }
        notes
    }

    fn finish(&mut self, stream: &str, completion: Completion) -> Result<Finished, Fault> {
        self.guard(|postgres| {
            let load = postgres.take(stream)?;
            postgres.close_load(load, completion)
        })
    }

    fn commit(&mut self, draft: &Draft) -> Result<Receipt, Fault> {
        let now = Timestamp::now();
        self.guard(|postgres| {
            for load in postgres.loads.values_mut() {
                load.merge(&postgres.wire)?;
            }
            postgres.write_state(draft, now)?;
            postgres.end("COMMIT")
        })?;
        Ok(Receipt::new(now))
    }

    fn rollback(&mut self) -> Result<(), Fault> {
        self.loads.clear();
        self.failed = false;
        match self.in_transaction {
            true => self.end("ROLLBACK").map_err(|_| Fault::Lost {
                place: self.place.clone(),
                reason: "what was not committed could not be rolled back, and is gone with the session".to_owned(),
            }),
            false => Ok(()),
        }
    }
}
