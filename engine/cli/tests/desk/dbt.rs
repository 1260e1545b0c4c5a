//! The tests that `export --as dbt` writes are run by dbt itself on rows that were loaded: they hold, and a row that is
//! broken fails them.
//!
//! `TAPWRIGHT_DBT` names a Python with dbt-core and dbt-duckdb, `TAPWRIGHT_LIBDUCKDB` DuckDB's library.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use desk_simulator::ServerOptions;

use crate::site::{Desk, Ended};

/// A Python with dbt, and DuckDB's library; says by name that the test is skipped where one is not there.
fn python() -> Option<(Command, OsString)> {
    let path = std::env::var_os("TAPWRIGHT_DBT").unwrap_or("python3".into());
    let probe = Command::new(&path)
        .args(["-c", "import dbt.cli.main, dbt.adapters.duckdb"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let lacking = match probe {
        Ok(status) if status.success() => match std::env::var_os("TAPWRIGHT_LIBDUCKDB") {
            Some(library) => return Some((Command::new(path), library)),
            None => "libduckdb.so (TAPWRIGHT_LIBDUCKDB names where it is)",
        },
        _ => "dbt-core and dbt-duckdb (TAPWRIGHT_DBT names where they are)",
    };
    assert!(std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_none(), "dbt_tests_loaded_rows: {lacking}");
    eprintln!("skipped: dbt_tests_loaded_rows: no {lacking}");
    None
}

#[test]
fn dbt_tests_loaded_rows() {
    let Some((mut python, library)) = python() else { return };
    let desk = Desk::start(40, ServerOptions::default());
    let database = desk.path("desk.duckdb").display().to_string();
    let to = format!("duckdb:{database}");
    let from_the_beginning = ["--config", "config.yaml", "--start", "1970-01-01"];
    let sync = desk
        .program(&["sync", "desk.yaml", "--to", &to])
        .args(from_the_beginning)
        .env("TAPWRIGHT_LIBDUCKDB", library)
        .output();
    let synced = Ended::of(sync.expect("the program starts"));
    assert_eq!(synced.code, Some(0), "{}\n{}", synced.out, synced.err);
    let exported = desk.program(&["export", "desk.yaml", "--as", "dbt", "--to", &to]).output();
    let sources = Ended::of(exported.expect("the program starts"));
    assert_eq!(sources.code, Some(0), "{}", sources.err);
    desk.write("sources.yml", &sources.out);

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/desk/dbt_test.py");
    let tested = python.arg(script).arg(desk.path("sources.yml")).args([database.as_str(), "cases", "id"]).output();
    let tested = Ended::of(tested.expect("python"));
    assert_eq!(tested.code, Some(0), "{}\n{}", tested.out, tested.err);
    let told: Vec<&str> = tested.out.lines().filter(|line| line.contains(" pass, ")).collect();
    let [whole, broken] = told.as_slice() else { panic!("{}\n{}", tested.out, tested.err) };
    let tests = sources.out.matches("not_null").count() + sources.out.matches("unique").count();
    let passed: usize = whole.split(' ').next().and_then(|count| count.parse().ok()).expect("a count");
    assert!(passed >= tests && tests > 20 && whole.contains(", 0 fail"), "{tests} keys, {whole}");
    assert!(broken.contains("source_not_null_desk_cases_id"), "{broken}");
    assert!(broken.contains("source_relationships_desk_replies_case_id"), "its replies belong to nothing: {broken}");
}
