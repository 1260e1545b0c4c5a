//! All pages of one connector, and what the list of all and the search keep of it.

use tapwright_spec::Connector;

use crate::evidence::Evidence;
use crate::links::Anchorage;
use crate::page::{Card, DataFile, Here, Page, Sibling, StreamPage, Version};
use crate::render::{Format, RenderFault};
use crate::search::Finds;
use crate::site::{Beside, PageFile, Site};

/// A connector as a site shows it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The newest version.
    pub connector: &'a Connector,
    /// Older versions that keep their pages, the newest first.
    pub older: &'a [Connector],
    /// What is known of the newest one beyond its spec.
    pub evidence: &'a Evidence,
}

/// The pages of a connector.
#[derive(Debug)]
pub struct Chapter {
    /// What the list of all connectors and the search say of it.
    pub entry: Entry,
    /// Its files.
    pub files: Vec<PageFile>,
}

/// What the list of all connectors and the search say of a connector.
#[derive(Debug, Clone)]
pub struct Entry {
    pub(crate) card: Card,
    pub(crate) finds: Finds,
    /// Day of the newest version, where its changelog tells.
    pub(crate) day: Option<String>,
}

/// A version whose pages are made: the newest one stands at the root of the site, the others in a folder of it.
struct Edition<'a> {
    connector: &'a Connector,
    /// Name of its page without an ending.
    stem: String,
    is_newest: bool,
}

impl Site<'_> {
    /// The pages of a connector and of its older versions.
    ///
    /// # Errors
    /// If the template is at fault.
    pub fn chapter(&self, subject: &Subject<'_>) -> Result<Chapter, RenderFault> {
        let Subject { connector, older, evidence } = subject;
        let newest = Edition { connector, stem: connector.name.clone(), is_newest: true };
        let older = older.iter().map(|old| Edition {
            connector: old,
            stem: format!("{}/{}", connector.name, old.version),
            is_newest: false,
        });
        let editions: Vec<Edition<'_>> = std::iter::once(newest).chain(older).collect();
        let mut files = Vec::new();
        let mut entry = None;
        for edition in &editions {
            let mut page = Page::of(&self.template().telling(edition.connector));
            if edition.is_newest {
                page.streams.iter_mut().for_each(|stream| stream.prove(connector, evidence));
            }
            // What is found in pages of HTML is searched there.
            for format in self.formats() {
                self.place(&mut page, edition, *format);
                page.newest = (!edition.is_newest).then(|| editions[0].version(*format));
                let others = editions.iter().filter(|other| other.stem != edition.stem);
                page.versions = others.map(|other| other.version(*format)).collect();
                self.leaves(&page, *format, &mut files)?;
                entry.get_or_insert_with(|| Entry::of(&page, connector));
                if *format == Format::Html && edition.is_newest {
                    entry = Some(Entry::of(&page, connector));
                }
            }
        }
        let entry = entry.unwrap_or_else(|| Entry::of(&Page::of(connector), connector));
        Ok(Chapter { entry, files })
    }

    /// Gives the pages of an edition their names.
    fn place(&self, page: &mut Page, edition: &Edition<'_>, format: Format) {
        let end = format.extension();
        page.here = Here::of(edition.file(format), self.base());
        // What is beside the pages is of the newest version.
        let beside = self.beside().iter().filter(|_| edition.is_newest);
        let (of_streams, of_page): (Vec<_>, Vec<_>) = beside.partition(|one| one.file.contains("{stream}"));
        let named = |one: &Beside, stream: &str| DataFile {
            file: format!("{}/{}", edition.stem, one.file.replace("{stream}", stream)),
            name: one.file.replace("{stream}", stream),
            about: one.about,
        };
        page.files = of_page.into_iter().map(|one| named(one, "")).collect();
        for stream in &mut page.streams {
            stream.files = of_streams.iter().map(|one| named(one, &stream.name)).collect();
        }
        let own_pages = self.has("stream", format);
        for stream in &mut page.streams {
            stream.page = own_pages.then(|| format!("{}/{}.{end}", edition.stem, stream.name));
        }
        let many = self.has("map", format) && page.has_a_large_map();
        page.map = many.then(|| format!("{}/map-of-tables.{end}", edition.stem));
    }

    /// The files of one edition in one format.
    fn leaves(&self, page: &Page, format: Format, files: &mut Vec<PageFile>) -> Result<(), RenderFault> {
        let anchorage = Anchorage::of(page);
        let mut add = |text: String, here: &Here| {
            let text = anchorage.lead(text, (&here.root, &here.file), format);
            files.push(self.redirects().onto(PageFile { name: here.file.clone(), text }));
        };
        add(self.fill(("page", format), page)?, &page.here);
        if let Some(map) = &page.map {
            let here = Here::of(map.clone(), self.base());
            let mut mapped = page.clone();
            mapped.here = here.clone();
            add(self.fill(("map", format), &mapped)?, &here);
        }
        let siblings: Vec<Sibling> = page.streams.iter().filter_map(Sibling::of).collect();
        for (at, stream) in page.streams.iter().enumerate() {
            let Some(file) = &stream.page else { continue };
            let here = Here::of(file.clone(), self.base());
            let own = StreamPage {
                here: here.clone(),
                stream: stream.clone(),
                name: page.name.clone(),
                title: page.title.clone(),
                version: page.version.clone(),
                status: page.status,
                page: page.here.file.clone(),
                newest: page.newest.clone(),
                before: at.checked_sub(1).and_then(|at| siblings.get(at).cloned()),
                after: siblings.get(at + 1).cloned(),
                siblings: siblings.clone(),
            };
            add(self.fill(("stream", format), &own)?, &here);
        }
        Ok(())
    }
}

impl Edition<'_> {
    fn file(&self, format: Format) -> String {
        format!("{}.{}", self.stem, format.extension())
    }

    fn version(&self, format: Format) -> Version {
        Version { version: self.connector.version.clone(), page: self.file(format) }
    }
}

impl Entry {
    fn of(page: &Page, connector: &Connector) -> Entry {
        let card = Card {
            name: page.name.clone(),
            title: page.title.clone(),
            page: page.here.file.clone(),
            version: page.version.clone(),
            summary: page.summary.clone(),
            initial: page.initial.clone(),
            status: page.status,
            category: page.category,
            authentication: page.authentication.clone(),
            keywords: page.keywords.clone(),
            tables: page.streams.len(),
            fields: page.streams.iter().flat_map(|stream| &stream.columns).filter(|column| !column.added).count(),
        };
        let day = connector.about.changelog.first().and_then(|change| change.date.clone());
        Entry { card, finds: Finds::of(page), day }
    }

    /// Name of the connector.
    pub fn name(&self) -> &str {
        &self.card.name
    }
}
