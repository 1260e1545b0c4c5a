//! The JSON Schema and `check` agree, as far as a schema can say what is right.
//!
//! Each wrong spec says in its first line what the schema makes of it: `# schema: refuses` for what an
//! editor tells while one types, `# schema: accepts` for what only `check` finds, `# schema: cannot read`
//! for what is no YAML to begin with.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tapwright_spec::schema::schema;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn specs(folder: &str) -> Vec<(PathBuf, String)> {
    let Ok(entries) = std::fs::read_dir(Path::new(ROOT).join(folder)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).expect("a text"))).collect()
}

/// A file as an editor sees it.
fn as_json(text: &str) -> Option<Value> {
    serde_yaml::from_str(text).ok()
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&schema()).expect("a JSON Schema")
}

#[test]
fn every_right_spec_is_valid() {
    let validator = validator();
    let right = ["tests/specs/right", "specs"].into_iter().flat_map(specs);
    let invalid = |(path, text): (PathBuf, String)| {
        let document = as_json(&text)?;
        let faults: Vec<String> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        (!faults.is_empty()).then(|| format!("{}\n  {}", path.display(), faults.join("\n  ")))
    };
    let invalid: Vec<String> = right.filter_map(invalid).collect();
    assert!(invalid.is_empty(), "{}", invalid.join("\n"));
}

#[test]
fn of_every_wrong_spec_the_schema_says_what_its_first_line_says() {
    let validator = validator();
    let verdict = |text: &str| match as_json(text) {
        None => "cannot read",
        Some(document) if validator.is_valid(&document) => "accepts",
        Some(_) => "refuses",
    };
    let differs = |(path, text): (PathBuf, String)| {
        let said = text.lines().next().and_then(|line| line.strip_prefix("# schema: ")).unwrap_or("nothing");
        let is = verdict(&text);
        (said != is).then(|| format!("{}: says `{said}`, the schema {is}", path.display()))
    };
    let differing: Vec<String> = specs("tests/specs/wrong").into_iter().filter_map(differs).collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn every_reference_within_the_schema_leads_somewhere() {
    let schema = schema();
    let text = schema.to_string();
    for (at, _) in text.match_indices("\"$ref\":\"#") {
        let pointer = text[at + 9..].split('"').next().expect("an end");
        assert!(schema.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
}
