//! The keys that a load has written, so that of the versions of a key one stays. Many of them go to a database of
//! SQLite's on the disk, which is gone with the load.

use std::collections::HashMap;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};

use super::Trouble;
use crate::normalise::Cell;

/// Keys that are kept in memory.
const IN_MEMORY: usize = 200_000;

/// The version of a key that was written last.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    pub(super) hash: u64,
    /// The replication key.
    pub(super) order: Cell<'static>,
    /// There was no more than a tombstone.
    pub(super) is_bare: bool,
}

/// The keys that a load has written.
#[derive(Default)]
pub(super) struct Seen {
    keys: HashMap<u128, Written>,
    rest: Option<Connection>,
}

impl Seen {
    pub(super) fn get(&self, key: u128) -> Result<Option<Written>, Trouble> {
        match (self.keys.get(&key), &self.rest) {
            (Some(written), _) => Ok(Some(written.clone())),
            (None, Some(rest)) => look(rest, key).map_err(|error| said(&error)),
            (None, None) => Ok(None),
        }
    }

    pub(super) fn contains(&self, key: u128) -> Result<bool, Trouble> {
        Ok(self.keys.contains_key(&key) || self.get(key)?.is_some())
    }

    pub(super) fn insert(&mut self, key: u128, written: Written) -> Result<(), Trouble> {
        self.keys.insert(key, written);
        if self.keys.len() >= IN_MEMORY { self.spill().map_err(|error| said(&error)) } else { Ok(()) }
    }

    fn spill(&mut self) -> rusqlite::Result<()> {
        let rest = match self.rest.take() {
            Some(rest) => rest,
            None => {
                let rest = Connection::open("")?;
                rest.execute_batch(
                    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000; \
                     CREATE TABLE seen (key BLOB PRIMARY KEY, hash INTEGER, rank, bare INTEGER) WITHOUT ROWID; BEGIN",
                )?;
                rest
            }
        };
        let mut keys: Vec<(u128, Written)> = self.keys.drain().collect();
        keys.sort_unstable_by_key(|(key, _)| *key);
        let mut statement = rest.prepare_cached("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)")?;
        for (key, written) in keys {
            let order = match written.order {
                Cell::Null | Cell::Bool(_) => Value::Null,
                Cell::Integer(value) => Value::Integer(value),
                Cell::Number(value) => Value::Real(value),
                Cell::Text(text) => Value::Text(text.into_owned()),
            };
            statement.execute(params![key.to_be_bytes(), written.hash.cast_signed(), order, written.is_bare])?;
        }
        drop(statement);
        self.rest = Some(rest);
        Ok(())
    }
}

fn look(rest: &Connection, key: u128) -> rusqlite::Result<Option<Written>> {
    let mut statement = rest.prepare_cached("SELECT hash, rank, bare FROM seen WHERE key = ?")?;
    let one = |row: &rusqlite::Row<'_>| {
        let order = match row.get_ref(1)? {
            ValueRef::Integer(value) => Cell::Integer(value),
            ValueRef::Real(value) => Cell::Number(value),
            ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned().into()),
            ValueRef::Null | ValueRef::Blob(_) => Cell::Null,
        };
        Ok(Written { hash: row.get::<_, i64>(0)?.cast_unsigned(), order, is_bare: row.get(2)? })
    };
    statement.query_row([key.to_be_bytes()], one).optional()
}

fn said(error: &rusqlite::Error) -> Trouble {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => std::io::Error::from(std::io::ErrorKind::StorageFull).into(),
        _ => Trouble::Said(format!("the keys of this load: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{IN_MEMORY, Seen, Written};
    use crate::normalise::Cell;

    #[test]
    fn keys_are_found_in_memory_and_on_the_disk() {
        let mut seen = Seen::default();
        let one =
            |hash: u64| Written { hash, order: Cell::Text(hash.to_string().into()), is_bare: hash.is_multiple_of(2) };
        for number in 0..IN_MEMORY as u64 + 10 {
            seen.insert(u128::from(number) << 64 | 7, one(number)).expect("room");
        }
        assert!(seen.keys.len() == 10 && seen.rest.is_some());
        for number in [0, 5, IN_MEMORY as u64 - 1, IN_MEMORY as u64 + 9] {
            assert_eq!(seen.get(u128::from(number) << 64 | 7).expect("an answer"), Some(one(number)));
        }
        seen.insert(7, one(1)).expect("room");
        assert_eq!(seen.get(7).expect("an answer"), Some(one(1)));
        assert!(!seen.contains(8).expect("an answer"));
    }
}
