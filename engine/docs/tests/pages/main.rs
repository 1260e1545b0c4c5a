//! The pages of Desk and of a spec full of corners: facts, anchors, HTML, files.

mod auth;
mod corners;
mod diagrams;
mod diff;
mod facts;
mod html;
mod load_mode;
mod redirects;
mod search;
mod segment;
mod site;
mod sql;
mod stitch;
mod template;
mod versions;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tapwright_docs::{Evidence, Format, PageFile, Site, Subject, Template, render};
use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Connector, Source};
use tapwright_sync::hook::load;

/// Nothing beyond the spec.
static NOTHING: Evidence = Evidence { costs: BTreeMap::new(), rows: BTreeMap::new() };

/// A path of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The checked connector of a spec file of the repository, with what its hooks tell.
fn connector(path: &str) -> Connector {
    let source = Source::read(&repository(path)).expect("a spec that can be read");
    match tapwright_spec::check(&source).and_then(|connector| load(&connector, None)) {
        Ok((connector, _)) => connector,
        Err(faults) => panic!("{}", faults.render(Style::Plain)),
    }
}

fn page(path: &str, format: Format) -> String {
    render(&connector(path), &Template::default(), format).expect("a page")
}

/// The pages of a connector in a site of HTML, its own first.
fn pages(connector: &Connector) -> Vec<PageFile> {
    let template = Template::default();
    let site = Site::new(&template, &[Format::Html]).expect("a site");
    site.chapter(&Subject { connector, older: &[], evidence: &NOTHING }).expect("pages").files
}
