//! What a record empties where records are merged onto rows: null in place of an object empties all of its members, and a
//! value leaves nothing in the other columns that values of its key may have.
//!
//! Of members that nobody declared earlier runs may have made columns. Those whose names begin with the object's are
//! taken for its members', unless a field or another key is known to fill them.

use super::batch::Cell;
use super::open::column_of;
use super::plan::{Action, Plan, Unknown};
use super::read::{Reading, Refusal};
use super::table::{ColumnType, NameFault, Tables};

impl Plan {
    /// Finds the columns of a key that the destination has from earlier runs: what is emptied must be known.
    fn recall(&mut self, tables: &mut Tables, inferred: usize) -> Result<(), NameFault> {
        if std::mem::replace(&mut self.inferred[inferred].recalled, true) {
            return Ok(());
        }
        let one = &self.inferred[inferred];
        let (table, name, prefix) = (one.table, one.name.clone(), self.naming.prefix(&one.path));
        let there = |name: &str| self.existing.get(&(table, name.to_ascii_lowercase())).copied();
        let main = there(&name).map(|kind| (name.clone(), kind));
        let beside = ColumnType::SPLIT.into_iter().map(|kind| (format!("{name}__{}", kind.suffix()), kind));
        let beside = beside.filter(|(name, kind)| there(name) == Some(*kind));
        let found: Vec<_> = main.into_iter().chain(beside).collect();
        for (column, kind) in found {
            let one = &mut self.inferred[inferred];
            if one.columns.iter().all(|(known, _)| *known != kind) {
                one.columns.push((kind, column_of(tables, &mut self.orphans, (table, &column, kind))?));
                one.main = one.main.or((column == name).then_some(kind));
            }
        }
        if self.members_there(tables, table, &prefix).next().is_some() {
            self.node_of(inferred);
        }
        Ok(())
    }

    /// Finds the columns of an object's members that only earlier runs have filled.
    fn recall_members(&mut self, tables: &mut Tables, node: usize) -> Result<(), NameFault> {
        let Unknown::Infer { table, prefix } = &self.nodes[node].unknown else { return Ok(()) };
        if self.nodes[node].recalled.is_some() || prefix.is_empty() {
            return Ok(());
        }
        let table = *table;
        let mut found: Vec<(String, ColumnType)> = self.members_there(tables, table, prefix).collect();
        found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let add = |(name, kind): (String, ColumnType)| tables.all[table].add(&name, kind);
        let columns: Vec<usize> = found.into_iter().map(add).collect::<Result<_, _>>()?;
        self.orphans.extend(columns.iter().map(|column| (table, *column)));
        self.nodes[node].recalled = Some(columns);
        Ok(())
    }

    fn members_there(&self, tables: &Tables, table: usize, prefix: &str) -> impl Iterator<Item = (String, ColumnType)> {
        let of_prefix = move |(at, name): &&(usize, String)| *at == table && name.starts_with(prefix);
        let names = self.existing.keys().filter(of_prefix);
        let unknown = names.filter(move |(_, name)| tables.all[table].column(name).is_none());
        unknown.map(|key| (key.1.clone(), self.existing[key]))
    }
}

impl Reading<'_, '_> {
    /// Null stands where `action` reads a value, or, of a key that nobody declared, another value than its columns hold.
    pub(super) fn empty(&mut self, action: Action) -> Result<(), Refusal> {
        if !self.tables.merges() {
            return Ok(());
        }
        match action {
            Action::Leaf(at) | Action::Json(at) | Action::Listed(at) => {
                let leaf = &self.plan.leaves[at];
                let (table, column) = (leaf.table, leaf.column);
                self.put(table, column, Cell::Null);
            }
            Action::Mark => {
                if let Some(mark) = &self.plan.mark {
                    self.put(0, mark.column, Cell::Null);
                }
            }
            Action::Infer(at) => {
                self.empty_columns(at)?;
                if let Some(node) = self.plan.inferred[at].node {
                    self.empty_members(node)?;
                }
            }
            Action::Object(node) | Action::Through(node) => self.empty_members(node)?,
            Action::Pairs(at) => self.empty_members(self.plan.pairs[at].node)?,
            Action::Several(at) => {
                for number in 0..self.plan.several[at].len() {
                    self.empty(self.plan.several[at][number])?;
                }
            }
            Action::Skip | Action::List(_) | Action::Extra(_) | Action::Lacking(_) | Action::TooMany => {}
        }
        Ok(())
    }

    fn empty_members(&mut self, node: usize) -> Result<(), Refusal> {
        if let Err(fault) = self.plan.recall_members(self.tables, node) {
            return Err(Refusal::Reason(fault.to_string()));
        }
        if let Unknown::Infer { table, .. } = self.plan.nodes[node].unknown {
            for column in self.plan.nodes[node].recalled.clone().unwrap_or_default() {
                self.put(table, column, Cell::Null);
            }
        }
        for at in 0..self.plan.nodes[node].entries.len() {
            self.empty(self.plan.nodes[node].entries[at].action)?;
        }
        Ok(())
    }

    /// Empties the columns that single values of a key have, where records are merged.
    pub(super) fn empty_columns(&mut self, inferred: usize) -> Result<(), Refusal> {
        if !self.tables.merges() {
            return Ok(());
        }
        if let Err(fault) = self.plan.recall(self.tables, inferred) {
            return Err(Refusal::Reason(fault.to_string()));
        }
        for at in 0..self.plan.inferred[inferred].columns.len() {
            let one = &self.plan.inferred[inferred];
            let (table, column) = (one.table, one.columns[at].1);
            self.put(table, column, Cell::Null);
        }
        Ok(())
    }
}
