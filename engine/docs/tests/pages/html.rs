//! A small strict reader of HTML, and what it demands of the pages: tags that balance, nothing in the
//! wrong place, anchors that exist once, nothing from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use tapwright_docs::{Format, PageFile, Site, Subject, Template};

const VOID: [&str; 5] = ["meta", "link", "br", "hr", "input"];
/// Attributes that have no value.
const FLAGS: [&str; 3] = ["hidden", "open", "defer"];
/// Elements that cannot stand in a paragraph, a heading or a line.
const BLOCKS: [&str; 17] = [
    "p",
    "div",
    "ul",
    "ol",
    "dl",
    "table",
    "section",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "blockquote",
    "nav",
    "main",
];
const LINES: [&str; 11] = ["p", "span", "h1", "h2", "h3", "h4", "h5", "h6", "a", "strong", "code"];

/// One element of a page.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) tag: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// What stands between its tags.
    pub(crate) inner: std::ops::Range<usize>,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a page; panics where it is not well formed.
pub(crate) fn read(page: &str) -> Vec<Element> {
    let rest = page.strip_prefix("<!DOCTYPE html>\n").expect("a doctype");
    let mut at = page.len() - rest.len();
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    while let Some(found) = page[at..].find('<') {
        let text = &page[at..at + found];
        assert!(!text.contains('>'), "a bare `>` in {text:?}");
        let start = at + found;
        let end = start + tag_end(&page[start..]);
        let tag = &page[start + 1..end - 1];
        at = end;
        if let Some(name) = tag.strip_prefix('/') {
            let index = open.pop().unwrap_or_else(|| panic!("</{name}> closes nothing"));
            assert_eq!(
                elements[index].tag,
                name,
                "</{name}> closes <{}> near {:?}",
                elements[index].tag,
                near(page, at)
            );
            elements[index].inner.end = start;
            continue;
        }
        let (name, attributes) = parts(tag);
        let parents = || open.iter().map(|index| elements[*index].tag.as_str());
        if BLOCKS.contains(&name.as_str()) {
            let line = parents().find(|parent| LINES.contains(parent));
            assert_eq!(line, None, "<{name}> in a line, near {:?}", near(page, at));
        }
        assert!(name != "a" || !parents().any(|parent| parent == "a"), "a link in a link, near {:?}", near(page, at));
        elements.push(Element { tag: name.clone(), attributes, inner: end..end });
        if matches!(name.as_str(), "style" | "script") {
            at = end + page[end..].find(&format!("</{name}>")).expect("an end");
        }
        if !VOID.contains(&name.as_str()) {
            open.push(elements.len() - 1);
        }
    }
    assert!(open.is_empty(), "never closed: {:?}", open.iter().map(|index| &elements[*index].tag).collect::<Vec<_>>());
    elements
}

fn near(page: &str, at: usize) -> String {
    let before: Vec<char> = page[..at].chars().rev().take(120).collect();
    before.into_iter().rev().collect()
}

fn tag_end(text: &str) -> usize {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at + 1,
            _ => {}
        }
    }
    panic!("a tag that does not end: {:?}", &text[..text.len().min(80)]);
}

fn parts(tag: &str) -> (String, Vec<(String, String)>) {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "a tag {tag:?}");
    let mut attributes: Vec<(String, String)> = Vec::new();
    loop {
        rest = rest.trim_start();
        let flag = rest.split(char::is_whitespace).next().unwrap_or_default();
        if FLAGS.contains(&flag) {
            attributes.push((flag.to_owned(), String::new()));
            rest = &rest[flag.len()..];
            continue;
        }
        let Some((key, after)) = rest.split_once("=\"") else { break };
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("an open quote in {tag:?}"));
        assert!(key.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "an attribute {key:?} in {tag:?}");
        assert!(!attributes.iter().any(|(known, _)| known == key), "{key} twice in {tag:?}");
        attributes.push((key.to_owned(), unescaped(value)));
        rest = after;
    }
    assert!(rest.trim().is_empty(), "{rest:?} left over in {tag:?}");
    (name.to_owned(), attributes)
}

/// Text with its character references resolved.
pub(crate) fn unescaped(text: &str) -> String {
    let references = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    references.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What a reader sees of a piece of HTML or Markdown: no tags, no marks, single spaces, lower case.
pub(crate) fn seen(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        let after = rest[start + 1..].chars().next();
        if after.is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '!') {
            out.push(' ');
            rest = &rest[start + tag_end(&rest[start..])..];
        } else {
            out.push('<');
            rest = &rest[start + 1..];
        }
    }
    out.push_str(rest);
    let marks = |c: &char| matches!(c, '*' | '`' | '\\');
    let plain: String =
        unescaped(&out).chars().filter(|c| !marks(c)).map(|c| if matches!(c, ':' | '>') { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",").replace(" .", ".").to_lowercase()
}

const SPECS: [&str; 2] = ["specs/desk.yaml", "tests/pages/corners.yaml"];

#[test]
fn html_is_well_formed() {
    for spec in SPECS {
        for page in super::pages(&super::connector(spec)) {
            let elements = read(&page.text);
            let has = |tag: &str| elements.iter().filter(|element| element.tag == tag).count();
            for tag in ["html", "head", "title", "body", "main", "h1"] {
                assert_eq!(has(tag), 1, "{tag} in {}", page.name);
            }
            assert_eq!(elements[0].attribute("lang"), Some("en"));
            let meta = |name: &str| elements.iter().any(|element| element.attribute("name") == Some(name));
            assert!(meta("viewport") && meta("description"), "{}", page.name);
        }
    }
}

#[test]
fn headings_leave_out_no_level_of_the_page_itself() {
    for page in super::pages(&super::connector("specs/desk.yaml")) {
        let levels = read(&page.text)
            .into_iter()
            .filter_map(|element| element.tag.strip_prefix('h').and_then(|level| level.parse::<u32>().ok()));
        let mut last = 0;
        for level in levels {
            assert!(level <= last + 1, "{}: h{level} after h{last}", page.name);
            last = level;
        }
    }
}

/// The file that a link leads to from another one, and the anchor there.
pub(crate) fn target(link: &str, from: &str) -> (String, String) {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    if path.is_empty() {
        return (from.to_owned(), anchor.to_owned());
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => parts.truncate(parts.len().saturating_sub(1)),
            part => parts.push(part),
        }
    }
    (parts.join("/"), anchor.to_owned())
}

/// The links of a site that arrive nowhere.
pub(crate) fn broken(files: &[PageFile]) -> Vec<String> {
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut links = Vec::new();
    for file in files {
        let known = ids.entry(&file.name).or_default();
        for element in if file.name.ends_with(".html") { read(&file.text) } else { Vec::new() } {
            if let Some(id) = element.attribute("id") {
                assert!(!id.contains(char::is_whitespace), "the anchor {id:?} of {}", file.name);
                assert!(known.insert(id.to_owned()), "the anchor {id} of {} is there twice", file.name);
            }
            let to = element.attribute("href").or_else(|| element.attribute("src"));
            let within = to.filter(|to| !to.contains("://") && !to.starts_with("mailto:"));
            links.extend(within.map(|to| (file.name.clone(), to.to_owned())));
        }
    }
    let arrives = |(from, link): &(String, String)| {
        let (file, anchor) = target(link, from);
        ids.get(file.as_str()).is_some_and(|ids| anchor.is_empty() || ids.contains(&anchor))
    };
    links.into_iter().filter(|link| !arrives(link)).map(|(from, link)| format!("{link} in {from}")).collect()
}

#[test]
fn every_link_arrives() {
    let connectors = SPECS.map(super::connector);
    let template = Template::default();
    let site = Site::new(&template, &Format::ALL).expect("a site");
    let chapters: Vec<_> = connectors
        .iter()
        .map(|connector| site.chapter(&Subject { connector, older: &[], evidence: &crate::NOTHING }).expect("pages"))
        .collect();
    let entries: Vec<_> = chapters.iter().map(|chapter| &chapter.entry).collect();
    let mut files = site.front(&entries, &BTreeSet::new()).expect("a list");
    files.extend(chapters.iter().flat_map(|chapter| chapter.files.clone()));
    assert_eq!(broken(&files), Vec::<String>::new());

    for spec in SPECS {
        let markdown = super::page(spec, Format::Markdown);
        let anchors: Vec<&str> = between(&markdown, "<a id=\"", "\"></a>");
        let set: BTreeSet<&str> = anchors.iter().copied().collect();
        assert_eq!(set.len(), anchors.len(), "an anchor of {spec} is there twice");
        let missing: Vec<&str> =
            between(&markdown, "](#", ")").into_iter().filter(|link| !set.contains(link)).collect();
        assert!(missing.is_empty(), "{spec}: {missing:?}");
        let ids: BTreeSet<String> = files
            .iter()
            .filter(|file| file.name.ends_with(".html"))
            .flat_map(|file| read(&file.text))
            .filter_map(|element| element.attribute("id").map(str::to_owned))
            .collect();
        assert!(set.iter().filter(|id| id.starts_with("stream-")).all(|id| ids.contains(*id)), "{spec}");
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn a_page_asks_nobody_for_anything() {
    for page in SPECS.iter().flat_map(|spec| super::pages(&super::connector(spec))) {
        for element in read(&page.text) {
            let forbidden = ["img", "iframe", "object", "embed", "video", "audio", "base", "style"];
            assert!(!forbidden.contains(&element.tag.as_str()), "<{}> in {}", element.tag, page.name);
            let own = |name: &str, file: &str| {
                element.attribute(name).is_some_and(|target| target.ends_with(file) && !target.contains(':'))
            };
            assert!(element.tag != "script" || own("src", "static/script.js"), "{element:?}");
            assert!(element.tag != "link" || own("href", "static/style.css"), "{element:?}");
            for (name, value) in &element.attributes {
                assert!(!name.starts_with("on") && name != "style", "{name} in {}", page.name);
                assert!(name != "href" || !value.to_lowercase().starts_with("javascript:"), "{value}");
            }
        }
    }
    let files = Site::new(&Template::default(), &Format::ALL).and_then(|site| site.front(&[], &BTreeSet::new()));
    let static_files = files.expect("shared files").into_iter().filter(|file| file.name.starts_with("static/"));
    for file in static_files {
        let asks = ["url(", "@import", "fetch(", "XMLHttpRequest", "://"];
        assert!(!asks.iter().any(|ask| file.text.contains(ask)), "{}", file.name);
    }
}
