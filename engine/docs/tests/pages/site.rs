//! Pages as files: the committed ones are those that the specs make.

use std::path::{Path, PathBuf};

use tapwright_docs::{Drift, DriftKind, Format, Site, Template};
use tapwright_spec::Connector;

/// All specs of the repository.
fn connectors() -> Vec<Connector> {
    let folder = std::fs::read_dir(super::repository("specs")).expect("the specs");
    let mut names: Vec<String> = folder
        .map(|entry| entry.expect("a spec").file_name().into_string().expect("a name"))
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    names.iter().map(|name| super::connector(&format!("specs/{name}"))).collect()
}

fn check_site(connectors: &[Connector], folder: &Path) -> Vec<Drift> {
    let template = Template::default();
    Site { connectors, template: &template, formats: &Format::ALL }.check(folder).expect("a check")
}

fn write_site(connectors: &[Connector], folder: &Path) -> Vec<PathBuf> {
    let template = Template::default();
    Site { connectors, template: &template, formats: &Format::ALL }.write(folder).expect("written pages")
}

#[test]
fn the_committed_pages_are_those_of_the_specs() {
    let drifts = check_site(&connectors(), &super::repository("docs/connectors"));
    let told: Vec<String> = drifts.iter().map(ToString::to_string).collect();
    assert!(drifts.is_empty(), "write the pages anew:\n{}", told.join("\n"));
}

#[test]
fn what_was_written_needs_no_writing() {
    let folder = tempfile::tempdir().expect("a folder");
    let connectors = connectors();
    let pages = folder.path().join("pages");
    let written = write_site(&connectors, &pages);
    assert_eq!(written.len(), 2 + 2 * connectors.len());
    assert_eq!(check_site(&connectors, &pages), []);
    assert!(write_site(&connectors, &pages).is_empty());
}

#[test]
fn the_first_difference_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let connectors = connectors();
    write_site(&connectors, folder.path());
    let page = folder.path().join("desk.md");
    let text = std::fs::read_to_string(&page).expect("a page");
    let third = text.lines().nth(4).expect("a fifth line").to_owned();
    std::fs::write(&page, text.replacen(&third, "# Disk", 1)).expect("a changed page");
    std::fs::remove_file(folder.path().join("desk.html")).expect("a removed page");
    std::fs::write(folder.path().join("gone.md"), "").expect("a stray page");

    let drifts = check_site(&connectors, folder.path());
    let kinds: Vec<&DriftKind> = drifts.iter().map(|drift| &drift.kind).collect();
    let differs = DriftKind::Differs { line: 5, expected: Some(third), found: Some("# Disk".into()) };
    assert_eq!(kinds, [&differs, &DriftKind::Missing, &DriftKind::Stray]);
    assert!(drifts[0].to_string().contains("desk.md:5 differs"), "{}", drifts[0]);
}

#[test]
fn a_cut_page_differs_at_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let connectors = connectors();
    write_site(&connectors, folder.path());
    let page = folder.path().join("index.md");
    let text = std::fs::read_to_string(&page).expect("a page");
    std::fs::write(&page, text.trim_end()).expect("a cut page");
    let drifts = check_site(&connectors, folder.path());
    let DriftKind::Differs { found: None, .. } = &drifts[0].kind else { panic!("{drifts:?}") };
}
