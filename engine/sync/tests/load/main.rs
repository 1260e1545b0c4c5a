//! Records in, tables out: each file in `cases/` is a stream, some runs, and what the tables hold then.

mod case;
mod faults;
mod property;
mod reading;
mod state;
mod stream;

use std::path::Path;

#[test]
fn every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/load/cases");
    let mut names: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    names.sort();
    assert!(names.len() >= 10, "cases are missing");
    let mut wrong = Vec::new();
    for path in names {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if let Err(fault) = case::run(&text) {
            wrong.push(format!("{name}: {fault}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
