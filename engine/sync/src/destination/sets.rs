//! Destinations that merge sets: rows come in bulk into temporary tables and are merged from there by few statements,
//! however many they are, in one transaction with the state.
//!
//! What waits for the end of a full table waits in temporary tables too: they go with the session, so that a run that is
//! killed leaves nothing. Beside the streams' tables there are in the schema
//!
//! | table | holds |
//! |---|---|
//! | `_tapwright_state` | the state of each connector's streams |
//! | `_tapwright_tables` | which connector and stream made a table, and its primary key |
//! | `_tapwright_columns` | what columns stand for whose names are not those of the fields |
//! | `_sdc_rejected` | records that became no row, with the reason |

mod absent;
mod load;
mod marks;
mod merge;
mod replace;
pub(in crate::destination) mod schema;
pub(in crate::destination) mod session;

use jiff::Timestamp;

use super::loads::{Loads, Sequence, stored, take};
use super::shape::{literal, quote};
use super::{Completion, Delivery, Destination, Existing, Fault, Finished, Opening, Prospect, Written};
use crate::normalise::Bounds;
use crate::state::{Draft, Receipt, State};
use load::Load;
use session::{Session, Told};

/// A schema of a database as the destination of one connector.
pub(super) struct Sets<S: Session> {
    pub(super) session: S,
    pub(super) place: String,
    pub(super) schema: String,
    pub(super) connector: String,
    loads: Loads<Load<S>>,
    /// Loads that were begun so far.
    number: u64,
    /// Greatest `_sdc_sequence` given so far.
    sequence: Sequence,
    in_transaction: bool,
    /// A fault has rolled back what was not committed, and nobody has taken note yet.
    failed: bool,
    /// The schema has none of our own tables: it is only looked at.
    pub(super) bare: bool,
}

/// Trouble within the transaction, named when it leaves it.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The transaction is broken.
    Broken(Box<Fault>),
    /// A table does not fit; nothing was changed for it.
    Named(Box<Fault>),
    Said(String),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::Named(Box::new(fault))
    }
}

impl<S: Session> Sets<S> {
    /// Nothing of it is read yet.
    pub(super) fn new(session: S, place: String, schema: String, connector: &str) -> Sets<S> {
        Sets {
            session,
            place,
            schema,
            connector: connector.to_owned(),
            loads: Loads::new(),
            number: 0,
            sequence: Sequence::default(),
            in_transaction: false,
            failed: false,
            bare: false,
        }
    }

    /// Makes our own tables, with what the schema needs before.
    pub(super) fn prepare(&mut self, before: impl FnOnce(&mut Sets<S>) -> Result<(), Trouble>) -> Result<(), Fault> {
        self.guard(|sets| {
            before(sets)?;
            sets.session.run(&schema::ours(&quote(&sets.schema)))?;
            sets.end("COMMIT")
        })
    }

    /// Rows of one of our own tables, of which an unused schema has none.
    fn ask_ours(&self, sql: &str) -> Result<Told, Trouble> {
        if self.bare { Ok(Vec::new()) } else { self.session.ask(sql) }
    }

    fn named(&self, trouble: Trouble) -> Fault {
        match trouble {
            Trouble::Broken(fault) | Trouble::Named(fault) => *fault,
            Trouble::Said(reason) => Fault::Other { place: self.place.clone(), reason },
        }
    }

    /// Does a piece of work in the transaction under way, or begins one; a fault rolls it back.
    pub(super) fn guard<T>(&mut self, work: impl FnOnce(&mut Sets<S>) -> Result<T, Trouble>) -> Result<T, Fault> {
        if self.failed {
            let hint = ": an earlier fault was not rolled back";
            return Err(Fault::NoLoad { stream: self.connector.clone(), hint });
        }
        let begun = match self.in_transaction {
            true => Ok(()),
            false => self.session.run("BEGIN"),
        };
        self.in_transaction = true;
        begun.and_then(|()| work(self)).map_err(|trouble| {
            self.failed = true;
            self.loads.clear();
            // The first trouble is the one to tell of.
            let _ = self.end("ROLLBACK");
            self.named(trouble)
        })
    }

    pub(super) fn end(&mut self, how: &str) -> Result<(), Trouble> {
        self.in_transaction = false;
        self.session.run(how)
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
            self.sequence.0,
            literal(&self.connector)
        );
        self.session.run(&sql)
    }
}

impl<S: Session> Destination for Sets<S> {
    fn bounds(&self) -> Bounds {
        self.session.bounds()
    }

    fn load_state(&mut self) -> Result<State, Fault> {
        let sql = format!(
            "SELECT stream, state FROM {}._tapwright_state WHERE connector = {}",
            quote(&self.schema),
            literal(&self.connector)
        );
        let rows = self.ask_ours(&sql).map_err(|trouble| self.named(trouble))?;
        let rows = rows.into_iter().map(|row| {
            let mut texts = row.into_iter().map(Option::unwrap_or_default);
            [texts.next().unwrap_or_default(), texts.next().unwrap_or_default()]
        });
        stored(&self.place, rows)
    }

    fn survey(&mut self, opening: &Opening<'_>) -> Result<Vec<Prospect>, Fault> {
        self.prospects(opening).map_err(|trouble| self.named(trouble))
    }

    fn begin(&mut self, opening: &Opening<'_>) -> Result<Existing, Fault> {
        let begun = self.guard(|sets| {
            match sets.open_load(opening) {
                Ok(existing) => Ok(Ok(existing)),
                // The other loads go on.
                Err(Trouble::Named(fault)) => Ok(Err(fault)),
                Err(trouble) => Err(trouble),
            }
        })?;
        begun.map_err(|fault| *fault)
    }

    fn write(&mut self, stream: &str, delivery: &Delivery<'_, '_>) -> Result<Written, Fault> {
        self.guard(|sets| {
            let mut load = take(&mut sets.loads, stream)?;
            let first = sets.sequence.next_of(delivery.tables.load_mode(), delivery.batch.records());
            sets.extend(&mut load, delivery.tables)?;
            load.write(&sets.session, delivery, first)?;
            sets.loads.insert(stream.to_owned(), load);
            Ok(Written { rejected: delivery.batch.rejected().len() as u64, ..Written::default() })
        })
    }

    fn flush(&mut self, stream: &str) -> Result<Written, Fault> {
        self.guard(|sets| {
            let mut load = take(&mut sets.loads, stream)?;
            load.merge(&sets.session)?;
            let told = std::mem::take(&mut load.untold);
            sets.loads.insert(stream.to_owned(), load);
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
        self.guard(|sets| {
            let load = take(&mut sets.loads, stream)?;
            sets.close_load(load, completion)
        })
    }

    fn commit(&mut self, draft: &Draft) -> Result<Receipt, Fault> {
        let now = Timestamp::now();
        self.guard(|sets| {
            for load in sets.loads.values_mut() {
                load.merge(&sets.session)?;
            }
            sets.write_state(draft, now)?;
            sets.end("COMMIT")
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
