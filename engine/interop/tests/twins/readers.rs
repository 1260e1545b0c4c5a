//! DBML, dbt and Singer have readers of their own; each takes what is exported of every spec.

use tapwright_interop::{Form, tables};
use tapwright_sync::destination::kind_of;

use crate::reader::Reader;

const DBML: Reader = Reader {
    package: "@dbml/core",
    variable: "TAPWRIGHT_NODE",
    interpreter: "node",
    probe: &["-e", "require('@dbml/core')"],
    script: "dbml.cjs",
};

const DBT: Reader = Reader {
    package: "dbt-core and dbt-duckdb",
    variable: "TAPWRIGHT_DBT",
    interpreter: "python3",
    probe: &["-c", "import dbt.cli.main, dbt.adapters.duckdb"],
    script: "dbt_sources.py",
};

const SINGER: Reader = Reader {
    package: "singer-python",
    variable: "TAPWRIGHT_PYTHON",
    interpreter: "python3",
    probe: &["-c", "import singer.catalog"],
    script: "singer_catalog.py",
};

#[test]
fn a_parser_of_dbml_reads_every_table_and_reference() {
    let folder = tempfile::tempdir().expect("a folder");
    let specs = crate::specs(&["specs", "tests/pages"]);
    let Some(read) = DBML.read(&crate::written(&specs, Form::Dbml, folder.path())) else { return };
    let counted = specs.iter().map(|spec| {
        let connector = crate::connector(spec);
        let all = tables(&connector, kind_of(Some("postgres:x")).expect("a kind")).expect("tables");
        let columns: usize = all.iter().map(|table| table.columns.len()).sum();
        let references: usize = all.iter().map(|table| table.references.len()).sum();
        format!("{} tables, {columns} columns, {references} references\n", all.len())
    });
    assert_eq!(read, counted.collect::<String>());
}

#[test]
fn dbt_reads_every_source_with_its_tests() {
    let folder = tempfile::tempdir().expect("a folder");
    let specs = crate::specs(&["specs", "tests/pages"]);
    let Some(read) = DBT.read(&crate::written(&specs, Form::Dbt, folder.path())) else { return };
    let all: usize = specs
        .iter()
        .map(|spec| {
            tables(&crate::connector(spec), kind_of(Some("postgres:x")).expect("a kind")).expect("tables").len()
        })
        .sum();
    assert!(read.starts_with(&format!("{all} tables, ")), "{all}: {read}");
}

#[test]
fn singer_reads_every_catalog() {
    let folder = tempfile::tempdir().expect("a folder");
    let specs = crate::specs(&["specs", "tests/pages"]);
    let Some(read) = SINGER.read(&crate::written(&specs, Form::Singer, folder.path())) else { return };
    let streams: usize = specs.iter().map(|spec| crate::connector(spec).streams.len()).sum();
    assert_eq!(read.trim(), format!("{streams} streams"));
}
