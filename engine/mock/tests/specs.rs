//! The specs of `specs/` and `tests/recorded/` against their mock: every way to page, every row once; and what a
//! sync makes of the faults.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tapwright_mock::fault::{FAULTS, Strike};
use tapwright_mock::{Amount, Api, Origin, Server, World};
use tapwright_spec::settings::{Given, Settings, stand_in_settings};
use tapwright_spec::{Connector, Source, diagnostic::Style};
use tapwright_sync::clock::SystemClock;
use tapwright_sync::destination;
use tapwright_sync::http::{Live, Rerouted};
use tapwright_sync::plan::Selection;
use tapwright_sync::report::RunReport;
use tapwright_sync::run::{Job, Run};

/// What waits for minutes, ends before its end, computes what is made up only with an example, or needs a person.
const APART: [&str; 4] = ["limits-", "pages-bounded", "expressions", "login"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A mock of a spec, and a place for its rows.
struct Mocked {
    connector: Connector,
    settings: Settings,
    api: Arc<Api>,
    url: String,
    folder: tempfile::TempDir,
}

impl Mocked {
    async fn start(spec: &Path) -> Mocked {
        Mocked::made(spec).await.unwrap_or_else(|why| panic!("{}: {why}", spec.display()))
    }

    /// # Errors
    /// Why the spec has no mock.
    async fn made(spec: &Path) -> Result<Mocked, String> {
        let source = Source::read(spec).expect("a spec");
        let connector =
            tapwright_spec::check(&source).unwrap_or_else(|faults| panic!("{}", faults.render(Style::Plain)));
        let settings = stand_in_settings(&connector, Given::default()).expect("stand-ins");
        let world = World::new(connector.clone(), &settings, Amount { records: 25, seed: 1 })?;
        let api = Arc::new(Api::new(Origin::World(Box::new(world)), Vec::new()));
        let server = Server::bind(0).await.expect("a port");
        let url = server.url();
        tokio::spawn(server.serve(Arc::clone(&api), |_, _| {}));
        Ok(Mocked { connector, settings, api, url, folder: tempfile::tempdir().expect("a folder") })
    }

    async fn sync(&self) -> RunReport {
        let place = format!("sqlite:{}", self.folder.path().join("rows.db").display());
        let live = Arc::new(Live::new().expect("a transport"));
        let job = Job {
            connector: Arc::new(self.connector.clone()),
            settings: self.settings.clone(),
            selection: Selection { streams: Vec::new(), start: None, full_refresh: false },
            destination: destination::open(&place, &self.connector.name).expect("a database"),
            place,
            transport: Arc::new(Rerouted::new(live, &self.url).expect("this machine")),
            clock: Arc::new(SystemClock),
        };
        let (_sender, stop) = tokio::sync::watch::channel(None);
        Run::prepare(job).expect("a plan").go(stop).await.expect("a report")
    }

    fn rows(&self, table: &str) -> i64 {
        let database = rusqlite::Connection::open(self.folder.path().join("rows.db")).expect("a database");
        database.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0)).unwrap_or(0)
    }
}

fn specs() -> Vec<PathBuf> {
    let files = |folder: &str| {
        let entries = std::fs::read_dir(root().join(folder)).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    let cases = files("tests/recorded").into_iter().map(|folder| folder.join("spec.yaml"));
    let mut all: Vec<PathBuf> = cases.filter(|path| path.exists()).chain(files("specs")).collect();
    all.retain(|path| !APART.iter().any(|apart| path.to_string_lossy().contains(&format!("/{apart}"))));
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spec_reads_all_of_its_mock() {
    let specs = specs();
    assert!(specs.len() > 60, "specs are missing");
    let mut wrong = Vec::new();
    for spec in specs {
        let mocked = match Mocked::made(&spec).await {
            Ok(mocked) => mocked,
            Err(why) if why.contains("which no made-up answer has") => continue,
            Err(why) => panic!("{}: {why}", spec.display()),
        };
        let report = mocked.sync().await;
        let (mut rows, mut rejected) = (0, 0);
        for stream in &report.streams {
            rows += stream.new;
            rejected += stream.rejected;
        }
        if !report.is_complete() || rows == 0 || rejected > 0 {
            wrong.push(format!("{}:\n{}", spec.display(), report.to_text(100)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_read_whatever_leads_on() {
    for case in
        ["pages-by-next-url", "pages-by-link-header", "pages-by-cursor", "pages-by-number", "pages-by-offset-and-total"]
    {
        let mocked = Mocked::start(&root().join("tests/recorded").join(case).join("spec.yaml")).await;
        let report = mocked.sync().await;
        let stream = &report.streams[0];
        assert_eq!((mocked.rows(&stream.stream), stream.pages > 2), (25, true), "{case}: {}", report.to_text(100));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_takes_rows_in_silence() {
    // An API that leaves out the records of a page, and counts none, cannot be found out; a slow one is waited for.
    let told = FAULTS.iter().map(|(_, name, _)| *name).filter(|name| !["empty-page", "slow"].contains(name));
    let spec = root().join("tests/recorded/pages-by-next-url/spec.yaml");
    for name in told {
        let mocked = Mocked::start(&spec).await;
        mocked.api.set_faults(vec![format!("{name}@2").parse::<Strike>().expect("a fault")]);
        let report = mocked.sync().await;
        let table = report.streams[0].stream.clone();
        let set_aside = report.streams[0].rejected;
        assert!(
            !report.is_complete() || mocked.rows(&table) + set_aside as i64 == 25,
            "{name}: {}",
            report.to_text(100)
        );
        mocked.api.set_faults(Vec::new());
        let again = mocked.sync().await;
        assert!(again.is_complete() && mocked.rows(&table) == 25, "{name}: {}", again.to_text(100));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_other_credentials_is_refused() {
    let mut mocked = Mocked::start(&root().join("specs/redmine.yaml")).await;
    mocked.settings.values.insert("api_key".into(), "other".into());
    let report = mocked.sync().await;
    assert!(!report.is_complete() && report.to_text(200).contains("401"), "{}", report.to_text(200));
}
