//! What the tables must hold, by `tests/wordpress/truth.sql`, beside what they hold.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::{Map, Value};

use super::server::WordPress;
use crate::real::difference::{Difference, nothing_was_rejected};

const TRUTH: &str = include_str!("../../../../tests/wordpress/truth.sql");

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
        found.extend(Difference::between(table, &must, &holds));
    }
    nothing_was_rejected(ours);
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
