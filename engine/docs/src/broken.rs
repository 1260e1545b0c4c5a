//! Links within a site that lead nowhere: to a file that is not there, or to an anchor that a page does not have.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use pulldown_cmark::{Event, Parser, Tag};

use crate::site::PageFile;

/// A link that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file that has it.
    pub file: String,
    /// Number of the line, from 1.
    pub line: usize,
    /// The link as it is written.
    pub link: String,
    /// The anchor that the file to which it leads lacks; `None`: there is no such file.
    pub anchor: Option<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Broken { file, line, link, anchor } = self;
        match anchor {
            Some(anchor) => {
                write!(f, "{file}:{line}: the link `{link}` leads nowhere: the page has no anchor `{anchor}`")
            }
            None => write!(f, "{file}:{line}: the link `{link}` leads nowhere: the site has no such file"),
        }
    }
}

/// The links and anchors of a part of a site.
#[derive(Debug)]
pub struct Links(Ledger);

impl Links {
    /// Those of these files.
    pub fn of(files: &[PageFile]) -> Links {
        let mut ledger = Ledger::default();
        files.iter().for_each(|file| ledger.enter(file));
        ledger.settle();
        Links(ledger)
    }

    /// The links of all parts that lead nowhere; `exists` says whether there is a file that none of them has.
    pub(crate) fn broken(parts: &[&Links], exists: &dyn Fn(&str) -> bool) -> Vec<Broken> {
        let ledgers: Vec<&Ledger> = parts.iter().map(|part| &part.0).collect();
        Ledger::broken(&ledgers, exists)
    }
}

/// The links and anchors of files that were seen.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// By file.
    anchors: BTreeMap<String, BTreeSet<String>>,
    open: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    from: Broken,
    /// File within the site.
    target: String,
}

impl Ledger {
    /// Notes what a file links to, and its anchors.
    pub(crate) fn enter(&mut self, file: &PageFile) {
        let links = match file.name.rsplit('.').next() {
            Some("html") => in_html(&file.text),
            Some("md") => in_markdown(&file.text),
            _ => Vec::new(),
        };
        let mut seen = BTreeSet::new();
        for (at, link) in links.into_iter().filter(|(_, link)| is_inner(link)) {
            if !seen.insert(link.clone()) {
                continue;
            }
            let (path, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(path, anchor)| (path, Some(anchor)));
            let line = file.text[..at].matches('\n').count() + 1;
            let target = resolved(&file.name, path);
            let anchor = anchor.map(decoded).filter(|anchor| !anchor.is_empty());
            self.open.push(Link { from: Broken { file: file.name.clone(), line, link, anchor }, target });
        }
        let ids = file.text.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next());
        self.anchors.insert(file.name.clone(), ids.map(unescaped).collect());
    }

    /// Forgets the links that lead to a place of a file that was seen.
    pub(crate) fn settle(&mut self) {
        let Ledger { anchors, open } = self;
        open.retain(|link| {
            let there = anchors.get(&link.target);
            !there.is_some_and(|there| link.from.anchor.as_ref().is_none_or(|anchor| there.contains(anchor)))
        });
    }

    /// The links of all ledgers that lead nowhere; `exists` says whether there is a file that nobody makes here.
    pub(crate) fn broken(ledgers: &[&Ledger], exists: &dyn Fn(&str) -> bool) -> Vec<Broken> {
        let open = ledgers.iter().flat_map(|ledger| &ledger.open).filter_map(|link| {
            let there = ledgers.iter().find_map(|ledger| ledger.anchors.get(&link.target));
            match (there, &link.from.anchor) {
                (Some(there), Some(anchor)) => (!there.contains(anchor)).then(|| link.from.clone()),
                (Some(_), None) => None,
                (None, _) => (!exists(&link.target)).then(|| Broken { anchor: None, ..link.from.clone() }),
            }
        });
        open.collect()
    }
}

/// Whether a link stays within the site.
fn is_inner(link: &str) -> bool {
    let scheme = link.split(['/', '?', '#']).next().unwrap_or_default().contains(':');
    !scheme && !link.starts_with("//")
}

/// The links of a page of HTML, each with its place.
fn in_html(text: &str) -> Vec<(usize, String)> {
    let of = |attribute: &'static str| {
        text.match_indices(attribute).filter_map(move |(at, found)| {
            let rest = &text[at + found.len()..];
            Some((at, unescaped(rest.split('"').next()?)))
        })
    };
    of(" href=\"").chain(of(" src=\"")).collect()
}

fn in_markdown(text: &str) -> Vec<(usize, String)> {
    let links = Parser::new(text).into_offset_iter().filter_map(|(event, range)| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some((range.start, dest_url.to_string()))
        }
        _ => None,
    });
    links.collect()
}

/// A text as HTML means it.
pub(crate) fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A path as a page of `file` means it, within the site.
fn resolved(file: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() {
        return file.to_owned();
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    decoded(&parts.join("/"))
}

/// A text without `%20` and the like.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Ledger;
    use crate::site::PageFile;

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let mut ledger = Ledger::default();
        for (name, text) in files {
            ledger.enter(&PageFile { name: (*name).to_owned(), text: (*text).to_owned() });
            ledger.settle();
        }
        Ledger::broken(&[&ledger], &|name| name == "icon.png").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_that_arrive_are_not_told() {
        let html = "<a href=\"desk/cases.html#a&amp;b\">x</a><a href=\"#top\">x</a><p id=\"top\"><img src=\"icon.png\">\
                    <a href=\"https://shop.example/nothing#here\">x</a><a href=\"mailto:a@shop.example\">x</a>";
        let cases = "<i id=\"a&amp;b\"></i><a href=\"../desk.html#top\">x</a><a href=\"../desk.html\">x</a>";
        assert_eq!(told(&[("desk.html", html), ("desk/cases.html", cases)]), [""; 0]);
        let markdown = "<a id=\"top\"></a>\n[x](#top) `[y](#nowhere)`\n\n```\n[z](z.md)\n```\n";
        assert_eq!(told(&[("desk.md", markdown)]), [""; 0]);
    }

    #[test]
    fn links_that_lead_nowhere_are_told_with_their_places() {
        let found = told(&[
            (
                "desk.html",
                "<a href=\"#top\">x</a>\n<a href=\"desk/cases.html\">x</a>\n<a href=\"desk/case.html#a\">x</a>",
            ),
            ("desk/cases.html", "<a href=\"../desk.html#low\">x</a>"),
            ("desk.md", "[x](cases.md)\n\n[y](#high%20up)"),
        ]);
        assert_eq!(
            found,
            [
                "desk.html:1: the link `#top` leads nowhere: the page has no anchor `top`",
                "desk.html:3: the link `desk/case.html#a` leads nowhere: the site has no such file",
                "desk/cases.html:1: the link `../desk.html#low` leads nowhere: the page has no anchor `low`",
                "desk.md:1: the link `cases.md` leads nowhere: the site has no such file",
                "desk.md:3: the link `#high%20up` leads nowhere: the page has no anchor `high up`",
            ]
        );
    }
}
