//! What a load would find of its tables and do to them, before it does anything.

use serde::Serialize;
use tapwright_spec::model::LoadMode;

use super::Fault;
use super::columns::is_of_loads;
use crate::normalise::ColumnType;

/// A table as a load would find and change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prospect {
    /// The table, as the destination calls it.
    pub table: String,
    /// Whether it is there, made by an earlier load of the stream.
    pub is_there: bool,
    /// Columns of records that it has, as the normaliser calls them.
    #[serde(skip)]
    pub columns: Vec<(String, ColumnType)>,
    /// Columns that it gets: all, if it is not there.
    pub added: Vec<NewColumn>,
    /// Columns that it has and the spec has no more: they stay, and are emptied with each row that is written, unless
    /// records are merged. Where the table is made anew they go.
    pub stay: Vec<String>,
    /// Columns that are of another type: the load can do with it, or makes the table anew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retyped: Vec<Retyped>,
    /// Its primary key is another one: the table is made anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rekeyed: Option<Rekeyed>,
    /// Why the stream cannot be loaded into it, and what helps.
    pub faults: Vec<String>,
}

/// A column that would be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewColumn {
    /// Its name.
    pub name: String,
    /// Its type, as the destination calls it.
    #[serde(rename = "type")]
    pub declared: String,
}

/// A column that is of another type than the load writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retyped {
    /// Its name.
    pub name: String,
    /// The type that it has.
    pub before: String,
    /// The type that the load writes.
    pub now: String,
}

/// A primary key that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rekeyed {
    /// As it was.
    pub before: String,
    /// As it is.
    pub now: String,
}

impl Rekeyed {
    /// Of a table that was made with the key `before`, if it was.
    pub(super) fn of(before: Option<String>, now: String) -> Option<Rekeyed> {
        before.filter(|before| *before != now).map(|before| Rekeyed { before, now })
    }
}

impl Prospect {
    /// Of a table that cannot be used at all.
    pub(super) fn refused(table: &str, fault: &Fault) -> Prospect {
        Prospect { is_there: true, faults: vec![fault.to_string()], ..Prospect::new(table, std::iter::empty()) }
    }

    /// Of a table that is not there.
    pub(super) fn new(table: &str, columns: impl Iterator<Item = (String, String)>) -> Prospect {
        let added = columns.map(|(name, declared)| NewColumn { name, declared }).collect();
        let table = table.to_owned();
        let (columns, stay) = (Vec::new(), Vec::new());
        let (retyped, rekeyed, faults) = (Vec::new(), None, Vec::new());
        Prospect { table, is_there: false, columns, added, stay, retyped, rekeyed, faults }
    }

    /// Of a table that has the columns `there`; `same` says whether two names are one.
    pub(super) fn grown(
        (table, mode): (&str, LoadMode),
        columns: impl Iterator<Item = (String, String)>,
        there: &[(String, String)],
        same: fn(&str, &str) -> bool,
    ) -> Prospect {
        let wanted: Vec<(String, String)> = columns.collect();
        let is_in = |all: &[(String, String)], name: &str| all.iter().any(|(one, _)| same(one, name));
        let stay = there.iter().map(|(name, _)| name).filter(|name| !is_in(&wanted, name) && !is_of_loads(mode, name));
        let stay = stay.cloned().collect();
        let other = |(name, now): &(String, String)| {
            let (_, before) = there.iter().find(|(one, before)| same(one, name) && !same(before, now))?;
            Some(Retyped { name: name.clone(), before: before.clone(), now: now.clone() })
        };
        let retyped = wanted.iter().filter_map(other).collect();
        let lacking = wanted.into_iter().filter(|(name, _)| !is_in(there, name));
        Prospect { is_there: true, stay, retyped, ..Prospect::new(table, lacking) }
    }
}
