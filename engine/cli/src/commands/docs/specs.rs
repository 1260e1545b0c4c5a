//! The specs of a site: the connectors, and older versions of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tapwright_docs::{Evidence, Subject};
use tapwright_spec::Connector;

use super::evidence::evidence;
use crate::commands::{self, Refusal};

/// A connector with its older versions.
pub(super) struct Shelf {
    connector: Connector,
    older: Vec<Connector>,
    evidence: Evidence,
}

impl Shelf {
    /// What pages are made of.
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject { connector: &self.connector, older: &self.older, evidence: &self.evidence }
    }
}

/// The connectors of these files and folders, with those of `previous` behind them.
pub(super) fn shelves(paths: &[PathBuf], previous: &[PathBuf]) -> Result<Vec<Shelf>, Refusal> {
    let mut shelves = Vec::new();
    for (connector, path) in connectors(paths)? {
        let evidence = evidence(&connector, &path)?;
        shelves.push(Shelf { connector, older: Vec::new(), evidence });
    }
    for path in files(previous)? {
        let old = commands::connector(&path)?;
        let Some(shelf) = shelves.iter_mut().find(|shelf| shelf.connector.name == old.name) else {
            let words = format!("{}: no spec of a newer version is among the specs of the site", path.display());
            return Err(Refusal::Said(format!("{words}\n  it is named `{}`", old.name)));
        };
        shelf.add(old, &path)?;
    }
    Ok(shelves)
}

/// One connector with those of `previous` that are older versions of it.
pub(super) fn shelved(connector: Connector, previous: &[PathBuf], evidence: Evidence) -> Result<Shelf, Refusal> {
    let mut shelf = Shelf { connector, older: Vec::new(), evidence };
    for path in files(previous)? {
        let old = commands::connector(&path)?;
        if old.name == shelf.connector.name {
            shelf.add(old, &path)?;
        }
    }
    Ok(shelf)
}

impl Shelf {
    /// Puts an older version behind the newest one.
    fn add(&mut self, old: Connector, path: &Path) -> Result<(), Refusal> {
        let newer = std::iter::once(&self.connector).filter(|newest| numbers(&old.version) >= numbers(&newest.version));
        let same = self.older.iter().filter(|other| other.version == old.version);
        if let Some(other) = newer.chain(same).next() {
            let (path, name, version) = (path.display(), &old.name, &old.version);
            let words = format!("{path}: version {version} of `{name}` is not older than version {}", other.version);
            return Err(Refusal::Said(words));
        }
        self.older.push(old);
        self.older.sort_by_key(|old| std::cmp::Reverse(numbers(&old.version)));
        Ok(())
    }
}

/// The numbers of a version, to compare.
fn numbers(version: &str) -> Vec<u64> {
    version.split('.').filter_map(|number| number.parse().ok()).collect()
}

/// The checked connectors of these files and folders; a fault in one leaves the others to be told of, too.
fn connectors(paths: &[PathBuf]) -> Result<Vec<(Connector, PathBuf)>, Refusal> {
    let mut connectors = Vec::new();
    let mut names: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut refusal = None;
    for path in files(paths)? {
        let connector = match commands::connector(&path) {
            Ok(connector) => connector,
            Err(Refusal::Said(words)) => return Err(Refusal::Said(words)),
            Err(told) => {
                refusal = Some(told);
                continue;
            }
        };
        if connector.name == "index" {
            let words = format!("{}: the page of a connector named `index` would be the list of all", path.display());
            return Err(Refusal::Said(words));
        }
        if let Some(other) = names.insert(connector.name.clone(), path.clone()) {
            return Err(Refusal::Said(same_name(&connector.name, &other, &path)));
        }
        connectors.push((connector, path));
    }
    match refusal {
        Some(refusal) => Err(refusal),
        None => Ok(connectors),
    }
}

/// What is said of two specs whose pages would be the same.
pub(super) fn same_name(name: &str, one: &Path, other: &Path) -> String {
    let (one, other) = (one.display(), other.display());
    format!("two specs are named `{name}`: {one} and {other}\n  each page is named after its connector")
}

/// The files that are named, and the specs of the folders that are, sorted.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Refusal> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let fault = |error: std::io::Error| Refusal::Said(format!("{}: {error}", path.display()));
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(fault)? {
            let file = entry.map_err(fault)?.path();
            if file.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                found.push(file);
            }
        }
        if found.is_empty() {
            let words = format!("there is no spec in {}: no file ends in `.yaml` or `.yml`", path.display());
            return Err(Refusal::Said(words));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}
