//! The SQL of the pages runs on the tables as they are loaded.

use std::path::PathBuf;

use rusqlite::{Connection, ToSql, params_from_iter};
use serde_json::Value;
use tapwright_docs::{Format, Template, render};
use tapwright_spec::Connector;
use tapwright_sync::destination::{kind_of, layout};
use tapwright_sync::replay::Case;

/// Specs that no user sees.
const MORE: [&str; 2] = ["tests/pages/corners.yaml", "tests/specs/right/load_mode.yaml"];

/// The statements of a page in Markdown.
fn statements(page: &str) -> Vec<&str> {
    page.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// A database with the tables of a connector, which are empty.
fn database(connector: &Connector) -> Connection {
    let database = Connection::open_in_memory().expect("a database");
    for stream in &connector.streams {
        for table in layout(stream, kind_of(None).expect("a kind")).expect("tables") {
            let columns = table.columns.iter().map(|column| format!("\"{}\" {}", column.name, column.declared));
            let columns: Vec<String> = columns.collect();
            let create = format!("CREATE TABLE \"{}\" ({})", table.table, columns.join(", "));
            database.execute_batch(&create).unwrap_or_else(|fault| panic!("{fault}: {create}"));
        }
    }
    database
}

/// How many rows a statement gives.
fn rows(database: &Connection, sql: &str) -> usize {
    let mut statement = database.prepare(sql).unwrap_or_else(|fault| panic!("{fault}\n{sql}"));
    let mut rows = statement.query([]).unwrap_or_else(|fault| panic!("{fault}\n{sql}"));
    let mut count = 0;
    while rows.next().unwrap_or_else(|fault| panic!("{fault}\n{sql}")).is_some() {
        count += 1;
    }
    count
}

#[test]
fn every_statement_of_every_page_runs_on_the_tables_of_its_spec() {
    let specs = std::fs::read_dir(super::repository("specs")).expect("the specs");
    let names = specs.map(|entry| entry.expect("a spec").file_name().into_string().expect("a name"));
    let mut all = 0;
    for spec in names.map(|name| format!("specs/{name}")).chain(MORE.map(str::to_owned)) {
        let database = database(&super::connector(&spec));
        for sql in statements(&super::page(&spec, Format::Markdown)) {
            // A count of nothing has no groups, and an empty table no rows.
            assert_eq!(rows(&database, sql), 0, "{spec}: {sql}");
            all += 1;
        }
    }
    assert!(all > 100, "{all} statements");
}

/// Fills a table with rows as a recording gives them.
fn fill(database: &Connection, table: &str, lines: &[String]) {
    for line in lines {
        let row: serde_json::Map<String, Value> = serde_json::from_str(line).expect("a row");
        let known: Vec<String> = {
            let columns = database.prepare(&format!("SELECT * FROM \"{table}\""));
            columns.map(|columns| columns.column_names().map(str::to_owned).collect()).unwrap_or_default()
        };
        // Columns that nobody declared are no part of any statement.
        let (names, values): (Vec<_>, Vec<_>) = row.iter().filter(|(name, _)| known.contains(name)).unzip();
        let places: Vec<String> = (1..=names.len()).map(|at| format!("?{at}")).collect();
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let insert = format!("INSERT INTO \"{table}\" ({}) VALUES ({})", names.join(", "), places.join(", "));
        let values = values.into_iter().map(|value| match value {
            Value::Number(number) if number.is_i64() => Box::new(number.as_i64()) as Box<dyn ToSql>,
            Value::Number(number) => Box::new(number.as_f64()),
            Value::String(text) => Box::new(text.clone()),
            other => Box::new(other.to_string()),
        });
        let values: Vec<_> = values.collect();
        database.execute(&insert, params_from_iter(values)).unwrap_or_else(|fault| panic!("{fault}: {insert}"));
    }
}

/// What each statement must find in the rows of its tables, so that a reader who tries it sees something.
#[test]
fn every_statement_finds_rows_where_a_recording_has_some() {
    let recordings: Vec<PathBuf> = std::fs::read_dir(super::repository("connectors"))
        .expect("the connectors")
        .map(|entry| entry.expect("a folder").path().join("recording.yaml"))
        .filter(|path| path.is_file())
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut found = 0;
    for recording in recordings {
        let case = Case::of(&recording).expect("a recording");
        let spec = case.spec().expect("a spec");
        let connector = super::connector(spec.to_str().expect("a path"));
        let (_, played) = runtime.block_on(case.play()).expect("a played recording");
        let database = database(&connector);
        let known = |table: &str| database.prepare(&format!("SELECT * FROM \"{table}\"")).is_ok();
        for (table, lines) in played.tables.iter().filter(|(table, _)| known(table)) {
            fill(&database, table, lines);
        }
        let page = render(&connector, &Template::default(), Format::Markdown).expect("a page");
        for sql in statements(&page) {
            let (_, from) = sql.split_once("\nFROM ").expect("a table");
            let table = from.split([' ', '\n', ';']).next().expect("a name").trim_matches('"');
            let some = played.tables.iter().any(|(name, lines)| name == table && !lines.is_empty());
            let deleted = sql.contains("_sdc_deleted_at IS NULL");
            assert!(!some || deleted || rows(&database, sql) > 0, "{}: finds nothing:\n{sql}", connector.name);
            found += usize::from(some);
        }
    }
    assert!(found > 50, "{found} statements found rows");
}
