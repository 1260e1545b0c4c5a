//! Pages as files: written where they differ, compared, and light.

use std::path::{Path, PathBuf};

use tapwright_docs::{Drift, DriftKind, Format, Site, Subject, Template};
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

fn subjects(connectors: &[Connector]) -> Vec<Subject<'_>> {
    connectors.iter().map(|connector| Subject { connector, older: &[], evidence: &crate::NOTHING }).collect()
}

fn check_site(connectors: &[Connector], folder: &Path) -> Vec<Drift> {
    let template = Template::default();
    let site = Site::new(&template, &Format::ALL).expect("a site");
    site.check(&subjects(connectors), folder).expect("a check")
}

fn write_site(connectors: &[Connector], folder: &Path) -> Vec<PathBuf> {
    let template = Template::default();
    let site = Site::new(&template, &Format::ALL).expect("a site");
    site.write(&subjects(connectors), folder).expect("written pages")
}

#[test]
fn what_was_written_needs_no_writing() {
    let folder = tempfile::tempdir().expect("a folder");
    let connectors = connectors();
    let pages = folder.path().join("pages");
    let written = write_site(&connectors, &pages);
    let streams: usize = connectors.iter().map(|connector| connector.streams.len()).sum();
    // The list twice and as `llms.txt`, the style sheet, the script, the search and the addresses.
    assert_eq!(written.len(), 7 + 2 * connectors.len() + streams);
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
    std::fs::write(folder.path().join("desk/gone.html"), "").expect("another one");
    std::fs::write(folder.path().join("logo.svg"), "").expect("a file of the user's own");

    let drifts = check_site(&connectors, folder.path());
    let kinds: Vec<&DriftKind> = drifts.iter().map(|drift| &drift.kind).collect();
    let differs = DriftKind::Differs { line: 5, expected: Some(third), found: Some("# Disk".into()) };
    assert_eq!(kinds, [&differs, &DriftKind::Missing, &DriftKind::Stray, &DriftKind::Stray]);
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

#[test]
fn a_first_view_is_light() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connectors = connectors();
    connectors.push(crate::diagrams::made(60));
    connectors.push(crate::diagrams::made(200));
    // Two of a name make no site.
    connectors[12].name = "sixty".to_owned();
    write_site(&connectors, folder.path());
    let size = |name: &str| std::fs::metadata(folder.path().join(name)).expect("a file").len();
    let shared = size("static/style.css") + size("static/script.js");
    let template = Template::default();
    let site = Site::new(&template, &[Format::Html]).expect("a site");
    for subject in subjects(&connectors) {
        for page in site.chapter(&subject).expect("pages").files {
            let bytes = page.text.len() as u64 + shared;
            // A drawing of 400 lines is nobody's first view.
            let is_first = !page.name.starts_with("made/map-of-tables");
            assert!(!is_first || bytes < 150_000, "{} with what it needs: {bytes}", page.name);
        }
    }
    assert!(size("index.html") + shared < 150_000);
}

#[test]
fn a_link_that_leads_nowhere_fails_the_build() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("own");
    std::fs::create_dir(&own).expect("a folder");
    let page = "<p id=\"here\"><a href=\"#here\">a</a>\n<a href=\"#there\">b</a> <a href=\"nobody.html\">c</a></p>\n";
    std::fs::write(own.join("page.html"), page).expect("a template");
    let template = Template::named(own.to_str().expect("a path")).expect("a template");
    let site = Site::new(&template, &[Format::Html]).expect("a site");
    let connectors = [super::connector("specs/airtable.yaml")];
    let told = site.write(&subjects(&connectors), &folder.path().join("pages")).expect_err("a fault").to_string();
    let expected = "airtable.html:2: the link `#there` leads nowhere: the page has no anchor `there`\n\
                    airtable.html:2: the link `nobody.html` leads nowhere: the site has no such file";
    assert!(told.contains(expected), "{told}");
}

#[test]
fn a_program_that_reads_texts_finds_every_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let connectors = connectors();
    write_site(&connectors, folder.path());
    let llms = std::fs::read_to_string(folder.path().join("llms.txt")).expect("llms.txt");
    let mut lines = llms.lines().filter(|line| !line.is_empty());
    assert_eq!(lines.next(), Some("# Connectors"));
    assert!(
        lines.next().is_some_and(
            |line| line.starts_with(&format!("> What Tapwright can read: {} connectors", connectors.len()))
        ),
        "{llms}"
    );
    assert_eq!(lines.next(), Some("## Connectors"));
    let mut found = 0;
    for line in lines {
        let (link, about) = line.strip_prefix("- [").and_then(|rest| rest.split_once("): ")).expect("a link");
        let (_, file) = link.split_once("](").expect("a link");
        assert!(folder.path().join(file).exists() && !about.is_empty(), "{line}");
        found += 1;
    }
    assert_eq!(found, connectors.len());
}
