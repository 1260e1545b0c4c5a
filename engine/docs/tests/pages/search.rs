//! The search: what a reader types is found, and leads to where it stands.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tapwright_docs::{Format, PageFile, Site, Subject, Template};
use tapwright_spec::Connector;

use crate::html;

/// All files of a site of HTML.
fn site(connectors: &[Connector]) -> Vec<PageFile> {
    let template = Template::default();
    let site = Site::new(&template, &[Format::Html]).expect("a site");
    let chapters = connectors
        .iter()
        .map(|connector| site.chapter(&Subject { connector, older: &[], evidence: &crate::NOTHING }).expect("pages"));
    let chapters: Vec<_> = chapters.collect();
    let entries: Vec<_> = chapters.iter().map(|chapter| &chapter.entry).collect();
    let mut files = site.front(&entries, &BTreeSet::new()).expect("a list");
    files.extend(chapters.iter().flat_map(|chapter| chapter.files.clone()));
    files
}

/// What a script gives to the page.
fn given(script: &str) -> Value {
    let (_, rest) = script.split_once('(').expect("a call");
    let inner = rest.trim_end().strip_suffix(");").expect("an end");
    let inner = inner.split_once(", {").map_or(inner.to_owned(), |(letter, rest)| {
        if letter.len() == 3 { format!("{{{rest}") } else { inner.to_owned() }
    });
    serde_json::from_str(&inner).expect("JSON")
}

/// The fields by the number of their table, from all scripts.
fn fields(files: &[PageFile]) -> BTreeMap<String, BTreeSet<u64>> {
    let mut all: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.name.starts_with("static/search")) {
        let value = given(&file.text);
        let fields = if file.name == "static/search.js" { value.get("fields").cloned() } else { Some(value) };
        for (name, places) in fields.iter().filter_map(Value::as_object).flatten() {
            let places = places.as_array().expect("places").iter().filter_map(Value::as_u64);
            all.entry(name.clone()).or_default().extend(places);
        }
    }
    all
}

#[test]
fn every_table_and_every_field_is_found_where_it_stands() {
    let connectors = ["specs/desk.yaml", "specs/redmine.yaml"].map(super::connector);
    let files = site(&connectors);
    let index = given(&files.iter().find(|file| file.name == "static/search.js").expect("the index").text);
    let ids: BTreeSet<String> = files
        .iter()
        .filter(|file| file.name.ends_with(".html"))
        .flat_map(|file| html::read(&file.text).into_iter().map(|one| (file.name.clone(), one)).collect::<Vec<_>>())
        .filter_map(|(file, element)| Some(format!("{file}#{}", element.attribute("id")?)))
        .collect();
    let fields = fields(&files);
    for connector in &connectors {
        for stream in &connector.streams {
            let at = index["tables"].as_array().expect("tables").iter().position(|table| {
                index["connectors"][table[0].as_u64().expect("a number") as usize][0] == connector.name.as_str()
                    && table[1] == stream.name.as_str()
            });
            let at = at.unwrap_or_else(|| panic!("{} is not found", stream.name)) as u64;
            for field in &stream.fields {
                assert!(fields[&field.name].contains(&at), "{}.{}", stream.name, field.name);
                // What the script makes of it.
                let (folder, stream, field) = (&connector.name, &stream.name, &field.name);
                let address = format!("{folder}/{stream}.html#stream-{stream}-field-{field}");
                assert!(ids.contains(&address), "{address}");
            }
        }
    }
}

#[test]
fn the_fields_of_a_large_site_come_by_letter() {
    let mut connectors: Vec<Connector> = (0..20).map(|_| crate::diagrams::made(200)).collect();
    for (at, connector) in connectors.iter_mut().enumerate() {
        connector.name = format!("made_{at}");
    }
    let files = site(&connectors);
    let scripts: Vec<&PageFile> = files.iter().filter(|file| file.name.starts_with("static/search")).collect();
    let names: Vec<&str> = scripts.iter().map(|file| file.name.as_str()).collect();
    let letters = ["a", "c", "i", "l", "n", "o", "r"].map(|letter| format!("static/search-{letter}.js"));
    assert_eq!(names[0], "static/search.js");
    assert_eq!(names[1..], letters);
    assert_eq!(given(&scripts[0].text)["letters"], "acilnor");
    assert!(given(&scripts[0].text).get("fields").is_none());
    assert_eq!(fields(&files)["a_rather_long_name_of_a_column"].len(), 20 * 200);
}
