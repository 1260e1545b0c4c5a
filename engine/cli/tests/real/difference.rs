//! Where a table does not hold what it must.

use std::collections::HashMap;

use rusqlite::Connection;
use serde_json::Value;

/// A table that does not hold what it must.
#[derive(PartialEq)]
pub(crate) struct Difference {
    pub(crate) table: String,
    /// Rows that it should hold and does not.
    pub(crate) lacking: Vec<Value>,
    /// Rows that it should not hold and does.
    pub(crate) extra: Vec<Value>,
}

impl std::fmt::Debug for Difference {
    /// The rows that have another like them on the other side by the columns that differ, the others whole.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}: {} rows lack, {} are too much", self.table, self.lacking.len(), self.extra.len())?;
        for row in self.lacking.iter().take(9) {
            let Some(held) = self.extra.iter().find(|other| !row["id"].is_null() && other["id"] == row["id"]) else {
                writeln!(f, "  lacks {row}")?;
                continue;
            };
            for (name, value) in row.as_object().into_iter().flatten().filter(|(name, value)| held[*name] != **value) {
                writeln!(f, "  {}: {name} is {}, not {value}", row["id"], held[name])?;
            }
        }
        let alone = self.extra.iter().filter(|row| self.lacking.iter().all(|other| other["id"] != row["id"]));
        alone.take(9).try_for_each(|row| writeln!(f, "  has {row}"))
    }
}

impl Difference {
    /// The rows of a table that must be there beside those that are; none if they are the same.
    pub(crate) fn between(table: &str, must: &[Value], holds: &[Value]) -> Option<Difference> {
        let (lacking, extra) = (without(must, holds), without(holds, must));
        let same = lacking.is_empty() && extra.is_empty();
        (!same).then(|| Difference { table: table.to_owned(), lacking, extra })
    }
}

/// What stands in `these` and not in `those`, each as often as it is too much.
fn without(these: &[Value], those: &[Value]) -> Vec<Value> {
    let mut left: HashMap<&Value, usize> = HashMap::new();
    those.iter().for_each(|one| *left.entry(one).or_default() += 1);
    let mut extra = Vec::new();
    for one in these {
        match left.get_mut(one).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => extra.push(one.clone()),
        }
    }
    extra
}

/// Checks that no record was set aside.
pub(crate) fn nothing_was_rejected(ours: &Connection) {
    let rejected: i64 = ours.query_row("SELECT count(*) FROM _sdc_rejected", [], |row| row.get(0)).expect("a count");
    assert_eq!(rejected, 0, "records were set aside");
}
