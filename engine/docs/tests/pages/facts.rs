//! The Desk page carries every fact of the two published pages; `tests/pages/desk/seed-facts.yaml` lists them.

use std::collections::BTreeMap;

use serde::Deserialize;
use tapwright_docs::Format;
use tapwright_spec::Connector;

use crate::html;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    says: BTreeMap<String, Vec<String>>,
    snapshot: BTreeMap<String, String>,
    steps: Vec<Vec<String>>,
    config: BTreeMap<String, Setting>,
    collections: Vec<String>,
    tables: BTreeMap<String, Table>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Setting {
    title: String,
    secret: bool,
    example: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    method: Option<String>,
    #[serde(default)]
    primary_key: Vec<String>,
    nested: Option<bool>,
    link: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    says: Vec<String>,
    #[serde(default)]
    aliases: BTreeMap<String, String>,
    fields: Vec<String>,
    #[serde(default)]
    values: BTreeMap<String, Vec<String>>,
}

/// A page cut into what its anchors lead to.
struct Parts {
    page: String,
    /// Raw text by anchor.
    by_anchor: BTreeMap<String, String>,
}

impl Parts {
    /// The pages of a connector; where an anchor stands on several, the last one counts, which is that of the stream.
    fn of_html(connector: &Connector) -> Parts {
        let pages = super::pages(connector);
        let mut by_anchor = BTreeMap::new();
        for page in &pages {
            for element in html::read(&page.text) {
                let id = element.attribute("id").map(str::to_owned);
                by_anchor.extend(id.map(|id| (id, page.text[element.inner.clone()].to_owned())));
            }
        }
        Parts { page: pages.iter().map(|page| page.text.as_str()).collect(), by_anchor }
    }

    /// An anchor at the beginning of a line leads to what follows up to the next one, a stream's with
    /// its child tables; an anchor in a row leads to the row.
    fn of_markdown(page: String) -> Parts {
        let mut by_anchor: BTreeMap<String, String> = BTreeMap::new();
        let mut current: Vec<String> = Vec::new();
        for line in page.lines() {
            if let Some(id) = line.strip_prefix("<a id=\"").and_then(|rest| rest.strip_suffix("\"></a>")) {
                if !id.starts_with("table-") {
                    current.clear();
                }
                current.push(id.to_owned());
            }
            if let Some(row) = line.strip_prefix("| <a id=\"") {
                let (id, rest) = row.split_once("\"></a>").expect("an anchor that ends");
                by_anchor.insert(id.to_owned(), rest.to_owned());
            }
            for id in &current {
                let part = by_anchor.entry(id.clone()).or_default();
                part.push_str(line);
                part.push('\n');
            }
        }
        Parts { page, by_anchor }
    }

    /// Whether the part has these words, as a reader sees them or in a link.
    fn has(&self, anchor: &str, words: &str) -> bool {
        let part = if anchor == "page" { Some(&self.page) } else { self.by_anchor.get(anchor) };
        part.is_some_and(|part| part.contains(words) || html::seen(part).contains(&html::seen(words)))
    }

    fn row(&self, label: &str, value: &str) -> bool {
        let part = self.by_anchor.get("snapshot").map(String::as_str).unwrap_or_default();
        let rows = part
            .lines()
            .filter(|line| line.starts_with(&format!("| {label} |")) || line.contains(&format!("<dt>{label}</dt>")));
        rows.into_iter().any(|line| html::seen(line).contains(&html::seen(value)))
    }
}

/// The facts that the page does not carry, by name.
fn missing(facts: &Facts, parts: &Parts) -> Vec<String> {
    let mut missing = Vec::new();
    let mut want = |found: bool, name: String| {
        if !found {
            missing.push(name);
        }
    };
    for (anchor, words) in facts.says.iter().flat_map(|(anchor, all)| all.iter().map(move |words| (anchor, words))) {
        want(parts.has(anchor, words), format!("says.{anchor}: {words}"));
    }
    for (label, value) in &facts.snapshot {
        want(parts.row(label, value), format!("snapshot.{label}: {value}"));
    }
    let anchors = step_anchors();
    want(anchors.len() == facts.steps.len(), format!("{} steps", facts.steps.len()));
    for (number, words) in facts.steps.iter().enumerate() {
        let anchor = anchors.get(number).map(String::as_str).unwrap_or_default();
        for word in words {
            want(parts.has(anchor, word), format!("steps.{}: {word}", number + 1));
        }
    }
    for (name, setting) in &facts.config {
        let anchor = format!("config-{name}");
        want(parts.has(&anchor, name), format!("config.{name}"));
        want(parts.has(&anchor, &setting.title), format!("config.{name}.title"));
        let row = parts.by_anchor.get(&anchor).cloned().unwrap_or_default();
        let secret = row.contains("| yes | yes |") || row.contains("badge secret");
        want(secret == setting.secret, format!("config.{name}.secret"));
        if let Some(example) = &setting.example {
            want(parts.has(&anchor, example), format!("config.{name}.example"));
        }
    }
    for name in &facts.collections {
        let listed =
            parts.by_anchor.get("tables").is_some_and(|part| html::seen(part).contains(&collection(name, part)));
        want(listed, format!("collections.{name}"));
    }
    for (name, table) in &facts.tables {
        missing_of_table(name, table, parts, &mut want);
    }
    missing
}

/// How the table of tables shows an object: name, then kind.
fn collection(name: &str, part: &str) -> String {
    if part.contains("<table") { format!("{name} object") } else { format!("[{name}](#stream-{name}) | object") }
}

fn missing_of_table(name: &str, table: &Table, parts: &Parts, want: &mut impl FnMut(bool, String)) {
    let anchor = format!("stream-{name}");
    want(parts.by_anchor.contains_key(&anchor), format!("tables.{name}"));
    if let Some(method) = &table.method {
        want(parts.has(&anchor, method), format!("tables.{name}.method: {method}"));
    }
    if !table.primary_key.is_empty() {
        let keys = table.primary_key.join(", ");
        want(parts.has(&anchor, &format!("Primary key {keys}")), format!("tables.{name}.primary_key: {keys}"));
    }
    if let Some(nested) = table.nested {
        let words = format!("nested structures {}", if nested { "Yes" } else { "No" });
        want(parts.has(&anchor, &words), format!("tables.{name}.nested: {nested}"));
    }
    if let Some(link) = &table.link {
        let linked = parts
            .by_anchor
            .get(&anchor)
            .is_some_and(|part| part.contains(&format!("]({link})")) || part.contains(&format!("href=\"{link}\"")));
        want(linked, format!("tables.{name}.link: {link}"));
    }
    for words in &table.says {
        want(parts.has(&anchor, words), format!("tables.{name}.says: {words}"));
    }
    for field in &table.fields {
        let row = parts.by_anchor.get(&format!("{anchor}-field-{field}")).map(String::as_str).unwrap_or_default();
        let named = row.contains(&format!("`{field}`")) || row.contains(&format!("<code>{field}</code>"));
        want(named, format!("tables.{name}.fields: {field}"));
        want(described(row), format!("tables.{name}.fields: what {field} says"));
    }
    let of_field = |field: &str, words: &str| parts.has(&format!("{anchor}-field-{field}"), words);
    for (field, label) in &table.labels {
        want(of_field(field, label), format!("tables.{name}.labels: {label}"));
    }
    for (alias, field) in &table.aliases {
        want(of_field(field, alias), format!("tables.{name}.aliases: {alias}"));
    }
    for (field, value) in table.values.iter().flat_map(|(field, all)| all.iter().map(move |value| (field, value))) {
        want(of_field(field, value), format!("tables.{name}.values: {field} {value}"));
    }
}

/// Whether the last cell of a row says something.
fn described(row: &str) -> bool {
    let cell = match row.rsplit_once("<td>") {
        Some((_, cell)) => cell,
        None => row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default(),
    };
    html::seen(cell).len() > 3
}

fn step_anchors() -> Vec<String> {
    let connector = super::connector("specs/desk.yaml");
    connector.about.setup.iter().map(|step| step.anchor.clone()).collect()
}

fn facts() -> Facts {
    let text = std::fs::read_to_string(super::repository("tests/pages/desk/seed-facts.yaml")).expect("the facts");
    serde_yaml::from_str(&text).expect("facts that can be read")
}

fn both() -> [(&'static str, Parts); 2] {
    let markdown = Parts::of_markdown(super::page("specs/desk.yaml", Format::Markdown));
    [("Markdown", markdown), ("HTML", Parts::of_html(&super::connector("specs/desk.yaml")))]
}

#[test]
fn the_desk_page_carries_every_fact() {
    for (format, parts) in both() {
        let missing = missing(&facts(), &parts);
        assert!(missing.is_empty(), "the {format} page lacks\n  {}", missing.join("\n  "));
    }
}

#[test]
fn a_field_that_is_gone_is_named() {
    let facts = facts();
    for (format, mut parts) in both() {
        for (name, table) in &facts.tables {
            for field in &table.fields {
                let anchor = format!("stream-{name}-field-{field}");
                let row = parts.by_anchor.remove(&anchor).expect("a row");
                let mut told = Vec::new();
                missing_of_table(name, table, &parts, &mut |found, fact| {
                    if !found {
                        told.push(fact);
                    }
                });
                assert!(told.contains(&format!("tables.{name}.fields: {field}")), "{format}: {name}.{field}: {told:?}");
                parts.by_anchor.insert(anchor, row);
            }
        }
    }
}

#[test]
fn a_changed_word_of_the_spec_is_missed() {
    let text = std::fs::read_to_string(super::repository("specs/desk.yaml")).expect("the spec");
    let changes = [
        ("historical: 1 year", "historical: 2 years", "says.schedule: 1 year"),
        ("anchor: true}", "anchor: false}", "snapshot.Anchor scheduling: Yes"),
        ("column_selection: false", "column_selection: true", "snapshot.Column selection: No"),
        ("tier: Paid", "tier: Free", "snapshot.Plan: Paid"),
        ("13 March 2020", "13 May 2020", "says.notice: 13 March 2020"),
        ("/API/replies/#fields", "/API/replies", "tables.replies.link: http://dev.desk.com/API/replies/#fields"),
        ("Your Access Token", "The Token", "steps.3: Your Access Token"),
        ("which can wait longest, to 10", "which can wait longest, to 9", "tables.cases.values: priority 10"),
    ];
    for (from, to, name) in changes {
        assert!(text.contains(from), "{from}");
        let source = tapwright_spec::Source::new("desk.yaml", text.replace(from, to));
        let connector = tapwright_spec::check(&source).expect("a sound spec");
        let markdown = tapwright_docs::render(&connector, &tapwright_docs::Template::default(), Format::Markdown);
        for parts in [Parts::of_markdown(markdown.expect("a page")), Parts::of_html(&connector)] {
            let missing = missing(&facts(), &parts);
            assert!(missing.iter().any(|missing| missing == name), "{name}: {missing:?}");
        }
    }
}
