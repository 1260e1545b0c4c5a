//! `tapwright demo`: the main job in one command, against the Desk simulator inside the program.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use desk_simulator::{Edit, Server, ServerOptions, Site, SiteOptions};
use jiff::Timestamp;
use serde_json::json;
use tapwright_spec::Connector;
use tapwright_spec::counted;
use tapwright_spec::settings::{Given, GivenText, Settings, settings};
use tapwright_sync::destination;
use tapwright_sync::http::Live;
use tapwright_sync::plan::Selection;

use super::sync::{Signals, Towards, prepare, runtime, watched};
use super::{INCOMPLETE, Refusal, print, width};

/// The spec that the program carries, with the component that it names.
const SPEC: &str = include_str!("../../../../specs/desk.yaml");
const HOOK: &[u8] = include_bytes!("../../../../connectors/desk/custom_fields.wasm");
const DATABASE: &str = "desk.db";
const PAGES: &str = "desk-pages";

/// Sync Desk from a simulated site into desk.db, change some records, sync again, render the page
#[derive(clap::Args)]
pub(crate) struct Demo {
    /// Number of cases of the simulated site
    #[arg(long, default_value_t = 2_000)]
    cases: usize,
}

impl Demo {
    pub(crate) fn run(self) -> ExitCode {
        runtime().and_then(|runtime| runtime.block_on(self.story())).unwrap_or_else(Refusal::code)
    }

    async fn story(&self) -> Result<ExitCode, Refusal> {
        let place = tempfile::tempdir()?;
        let connector = super::connector(&laid(place.path())?)?;
        if Path::new(DATABASE).exists() {
            print(&format!("{DATABASE} is here already; it is brought up to date with a new site.\n"));
        }
        let today = Timestamp::now().to_string().parse().map_err(Refusal::Said)?;
        let site = Site::generate(&SiteOptions { cases: self.cases, today, ..SiteOptions::default() });
        let server = Server::start(site, ServerOptions::default()).await?;
        let settings = configuration(&connector, &server.base_url())?;
        print(&format!(
            "A simulated Desk site of {} answers at {}.\n\n",
            counted(self.cases, "case"),
            server.base_url()
        ));

        print("1. The first sync reads everything:\n\n");
        let first = sync(&connector, &settings).await?;
        let edit = Edit { cases: 5, new_cases: 2, customers: 3, deleted_users: 1, ..Edit::default() };
        let changes = server.edit(&edit);
        print(&format!(
            "2. On the server {} cases and {} customers change, {} cases are new, {} user is deleted. The second sync:\n\n",
            changes.cases.len(),
            changes.customers.len(),
            changes.new_cases.len(),
            changes.deleted_users.len()
        ));
        let second = sync(&connector, &settings).await?;
        server.stop().await;

        print("3. The page, from the same file:\n\n");
        let template = tapwright_docs::Template::default();
        let subject = tapwright_docs::Subject {
            connector: &connector,
            older: &[],
            evidence: &tapwright_docs::Evidence::default(),
        };
        let site = tapwright_docs::Site::new(&template, &tapwright_docs::Format::ALL)?;
        let written = site.write(&[subject], Path::new(PAGES))?;
        print(&format!("   {} in {PAGES}, the first of them {PAGES}/desk.html\n", counted(written.len(), "file")));
        print(NEXT);
        Ok(if first && second { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
    }
}

const NEXT: &str = "
Look at next:
   sqlite3 desk.db 'SELECT status, count(*) FROM cases GROUP BY 1'
   sqlite3 desk.db 'SELECT custom_plan, avg(custom_score), max(custom_due) FROM cases GROUP BY 1', of the site's own fields
   sqlite3 desk.db 'SELECT * FROM _tapwright_state'
   desk-pages/desk.html in a browser
   specs/desk.yaml, the file that all of this came from, and the hook that it names, connectors/desk/custom_fields
";

/// Lays the connector's files out as they stand where it is made; gives the spec's.
fn laid(folder: &Path) -> std::io::Result<PathBuf> {
    let lay = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(&path, bytes).map(|()| path)
    };
    lay("connectors/desk/custom_fields.wasm", HOOK)?;
    lay("specs/desk.yaml", SPEC.as_bytes())
}

/// Syncs once and prints the report; whether all is complete.
async fn sync(connector: &Connector, settings: &Settings) -> Result<bool, Refusal> {
    let start = Timestamp::UNIX_EPOCH;
    let selection = Selection { start: Some(start), ..Selection::default() };
    let transport = Arc::new(Live::new().map_err(Refusal::Said)?);
    let to = format!("sqlite:{DATABASE}");
    let towards = Towards { settings: settings.clone(), transport, keep: None };
    let place = destination::shown(&to);
    let opened = destination::open(&to, &connector.name)?;
    let run = prepare(connector.clone(), towards, selection, (opened, &place)).await?;
    let signals = Signals::listen();
    let report = watched(run, &signals).await?;
    print(&report.to_text(width()));
    print("\n");
    if let Some(code) = signals.code() {
        std::process::exit(i32::from(code));
    }
    Ok(report.is_complete())
}

fn configuration(connector: &Connector, site_url: &str) -> Result<Settings, Refusal> {
    let keys = desk_simulator::Credentials::default();
    let values = json!({"site_url": site_url, "key": keys.key, "secret": keys.secret, "token": keys.token, "token_secret": keys.token_secret});
    let texts = values.as_object().into_iter().flatten().map(|(name, value)| GivenText {
        name: name.clone(),
        text: value.as_str().unwrap_or_default().to_owned(),
        origin: "the demo".to_owned(),
    });
    settings(connector, &Given { file: None, texts: texts.collect() }).map_err(|faults| Refusal::of(&faults))
}
