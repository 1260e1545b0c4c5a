//! Where addresses that were given up lead now: `redirects.yaml` in the folder of the pages, written by hand.

use std::collections::BTreeMap;
use std::path::Path;

use tapwright_spec::diagnostic::Diagnostic;
use tapwright_spec::{Diagnostics, Pair, Source, pairs};

use crate::addresses::{Addresses, Astray, page_of};
use crate::page::Here;
use crate::render::escape;
use crate::site::{PageFile, SiteFault, read};

/// The file of them.
const FILE: &str = "redirects.yaml";
/// A line of it.
const EXAMPLE: &str = "desk/filters.html: desk/cases.html";

/// Where addresses that were given up lead now.
#[derive(Debug, Default)]
pub struct Redirects {
    source: Option<Source>,
    pairs: BTreeMap<String, Pair>,
}

impl Redirects {
    /// Those of a folder of pages; none where it has no `redirects.yaml`.
    ///
    /// # Errors
    /// If the file cannot be read, or is not written as it should be.
    pub fn read(folder: &Path) -> Result<Redirects, SiteFault> {
        let path = folder.join(FILE);
        let Some(text) = read(&path)? else { return Ok(Redirects::default()) };
        let source = Source::new(path.display().to_string(), text);
        let (pairs, mut faults) = pairs(&source, EXAMPLE);
        // Files are written at these addresses.
        faults.extend(pairs.iter().filter(|pair| !is_address(&pair.from)).map(|pair| {
            Diagnostic::new(format!("`{}` is no address of a page", pair.from), pair.from_place.clone())
                .help("write a page of the site, `desk/filters.html`, or an anchor of one, `desk.html#stream-filters`")
        }));
        if !faults.is_empty() {
            return Err(Astray { file: path, faults: Some(Diagnostics::new(source, faults)), gone: Vec::new() }.into());
        }
        let pairs = pairs.into_iter().map(|pair| (pair.from.clone(), pair)).collect();
        Ok(Redirects { source: Some(source), pairs })
    }

    /// Whether this address leads on.
    pub(crate) fn has(&self, address: &str) -> bool {
        self.pairs.contains_key(address)
    }

    /// The addresses that lead on.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.pairs.keys().map(String::as_str)
    }

    /// Compares them with the addresses that a site gives, and that it gave when it was written into `folder` last.
    ///
    /// # Errors
    /// Every redirect that is wrong, and every address that is gone.
    pub(crate) fn verify(&self, given: &Addresses, folder: &Path) -> Result<(), SiteFault> {
        let before = Addresses::before(folder)?;
        let before = before.as_ref();
        let faults: Vec<Diagnostic> =
            self.pairs.values().flat_map(|pair| self.faults(pair, given, before)).flatten().collect();
        let gone = before.map_or_else(Vec::new, |before| given.gone(before, self));
        if faults.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let source = self.source.clone().filter(|_| !faults.is_empty());
        Err(Astray { file: folder.join(FILE), faults: source.map(|source| Diagnostics::new(source, faults)), gone }
            .into())
    }

    fn faults(&self, pair: &Pair, given: &Addresses, before: Option<&Addresses>) -> [Option<Diagnostic>; 2] {
        [self.wrong_start(pair, given, before), self.wrong_end(pair, given)]
    }

    fn wrong_start(&self, pair: &Pair, given: &Addresses, before: Option<&Addresses>) -> Option<Diagnostic> {
        let Pair { from, from_place, .. } = pair;
        let fault = |message: String| Diagnostic::new(message, from_place.clone());
        if given.has(from) {
            return Some(fault(format!("`{from}` is given by the site itself")).help("take the line out"));
        }
        let before = before.filter(|before| !before.has(from))?;
        let message = format!("the site has never had an address `{from}`");
        let help = "take the line out, or write the address as `addresses.txt` has it";
        Some(fault(message).nearest(from, before.iter().filter(|address| !given.has(address))).help(help))
    }

    fn wrong_end(&self, pair: &Pair, given: &Addresses) -> Option<Diagnostic> {
        let Pair { to, to_place, .. } = pair;
        if given.has(to) {
            return None;
        }
        if *to == pair.from {
            let fault = Diagnostic::new(format!("`{to}` leads to itself"), to_place.clone());
            return Some(fault.help("write the address that takes its place"));
        }
        if let Some(next) = self.pairs.get(to) {
            let message = format!("`{to}` leads on itself, to `{}`", next.to);
            let help = "write the address where it ends; nobody is led on twice";
            return Some(Diagnostic::new(message, to_place.clone()).help(help));
        }
        let fault = Diagnostic::new(format!("the site has no address `{to}`"), to_place.clone());
        Some(fault.nearest(to, given.iter()).help("write a page, or an anchor of one, as `addresses.txt` has it"))
    }

    /// A page with the anchors that it had, each leading on. Without script, the one that is wanted is shown.
    pub(crate) fn onto(&self, mut file: PageFile) -> PageFile {
        let moved = self.moved(&file.name);
        if !moved.is_empty() {
            let end = file.text.rfind("</main>").or_else(|| file.text.rfind("</body>")).unwrap_or(file.text.len());
            file.text.insert_str(end, &moved);
        }
        file
    }

    /// The anchors that a page had, as HTML, each with a line that leads on; empty if there are none.
    fn moved(&self, page: &str) -> String {
        let prefix = format!("{page}#");
        let own = self.pairs.range(prefix.clone()..).take_while(|(address, _)| address.starts_with(&prefix));
        // What leads to the page itself needs nothing: where an anchor is missing, a page is shown from its top.
        let lines = own.filter(|(_, pair)| pair.to != page).map(|(address, pair)| {
            let (id, to) = (escape(&address[prefix.len()..]), escape(&pair.to));
            format!("<p id=\"{id}\">Moved to <a href=\"{}\">{to}</a>.</p>\n", link(page, &pair.to))
        });
        let lines: String = lines.collect();
        if lines.is_empty() { lines } else { format!("<div class=\"moved\">\n{lines}</div>\n") }
    }

    /// The pages that only lead on.
    pub(crate) fn stubs(&self, base: Option<&str>) -> Vec<PageFile> {
        let whole = self.pairs.values().filter(|pair| !pair.from.contains('#'));
        whole.map(|pair| stub(pair, &self.moved(&pair.from), base)).collect()
    }
}

/// Leads on from a page that has moved, to the place that is wanted: where a line says so, or else where the same place
/// of a stream of another name has its anchor.
const LEAD: &str = "\
const [page] = document.querySelectorAll(\"main a\");
const { was, is } = page.dataset;
const line = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
const same = location.hash.replace(/^#(stream|table)-(.*)$/s, (all, kind, rest) => (rest.startsWith(was) ? `#${kind}-${is}${rest.slice(was.length)}` : all));
location.replace(line ? line.querySelector(\"a\").href : page.href + (page.hash ? \"\" : same));
";

/// `moved` is what its anchors lead to, where lines say so. Without script a reader is led on at once if there are none,
/// and else is shown the line of the anchor.
fn stub(pair: &Pair, moved: &str, base: Option<&str>) -> PageFile {
    let link = link(&pair.from, &pair.to);
    let (was, is) = (escape(stem(&pair.from)), escape(stem(&pair.to)));
    let refresh = match moved {
        "" => format!("<noscript><meta http-equiv=\"refresh\" content=\"0; url={link}\"></noscript>\n"),
        _ => "<style>.moved p:not(:target), main:has(.moved :target) > p { display: none; }</style>\n".to_owned(),
    };
    let own = base.map_or_else(|| link.clone(), |base| format!("{}{}", escape(base), escape(&pair.to)));
    let text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Moved</title>\n\
         <meta name=\"robots\" content=\"noindex\">\n{refresh}<link rel=\"canonical\" href=\"{own}\">\n<link rel=\"icon\" href=\"data:,\">\n</head>\n<body>\n<main>\n\
         <h1>This page has moved</h1>\n<p>It is now <a href=\"{link}\" data-was=\"{was}\" data-is=\"{is}\">{to}</a>.</p>\n\
         {moved}</main>\n<script>\n{LEAD}</script>\n</body>\n</html>\n",
        to = escape(&pair.to)
    );
    PageFile { name: pair.from.clone(), text }
}

/// Name of the stream or connector of a page.
fn stem(address: &str) -> &str {
    let page = page_of(address);
    page.rsplit('/').next().unwrap_or(page).trim_end_matches(".html")
}

/// A link from a page to an address, as HTML has it.
fn link(page: &str, address: &str) -> String {
    match address.strip_prefix(page) {
        Some(anchor) if anchor.starts_with('#') => escape(anchor),
        _ => format!("{}{}", Here::of(page.to_owned(), None).root, escape(address)),
    }
}

/// Whether a text is an address within a site: a page that may be written, perhaps with an anchor.
fn is_address(text: &str) -> bool {
    let (page, anchor) = text.split_once('#').map_or((text, None), |(page, anchor)| (page, Some(anchor)));
    let is_part = |part: &str| {
        let is_odd = |c: char| c.is_control() || c.is_whitespace() || "\\:?%\"<>|*".contains(c);
        !part.is_empty() && !part.starts_with('.') && !part.contains(is_odd)
    };
    let is_anchor = |anchor: &str| !anchor.is_empty() && !anchor.contains(|c: char| c == '#' || c.is_whitespace());
    page.ends_with(".html") && page.split('/').all(is_part) && anchor.is_none_or(is_anchor)
}
