//! The languages that a hook can be written in.

use std::path::Path;

use crate::Fault;

/// A language that a hook can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Small components that are quick: what shipped connectors use.
    Rust,
    /// Runs in QuickJS, which comes along: about 1 MB.
    JavaScript,
    /// Runs in CPython, which comes along: about 18 MB.
    Python,
}

impl Language {
    /// The language of a folder, told by the file that its tools read.
    pub(crate) fn of(folder: &Path) -> Result<Language, Fault> {
        let marks = [
            ("Cargo.toml", Language::Rust),
            ("package.json", Language::JavaScript),
            ("pyproject.toml", Language::Python),
        ];
        let found = marks.iter().find(|(file, _)| folder.join(file).is_file());
        found.map(|(_, language)| *language).ok_or_else(|| {
            Fault::Wrong(format!(
                "{} is no folder of a hook: it has no Cargo.toml, package.json or pyproject.toml; `tapwright hook new \
                 NAME` makes one",
                folder.display()
            ))
        })
    }
}
