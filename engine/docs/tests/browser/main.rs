//! The site in a browser: every page in Chromium, valid, legible and quiet, at three widths, light and dark; and what the
//! script does. Screenshots lie in `target/browser` afterwards.
//!
//! `TAPWRIGHT_NODE` names a folder with the packages of `tests/node`, `TAPWRIGHT_CHROMIUM` the browser.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tapwright_docs::{Evidence, Format, Redirects, Site, Subject, Template};
use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Connector, Source};
use tapwright_sync::hook::load;

/// A path of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn connector(source: &Source) -> Connector {
    match tapwright_spec::check(source).and_then(|connector| load(&connector, None)) {
        Ok((connector, _)) => connector,
        Err(faults) => panic!("{}", faults.render(Style::Plain)),
    }
}

/// All specs of the repository, one full of corners, and one with 200 streams.
fn connectors() -> Vec<Connector> {
    let folder = std::fs::read_dir(repository("specs")).expect("the specs");
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.expect("a spec").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    paths.push(repository("tests/pages/corners.yaml"));
    let read = |path: PathBuf| connector(&Source::read(&path).expect("a spec that can be read"));
    paths.into_iter().map(read).chain([connector(&Source::new("wide.yaml", wide()))]).collect()
}

/// A spec with 200 streams of 20 fields, each of which refers to others.
fn wide() -> String {
    let mut spec =
        "tapwright: 1\nname: wide\ntitle: Wide\nversion: 1.0.0\nabout: {summary: Two hundred tables.}\nauth: \
                    none\nhttp: {base_url: \"https://wide.example\", records: $}\nstreams:\n"
            .to_owned();
    for number in 0..200 {
        let other = number / 3;
        // Writing to a String cannot fail.
        let _ = write!(
            spec,
            "  table_{number:02}:\n    description: The rows of table {number}.\n    endpoint: GET /tables/{number}\n    primary_key: \
             id\n    fields:\n      id: {{type: integer, description: Number of the row.}}\n      other_id: {{type: integer, \
             references: table_{other:02}, description: A row of another table.}}\n      tags: {{type: [string], description: Words.}}\n"
        );
        for field in 0..17 {
            let _ = writeln!(spec, "      field_{field}: {{type: string, description: What stands in field {field}.}}");
        }
    }
    spec
}

/// A page and anchors that the site once had, and where they lead.
const MOVED: &str = "desk/filters.html: desk/cases.html\ndesk.html#stream-filters: desk.html#stream-cases\n\
                     desk.html#stream-labels: desk/cases.html#stream-cases-field-labels\ndesk/agents.html: desk/users.html\n\
                     desk/agents.html#stream-agents-field-lead: desk/user_groups.html#stream-user_groups-field-id\n";

/// Node with the packages that the script needs, and a browser; or what is lacking.
fn node() -> Result<Command, String> {
    let packages = std::env::var("TAPWRIGHT_NODE").unwrap_or_default();
    let command = || {
        let mut node = Command::new("node");
        node.env("NODE_PATH", Path::new(&packages).join("node_modules"));
        node
    };
    let probe = "require('playwright-core'); require('axe-core'); require('html-validate')";
    if !command().args(["-e", probe]).output().is_ok_and(|found| found.status.success()) {
        return Err(
            "playwright-core, axe-core, html-validate (not installed; TAPWRIGHT_NODE names where they are)".to_owned()
        );
    }
    let browser = std::env::var("TAPWRIGHT_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    if !Path::new(&browser).exists() {
        return Err(format!("chromium (not at {browser}; TAPWRIGHT_CHROMIUM names it)"));
    }
    Ok(command())
}

#[test]
fn every_page_stands_in_a_browser_and_the_script_does_what_it_says() {
    let mut node = match node() {
        Ok(node) => node,
        Err(lacking) => {
            let skipped = format!("skipped: {lacking}");
            assert!(std::env::var("TAPWRIGHT_REQUIRE_ALL").as_deref() != Ok("1"), "{skipped}");
            // Not by `eprintln!`: what a passing test says that way is swallowed.
            writeln!(std::io::stderr(), "{skipped}").expect("standard error");
            return;
        }
    };
    let folder = tempfile::tempdir().expect("a folder");
    let connectors = connectors();
    let evidence = Evidence::default();
    let subject = |connector| Subject { connector, older: &[], evidence: &evidence };
    let subjects: Vec<Subject<'_>> = connectors.iter().map(subject).collect();
    let template = Template::default();
    std::fs::write(folder.path().join("redirects.yaml"), MOVED).expect("redirects");
    let redirects = Redirects::read(folder.path()).expect("redirects");
    let site = Site::new(&template, &Format::ALL).expect("a site").redirecting(redirects);
    site.write(&subjects, folder.path()).expect("written pages");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/look.cjs");
    let output = node.arg(script).arg(folder.path()).arg(repository("target/browser")).output().expect("node");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert!(said.contains(" pages, looked at "), "{said}");
    eprint!("{said}");
}
