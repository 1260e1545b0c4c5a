//! A spec, a recorded API, and what must come of it: each folder of `tests/recorded/` is a case.
//!
//! | file | holds |
//! |---|---|
//! | `spec.yaml` | the connector; its first line says what the case is about |
//! | `recording.yaml` | the runs, one after the other into one database: what is asked for and what the API answers |
//! | `expected.yaml` | for each run the requests, what is reported, the tables and the state |
//!
//! After a change of what is expected, `UPDATE_RECORDED=1` writes the third file anew; read its diff.

mod api;
mod case;
mod database;

use std::path::{Path, PathBuf};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/recorded");
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut cases: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

#[test]
fn every_case_comes_out_as_expected() {
    let cases = cases();
    assert!(cases.len() >= 50, "cases are missing");
    let only = std::env::var("RECORDED").unwrap_or_default();
    let mut wrong = Vec::new();
    for path in cases.iter().filter(|path| path.to_string_lossy().contains(&only)) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let read = |file: &str| std::fs::read_to_string(path.join(file)).unwrap_or_default();
        let told = match case::play(&read("spec.yaml"), &read("recording.yaml")) {
            Ok(told) => told,
            Err(fault) => {
                wrong.push(format!("{name}: {fault}"));
                continue;
            }
        };
        if std::env::var("UPDATE_RECORDED").is_ok_and(|set| set == "1") {
            std::fs::write(path.join("expected.yaml"), &told).expect("a file is written");
        } else if told != read("expected.yaml") {
            wrong.push(difference(&name, &read("expected.yaml"), &told));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The lines of each that the other does not have.
fn difference(name: &str, expected: &str, told: &str) -> String {
    let mut text = format!("{name}:");
    for (sign, one, other) in [('-', expected, told), ('+', told, expected)] {
        for line in one.lines().filter(|line| !other.lines().any(|known| known == *line)) {
            text.push_str(&format!("\n  {sign} {line}"));
        }
    }
    text
}
