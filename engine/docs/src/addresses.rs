//! The addresses of a site that readers may have linked. They are kept beside the pages, in `addresses.txt`: what was
//! given once is given for ever, or leads on.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Diagnostics, agreeing, counted};

use crate::broken::unescaped;
use crate::redirects::Redirects;
use crate::site::{PageFile, SiteFault, read};

/// The file of them.
const FILE: &str = "addresses.txt";
/// Elements at whose anchors readers are led, and offered a link to copy. Those of boxes and menus may change.
const PLACES: [&str; 10] = ["section", "article", "tr", "dt", "h1", "h2", "h3", "h4", "h5", "h6"];

/// An address that was given and is no more, and no redirect leads on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// A page, or `page#anchor`.
    pub address: String,
    /// What is left nearest to it.
    pub nearest: String,
}

impl fmt::Display for Gone {
    /// The line for `redirects.yaml`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", yaml(&self.address), yaml(&self.nearest))
    }
}

/// Text as YAML reads it.
fn yaml(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./#-".contains(c);
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_well && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// What is wrong with the addresses of a site.
#[derive(Debug)]
pub struct Astray {
    /// Where redirects are written.
    pub(crate) file: PathBuf,
    /// What is wrong with those that are there.
    pub(crate) faults: Option<Diagnostics>,
    /// What has gone and leads nowhere.
    pub(crate) gone: Vec<Gone>,
}

impl fmt::Display for Astray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Astray { file, faults, gone } = self;
        let file = file.display();
        if gone.is_empty() {
            write!(f, "redirects of the site are wrong: {file}")?;
        } else {
            let lines: Vec<String> = gone.iter().map(|gone| format!("\n{gone}")).collect();
            let count = gone.len();
            write!(
                f,
                "{} that readers may have linked {} no more\n  {file} has to say where {} now; {} what is left nearest:\n\
                 {}\n\n  where these specs are only a part of the site, give them all\n  \
                 where nobody was shown it yet, delete addresses.txt",
                counted(count, "address"),
                agreeing(count, "is", "are"),
                agreeing(count, "it leads", "each leads"),
                agreeing(count, "this line names", "these lines name"),
                lines.concat()
            )?;
        }
        let told = faults.as_ref().map(|faults| faults.render(Style::Plain));
        told.map_or(Ok(()), |told| write!(f, "\n\n{}", told.trim_end()))
    }
}

impl From<Astray> for SiteFault {
    fn from(astray: Astray) -> SiteFault {
        SiteFault::Astray(Box::new(astray))
    }
}

/// The addresses of a site.
#[derive(Debug, Default)]
pub(crate) struct Addresses(BTreeSet<String>);

impl Addresses {
    /// Those that a folder of pages had when they were written last, if they were.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn before(folder: &Path) -> Result<Option<Addresses>, SiteFault> {
        Ok(read(&folder.join(FILE))?.map(|text| Addresses::listed(&text)))
    }

    /// Those of a file. Of two branches that are still to be merged both count, and the marks between them do not.
    fn listed(text: &str) -> Addresses {
        let lines = text.lines().map(str::trim).filter(|line| page_of(line).ends_with(".html"));
        Addresses(lines.map(str::to_owned).collect())
    }

    /// Notes a page with its anchors.
    pub(crate) fn enter(&mut self, file: &PageFile) {
        if !file.name.ends_with(".html") {
            return;
        }
        for (at, found) in file.text.match_indices(" id=\"") {
            let (before, rest) = (&file.text[..at], &file.text[at + found.len()..]);
            let tag = before.rfind('<').map_or("", |from| &before[from + 1..]);
            let name = tag.split_ascii_whitespace().next().unwrap_or_default();
            let id = rest.split('"').next().unwrap_or_default();
            let is_text = id.contains(char::is_whitespace) || id.is_empty();
            if PLACES.contains(&name) && !is_text {
                self.0.insert(format!("{}#{}", file.name, unescaped(id)));
            }
        }
        self.0.insert(file.name.clone());
    }

    /// Whether the address is one of them.
    pub(crate) fn has(&self, address: &str) -> bool {
        self.0.contains(address)
    }

    /// All of them, sorted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Those of `before` that are no more, and that nothing leads on. A page takes its anchors along.
    pub(crate) fn gone(&self, before: &Addresses, redirects: &Redirects) -> Vec<Gone> {
        let lost = before.iter().filter(|address| !self.has(address)).map(|address| {
            let page = page_of(address);
            if self.has(page) { address } else { page }
        });
        let lost: BTreeSet<&str> = lost.filter(|address| !redirects.has(address)).collect();
        lost.into_iter().map(|address| Gone { address: address.to_owned(), nearest: self.nearest(address) }).collect()
    }

    /// What is left of the page, or of those above it.
    fn nearest(&self, gone: &str) -> String {
        let mut page = page_of(gone).to_owned();
        while !self.has(&page) {
            let Some((folder, _)) = page.rsplit_once('/') else { return "index.html".to_owned() };
            page = format!("{folder}.html");
        }
        page
    }

    /// The file of all addresses that lead somewhere: those of pages, and those that lead on, also along with the page
    /// on which they were `before`.
    pub(crate) fn file(&self, redirects: &Redirects, before: &Addresses) -> PageFile {
        let mut all: BTreeSet<&str> = self.iter().collect();
        all.extend(redirects.addresses());
        all.extend(before.iter().filter(|address| redirects.has(page_of(address))));
        let mut text = String::new();
        for address in all {
            text.push_str(address);
            text.push('\n');
        }
        PageFile { name: FILE.to_owned(), text }
    }
}

/// The page of an address.
pub(crate) fn page_of(address: &str) -> &str {
    address.split('#').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Addresses, Gone};
    use crate::redirects::Redirects;
    use crate::site::PageFile;

    fn addresses(pages: &[(&str, &str)]) -> Addresses {
        let mut addresses = Addresses::default();
        for (name, text) in pages {
            addresses.enter(&PageFile { name: (*name).to_owned(), text: (*text).to_owned() });
        }
        addresses
    }

    #[test]
    fn places_are_kept_and_furniture_is_not() {
        let page = "<body id=\"top\"><section class=\"a\" id=\"b&amp;c\"><tr id=\"d\"><tbody id=\"e\"><p id=\"f\"><h2 id=\"g h\">";
        let kept = addresses(&[("desk.html", page), ("desk.md", "<section id=\"a\">")]);
        assert_eq!(kept.iter().collect::<Vec<_>>(), ["desk.html", "desk.html#b&c", "desk.html#d"]);
        assert_eq!(
            kept.file(&Redirects::default(), &Addresses::default()).text,
            "desk.html\ndesk.html#b&c\ndesk.html#d\n"
        );
    }

    #[test]
    fn what_two_branches_give_is_given() {
        let text = "a.html\r\n<<<<<<< ours\nb.html\n=======\nb.html#c\n>>>>>>> theirs\n\n";
        assert_eq!(Addresses::listed(text).iter().collect::<Vec<_>>(), ["a.html", "b.html", "b.html#c"]);
    }

    #[test]
    fn a_page_that_is_gone_takes_its_anchors_along() {
        let before = addresses(&[
            ("desk.html", "<section id=\"a\"><section id=\"b: c\"><section id=\"b\">"),
            ("desk/1.0.0/cases.html", "<section id=\"a\">"),
            ("shop.html", ""),
        ]);
        let now = addresses(&[("desk.html", "<section id=\"a\">")]);
        let gone = now.gone(&before, &Redirects::default());
        let lines: Vec<String> = gone.iter().map(Gone::to_string).collect();
        assert_eq!(lines, ["desk.html#b: desk.html", "desk/1.0.0/cases.html: desk.html", "shop.html: index.html"]);
        let odd = Gone { address: "a.html#it's".to_owned(), nearest: "a.html".to_owned() };
        assert_eq!(odd.to_string(), "'a.html#it''s': a.html");
    }
}
