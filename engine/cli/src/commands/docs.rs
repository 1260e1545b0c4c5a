//! `tapwright docs SPEC… --out DIR`: the pages.

mod evidence;
mod look;
mod marks;
mod serve;
mod specs;
mod watch;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tapwright_docs::{Format, Redirects, Site, Template};
use tapwright_interop::Form;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch as news;

use self::look::Look;
use self::serve::News;
use self::watch::{PAUSE, Workshop, Wrong};
use super::sync::runtime;
use super::{Refusal, WRONG, print, say};

pub(crate) use evidence::known_cost;

/// Render the documentation pages of connectors, as Markdown and HTML
///
/// With pages in HTML goes `addresses.txt`, the addresses that readers may have linked. When one of them is no more,
/// `redirects.yaml` in the folder of the pages, written by hand, must say where it leads, such as `desk/filters.html:
/// desk/cases.html`; otherwise the command fails and tells the lines that are missing.
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
    /// Address at which the site will stand; with it pages tell their own, and there is a sitemap
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Specs of older versions, or folders of them, which keep pages of their own at NAME/VERSION
    #[arg(long, value_name = "SPEC", num_args = 1..)]
    previous: Vec<PathBuf>,
    /// Write the files of the template into this folder, to start one of your own, and no pages
    #[arg(long, value_name = "DIR", conflicts_with_all = ["specs", "out", "format", "check", "base_url", "previous", "watch", "serve", "data"])]
    eject: Option<PathBuf>,
    /// Write what programs read beside the pages, and link to it: JSON, JSON Schema, DBML, dbt, Singer
    #[arg(long, conflicts_with = "watch")]
    data: bool,
    /// Write nothing; fail if the pages in the folder are not what the specs give
    #[arg(long)]
    check: bool,
    /// Make pages anew when a spec, a file that it names, the template or redirects.yaml changes, and only those, until Ctrl-C
    #[arg(long, conflicts_with = "check")]
    watch: bool,
    /// Serve the pages at 127.0.0.1 until Ctrl-C; with --watch an open page follows its spec. 0 takes a free port
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, default_missing_value = "8091", conflicts_with = "check")]
    serve: Option<u16>,
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
            return Ok(wrote(&template.eject(folder)?, folder));
        }
        let formats = template.formats_of(self.format.map(Format::from))?;
        let out = self.out();
        let site = self.site(&template, &formats)?;
        if self.watch {
            return self.keep_fresh();
        }
        let shelves = specs::shelves(&self.specs, &self.previous)?;
        let subjects: Vec<_> = shelves.iter().map(specs::Shelf::subject).collect();
        let mut beside = Vec::new();
        for subject in subjects.iter().filter(|_| self.data) {
            beside.extend(tapwright_interop::beside(subject.connector)?);
        }
        if !self.check {
            let mut paths = site.write(&subjects, out)?;
            for file in beside {
                paths.extend(file.write(out)?);
            }
            let code = wrote(&paths, out);
            let Some(port) = self.serve else { return Ok(code) };
            let runtime = runtime()?;
            let (_sender, news) = news::channel(News::default());
            let listener = listener(&runtime, port)?;
            return runtime.block_on(serve::serve(listener, out, news)).map(|()| code).map_err(Refusal::from);
        }
        let mut drifts = site.check(&subjects, out)?;
        for file in beside {
            drifts.extend(file.check(out)?);
        }
        for drift in &drifts {
            say("error: ", &drift.to_string());
        }
        Ok(if drifts.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
    }

    /// Where the pages go.
    fn out(&self) -> &Path {
        self.out.as_deref().unwrap_or(Path::new("."))
    }

    /// The site as the options and `redirects.yaml` want it.
    fn site<'t>(&self, template: &'t Template, formats: &'t [Format]) -> Result<Site<'t>, Refusal> {
        let mut site = Site::new(template, formats)?;
        if formats.contains(&Format::Html) {
            site = site.redirecting(Redirects::read(self.out())?);
        }
        if let Some(address) = &self.base_url {
            site = site.at(&web_address(address)?);
        }
        if self.data {
            site = site.with(Form::ALL.map(Form::beside).to_vec());
        }
        Ok(site)
    }

    /// Makes the pages anew for ever, and serves them where that is wanted.
    fn keep_fresh(&self) -> Result<ExitCode, Refusal> {
        let out = self.out();
        specs::files(&self.specs)?;
        let (sender, news) = news::channel(News::default());
        if let Some(port) = self.serve {
            let runtime = runtime()?;
            let listener = listener(&runtime, port)?;
            let out = out.to_owned();
            std::thread::spawn(move || runtime.block_on(serve::serve(listener, &out, news)));
        }
        let told = |wrong| sender.send_modify(|news| *news = News { number: news.number + 1, wrong });
        let mut workshop = Workshop::new(&self.specs, &self.previous, out);
        let mut said = None;
        // What changes while a round begins ends it.
        let mut look = Look::of(&self.template, out);
        loop {
            let fault = self.round(&mut workshop, &look, &told).err().map(|refusal| refusal.words().to_owned());
            if let Some(fault) = fault.as_ref().filter(|fault| said.as_ref() != Some(*fault)) {
                say("error: ", fault);
                told(Wrong { fault: Some(fault.clone()), broken: None });
            }
            said = fault;
            std::thread::sleep(PAUSE);
            let now = Look::of(&self.template, out);
            workshop.renew(&look.touched(&now));
            look = now;
        }
    }

    /// Keeps the pages fresh until what all of them are made of has changed.
    fn round(&self, workshop: &mut Workshop<'_>, look: &Look, told: &impl Fn(Wrong)) -> Result<(), Refusal> {
        let template = Template::named(&self.template)?;
        let formats = template.formats_of(self.format.map(Format::from))?;
        let site = self.site(&template, &formats)?;
        workshop.keep_fresh(&site, || *look == Look::of(&self.template, self.out()), told)
    }
}

/// Listens on this machine, and says where.
fn listener(runtime: &Runtime, port: u16) -> Result<TcpListener, Refusal> {
    let listener = runtime
        .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
        .map_err(|error| Refusal::Said(format!("cannot listen on port {port}: {error}; --serve=0 takes a free one")))?;
    print(&format!("The pages stand at http://{} until Ctrl-C.\n", listener.local_addr()?));
    Ok(listener)
}

/// Files that are named when they are written; of more only their number is told.
const NAMED: usize = 4;

fn wrote(paths: &[PathBuf], folder: &Path) -> ExitCode {
    if paths.len() > NAMED {
        print(&format!("wrote {} files in {}\n", paths.len(), folder.display()));
        return ExitCode::SUCCESS;
    }
    for path in paths {
        print(&format!("wrote {}\n", path.display()));
    }
    ExitCode::SUCCESS
}

/// An address on the web, as pages tell it.
fn web_address(text: &str) -> Result<String, Refusal> {
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none() => {
            Ok(url.into())
        }
        _ => Err(Refusal::Said(format!("--base-url {text} is no address like `https://docs.example.com/connectors`"))),
    }
}
