//! A site: the pages of many connectors, the list of them, the search, and what all share; as files that are written, or
//! compared with what is there.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::addresses::{Addresses, Astray};
use crate::broken::{Broken, Ledger, Links};
use crate::chapter::{Chapter, Entry, Subject};
use crate::drift::{Drift, DriftKind, first_difference};
use crate::llms::llms;
use crate::page::{Card, Filter, Here, Index};
use crate::redirects::Redirects;
use crate::render::{Format, RenderFault, Renderer, escape};
use crate::search;
use crate::template::Template;

/// A page and the file in which it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFile {
    /// Name of the file within the folder of the pages.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// A file that somebody else puts beside the pages of each connector, and to which they lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Its name within the connector's folder; `{stream}` stands for the name of each stream.
    pub file: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
}

/// Why the pages could not be written or compared.
#[derive(Debug)]
pub enum SiteFault {
    /// Links within the site that lead nowhere.
    Broken(Vec<Broken>),
    /// Addresses that readers may have linked and that lead nowhere, or not where `redirects.yaml` says.
    Astray(Box<Astray>),
    /// A template is at fault.
    Render(RenderFault),
    /// A file could not be read or written.
    File(PathBuf, io::Error),
}

impl fmt::Display for SiteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SiteFault::Broken(links) => {
                let told: Vec<String> = links.iter().map(ToString::to_string).collect();
                f.write_str(&told.join("\n"))
            }
            SiteFault::Astray(astray) => astray.fmt(f),
            SiteFault::Render(fault) => fault.fmt(f),
            SiteFault::File(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for SiteFault {}

impl From<RenderFault> for SiteFault {
    fn from(fault: RenderFault) -> SiteFault {
        SiteFault::Render(fault)
    }
}

/// What makes a site of connectors, by one template.
#[derive(Debug)]
pub struct Site<'t> {
    renderer: Renderer<'t>,
    formats: &'t [Format],
    /// Where it will stand on the web, up to a `/`.
    base: Option<String>,
    beside: Vec<Beside>,
    redirects: Redirects,
}

impl<'t> Site<'t> {
    /// A site of pages in these formats.
    ///
    /// # Errors
    /// If the template is at fault.
    pub fn new(template: &'t Template, formats: &'t [Format]) -> Result<Site<'t>, RenderFault> {
        Ok(Site {
            renderer: Renderer::of(template)?,
            formats,
            base: None,
            beside: Vec::new(),
            redirects: Redirects::default(),
        })
    }

    /// The same site, which will stand at this address; pages then tell their own, and there is a sitemap.
    #[must_use]
    pub fn at(mut self, address: &str) -> Site<'t> {
        self.base = Some(format!("{}/", address.trim_end_matches('/')));
        self
    }

    /// The same site, whose pages lead to these files beside them.
    #[must_use]
    pub fn with(mut self, beside: Vec<Beside>) -> Site<'t> {
        self.beside = beside;
        self
    }

    /// The same site, whose addresses of once lead on.
    #[must_use]
    pub fn redirecting(mut self, redirects: Redirects) -> Site<'t> {
        self.redirects = redirects;
        self
    }

    pub(crate) fn template(&self) -> &Template {
        self.renderer.template()
    }

    pub(crate) fn redirects(&self) -> &Redirects {
        &self.redirects
    }

    pub(crate) fn beside(&self) -> &[Beside] {
        &self.beside
    }

    /// Whether a file of this name is one of those beside the pages.
    fn is_beside(&self, name: &str) -> bool {
        let Some((_, inner)) = name.split_once('/') else { return false };
        self.beside.iter().any(|one| match one.file.split_once("{stream}") {
            Some((before, after)) => inner.starts_with(before) && inner.ends_with(after),
            None => inner == one.file,
        })
    }

    pub(crate) fn formats(&self) -> &[Format] {
        self.formats
    }

    pub(crate) fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }

    pub(crate) fn has(&self, page: &str, format: Format) -> bool {
        self.renderer.has(page, format)
    }

    pub(crate) fn fill(&self, page: (&str, Format), values: &impl Serialize) -> Result<String, RenderFault> {
        self.renderer.fill(page, values)
    }

    /// What does not belong to one connector: the list of all, the search, and what pages share. `pages` are the files
    /// of the connectors.
    ///
    /// # Errors
    /// If the template is at fault.
    pub fn front(&self, entries: &[&Entry], pages: &BTreeSet<String>) -> Result<Vec<PageFile>, RenderFault> {
        let mut entries = entries.to_vec();
        entries.sort_by_key(|entry| (entry.card.title.to_lowercase(), entry.card.name.clone()));
        let mut files = Vec::new();
        for format in self.formats.iter().filter(|format| self.has("index", **format)) {
            let index = self.index(&entries, *format);
            let text = self.fill(("index", *format), &index)?;
            files.push(self.redirects.onto(PageFile { name: index.here.file, text }));
        }
        if files.iter().any(|file| file.name == "index.md") {
            files.push(llms(self, &entries));
        }
        if self.formats.contains(&Format::Html) {
            files.extend(self.template().shared());
            files.extend(search::scripts(&entries));
            files.extend(self.base().map(|base| sitemap(base, &entries, pages)));
        }
        Ok(files)
    }

    fn index(&self, entries: &[&Entry], format: Format) -> Index {
        let cards = entries
            .iter()
            .map(|entry| Card { page: format!("{}.{}", entry.card.name, format.extension()), ..entry.card.clone() });
        let pages: Vec<Card> = cards.collect();
        Index {
            here: Here::of(format!("index.{}", format.extension()), self.base()),
            filters: Filter::of(&pages),
            tables: pages.iter().map(|card| card.tables).sum(),
            pages,
        }
    }

    /// Makes one file after the other; the files of one connector are in memory at a time.
    fn each(
        &self,
        subjects: &[Subject<'_>],
        folder: &Path,
        take: &mut dyn FnMut(PageFile) -> Result<(), SiteFault>,
    ) -> Result<BTreeSet<String>, SiteFault> {
        let mut entries = Vec::new();
        let mut names = BTreeSet::new();
        let mut ledger = Ledger::default();
        let mut addresses = Addresses::default();
        for subject in subjects {
            let Chapter { entry, files } = self.chapter(subject)?;
            entries.push(entry);
            for file in &files {
                ledger.enter(file);
                addresses.enter(file);
            }
            ledger.settle();
            for file in files {
                names.insert(file.name.clone());
                take(file)?;
            }
        }
        for file in self.front(&entries.iter().collect::<Vec<_>>(), &names)? {
            names.insert(file.name.clone());
            ledger.enter(&file);
            addresses.enter(&file);
            take(file)?;
        }
        let moved = self.moved(&addresses, folder)?;
        let broken = Ledger::broken(&[&ledger], &|name| self.is_there(name, folder));
        if !broken.is_empty() {
            return Err(SiteFault::Broken(broken));
        }
        for file in moved {
            names.insert(file.name.clone());
            take(file)?;
        }
        Ok(names)
    }

    /// The links of all parts of the site that lead nowhere, when its files lie in `folder`.
    pub fn broken(&self, parts: &[&Links], folder: &Path) -> Vec<Broken> {
        Links::broken(parts, &|name| self.is_there(name, folder))
    }

    /// Whether there is a file that is no page of the site.
    fn is_there(&self, name: &str, folder: &Path) -> bool {
        self.is_beside(name) || self.redirects.has(name) || folder.join(name).exists()
    }

    /// The pages of a site of HTML that only lead on.
    pub fn moved_pages(&self) -> Vec<PageFile> {
        match self.formats.contains(&Format::Html) {
            true => self.redirects.stubs(self.base()),
            false => Vec::new(),
        }
    }

    /// What is written of the addresses of a site of HTML, when no other file is at fault: pages that only lead on, and
    /// the list of all.
    fn moved(&self, given: &Addresses, folder: &Path) -> Result<Vec<PageFile>, SiteFault> {
        if !self.formats.contains(&Format::Html) {
            return Ok(Vec::new());
        }
        self.redirects.verify(given, folder)?;
        let mut files = self.moved_pages();
        let before = Addresses::before(folder)?.unwrap_or_default();
        files.push(given.file(&self.redirects, &before));
        Ok(files)
    }

    /// Writes the files that have changed into `folder` and says which. Files that no connector makes stay.
    ///
    /// # Errors
    /// If the template is at fault or a file cannot be written.
    pub fn write(&self, subjects: &[Subject<'_>], folder: &Path) -> Result<Vec<PathBuf>, SiteFault> {
        let mut written = Vec::new();
        self.each(subjects, folder, &mut |file| {
            written.extend(file.write(folder)?);
            Ok(())
        })?;
        Ok(written)
    }

    /// Compares the pages with the files in `folder`; an empty list means that nothing has to be written.
    ///
    /// # Errors
    /// If the template is at fault or a file cannot be read.
    pub fn check(&self, subjects: &[Subject<'_>], folder: &Path) -> Result<Vec<Drift>, SiteFault> {
        let mut drifts = Vec::new();
        let known = self.each(subjects, folder, &mut |file| {
            drifts.extend(file.check(folder)?);
            Ok(())
        })?;
        let mut strays = Vec::new();
        self.strays(folder, folder, &known, &mut strays)?;
        strays.sort();
        drifts.extend(strays.into_iter().map(|path| Drift { path, kind: DriftKind::Stray }));
        Ok(drifts)
    }

    /// The files below `folder` that might be pages of connectors and are none.
    fn strays(
        &self,
        root: &Path,
        folder: &Path,
        known: &BTreeSet<String>,
        strays: &mut Vec<PathBuf>,
    ) -> Result<(), SiteFault> {
        let fault = |error| SiteFault::File(folder.to_owned(), error);
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(fault(error)),
        };
        for entry in entries {
            let path = entry.map_err(fault)?.path();
            let inner = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            let name = parts.join("/");
            if path.is_dir() {
                self.strays(root, &path, known, strays)?;
            } else if !known.contains(&name) && self.might_make(&name) {
                strays.push(path);
            }
        }
        Ok(())
    }

    /// Whether a file of this name looks like one of ours.
    fn might_make(&self, name: &str) -> bool {
        let is_page = self.formats.iter().any(|format| name.ends_with(&format!(".{}", format.extension())));
        is_page || (self.formats.contains(&Format::Html) && name.starts_with("static/search-"))
    }
}

impl PageFile {
    /// Compares it with the file in a folder.
    ///
    /// # Errors
    /// If that cannot be read.
    pub fn check(&self, folder: &Path) -> Result<Option<Drift>, SiteFault> {
        let path = folder.join(&self.name);
        let kind = match read(&path)? {
            None => Some(DriftKind::Missing),
            Some(found) => first_difference(&self.text, &found),
        };
        Ok(kind.map(|kind| Drift { path, kind }))
    }

    /// Writes it into a folder, if it is not there already as it should be, and says where.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<Option<PathBuf>, SiteFault> {
        let path = folder.join(&self.name);
        if read(&path)?.as_deref() == Some(self.text.as_str()) {
            return Ok(None);
        }
        let fault = |error| SiteFault::File(path.clone(), error);
        std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(fault)?;
        std::fs::write(&path, &self.text).map_err(fault)?;
        Ok(Some(path))
    }
}

/// The pages of the newest versions in HTML with their addresses, for search engines.
fn sitemap(base: &str, entries: &[&Entry], pages: &BTreeSet<String>) -> PageFile {
    let mut text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
            .to_owned();
    let mut add = |address: Option<String>, day: Option<&str>| {
        let address = escape(&address.unwrap_or_default());
        let day = day.map_or_else(String::new, |day| format!("<lastmod>{day}</lastmod>"));
        text.push_str(&format!("<url><loc>{address}</loc>{day}</url>\n"));
    };
    add(Here::of("index.html".to_owned(), Some(base)).address, None);
    // Those of older versions lie in a folder that begins with a digit, as no name of a stream does.
    let is_older =
        |page: &&String| page.split('/').nth(1).is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    for page in pages.iter().filter(|page| page.ends_with(".html") && !is_older(page)) {
        let name = page.split(['/', '.']).next().unwrap_or_default();
        let day = entries.iter().find(|entry| entry.card.name == name).and_then(|entry| entry.day.as_deref());
        add(Here::of(page.clone(), Some(base)).address, day);
    }
    text.push_str("</urlset>\n");
    PageFile { name: "sitemap.xml".to_owned(), text }
}

/// The text of a file, if there is one.
pub(crate) fn read(path: &Path) -> Result<Option<String>, SiteFault> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SiteFault::File(path.to_owned(), error)),
    }
}
