//! A first hook: small, real, and with a test of its own.

use std::path::{Path, PathBuf};

use crate::world::{INTERFACE, Job};
use crate::{Fault, Language};

/// A file of a new folder; `NAME` stands for the name of the hook.
struct Template {
    path: &'static str,
    text: &'static str,
}

macro_rules! template {
    ($path:literal, $from:literal) => {
        Template { path: $path, text: include_str!($from) }
    };
}

const RUST: &[Template] = &[
    template!("Cargo.toml", "../templates/rust/Cargo.toml.txt"),
    template!(".gitignore", "../templates/rust/gitignore.txt"),
    template!("sdk/Cargo.toml", "../templates/rust/sdk.toml.txt"),
    Template { path: "sdk/wit/hook.wit", text: INTERFACE },
    template!("sdk/src/column.rs", "../../../connectors/hook-sdk/src/column.rs"),
    template!("sdk/src/export.rs", "../../../connectors/hook-sdk/src/export.rs"),
    template!("sdk/src/guest.rs", "../../../connectors/hook-sdk/src/guest.rs"),
    template!("sdk/src/guest/change_records.rs", "../../../connectors/hook-sdk/src/guest/change_records.rs"),
    template!("sdk/src/guest/choose_pages.rs", "../../../connectors/hook-sdk/src/guest/choose_pages.rs"),
    template!("sdk/src/guest/cut_slices.rs", "../../../connectors/hook-sdk/src/guest/cut_slices.rs"),
    template!("sdk/src/guest/sign_requests.rs", "../../../connectors/hook-sdk/src/guest/sign_requests.rs"),
    template!("sdk/src/json.rs", "../../../connectors/hook-sdk/src/json.rs"),
    template!("sdk/src/lib.rs", "../../../connectors/hook-sdk/src/lib.rs"),
    template!("sdk/src/log.rs", "../../../connectors/hook-sdk/src/log.rs"),
    template!("sdk/src/meant.rs", "../../../connectors/hook-sdk/src/meant.rs"),
    template!("sdk/src/output.rs", "../../../connectors/hook-sdk/src/output.rs"),
    template!("sdk/src/pages.rs", "../../../connectors/hook-sdk/src/pages.rs"),
    template!("sdk/src/records.rs", "../../../connectors/hook-sdk/src/records.rs"),
    template!("sdk/src/rehearse.rs", "../../../connectors/hook-sdk/src/rehearse.rs"),
    template!("sdk/src/sign.rs", "../../../connectors/hook-sdk/src/sign.rs"),
    template!("sdk/src/slices.rs", "../../../connectors/hook-sdk/src/slices.rs"),
    template!("sdk/src/swift.rs", "../../../connectors/hook-sdk/src/swift.rs"),
    template!("sdk/src/text.rs", "../../../connectors/hook-sdk/src/text.rs"),
    template!("sdk/src/write.rs", "../../../connectors/hook-sdk/src/write.rs"),
];

const JAVASCRIPT: &[Template] = &[
    template!("package.json", "../templates/javascript/package.json.txt"),
    template!(".gitignore", "../templates/javascript/gitignore.txt"),
    template!("sdk/hook.js", "../../../connectors/hook-sdk/javascript/hook.js"),
];

const PYTHON: &[Template] = &[
    template!("pyproject.toml", "../templates/python/pyproject.toml.txt"),
    template!(".gitignore", "../templates/python/gitignore.txt"),
    template!("sdk/__init__.py", "../../../connectors/hook-sdk/python/__init__.py"),
];

/// What all hooks of a language have, and what one of this job has besides.
fn templates(language: Language, job: Job) -> (&'static [Template], &'static [Template]) {
    match language {
        Language::Rust => (RUST, rust(job)),
        Language::JavaScript => (JAVASCRIPT, javascript(job)),
        Language::Python => (PYTHON, python(job)),
    }
}

fn rust(job: Job) -> &'static [Template] {
    match job {
        Job::ChangeRecords => &[template!("src/lib.rs", "../templates/rust/records.rs.txt")],
        Job::SignRequests => &[template!("src/lib.rs", "../templates/rust/sign.rs.txt")],
        Job::ChoosePages => &[template!("src/lib.rs", "../templates/rust/paginate.rs.txt")],
        Job::CutSlices => &[template!("src/lib.rs", "../templates/rust/slices.rs.txt")],
    }
}

fn javascript(job: Job) -> &'static [Template] {
    match job {
        Job::ChangeRecords => &[
            template!("NAME.js", "../templates/javascript/records.js.txt"),
            template!("NAME.test.js", "../templates/javascript/records.test.js.txt"),
        ],
        Job::SignRequests => &[
            template!("NAME.js", "../templates/javascript/sign.js.txt"),
            template!("NAME.test.js", "../templates/javascript/sign.test.js.txt"),
        ],
        Job::ChoosePages => &[
            template!("NAME.js", "../templates/javascript/paginate.js.txt"),
            template!("NAME.test.js", "../templates/javascript/paginate.test.js.txt"),
        ],
        Job::CutSlices => &[
            template!("NAME.js", "../templates/javascript/slices.js.txt"),
            template!("NAME.test.js", "../templates/javascript/slices.test.js.txt"),
        ],
    }
}

fn python(job: Job) -> &'static [Template] {
    match job {
        Job::ChangeRecords => &[
            template!("NAME.py", "../templates/python/records.py.txt"),
            template!("test_NAME.py", "../templates/python/test_records.py.txt"),
        ],
        Job::SignRequests => &[
            template!("NAME.py", "../templates/python/sign.py.txt"),
            template!("test_NAME.py", "../templates/python/test_sign.py.txt"),
        ],
        Job::ChoosePages => &[
            template!("NAME.py", "../templates/python/paginate.py.txt"),
            template!("test_NAME.py", "../templates/python/test_paginate.py.txt"),
        ],
        Job::CutSlices => &[
            template!("NAME.py", "../templates/python/slices.py.txt"),
            template!("test_NAME.py", "../templates/python/test_slices.py.txt"),
        ],
    }
}

/// Writes a first hook into a new folder below another, and tells which.
///
/// # Errors
/// The name is none, the folder is there already, or cannot be written.
pub fn new(name: &str, (language, job): (Language, Job), below: &Path) -> Result<PathBuf, Fault> {
    let letters = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !letters || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        let shape = "lower case letters, digits and `_`, a letter first, such as `custom_fields`";
        return Err(Fault::Wrong(format!("`{name}` is no name: write {shape}")));
    }
    let (shared, own) = templates(language, job);
    let folder = below.join(name);
    std::fs::create_dir(&folder).map_err(|why| Fault::file(&folder, &why))?;
    for template in shared.iter().chain(own) {
        let file = folder.join(template.path.replace("NAME", name));
        let parent = file.parent().unwrap_or(&folder);
        std::fs::create_dir_all(parent).map_err(|why| Fault::file(parent, &why))?;
        let own =
            if template.path.starts_with("sdk/") { template.text.to_owned() } else { filled(template.text, name, job) };
        std::fs::write(&file, own).map_err(|why| Fault::file(&file, &why))?;
    }
    Ok(folder)
}

/// `NAME` as it is, `TypeName` as a type of Rust, and the job in the words of the tools.
fn filled(text: &str, name: &str, job: Job) -> String {
    let capital =
        |word: &str| word.get(..1).map(str::to_uppercase).unwrap_or_default() + word.get(1..).unwrap_or_default();
    // The crate is for records, if nothing else is said.
    let features = match job {
        Job::ChangeRecords => String::new(),
        job => format!(", default-features = false, features = [\"{}\"]", job.world()),
    };
    let text = text.replace(", FEATURES", &features).replace("WORLD", job.world());
    text.replace("NAME", name).replace("TypeName", &name.split('_').map(capital).collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The files of the crate to write hooks with, but for its tests.
    fn sources(folder: &Path, found: &mut BTreeSet<String>, below: &str) {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            let name = entry.file_name().into_string().expect("a name");
            if entry.path().is_dir() && name != "json" {
                sources(&entry.path(), found, &format!("{below}{name}/"));
            } else if entry.path().is_file() {
                found.insert(format!("{below}{name}"));
            }
        }
    }

    #[test]
    fn all_of_the_crate_comes_along() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/hook-sdk/src");
        let mut expected = BTreeSet::new();
        sources(&folder, &mut expected, "sdk/src/");
        let own: BTreeSet<String> = RUST.iter().map(|one| one.path.to_owned()).collect();
        let own: BTreeSet<String> = own.into_iter().filter(|path| path.starts_with("sdk/src/")).collect();
        assert_eq!(own, expected);
    }

    #[test]
    fn examples_have_what_they_are_written_against() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (example, templates) in [
            ("connectors/examples/plain_text", JAVASCRIPT),
            ("connectors/examples/opening_hours", PYTHON),
            ("tests/hooks/custom_fields/javascript", JAVASCRIPT),
            ("tests/hooks/custom_fields/python", PYTHON),
        ] {
            for own in templates.iter().filter(|one| one.path.starts_with("sdk/")) {
                let there = std::fs::read_to_string(root.join(example).join(own.path)).expect("a file");
                assert_eq!(there, own.text, "copy connectors/hook-sdk to {example}/{}", own.path);
            }
        }
    }

    #[test]
    fn names_and_folders_that_are_there_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        for wrong in ["", "Custom", "a b", "../a", "1a"] {
            let fault =
                new(wrong, (Language::Python, Job::ChangeRecords), folder.path()).expect_err("no name").to_string();
            assert!(fault.contains("is no name"), "{fault}");
        }
        let made = new("tidy", (Language::JavaScript, Job::ChangeRecords), folder.path()).expect("a hook");
        assert!(made.join("tidy.test.js").is_file());
        let again = new("tidy", (Language::JavaScript, Job::ChangeRecords), folder.path())
            .expect_err("it is there")
            .to_string();
        assert!(again.contains("exists"), "{again}");
    }

    #[test]
    fn names_become_types() {
        assert_eq!(filled("NAME TypeName", "custom_fields2", Job::SignRequests), "custom_fields2 CustomFields2");
    }
}
