//! The committed pages are those that the specs and their recordings give.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn docs(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_tapwright");
    Command::new(program).arg("docs").args(arguments).current_dir(root()).output().expect("the program")
}

#[test]
fn the_committed_pages_are_those_of_the_specs() {
    let output = docs(&["specs", "--out", "docs/connectors", "--check"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.is_empty(),
        "write them anew: tapwright docs specs --out docs/connectors\n{told}"
    );
}

/// However a connector logs in, the cost of its streams is known.
#[test]
fn nothing_is_left_out_of_the_pages_of_any_right_spec() {
    for entry in std::fs::read_dir(root().join("tests/specs/right")).expect("the specs") {
        let path = entry.expect("an entry").path();
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().to_str().expect("a path");
        // The components that it names are made where they are needed.
        let is_spec = path.extension().is_some_and(|end| end == "yaml") && !path.ends_with("hooks.yaml");
        let told = if is_spec { docs(&[path.to_str().expect("a path"), "--out", out]).stderr } else { Vec::new() };
        assert!(told.is_empty(), "{}: {}", path.display(), String::from_utf8_lossy(&told));
    }
}
