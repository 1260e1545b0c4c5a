//! What other programs read of a connector, judged by programs that others wrote.

mod reader;
mod readers;
mod schemas;
mod told;

use std::path::{Path, PathBuf};

use tapwright_interop::{Form, Place, Twin, twins};
use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Connector, Source};
use tapwright_sync::hook::load;

/// A path of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The checked connector of a spec file of the repository, with what its hooks tell.
fn connector(path: &Path) -> Connector {
    let source = Source::read(path).expect("a spec that can be read");
    // Right specs name components that are not there.
    let loaded = |connector: Connector| match path.starts_with(repository("tests/specs/right")) {
        true => Ok(connector),
        false => load(&connector, None).map(|(connector, _)| connector),
    };
    match tapwright_spec::check(&source).and_then(loaded) {
        Ok(connector) => connector,
        Err(faults) => panic!("{}", faults.render(Style::Plain)),
    }
}

/// The specs of some folders, sorted.
fn specs(folders: &[&str]) -> Vec<PathBuf> {
    let files = |folder: &&str| {
        let entries = std::fs::read_dir(repository(folder)).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    let mut all: Vec<PathBuf> = folders.iter().flat_map(files).collect();
    all.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    all.sort();
    all
}

/// The files of one form of each spec, in a folder, one below the other.
fn written(specs: &[PathBuf], form: Form, folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for spec in specs {
        let connector = connector(spec);
        let place = Place::of(None, &connector.name).expect("a place");
        let made = twins(&connector, form, &place).unwrap_or_else(|fault| panic!("{}: {fault}", spec.display()));
        for Twin { name, text } in made {
            let path = folder.join(spec.file_stem().expect("a name")).join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(&path, text).expect("a file");
            paths.push(path);
        }
    }
    paths
}
