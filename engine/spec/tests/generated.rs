//! What is generated from the language is what is committed.

use std::path::Path;

use tapwright_spec::{reference::reference, schema::schema};

fn committed(path: &str, generated: &str, command: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let there = std::fs::read_to_string(file).unwrap_or_default();
    assert!(there == generated, "{path} is not what the language says; write it anew:\n\n    {command} > {path}\n");
}

#[test]
fn the_json_schema_is_up_to_date() {
    let generated = format!("{:#}\n", schema());
    committed("docs/reference/connector.schema.json", &generated, "cargo run -- schema");
}

#[test]
fn the_reference_page_is_up_to_date() {
    committed("docs/reference/spec-language.md", &reference(), "cargo run -- schema --reference");
}
