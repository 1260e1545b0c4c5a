//! Older versions keep their pages, and a site that knows its address tells it.

use std::collections::BTreeSet;

use tapwright_docs::{Format, PageFile, Site, Subject, Template};
use tapwright_spec::{Connector, Source};

use crate::html;

/// Desk as it was before its newest version.
fn older() -> Connector {
    let text = std::fs::read_to_string(super::repository("specs/desk.yaml")).expect("the spec");
    let (head, rest) = text.split_once("\n  changelog:\n").expect("a changelog");
    let first = rest.find("    - version: 1").or_else(|| rest.find("    - {version: 1")).expect("an older version");
    let text = format!("{head}\n  changelog:\n{}", &rest[first..]).replace("version: 2.0.0", "version: 1.0.0");
    match tapwright_spec::check(&Source::new("desk.yaml", text)) {
        Ok(connector) => connector,
        Err(faults) => panic!("{}", faults.render(tapwright_spec::diagnostic::Style::Plain)),
    }
}

fn files(site: &Site<'_>) -> Vec<PageFile> {
    let (newest, older) = (super::connector("specs/desk.yaml"), [older()]);
    let chapter =
        site.chapter(&Subject { connector: &newest, older: &older, evidence: &crate::NOTHING }).expect("pages");
    let names: BTreeSet<String> = chapter.files.iter().map(|file| file.name.clone()).collect();
    let mut files = site.front(&[&chapter.entry], &names).expect("a list");
    files.extend(chapter.files);
    files
}

fn text<'a>(files: &'a [PageFile], name: &str) -> &'a str {
    &files.iter().find(|file| file.name == name).unwrap_or_else(|| panic!("no {name}")).text
}

#[test]
fn an_older_version_keeps_its_pages() {
    let template = Template::default();
    let files = files(&Site::new(&template, &Format::ALL).expect("a site"));
    for name in ["desk/1.0.0.html", "desk/1.0.0.md", "desk/1.0.0/cases.html"] {
        let page = text(&files, name);
        assert!(name.ends_with("md") || page.contains("This page describes an older version"), "{name}");
        assert!(name.ends_with("md") || page.contains("<meta name=\"robots\" content=\"noindex\">"), "{name}");
        let newest = if name.ends_with("md") { "../desk.md" } else { "desk.html" };
        assert!(page.contains(newest), "{name}");
    }
    assert!(text(&files, "desk.html").contains("<a href=\"desk/1.0.0.html\">1.0.0</a>"));
    assert!(text(&files, "desk.md").contains("[1.0.0](desk/1.0.0.md)"));
    assert!(!text(&files, "desk.html").contains("noindex"));
    assert_eq!(html::broken(&files), Vec::<String>::new());
    assert!(!text(&files, "static/search.js").contains("1.0.0"));
}

#[test]
fn a_site_that_knows_its_address_tells_it() {
    let template = Template::default();
    let site = Site::new(&template, &[Format::Html]).expect("a site").at("https://docs.example/connectors");
    let files = files(&site);
    let page = text(&files, "desk/cases.html");
    let address = "https://docs.example/connectors/desk/cases.html";
    assert!(page.contains(&format!("<link rel=\"canonical\" href=\"{address}\">")));
    assert!(page.contains(&format!("<meta property=\"og:url\" content=\"{address}\">")));
    let map = text(&files, "sitemap.xml");
    assert!(map.contains("<loc>https://docs.example/connectors/</loc>"), "{map}");
    assert!(map.contains(&format!("<loc>{address}</loc>")), "{map}");
    assert!(map.contains("desk.html</loc><lastmod>20"), "{map}");
    assert!(!map.contains("1.0.0"), "search engines are led to the newest version alone");
    let none = Site::new(&template, &[Format::Html]).expect("a site");
    assert!(!text(&self::files(&none), "desk.html").contains("canonical"));
}
