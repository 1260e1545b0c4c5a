//! Folders of files are read by programs that others wrote, as the guide says: DuckDB by the guide's own SQL, and Polars.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::{Site, library, told};

/// The destinations that are folders of files, and how DuckDB calls what reads them.
const FOLDERS: [(&str, &str, &str); 2] = [("parquet", "read_parquet", "parquet"), ("jsonl", "read_json", "jsonl")];

/// A folder that has seen a first load, new versions, and a field that came later.
fn loaded(scheme: &str) -> Site {
    let site = Site::new(scheme, "");
    site.runs_well("the first run");
    let spec = site.folder.path().join("shop.yaml");
    let text = std::fs::read_to_string(&spec).expect("a spec");
    std::fs::write(&spec, text.replace("name: string, tags", "name: string, later: string, tags")).expect("a spec");
    for round in 1..3 {
        site.world.turn();
        site.runs_well(&format!("round {round}"));
    }
    site
}

/// The SQL of the guide, for the items of a place.
fn views(site: &Site, reads: &str, ending: &str) -> Vec<String> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/loading.md");
    let guide = std::fs::read_to_string(guide).expect("the guide");
    let sql = guide.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next()).expect("SQL");
    let root = site.folder.path().join("data").display().to_string();
    let sql =
        sql.replace("cases__labels", "items__tags").replace("cases", "items").replace("lake/", &format!("{root}/"));
    let sql = sql.replace("read_parquet", reads).replace("*.parquet", &format!("*.{ending}"));
    sql.split(';').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

/// Rows as the world's truth writes them.
fn lines(rows: &[Vec<Value>]) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let line = |row: &Vec<Value>| row.iter().map(text).collect::<Vec<_>>().join("\t");
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn duckdb_reads_folders_by_the_sql_of_the_guide() {
    if library::skipped("duckdb_reads_folders_by_the_sql_of_the_guide") {
        return;
    }
    for (scheme, reads, ending) in FOLDERS {
        let site = loaded(scheme);
        let database = site.folder.path().join("views.duckdb");
        for view in views(&site, reads, ending) {
            library::query(&database, &view).unwrap_or_else(|| panic!("{scheme}: {view}"));
        }
        let group = format!("{reads}('{}/data/groups/*.{ending}')", site.folder.path().display());
        let moment = "strftime(\"at\"::TIMESTAMPTZ AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')";
        let queries = [
            format!("SELECT id, {moment}, name FROM items ORDER BY id"),
            "SELECT _sdc_source_key_id, _sdc_level_0_id, value FROM items__tags ORDER BY 1, 2".to_owned(),
            format!("SELECT id, name FROM {group} ORDER BY id"),
        ];
        for (query, (_, expected)) in queries.iter().zip(site.world.truth()) {
            let found = lines(&library::query(&database, query).unwrap_or_else(|| panic!("{scheme}: {query}")));
            assert!(
                found == expected,
                "{scheme}: {query} gives other rows: {} bytes for {}",
                found.len(),
                expected.len()
            );
        }
    }
}

#[test]
fn polars_reads_folders_as_the_guide_says() {
    let python = std::env::var("TAPWRIGHT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = Command::new(&python).args(["-c", "import polars"]).output();
    if !probe.is_ok_and(|told| told.status.success()) {
        let lacking = "no polars; say which Python has it with TAPWRIGHT_PYTHON=FILE";
        assert!(std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_none(), "{lacking}");
        return eprintln!("skipped: polars_reads_folders_as_the_guide_says: {lacking}");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/folders/polars_read.py");
    for (scheme, ..) in FOLDERS {
        let site = loaded(scheme);
        let root = site.folder.path().join("data");
        for (table, (_, expected)) in ["items", "items__tags", "groups"].iter().zip(site.world.truth()) {
            let output = Command::new(&python).arg(&script).arg(&root).args([scheme, table]).output().expect("Python");
            assert!(output.status.success(), "{scheme}: {table}: {}", told(&output));
            let found = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
            assert!(found == expected, "{scheme}: {table}: other rows: {} bytes for {}", found.len(), expected.len());
        }
    }
}
