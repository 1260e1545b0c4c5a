//! What the spec says of values that the tables cannot take as they are: `schema_changes`.

use std::collections::{HashMap, HashSet};

use tapwright_spec::model::{Remedy, SchemaPolicy};

use super::read::{Reading, Refusal};
use super::table::{ColumnType, Tables};

/// What is to be done about values that do not fit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Policy {
    pub(super) says: SchemaPolicy,
    /// The destination has the tables already: columns that nobody declared do not come freely any more.
    pub(super) settled: bool,
}

/// The columns that the tables of a destination have: no others are made.
#[derive(Debug)]
pub(super) struct Only(HashMap<String, HashSet<String>>);

/// A value that has no column, and what is to be done about it.
#[derive(Debug)]
pub(super) struct Unplaced {
    pub(super) remedy: Remedy,
    pub(super) reason: String,
}

impl Policy {
    /// What keeps a value from getting a column of its own: a `new` one, or one beside that of another type.
    pub(super) fn against(self, new: bool) -> Option<Remedy> {
        let remedy = if new { self.says.on_new_column() } else { self.says.on_misfit() };
        (self.settled && remedy != Remedy::AddColumn).then_some(remedy)
    }
}

impl Only {
    /// By place of the table the columns that are there, with those without which no row can be.
    pub(super) fn new(
        tables: &Tables,
        there: &[Vec<(String, ColumnType)>],
        essential: impl Iterator<Item = String>,
    ) -> Only {
        let lower = |name: &str| name.to_ascii_lowercase();
        let mut all: HashMap<String, HashSet<String>> = HashMap::new();
        for (table, columns) in tables.all.iter().zip(there).filter(|(_, columns)| !columns.is_empty()) {
            all.insert(lower(&table.name), columns.iter().map(|(name, _)| lower(name)).collect());
        }
        all.entry(lower(&tables.all[0].name)).or_default().extend(essential.map(|name| lower(&name)));
        Only(all)
    }

    /// Whether the table is there.
    pub(super) fn has_table(&self, table: &str) -> bool {
        self.0.contains_key(&table.to_ascii_lowercase())
    }

    /// Whether the table has the column.
    pub(super) fn has(&self, table: &str, column: &str) -> bool {
        let columns = self.0.get(&table.to_ascii_lowercase());
        columns.is_some_and(|columns| columns.contains(&column.to_ascii_lowercase()))
    }
}

impl Reading<'_, '_> {
    /// A value has no column.
    pub(super) fn unplaced(&mut self, unplaced: Unplaced) -> Result<(), Refusal> {
        let Unplaced { remedy, reason } = unplaced;
        match remedy {
            Remedy::LeaveOut => {
                self.out.discard(reason);
                Ok(())
            }
            Remedy::AddColumn | Remedy::SetAside => Err(Refusal::Reason(reason)),
            Remedy::Fail => Err(Refusal::Stop(reason)),
        }
    }

    /// A field that the spec newly lists, and for which the tables get no column.
    pub(super) fn unlisted_there(&mut self, field: usize) -> Result<(), Refusal> {
        let reason = no_column(&self.plan.lacking[field]);
        self.unplaced(Unplaced { remedy: self.plan.policy.says.on_new_column(), reason })
    }

    /// A value that the declared type of its field does not take; `leaf` is that of a single value.
    pub(super) fn misfits(&mut self, leaf: Option<usize>, reason: String) -> Result<(), Refusal> {
        let is_essential = leaf.is_some_and(|leaf| {
            let (table, column) = (self.plan.leaves[leaf].table, self.plan.leaves[leaf].column);
            let Tables { key, replication_key, required, .. } = &*self.tables;
            table == 0 && (key.contains(&column) || *replication_key == Some(column) || required.contains(&column))
        });
        let remedy = self.plan.policy.says.on_misfit();
        let remedy = if is_essential && remedy == Remedy::LeaveOut { Remedy::SetAside } else { remedy };
        self.unplaced(Unplaced { remedy, reason })
    }
}

/// Why a value of a field has no place.
pub(super) fn no_column(field: &str) -> String {
    format!("field `{field}`: the table has no column for it")
}
