//! The SQL of the pages runs on the tables as they are loaded.

use rusqlite::Connection;
use tapwright_docs::Format;
use tapwright_sync::destination::{kind_of, layout};

/// The statements of a page in Markdown.
fn statements(page: &str) -> Vec<&str> {
    page.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_statement_of_every_page_runs_on_the_tables_of_its_spec() {
    let specs = std::fs::read_dir(super::repository("specs")).expect("the specs");
    let names = specs.map(|entry| entry.expect("a spec").file_name().into_string().expect("a name"));
    let mut all = 0;
    for spec in names.map(|name| format!("specs/{name}")).chain(["tests/pages/corners.yaml".to_owned()]) {
        let database = Connection::open_in_memory().expect("a database");
        for stream in &super::connector(&spec).streams {
            for table in layout(stream, kind_of(None).expect("a kind")).expect("tables") {
                let columns = table.columns.iter().map(|column| format!("\"{}\" {}", column.name, column.declared));
                let columns: Vec<String> = columns.collect();
                let create = format!("CREATE TABLE \"{}\" ({})", table.table, columns.join(", "));
                database.execute_batch(&create).unwrap_or_else(|fault| panic!("{fault}: {create}"));
            }
        }
        let page = super::page(&spec, Format::Markdown);
        for sql in statements(&page) {
            let mut statement = database.prepare(sql).unwrap_or_else(|fault| panic!("{spec}: {fault}\n{sql}"));
            let found = statement.query([]).and_then(|mut rows| rows.next().map(|row| row.is_some()));
            // A count of nothing has no groups, and an empty table no rows.
            assert!(!found.unwrap_or_else(|fault| panic!("{spec}: {fault}\n{sql}")));
            all += 1;
        }
    }
    assert!(all > 100, "{all} statements");
}
