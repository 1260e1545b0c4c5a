//! The order of the house: a crate, and a module of `engine/sync`, uses only what ARCHITECTURE.md lists
//! before it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names in the first column of the table under a heading.
fn listed(heading: &str) -> Vec<String> {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let (_, rest) = page.split_once(heading).unwrap_or_else(|| panic!("no heading `{heading}`"));
    let rows = rest.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let names: Vec<String> = rows.filter_map(|row| Some(row.split('`').nth(1)?.to_owned())).collect();
    assert!(names.len() > 3, "the table under `{heading}` was not read");
    names
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                open.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                files.push(entry);
            }
        }
    }
    files
}

/// The code of a file without its tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source file");
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

#[test]
fn crates_use_only_what_is_listed_before_them() {
    let crates = listed("## Rooms");
    let folders = [
        "engine/spec",
        "engine/hook",
        "engine/hook-build",
        "engine/sync",
        "engine/docs",
        "engine/interop",
        "engine/mock",
        "connectors/desk/simulator",
        "connectors/hook-sdk",
        "connectors/desk/custom_fields",
        "connectors/redmine/custom_fields",
        "engine/cli",
    ];
    for (at, (name, folder)) in crates.iter().zip(folders).enumerate() {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{folder} is not {name}");
        let used = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        for later in &crates[at..] {
            let wrong = used.lines().any(|line| line.starts_with(&format!("{later}.")));
            assert!(!wrong, "{name} uses {later}, which stands behind it");
        }
    }
}

#[test]
fn modules_of_sync_use_only_what_is_listed_before_them() {
    let modules = listed("### Inside `engine/sync`");
    let source = root().join("engine/sync/src");
    let declared = fs::read_to_string(source.join("lib.rs")).expect("lib.rs");
    let declared: Vec<&str> =
        declared.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(declared, modules, "lib.rs and ARCHITECTURE.md list the same modules in the same order");
    for file in rust_files(&source) {
        let path = file.strip_prefix(&source).expect("below src");
        let module = path.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        let Some(at) = modules.iter().position(|name| *name == module) else { continue };
        let code = code(&file);
        assert!(!code.contains("crate::{"), "{}: one `use` a module, so that this test can read it", path.display());
        let used: BTreeSet<&str> = code
            .match_indices("crate::")
            .filter_map(|(from, _)| {
                code[from + "crate::".len()..].split(|c: char| !c.is_alphanumeric() && c != '_').next()
            })
            .collect();
        for later in &modules[at + 1..] {
            assert!(
                !used.contains(later.as_str()),
                "{} uses `{later}`, which stands behind `{module}`",
                path.display()
            );
        }
    }
}
