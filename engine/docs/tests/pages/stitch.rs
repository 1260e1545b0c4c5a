//! Template `stitch`: its page for Desk has the keys, values and steps of the page that Stitch published;
//! `tests/pages/desk/stitch.yaml` lists them, and where ours differs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};
use tapwright_docs::{Format, Template, render};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    front_matter: Map<String, Value>,
    prose: Vec<String>,
    tables: BTreeMap<String, Map<String, Value>>,
    blocks: Value,
    includes: Value,
    anchors: Value,
    deviations: Vec<Deviation>,
    more: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deviation {
    at: String,
    ours: Value,
    why: String,
}

/// What the pages of both seeds say, as far as it is needed here.
#[derive(Deserialize)]
struct Steps {
    steps: Vec<Vec<String>>,
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = super::repository(&format!("tests/pages/desk/{name}"));
    serde_yaml::from_str(&std::fs::read_to_string(path).expect("facts")).expect("facts")
}

fn page(spec: &str) -> String {
    let template = Template::named("stitch").expect("a template");
    render(&super::connector(spec), &template, Format::Markdown).expect("a page")
}

/// The front matter and the body of a page.
fn parts(page: &str) -> (Map<String, Value>, &str) {
    let (front, body) = page.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).expect("front matter");
    (serde_yaml::from_str(front).unwrap_or_else(|fault| panic!("{fault}\n{front}")), body)
}

/// `id (Case ID)`, `labels*`, of `Case ID (<code>id</code>)`, `labels<code>*</code>`.
fn attribute(shown: &str) -> String {
    let (shown, mark) = match shown.strip_suffix("<code>*</code>") {
        Some(shown) => (shown, "*"),
        None => (shown, ""),
    };
    match shown.strip_suffix("</code>)").and_then(|shown| shown.split_once(" (<code>")) {
        Some((label, name)) => format!("{name}{mark} ({label})"),
        None => format!("{shown}{mark}"),
    }
}

fn name_of(attribute: &str) -> &str {
    attribute.split(['*', ' ']).next().unwrap_or_default()
}

/// Every fact by its place: `status`, `tables.cases.primary-key`, `tables.cases.attributes.id`.
fn flat(front: &Map<String, Value>, tables: &BTreeMap<String, Map<String, Value>>) -> BTreeMap<String, Value> {
    let mut flat: BTreeMap<String, Value> = front.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    for (name, table) in tables {
        for (key, value) in table.iter().filter(|(key, _)| *key != "attributes") {
            flat.insert(format!("tables.{name}.{key}"), value.clone());
        }
        for one in table.get("attributes").and_then(Value::as_array).into_iter().flatten() {
            let one = one.as_str().expect("an attribute");
            flat.insert(format!("tables.{name}.attributes.{}", name_of(one)), one.into());
        }
    }
    flat
}

/// The tables of our front matter, written as the facts are.
fn tables(front: &mut Map<String, Value>) -> BTreeMap<String, Map<String, Value>> {
    let Some(Value::Array(tables)) = front.remove("tables") else { panic!("no tables") };
    let named = tables.into_iter().map(|table| {
        let Value::Object(mut table) = table else { panic!("{table}") };
        let attributes: Vec<Value> = table["attributes"]
            .as_array()
            .expect("attributes")
            .iter()
            .map(|one| attribute(one["name"].as_str().expect("a name")).into())
            .collect();
        table.insert("attributes".into(), attributes.into());
        let name = table.remove("name").expect("a name").as_str().expect("a name").to_owned();
        (name, table)
    });
    named.collect()
}

/// The texts between `start` and `end`.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).map(str::trim).collect()
}

/// Headings with an anchor, each with what stands below it.
fn sections(body: &str) -> Vec<(&str, &str, &str)> {
    body.split("\n### ")
        .skip(1)
        .filter_map(|section| {
            let (heading, text) = section.split_once('\n')?;
            let (title, anchor) = heading.strip_suffix('}')?.split_once(" {#")?;
            Some((anchor, title, text))
        })
        .collect()
}

#[test]
fn the_page_has_the_facts_of_the_published_one_and_differs_only_where_it_says() {
    let facts: Facts = read("stitch.yaml");
    let page = page("specs/desk.yaml");
    let (mut front, body) = parts(&page);
    let our_tables = tables(&mut front);
    let mut ours = flat(&front, &our_tables);
    let steps = between(body.split("\n### ").nth(1).unwrap_or(body), "](#", ")");
    ours.insert("blocks".into(), between(body, "{% contentfor ", "%}").into());
    ours.insert("includes".into(), between(body, "{% include ", "%}").into());
    ours.insert("anchors".into(), steps.into());
    let mut theirs = flat(&facts.front_matter, &facts.tables);
    theirs.insert("blocks".into(), facts.blocks);
    theirs.insert("includes".into(), facts.includes);
    theirs.insert("anchors".into(), facts.anchors);

    for one in &facts.deviations {
        assert!(!one.why.trim().is_empty(), "{} has no reason", one.at);
        let wanted = theirs.remove(&one.at).unwrap_or_else(|| panic!("{} is no fact of the page", one.at));
        assert_ne!(wanted, one.ours, "{} does not differ", one.at);
        let found = ours.get(&one.at).or_else(|| {
            let (table, _) = one.at.rsplit_once('.')?;
            ours.get(&format!("{table}.{}", name_of(one.ours.as_str()?)))
        });
        assert_eq!(found, Some(&one.ours), "{}: {}", one.at, one.why);
    }
    for (at, wanted) in &theirs {
        let found = ours.get(at).unwrap_or_else(|| panic!("{at} is missing"));
        let is_same = match (found.as_str(), wanted.as_str()) {
            (Some(found), Some(wanted)) if at.contains(".attributes.") && !wanted.contains('(') => {
                found.split(" (").next() == Some(wanted)
            }
            _ => found == wanted,
        };
        assert!(is_same, "{at} is {found}, and the published page says {wanted}");
    }
    let more: BTreeSet<String> = our_tables.keys().filter(|name| !facts.tables.contains_key(*name)).cloned().collect();
    assert_eq!(more, facts.more["tables"]);
    for key in &facts.prose {
        match key.strip_prefix("tables.*.") {
            None => assert!(front[key].as_str().is_some_and(|text| !text.is_empty()), "{key}"),
            Some(key) => our_tables.iter().for_each(|(name, table)| assert!(table.contains_key(key), "{name}.{key}")),
        }
    }
    let known = |key: &&String| facts.front_matter.contains_key(*key) || facts.prose.contains(key);
    let keys: Vec<&String> = front.keys().filter(|key| !known(key)).collect();
    assert!(keys.is_empty(), "the published page has no {keys:?}");
}

#[test]
fn every_step_is_listed_and_says_what_the_published_page_says() {
    let steps: Steps = read("seed-facts.yaml");
    let page = page("specs/desk.yaml");
    let (_, body) = parts(&page);
    let sections = sections(body);
    assert!(body.contains("six steps"));
    for (at, words) in steps.steps.iter().enumerate() {
        let number = at + 1;
        let listed = body.lines().find_map(|line| line.strip_prefix(&format!("{number}. ["))).expect("a listed step");
        let (title, anchor) = listed.strip_suffix(')').and_then(|rest| rest.split_once("](#")).expect("a link");
        let (_, heading, text) = sections.iter().find(|(id, ..)| *id == anchor).expect("a step");
        assert_eq!(*heading, title);
        let said = format!("{heading} {text}").to_lowercase();
        for word in words {
            assert!(said.contains(&word.to_lowercase()), "step {number} does not say {word}");
        }
    }
}

#[test]
fn liquid_finds_only_what_the_template_means() {
    let specs = std::fs::read_dir(super::repository("specs")).expect("the specs");
    for spec in specs.map(|entry| entry.expect("a spec").file_name().into_string().expect("a name")) {
        let page = page(&format!("specs/{spec}"));
        let (front, body) = parts(&page);
        assert!(!front["tables"].as_array().expect("tables").is_empty(), "{spec}");
        for tag in between(body, "{%", "%}") {
            let known = ["assign", "include", "contentfor", "endcontentfor", "\" }}"];
            assert!(known.iter().any(|word| tag.starts_with(word)), "{spec}: {tag}");
        }
        for shown in between(body, "{{", "}}") {
            assert!(shown.starts_with('"'), "{spec}: {shown}");
        }
    }
}
