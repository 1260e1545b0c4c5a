//! The pages of Desk and of a spec full of corners: facts, anchors, HTML, files.

mod auth;
mod corners;
mod facts;
mod html;
mod site;

use std::path::{Path, PathBuf};

use tapwright_docs::{Format, render};
use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Connector, Source};

/// A path of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The checked connector of a spec file of the repository.
fn connector(path: &str) -> Connector {
    let source = Source::read(&repository(path)).expect("a spec that can be read");
    match tapwright_spec::check(&source) {
        Ok(connector) => connector,
        Err(faults) => panic!("{}", faults.render(Style::Plain)),
    }
}

fn page(path: &str, format: Format) -> String {
    render(&connector(path), format).expect("a page")
}
