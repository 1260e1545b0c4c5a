//! What a load would find of its tables and do to them, before it does anything.

use serde::Serialize;

use super::Fault;

/// A table as a load would find and change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prospect {
    /// The table, as the destination calls it.
    pub table: String,
    /// Whether it is there, made by an earlier load of the stream.
    pub is_there: bool,
    /// Columns that it gets: all, if it is not there.
    pub added: Vec<NewColumn>,
    /// Columns that it has and the spec has no more: they stay, and are emptied with each row that is written.
    pub stay: Vec<String>,
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

impl Prospect {
    /// Of a table that cannot be used at all.
    pub(super) fn refused(table: &str, fault: &Fault) -> Prospect {
        let (table, faults) = (table.to_owned(), vec![fault.to_string()]);
        Prospect { table, is_there: true, added: Vec::new(), stay: Vec::new(), faults }
    }

    /// Of a table that is not there.
    pub(super) fn new(table: &str, columns: impl Iterator<Item = (String, String)>) -> Prospect {
        let added = columns.map(|(name, declared)| NewColumn { name, declared }).collect();
        Prospect { table: table.to_owned(), is_there: false, added, stay: Vec::new(), faults: Vec::new() }
    }

    /// Of a table that has the columns `there`; `same` says whether two names are one.
    pub(super) fn grown(
        table: &str,
        columns: impl Iterator<Item = (String, String)>,
        there: &[(String, String)],
        same: fn(&str, &str) -> bool,
    ) -> Prospect {
        let wanted: Vec<(String, String)> = columns.collect();
        let is_in = |all: &[(String, String)], name: &str| all.iter().any(|(one, _)| same(one, name));
        let stay =
            there.iter().map(|(name, _)| name).filter(|name| !is_in(&wanted, name) && !name.starts_with("_sdc_"));
        let stay = stay.cloned().collect();
        let lacking = wanted.into_iter().filter(|(name, _)| !is_in(there, name));
        let added = lacking.map(|(name, declared)| NewColumn { name, declared }).collect();
        Prospect { table: table.to_owned(), is_there: true, added, stay, faults: Vec::new() }
    }
}
