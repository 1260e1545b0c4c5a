//! `tapwright docs SPEC… --out DIR`: the pages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tapwright_docs::{Format, Site, Template};
use tapwright_spec::Connector;

use super::{Refusal, WRONG, print};

/// Render the documentation pages of connectors, as Markdown and HTML
#[derive(clap::Args)]
pub(crate) struct Docs {
    /// Spec files, or folders of them
    #[arg(required_unless_present = "eject", value_name = "SPEC")]
    specs: Vec<PathBuf>,
    /// Folder for the pages; it is made if it is not there
    #[arg(long, value_name = "DIR", required_unless_present = "eject")]
    out: Option<PathBuf>,
    /// Make pages in this format alone; without it, in all that the template has
    #[arg(long)]
    format: Option<Written>,
    /// What the pages look like: `site`, `stitch`, `segment`, or a folder of templates of your own
    #[arg(long, value_name = "NAME", default_value = "site")]
    template: String,
    /// Write the files of the template into this folder, to start one of your own, and no pages
    #[arg(long, value_name = "DIR", conflicts_with_all = ["specs", "out", "format", "check"])]
    eject: Option<PathBuf>,
    /// Write nothing; fail if the pages in the folder are not what the specs give
    #[arg(long)]
    check: bool,
}

/// A format of pages.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Written {
    /// One HTML file for each page.
    Html,
    /// One Markdown file for each page.
    Markdown,
}

impl From<Written> for Format {
    fn from(written: Written) -> Format {
        match written {
            Written::Html => Format::Html,
            Written::Markdown => Format::Markdown,
        }
    }
}

impl Docs {
    pub(crate) fn run(self) -> ExitCode {
        self.pages().unwrap_or_else(Refusal::code)
    }

    fn pages(&self) -> Result<ExitCode, Refusal> {
        let template = Template::named(&self.template)?;
        if let Some(folder) = &self.eject {
            return Ok(wrote(&template.eject(folder)?));
        }
        let formats = template.formats_of(self.format.map(Format::from))?;
        let connectors = connectors(&self.specs)?;
        let site = Site { connectors: &connectors, template: &template, formats: &formats };
        let out = self.out.as_deref().unwrap_or(Path::new("."));
        if !self.check {
            return Ok(wrote(&site.write(out)?));
        }
        let drifts = site.check(out)?;
        for drift in &drifts {
            eprintln!("error: {drift}");
        }
        Ok(if drifts.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
    }
}

fn wrote(paths: &[PathBuf]) -> ExitCode {
    for path in paths {
        print(&format!("wrote {}\n", path.display()));
    }
    ExitCode::SUCCESS
}

/// The checked connectors of these files and folders; a fault in one leaves the others to be told of, too.
fn connectors(paths: &[PathBuf]) -> Result<Vec<Connector>, Refusal> {
    let mut connectors = Vec::new();
    let mut names: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut refusal = None;
    for path in files(paths)? {
        let connector = match super::connector(&path) {
            Ok(connector) => connector,
            Err(Refusal::Said(words)) => return Err(Refusal::Said(words)),
            Err(told) => {
                refusal = Some(told);
                continue;
            }
        };
        if connector.name == "index" {
            let words = format!("{}: the page of a connector named `index` would be the list of all", path.display());
            return Err(Refusal::Said(words));
        }
        if let Some(other) = names.insert(connector.name.clone(), path.clone()) {
            let (name, other, path) = (&connector.name, other.display(), path.display());
            let words =
                format!("two specs are named `{name}`: {other} and {path}\n  each page is named after its connector");
            return Err(Refusal::Said(words));
        }
        connectors.push(connector);
    }
    match refusal {
        Some(refusal) => Err(refusal),
        None => Ok(connectors),
    }
}

/// The files that are named, and the specs of the folders that are, sorted.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Refusal> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let fault = |error: std::io::Error| Refusal::Said(format!("{}: {error}", path.display()));
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(fault)? {
            let file = entry.map_err(fault)?.path();
            if file.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                found.push(file);
            }
        }
        if found.is_empty() {
            let words = format!("there is no spec in {}: no file ends in `.yaml` or `.yml`", path.display());
            return Err(Refusal::Said(words));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}
