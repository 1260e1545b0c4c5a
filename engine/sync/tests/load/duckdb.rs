//! DuckDB: the cases that every destination holds to, read by DuckDB itself, and what can happen to its file.

use std::cell::RefCell;
use std::path::PathBuf;

use serde_json::Value;
use tapwright_sync::destination::{self, Fault};

use crate::library::{Opened, skipped};
use crate::place::Place;
use crate::recorded::every_recording;
use crate::{every_case, partial, versions};

/// A DuckDB file, whose name is a word that means something else in SQL.
struct DuckFile {
    folder: tempfile::TempDir,
    /// Open for queries, until somebody else wants the file.
    opened: RefCell<Option<Opened>>,
}

impl DuckFile {
    fn new() -> DuckFile {
        DuckFile { folder: tempfile::tempdir().expect("a folder"), opened: RefCell::new(None) }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("main's.temp")
    }

    fn query(&self, sql: &str) -> Vec<Vec<Value>> {
        let mut opened = self.opened.borrow_mut();
        let found = opened.get_or_insert_with(|| Opened::new(&self.path())).query(sql);
        found.unwrap_or_else(|| vec![vec![Value::from("no such table or column")]])
    }
}

impl Place for DuckFile {
    fn url(&self) -> String {
        self.opened.take();
        format!("duckdb:{}", self.path().display())
    }

    fn rows(&self, table: &str, columns: &[String]) -> Vec<Vec<Value>> {
        let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        self.query(&format!("SELECT {} FROM \"{table}\"", names.join(", ")))
    }

    fn columns(&self, table: &str) -> Vec<String> {
        let names = self.query(&format!("SELECT column_name FROM duckdb_columns() WHERE table_name = '{table}'"));
        names.iter().filter_map(|row| row[0].as_str().map(str::to_owned)).collect()
    }

    fn left(&self) -> Vec<Vec<Value>> {
        self.query("SELECT table_name FROM duckdb_tables() WHERE temporary")
    }

    /// A decimal has 18 digits behind the point.
    fn says(&self, table: &str, columns: &[String], mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
        let types =
            format!("SELECT column_name FROM duckdb_columns() WHERE table_name = '{table}' AND data_type LIKE 'DEC%'");
        let decimals = self.query(&types);
        for row in &mut rows {
            for (cell, name) in row.iter_mut().zip(columns) {
                let text = cell.as_str().filter(|text| text.contains('.'));
                if let Some(text) = text.filter(|_| decimals.iter().any(|row| row[0] == name.as_str())) {
                    *cell = Value::from(text.trim_end_matches('0'));
                }
            }
        }
        rows
    }
}

#[test]
fn every_case_holds_in_duckdb() {
    if !skipped("every_case_holds_in_duckdb") {
        every_case("duckdb", &mut || Box::new(DuckFile::new()));
    }
}

#[test]
fn every_recording_comes_out_the_same_through_a_hub_in_duckdb() {
    if !skipped("every_recording_comes_out_the_same_through_a_hub_in_duckdb") {
        every_recording("duckdb", &mut || Box::new(DuckFile::new()));
    }
}

#[test]
fn one_version_of_a_key_stays_in_duckdb_too() {
    if !skipped("one_version_of_a_key_stays_in_duckdb_too") {
        versions::one_version_stays(20, &|| Box::new(DuckFile::new()));
    }
}

#[test]
fn parts_are_merged_in_their_order_in_duckdb_too() {
    if !skipped("parts_are_merged_in_their_order_in_duckdb_too") {
        partial::merged_in_their_order(30, &|| Box::new(DuckFile::new()));
    }
}

#[test]
fn what_stands_in_the_way_of_a_duckdb_file_is_named() {
    if skipped("what_stands_in_the_way_of_a_duckdb_file_is_named") {
        return;
    }
    let place = DuckFile::new();
    let refused = |url: &str| destination::open(url, "test").map(|_| ()).expect_err("refused").to_string();
    assert!(refused("duckdb:/nowhere/at/all.db").contains("cannot open /nowhere/at/all.db"));
    assert!(refused("duckdb:x.db?threads=1").contains("there is no option `threads`"));
    assert!(refused("duckdb:x.db?memory=1GB").contains("`memory=1GB`: write a number of megabytes, such as"));
    assert!(refused("duckdb:x.db?memory=59").contains("`memory=59`: DuckDB needs 60 (megabytes) at least"));
    std::fs::write(place.path(), "id,text\n".repeat(4_000)).expect("a file");
    let other = refused(&place.url());
    assert!(other.contains("is no DuckDB database"), "{other}");
    std::fs::remove_file(place.path()).expect("gone");
    let first = place.open().expect("a database");
    assert!(matches!(place.open().map(|_| ()), Err(Fault::Busy { .. })));
    drop(first);
    place.open().expect("free again");
    assert!(destination::look(&place.url(), "test").is_ok());
}
