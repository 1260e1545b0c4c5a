//! Schemas are schemas, and what is said to follow one does.

use serde_json::Value;
use tapwright_docs::{page_document, page_schema};
use tapwright_interop::{Form, rows};

const ALL: [&str; 3] = ["specs", "tests/pages", "tests/specs/right"];

#[test]
fn every_schema_follows_the_meta_schema_of_its_draft() {
    let mut all = 0;
    for spec in crate::specs(&ALL) {
        let connector = crate::connector(&spec);
        let of_rows = connector.streams.iter().map(|stream| rows(&connector, stream).expect("a schema"));
        for schema in of_rows.chain([tapwright_spec::settings::form(&connector)]) {
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
            if let Err(fault) = jsonschema::draft202012::meta::validate(&schema) {
                panic!("{}: {}: {fault}", spec.display(), fault.instance_path());
            }
            all += 1;
        }
    }
    assert!(all > 150, "{all} schemas");
    jsonschema::draft202012::meta::validate(&page_schema()).expect("a schema");
}

#[test]
fn every_page_for_programs_follows_its_schema() {
    let schema = jsonschema::draft202012::new(&page_schema()).expect("a schema");
    for spec in crate::specs(&ALL) {
        let page = page_document(&crate::connector(&spec));
        let faults: Vec<String> =
            schema.iter_errors(&page).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{}\n{}", spec.display(), faults.join("\n"));
        assert!(page["streams"].is_array() && page["relations"] == Value::Null);
    }
}

#[test]
fn the_committed_schema_of_pages_is_that_of_the_program() {
    let committed = std::fs::read_to_string(crate::repository("docs/reference/page.schema.json")).expect("a schema");
    assert_eq!(committed, format!("{:#}\n", page_schema()), "tapwright schema page > docs/reference/page.schema.json");
}

#[test]
fn there_is_a_file_of_each_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = [crate::repository("specs/desk.yaml")];
    let made: Vec<String> = Form::ALL
        .iter()
        .flat_map(|form| crate::written(&spec, *form, folder.path()))
        .map(|path| path.strip_prefix(folder.path()).expect("below").display().to_string())
        .filter(|name| !name.contains("schemas/") || name.ends_with("/cases.json"))
        .collect();
    let names = [
        "connector.json",
        "schemas/cases.json",
        "config.schema.json",
        "config.env",
        "tables.dbml",
        "sources.yml",
        "catalog.json",
    ];
    assert_eq!(made, names.map(|name| format!("desk/{name}")));
}
