//! Records in, tables out: each file in `tests/destinations` is a stream, some runs, and what the tables hold then, in
//! every destination there is.

mod case;
mod duckdb;
mod faults;
mod folder;
#[path = "../../../../tests/duckdb/library.rs"]
mod library;
mod partial;
mod place;
mod postgres;
mod property;
#[path = "../../../../tests/folders/reader.rs"]
mod reader;
mod reading;
mod recorded;
mod segment;
#[path = "../../../../tests/postgres/server.rs"]
mod server;
mod state;
mod stream;
mod versions;

use std::path::Path;

use place::{Place, SqliteFile};

#[test]
fn every_case_holds_in_sqlite() {
    every_case("sqlite", &mut || Box::new(SqliteFile::new()));
}

/// Runs all cases, each in a new place.
fn every_case(destination: &str, fresh: &mut dyn FnMut() -> Box<dyn Place>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/destinations");
    let mut names: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    names.sort();
    assert!(names.len() >= 20, "cases are missing");
    let mut wrong = Vec::new();
    for path in names {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if let Err(fault) = case::run(&text, destination, fresh) {
            wrong.push(format!("{destination}: {name}: {fault}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
