//! Templates: a folder of files for minijinja, built in or a user's own, which takes what it lacks from another.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tapwright_spec::diagnostic::{Diagnostic, Diagnostics, Style};
use tapwright_spec::model::LoadMode;
use tapwright_spec::{Connector, Source, nearest};

use crate::context::{Shape, Shown};
use crate::names::{Files, Review};
use crate::page::{Index, Page, StreamPage};
use crate::render::Format;
use crate::site::PageFile;

/// The file of a folder that names the template from which it takes what it lacks.
const MANIFEST: &str = "template.yaml";

/// The folder of files that go into a site as they are.
const STATIC: &str = "static/";

/// The template of a folder that names none.
const USUAL: &str = "site";

/// A template that comes with the program.
struct BuiltIn {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const BUILT_IN: [BuiltIn; 3] = [
    BuiltIn {
        name: USUAL,
        files: &[
            ("index.html", include_str!("../templates/site/index.html")),
            ("index.md", include_str!("../templates/site/index.md")),
            ("page.html", include_str!("../templates/site/page.html")),
            ("page.md", include_str!("../templates/site/page.md")),
            ("map.html", include_str!("../templates/site/map.html")),
            ("parts/banner.html", include_str!("../templates/site/parts/banner.html")),
            ("parts/foot.html", include_str!("../templates/site/parts/foot.html")),
            ("parts/head.html", include_str!("../templates/site/parts/head.html")),
            ("parts/joins.html", include_str!("../templates/site/parts/joins.html")),
            ("parts/top.html", include_str!("../templates/site/parts/top.html")),
            ("static/script.js", include_str!("../templates/site/static/script.js")),
            ("static/style.css", include_str!("../templates/site/static/style.css")),
            ("stream.html", include_str!("../templates/site/stream.html")),
        ],
    },
    BuiltIn { name: "stitch", files: &[("page.md", include_str!("../templates/stitch/page.md"))] },
    BuiltIn { name: "segment", files: &[("page.md", include_str!("../templates/segment/page.md"))] },
];

/// Files from which pages are made: `page.md` and `page.html` make one page for each connector, `stream.*` one for each of
/// its streams, `map.*` one of drawings that are too large, `index.*` the list of all. What lies in `static` goes into the
/// site as it is, and the others are for pages to include.
#[derive(Debug, Clone)]
pub struct Template {
    files: BTreeMap<String, String>,
    /// The template of the program that has what it lacks.
    base: &'static str,
}

/// What is wrong with a template.
#[derive(Debug)]
pub enum TemplateFault {
    /// There is none of this name, nor a folder.
    Unknown(String),
    /// A file or a folder cannot be read or written.
    File(PathBuf, io::Error),
    /// The manifest of this folder is wrong.
    Manifest(PathBuf, String),
    /// It makes no page in this format.
    NoPage(Format, Vec<String>),
    /// Its files are wrong.
    Files(Vec<Diagnostics>),
    /// A file that would be written is there already.
    There(PathBuf),
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TemplateFault::Unknown(name) => {
                let known = BUILT_IN.map(|one| one.name);
                write!(f, "there is no template `{name}`, nor a folder of this name")?;
                if let Some(near) = nearest(name, known) {
                    write!(f, "; did you mean `{near}`?")?;
                }
                write!(f, "\n  the templates are {}; any other is a folder", known.join(", "))
            }
            TemplateFault::File(path, error) => write!(f, "{}: {error}", path.display()),
            TemplateFault::Manifest(path, reason) => write!(f, "{}: {reason}", path.display()),
            TemplateFault::NoPage(format, files) => {
                let extension = format.extension();
                write!(f, "the template makes no page in this format: it has no `page.{extension}`\n  it has ")?;
                write!(f, "{}", files.join(", "))
            }
            TemplateFault::Files(files) => {
                let told: Vec<String> = files.iter().map(|faults| faults.render(Style::Plain)).collect();
                write!(f, "the template is at fault\n{}", told.concat().trim_end())
            }
            TemplateFault::There(path) => {
                write!(f, "{} is there already\n  take it away, or name another folder", path.display())
            }
        }
    }
}

impl std::error::Error for TemplateFault {}

/// What a folder says of itself.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Manifest {
    extends: Option<String>,
}

impl Default for Template {
    fn default() -> Template {
        built_in(USUAL).unwrap_or(Template { files: BTreeMap::new(), base: USUAL })
    }
}

fn built_in(name: &str) -> Option<Template> {
    let found = BUILT_IN.iter().find(|one| one.name == name)?;
    let files = found.files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Some(Template { files, base: found.name })
}

impl Template {
    /// The template of this name, or in this folder.
    ///
    /// # Errors
    /// There is none, a file cannot be read, or a file is wrong: all that is, with places.
    pub fn named(name: &str) -> Result<Template, TemplateFault> {
        match built_in(name) {
            Some(template) => Ok(template),
            None if Path::new(name).is_dir() => Template::read(Path::new(name)),
            None => Err(TemplateFault::Unknown(name.to_owned())),
        }
    }

    fn read(folder: &Path) -> Result<Template, TemplateFault> {
        let mut own = BTreeMap::new();
        read_into(folder, folder, &mut own)?;
        let manifest = match own.remove(MANIFEST) {
            None => Manifest::default(),
            Some(text) if text.trim().is_empty() => Manifest::default(),
            Some(text) => serde_yaml::from_str(&text)
                .map_err(|error| TemplateFault::Manifest(folder.join(MANIFEST), error.to_string()))?,
        };
        let extended = manifest.extends.as_deref().unwrap_or(USUAL);
        let base = built_in(extended).ok_or_else(|| {
            let known = BUILT_IN.map(|one| one.name).join(", ");
            let reason = format!("`extends: {extended}` names no template of the program; they are {known}");
            TemplateFault::Manifest(folder.join(MANIFEST), reason)
        })?;
        let mut files = base.files;
        // `{% extends "site/page.html" %}` reaches what the folder puts its own in the place of.
        files.extend(
            BUILT_IN.iter().flat_map(|one| {
                one.files.iter().map(|(name, text)| (format!("{}/{name}", one.name), (*text).to_owned()))
            }),
        );
        let names: Vec<String> = own.keys().cloned().collect();
        files.extend(own);
        let template = Template { files, base: base.base };
        template.review(folder, &names)?;
        Ok(template)
    }

    /// Checks the names in all files that pages take, and that pages take all files of the folder.
    fn review(&self, folder: &Path, own: &[String]) -> Result<(), TemplateFault> {
        let mut review = Review::default();
        let files = Files::read(self.made(), &mut review);
        let pages = [
            ("page", Page::shape()),
            ("stream", StreamPage::shape()),
            ("map", Page::shape()),
            ("index", Index::shape()),
        ];
        for (prefix, shape) in pages {
            let Shape::Record(root) = shape else { continue };
            for format in Format::ALL {
                let name = format!("{prefix}.{}", format.extension());
                if let Some((name, _)) = self.files.get_key_value(&name) {
                    review.page(&files, name, &root);
                }
            }
        }
        for name in own.iter().filter(|name| !review.used.contains(name) && !is_static(name)) {
            let fault = Diagnostic::new("no page takes this file", 0..0)
                .nearest(name, self.files.keys().map(String::as_str).filter(|known| known != name))
                .help("pages are `page`, `stream`, `map` and `index`, with `.md` and `.html`; they take others with `include`, `import` and `extends`, and files in `static` go into the site as they are");
            review.faults.entry(name.clone()).or_default().push(fault);
        }
        let faults = review.faults.into_iter().map(|(name, faults)| {
            let text = self.files.get(&name).map(String::as_str).unwrap_or_default();
            Diagnostics::new(Source::new(folder.join(&name).display().to_string(), text), faults)
        });
        let faults: Vec<Diagnostics> = faults.collect();
        if faults.is_empty() { Ok(()) } else { Err(TemplateFault::Files(faults)) }
    }

    /// The formats in which it makes pages.
    pub fn formats(&self) -> Vec<Format> {
        Format::ALL.into_iter().filter(|format| self.has("page", *format)).collect()
    }

    /// The format alone that is asked for, or all.
    ///
    /// # Errors
    /// The template makes no page in it.
    pub fn formats_of(&self, wanted: Option<Format>) -> Result<Vec<Format>, TemplateFault> {
        let formats = self.formats();
        match wanted {
            None if !formats.is_empty() => Ok(formats),
            Some(format) if formats.contains(&format) => Ok(vec![format]),
            wanted => {
                let files = self.files.keys().filter(|name| !name.contains('/')).cloned().collect();
                Err(TemplateFault::NoPage(wanted.unwrap_or(Format::Markdown), files))
            }
        }
    }

    /// The connector as the pages tell of it. The templates of products are called as the load modes that are theirs, and
    /// tell of tables in these, as far as the spec can be loaded so.
    pub(crate) fn telling<'c>(&self, connector: &'c Connector) -> Cow<'c, Connector> {
        let mode = LoadMode::named(self.base).ok().filter(|mode| *mode != connector.load_mode);
        let told = mode.and_then(|mode| connector.in_load_mode(mode).ok());
        told.map_or(Cow::Borrowed(connector), Cow::Owned)
    }

    /// Whether it has `page` or `index` in a format.
    pub(crate) fn has(&self, page: &str, format: Format) -> bool {
        self.files.contains_key(&format!("{page}.{}", format.extension()))
    }

    /// The files that go into a site as they are.
    pub(crate) fn shared(&self) -> impl Iterator<Item = PageFile> {
        let files = self.files.iter().filter(|(name, _)| name.starts_with(STATIC));
        files.map(|(name, text)| PageFile { name: name.clone(), text: text.clone() })
    }

    /// The files of which pages are made, by name.
    pub(crate) fn made(&self) -> impl Iterator<Item = (&String, &String)> {
        self.files.iter().filter(|(name, _)| !is_static(name))
    }

    /// Writes the files into a folder, from which a template of one's own may start, and says which.
    ///
    /// # Errors
    /// One of them is there already, or cannot be written.
    pub fn eject(&self, folder: &Path) -> Result<Vec<PathBuf>, TemplateFault> {
        let mut own: BTreeMap<&str, &str> =
            self.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        own.retain(|name, _| {
            !BUILT_IN.iter().any(|one| name.strip_prefix(one.name).is_some_and(|rest| rest.starts_with('/')))
        });
        let manifest = format!("# What this folder lacks is taken from this template.\nextends: {}\n", self.base);
        own.insert(MANIFEST, &manifest);
        let paths: Vec<PathBuf> = own.keys().map(|name| folder.join(name)).collect();
        if let Some(there) = paths.iter().find(|path| path.exists()) {
            return Err(TemplateFault::There(there.clone()));
        }
        for (path, text) in paths.iter().zip(own.values()) {
            let fault = |error| TemplateFault::File(path.clone(), error);
            std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(fault)?;
            std::fs::write(path, text).map_err(fault)?;
        }
        Ok(paths)
    }
}

/// Whether a file goes into a site as it is; those of the program's own templates have its name before them.
fn is_static(name: &str) -> bool {
    name.starts_with(STATIC)
        || BUILT_IN.iter().any(|one| name.strip_prefix(one.name).is_some_and(|rest| rest.starts_with("/static/")))
}

/// Reads the files of a folder and of those within it; hidden ones and a README are no part of a template.
fn read_into(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> Result<(), TemplateFault> {
    let fault = |path: &Path| {
        let path = path.to_owned();
        |error| TemplateFault::File(path, error)
    };
    for entry in std::fs::read_dir(folder).map_err(fault(folder))? {
        let path = entry.map_err(fault(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "README.md" {
            continue;
        }
        if path.is_dir() {
            read_into(root, &path, files)?;
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(fault(&path))?;
        let inner = path.strip_prefix(root).unwrap_or(&path);
        let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        files.insert(parts.join("/"), text);
    }
    Ok(())
}
