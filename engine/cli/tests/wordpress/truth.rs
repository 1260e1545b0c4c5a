//! What the tables must hold, by `tests/wordpress/truth.sql`, beside what they hold.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::{Map, Value};

use super::server::WordPress;

const TRUTH: &str = include_str!("../../../../tests/wordpress/truth.sql");

/// Rows as WordPress's database has them and as ours has, where they differ.
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

/// The tables of `ours` that do not hold what `site` says.
pub(crate) fn differences(site: &WordPress, ours: &Connection) -> Vec<Difference> {
    let mut found = Vec::new();
    for part in TRUTH.split("-- table: ").skip(1) {
        let (table, query) = part.split_once('\n').expect("a table with its query");
        let must: Vec<Map<String, Value>> = site
            .query(&query.replace("{home}", &site.url()))
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|fault| panic!("{table}: {fault}: {line}")))
            .collect();
        assert!(!must.is_empty(), "{table}: the truth has rows");
        let names: Vec<String> = must[0].keys().cloned().collect();
        let left_out = query.lines().find_map(|line| line.strip_prefix("-- not compared: "));
        let compared: BTreeSet<String> = names.iter().cloned().chain(left_out.map(str::to_owned)).collect();
        assert_eq!(columns(ours, table), compared, "{table}: the columns that truth.sql compares are all there are");
        let must = Vec::from_iter(must.into_iter().map(Value::Object));
        let holds = rows(ours, table, &names);
        let (lacking, extra) = (without(&must, &holds), without(&holds, &must));
        if !lacking.is_empty() || !extra.is_empty() {
            found.push(Difference { table: table.to_owned(), lacking, extra });
        }
    }
    let rejected: i64 = ours.query_row("SELECT count(*) FROM _sdc_rejected", [], |row| row.get(0)).expect("a count");
    assert_eq!(rejected, 0, "records were set aside");
    found
}

/// The columns without those that tell of the load; a child row's key is compared.
fn columns(ours: &Connection, table: &str) -> BTreeSet<String> {
    let sql = "SELECT name FROM pragma_table_info(?) WHERE name NOT LIKE '\\_sdc%' ESCAPE '\\'
               OR name LIKE '\\_sdc\\_source\\_key%' ESCAPE '\\'";
    let mut statement = ours.prepare(sql).expect("a query");
    let columns = statement.query_map([table], |row| row.get(0)).expect("columns");
    columns.map(|column| column.expect("a column")).collect()
}

fn rows(ours: &Connection, table: &str, names: &[String]) -> Vec<Value> {
    let members: Vec<String> = names.iter().map(|name| format!("'{name}', \"{name}\"")).collect();
    let sql = format!("SELECT json_object({}) FROM \"{table}\"", members.join(", "));
    let mut statement = ours.prepare(&sql).expect("a query");
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    rows.map(|row| serde_json::from_str(&row.expect("a row")).expect("JSON")).collect()
}

/// What stands in `these` and not in `those`, each as often as it is too much.
fn without(these: &[Value], those: &[Value]) -> Vec<Value> {
    let mut left = those.to_vec();
    let mut extra = Vec::new();
    for one in these {
        match left.iter().position(|other| other == one) {
            Some(at) => drop(left.swap_remove(at)),
            None => extra.push(one.clone()),
        }
    }
    extra
}
