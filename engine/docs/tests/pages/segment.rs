//! Template `segment`: its page for Desk has the rows, sections and facts of the page that Segment published;
//! `tests/pages/desk/segment.yaml` lists them, and where ours differs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use tapwright_docs::{Format, Template, render};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    front_matter: Map<String, Value>,
    headings: Vec<String>,
    banner: Banner,
    steps: Vec<Vec<String>>,
    numbering: Vec<usize>,
    says: BTreeMap<String, Vec<String>>,
    page: Vec<String>,
    deviations: Vec<Deviation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Banner {
    level: String,
    says: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deviation {
    at: String,
    seed: Option<String>,
    ours: Option<Value>,
    why: String,
}

/// What the pages of both seeds say of collections.
#[derive(Deserialize)]
struct Collections {
    collections: Vec<String>,
    tables: BTreeMap<String, Table>,
}

#[derive(Deserialize)]
struct Table {
    fields: Vec<String>,
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = super::repository(&format!("tests/pages/desk/{name}"));
    serde_yaml::from_str(&std::fs::read_to_string(path).expect("facts")).expect("facts")
}

fn page() -> String {
    let template = Template::named("segment").expect("a template");
    render(&super::connector("specs/desk.yaml"), &template, Format::Markdown).expect("a page")
}

/// What stands under a heading of the second or third level, with what is below it.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let marked = ["## ", "### "].into_iter().find_map(|mark| {
        let (_, rest) = page.split_once(&format!("\n{mark}{heading}\n"))?;
        Some((mark, rest))
    });
    let (mark, rest) = marked.unwrap_or_else(|| panic!("no heading {heading}"));
    let end = if mark == "## " { rest.find("\n## ") } else { rest.find("\n##").filter(|_| true) };
    end.map_or(rest, |end| &rest[..end])
}

fn says(text: &str, word: &str) -> bool {
    text.to_lowercase().contains(&word.to_lowercase())
}

#[test]
fn the_page_has_the_sections_and_facts_of_the_published_one() {
    let facts: Facts = read("segment.yaml");
    let page = page();
    let (front, body) = page.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).expect("front matter");
    let front: Map<String, Value> = serde_yaml::from_str(front).expect("front matter");
    let changed = |at: &str, seed: &str| {
        let found = facts.deviations.iter().find(|one| one.at == at && one.seed.as_deref() == Some(seed));
        found.and_then(|one| one.ours.as_ref()).and_then(Value::as_str).unwrap_or(seed).to_owned()
    };
    for (key, value) in &facts.front_matter {
        let wanted = value.as_str().map_or_else(|| value.clone(), |text| changed(key, text).into());
        assert_eq!(front.get(key), Some(&wanted), "{key}");
    }
    assert_eq!(front.len(), facts.front_matter.len());

    let below = |mark: &'static str| body.lines().filter_map(move |line| line.strip_prefix(mark));
    let headings: Vec<&str> =
        body.lines().filter_map(|line| line.strip_prefix("## ").or_else(|| line.strip_prefix("### "))).collect();
    let mut at = 0;
    for wanted in facts.headings.iter().map(|heading| changed("headings", heading)) {
        let found = headings[at..].iter().position(|heading| *heading == wanted);
        at += found.unwrap_or_else(|| panic!("{wanted} is missing or stands elsewhere")) + 1;
    }
    let added = facts.deviations.iter().filter(|one| one.at == "headings" && one.seed.is_none());
    let added: Vec<&str> = added.filter_map(|one| one.ours.as_ref()?.as_str()).collect();
    let own: Vec<&str> = below("## ").filter(|heading| !facts.headings.iter().any(|known| known == heading)).collect();
    assert!(own.iter().all(|heading| added.contains(heading)), "{own:?}");

    assert!(body.contains(&format!("> {} \"\"", facts.banner.level)) && says(body, &facts.banner.says));
    for (heading, words) in &facts.says {
        words.iter().for_each(|word| assert!(says(section(body, heading), word), "{heading} does not say {word}"));
    }
    facts.page.iter().for_each(|word| assert!(says(body, word), "the page does not say {word}"));
}

#[test]
fn steps_are_counted_without_a_gap() {
    let facts: Facts = read("segment.yaml");
    let page = page();
    let text = section(&page, "Add a new Desk source");
    let steps: Vec<(usize, &str)> = text
        .lines()
        .filter_map(|line| line.split_once(". "))
        .filter_map(|(number, text)| Some((number.parse().ok()?, text)))
        .take_while(|(number, _)| *number > 0)
        .take(facts.steps.len())
        .collect();
    let numbers: Vec<usize> = steps.iter().map(|(number, _)| *number).collect();
    assert_ne!(numbers, facts.numbering);
    let ours = facts.deviations.iter().find(|one| one.at == "numbering").and_then(|one| one.ours.clone());
    assert_eq!(ours, Some(numbers.into()));
    for ((number, text), words) in steps.iter().zip(&facts.steps) {
        words.iter().for_each(|word| assert!(says(text, word), "step {number} does not say {word}"));
    }
}

#[test]
fn what_differs_differs_as_it_says() {
    let facts: Facts = read("segment.yaml");
    let page = page();
    for one in &facts.deviations {
        assert!(!one.why.trim().is_empty(), "{} has no reason", one.at);
        assert!(one.seed.is_some() || one.ours.is_some(), "{}", one.at);
        if let Some(seed) = one.seed.as_deref().filter(|_| one.at != "title") {
            assert!(!page.contains(seed), "{}: the page says {seed:?}", one.at);
        }
        if let Some(ours) = one.ours.as_ref().and_then(Value::as_str) {
            assert!(page.contains(ours), "{}: the page does not say {ours:?}", one.at);
        }
    }
}

#[test]
fn every_collection_is_listed_with_its_properties() {
    let known: Collections = read("seed-facts.yaml");
    let page = page();
    for name in &known.collections {
        assert!(section(&page, "Collections").contains(&format!("| `{name}` | object |")), "{name}");
        let mut title: Vec<char> = name.replace('_', " ").chars().collect();
        title[0] = title[0].to_ascii_uppercase();
        let properties = section(&page, &title.iter().collect::<String>());
        for field in &known.tables[name].fields {
            let row = properties.lines().find(|line| line.starts_with(&format!("| `{field}` | ")));
            let described = row.and_then(|row| row.split(" | ").nth(2)).is_some_and(|text| text.len() > 2);
            assert!(described, "{name}.{field} is no row with a description: {row:?}");
        }
    }
}
