//! Files as they were, by their times and sizes: whether one has changed since.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// When a file was last changed, and its size; nothing of a file that is not there.
type Mark = Option<(SystemTime, u64)>;

/// Files as they were when they were looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marks(BTreeMap<PathBuf, Mark>);

impl Marks {
    /// These files as they are now.
    pub(super) fn of(paths: impl IntoIterator<Item = PathBuf>) -> Marks {
        Marks(paths.into_iter().map(|path| (path.clone(), mark(&path))).collect())
    }

    /// The files below a folder, in folders within it too.
    pub(super) fn below(folder: &Path) -> Marks {
        let mut found = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { open.push(path) } else { found.push(path) }
            }
        }
        Marks::of(found)
    }

    /// Adds files as they are now.
    pub(super) fn add(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        self.0.extend(Marks::of(paths).0);
    }

    /// Whether each file is as it was.
    pub(super) fn are_fresh(&self) -> bool {
        self.0.iter().all(|(path, then)| mark(path) == *then)
    }

    /// The files that are not in both as they were.
    pub(super) fn differing<'m>(&'m self, other: &'m Marks) -> Vec<&'m Path> {
        let one = self.0.iter().filter(|(path, mark)| other.0.get(*path) != Some(mark));
        let new = other.0.iter().filter(|(path, _)| !self.0.contains_key(*path));
        one.chain(new).map(|(path, _)| path.as_path()).collect()
    }
}

fn mark(path: &Path) -> Mark {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// The files that a spec names, seen from its own, whether they are there or not and also where the spec is wrong: the
/// JSON Schemas of fields, and the components of hooks.
pub(super) fn named(spec: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(spec).unwrap_or_default();
    let values = ["schema:", "component:"].into_iter().flat_map(|key| text.split(key).skip(1));
    let files = values.filter_map(|rest| {
        let value = rest.split(['\n', ',', '}', '#']).next()?.trim().trim_matches(['"', '\'']);
        (!value.is_empty()).then(|| spec.with_file_name(value))
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Marks, named};

    #[test]
    fn files_that_a_spec_names_are_seen_from_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let spec = folder.path().join("shop.yaml");
        let text =
            "hooks:\n  a: {component: ../hooks/a.wasm, options: {}}\nstreams:\n  b:\n    fields: {schema: 'b.json'}\n";
        std::fs::write(&spec, text).expect("a spec");
        let seen: Vec<PathBuf> = named(&spec);
        assert_eq!(seen, [folder.path().join("b.json"), folder.path().join("../hooks/a.wasm")]);
    }

    #[test]
    fn what_changes_comes_and_goes_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a"), "1").expect("a file");
        std::fs::write(path("b"), "1").expect("a file");
        let before = Marks::below(folder.path());
        assert!(before.are_fresh() && before.differing(&before).is_empty());
        std::fs::remove_file(path("a")).expect("no file");
        std::fs::write(path("b"), "12").expect("a file");
        std::fs::create_dir(path("c")).expect("a folder");
        std::fs::write(path("c/d"), "1").expect("a file");
        let after = Marks::below(folder.path());
        assert!(!before.are_fresh());
        assert_eq!(before.differing(&after), [path("a"), path("b"), path("c/d")]);
    }
}
