//! The pages as files: written, or compared with what is there.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use tapwright_spec::Connector;

use crate::render::{Format, RenderFault, render, render_index};
use crate::template::Template;

/// A page and the file in which it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFile {
    /// Name of the file within the folder of the pages.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// Why the pages could not be written or compared.
#[derive(Debug)]
pub enum SiteFault {
    /// A template is at fault.
    Render(RenderFault),
    /// A file could not be read or written.
    File(PathBuf, io::Error),
}

impl fmt::Display for SiteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
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

/// A file that is not what the connectors say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub kind: DriftKind,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriftKind {
    /// It is not there.
    Missing,
    /// No connector makes it.
    Stray,
    /// It differs, first in this line.
    Differs {
        /// Number of the line, from 1.
        line: usize,
        /// The line as the connectors make it; `None` if the file goes on too long.
        expected: Option<String>,
        /// The line as it is; `None` if the file ends too early.
        found: Option<String>,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            DriftKind::Missing => write!(f, "{path} is missing"),
            DriftKind::Stray => write!(f, "{path} belongs to no connector"),
            DriftKind::Differs { line, expected, found } => {
                let shown = |text: &Option<String>| text.clone().unwrap_or("(end of file)".into());
                write!(f, "{path}:{line} differs\n  is:        {}\n  should be: {}", shown(found), shown(expected))
            }
        }
    }
}

/// Pages of some connectors, made by one template.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The connectors; no two have the same name.
    pub connectors: &'a [Connector],
    /// What makes the pages.
    pub template: &'a Template,
    /// In which formats.
    pub formats: &'a [Format],
}

impl Site<'_> {
    /// All pages, the index first.
    ///
    /// # Errors
    /// If the template is at fault.
    pub fn pages(&self) -> Result<Vec<PageFile>, RenderFault> {
        let mut pages = Vec::new();
        for format in self.formats {
            let index = render_index(self.connectors, self.template, *format)?;
            pages.extend(index.map(|text| PageFile { name: format!("index.{}", format.extension()), text }));
        }
        for connector in self.connectors {
            for format in self.formats {
                let text = render(connector, self.template, *format)?;
                pages.push(PageFile { name: format!("{}.{}", connector.name, format.extension()), text });
            }
        }
        Ok(pages)
    }

    /// Writes the pages that have changed into `folder` and says which. Files that no connector makes stay.
    ///
    /// # Errors
    /// If the template is at fault or a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<Vec<PathBuf>, SiteFault> {
        let pages = self.pages()?;
        std::fs::create_dir_all(folder).map_err(|error| SiteFault::File(folder.to_owned(), error))?;
        let mut written = Vec::new();
        for page in pages {
            let path = folder.join(&page.name);
            if read(&path)?.as_deref() != Some(page.text.as_str()) {
                std::fs::write(&path, &page.text).map_err(|error| SiteFault::File(path.clone(), error))?;
                written.push(path);
            }
        }
        Ok(written)
    }

    /// Compares the pages with the files in `folder`; an empty list means that nothing has to be written.
    ///
    /// # Errors
    /// If the template is at fault or a file cannot be read.
    pub fn check(&self, folder: &Path) -> Result<Vec<Drift>, SiteFault> {
        let pages = self.pages()?;
        let mut drifts = Vec::new();
        for page in &pages {
            let path = folder.join(&page.name);
            let kind = match read(&path)? {
                None => Some(DriftKind::Missing),
                Some(found) => first_difference(&page.text, &found),
            };
            drifts.extend(kind.map(|kind| Drift { path, kind }));
        }
        let known: BTreeSet<&str> = pages.iter().map(|page| page.name.as_str()).collect();
        for path in self.page_files(folder)? {
            let name = path.file_name().and_then(|name| name.to_str());
            if !name.is_some_and(|name| known.contains(name)) {
                let kind = DriftKind::Stray;
                drifts.push(Drift { path, kind });
            }
        }
        Ok(drifts)
    }

    /// The files in `folder` that are of one of the formats, sorted.
    fn page_files(&self, folder: &Path) -> Result<Vec<PathBuf>, SiteFault> {
        let fault = |error| SiteFault::File(folder.to_owned(), error);
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(fault(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(fault)?.path();
            if path.extension().is_some_and(|end| self.formats.iter().any(|format| end == format.extension())) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

fn first_difference(expected: &str, found: &str) -> Option<DriftKind> {
    if expected == found {
        return None;
    }
    let mut expected = expected.split('\n');
    let mut found = found.split('\n');
    let mut line = 0;
    loop {
        line += 1;
        let (expected, found) = (expected.next(), found.next());
        if expected != found || expected.is_none() {
            return Some(DriftKind::Differs {
                line,
                expected: expected.map(str::to_owned),
                found: found.map(str::to_owned),
            });
        }
    }
}

fn read(path: &Path) -> Result<Option<String>, SiteFault> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SiteFault::File(path.to_owned(), error)),
    }
}
