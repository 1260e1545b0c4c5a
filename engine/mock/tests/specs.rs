//! The specs of `specs/` and `tests/recorded/` against their mock: every way to page, every row once; and what a
//! sync makes of the faults.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use tapwright_mock::fault::{FAULTS, Strike};
use tapwright_mock::{Amount, Api, Origin, Server, World};
use tapwright_spec::model::LoadMode;
use tapwright_spec::settings::{Given, Settings, stand_in_settings};
use tapwright_spec::{Connector, Source, diagnostic::Style};
use tapwright_sync::auth::Keep;
use tapwright_sync::clock::Clock;
use tapwright_sync::destination;
use tapwright_sync::hook::load;
use tapwright_sync::http::{Live, Rerouted, Transport};
use tapwright_sync::plan::Selection;
use tapwright_sync::record::{Order, record};
use tapwright_sync::report::{RunReport, Verdict};
use tapwright_sync::run::{Job, Run};

/// The specs that a made-up API cannot serve, each with the reason.
const APART: &str = include_str!("apart.txt");

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
        let mut connector =
            tapwright_spec::check(&source).unwrap_or_else(|faults| panic!("{}", faults.render(Style::Plain)));
        // A machine under load, which compiles the components of hooks besides, answers as late as any.
        let families = connector.dynamic.iter_mut().flat_map(|family| [&mut family.list, &mut family.pattern]);
        for stream in connector.streams.iter_mut().chain(families) {
            stream.limits.timeout *= HASTE;
        }
        let settings = stand_in_settings(&connector, Given::default()).expect("stand-ins");
        let world = World::new(&connector, &settings, Amount { records: 25, seed: 1 })?;
        let api = Arc::new(Api::new(Origin::World(Box::new(world)), Vec::new()));
        let server = Server::bind(0).await.expect("a port");
        let url = server.url();
        tokio::spawn(server.serve(Arc::clone(&api), |_, _| {}));
        Ok(Mocked { connector, settings, api, url, folder: tempfile::tempdir().expect("a folder") })
    }

    fn transport(&self) -> Arc<dyn Transport> {
        let live = Arc::new(Live::new().expect("a transport"));
        Arc::new(Rerouted::new(live, &self.url).expect("this machine"))
    }

    async fn sync(&self) -> Result<RunReport, String> {
        let place = format!("sqlite:{}", self.folder.path().join("rows.db").display());
        self.sync_to(place, self.connector.clone()).await
    }

    async fn sync_to(&self, place: String, connector: Connector) -> Result<RunReport, String> {
        let job = Job {
            connector: Arc::new(connector),
            settings: self.settings.clone(),
            selection: Selection { streams: Vec::new(), start: None, full_refresh: false },
            destination: destination::open(&place, &self.connector.name).expect("a database"),
            place,
            transport: self.transport(),
            clock: hasty(),
        };
        let (_sender, stop) = tokio::sync::watch::channel(None);
        let keep = Keep::within(self.folder.path(), &self.connector.name).logged_in_with("mock");
        let run = Run::discover(job, Some(keep)).await.map_err(|fault| fault.to_string())?;
        run.go(stop).await.map_err(|fault| fault.to_string())
    }

    /// Loads into a folder of JSON lines, whose rows follow the schemas that are exported.
    async fn follows_its_schemas(&self) -> Result<(), String> {
        let folder = self.folder.path().join("lines");
        // Files do not merge records onto rows.
        let mut connector = self.connector.clone();
        connector.streams.iter_mut().for_each(|stream| stream.load_mode = LoadMode::Stitch);
        self.sync_to(format!("jsonl:{}", folder.display()), connector.clone()).await?;
        // Components of hooks tell of columns.
        let connector = load(&connector, None).map_or(connector, |(connector, _)| connector);
        for stream in &connector.streams {
            let schema = tapwright_interop::rows(&connector, stream).map_err(|fault| fault.to_string())?;
            follow(&folder.join(&stream.name), &schema)?;
            for (table, schema) in schema["$defs"].as_object().into_iter().flatten() {
                follow(&folder.join(table), schema)?;
            }
        }
        Ok(())
    }

    fn rows(&self, table: &str) -> i64 {
        let database = rusqlite::Connection::open(self.folder.path().join("rows.db")).expect("a database");
        database.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0)).unwrap_or(0)
    }
}

/// Whether the rows in a table's folder follow a schema.
fn follow(folder: &Path, schema: &Value) -> Result<(), String> {
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    let schema = options.build(schema).map_err(|fault| fault.to_string())?;
    let Ok(files) = std::fs::read_dir(folder) else { return Ok(()) };
    for file in files.map(|file| file.expect("a file").path()) {
        let lines = std::fs::read_to_string(&file).expect("lines");
        for line in lines.lines() {
            let row: Value = serde_json::from_str(line).expect("a row");
            let faults: Vec<String> =
                schema.iter_errors(&row).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
            if !faults.is_empty() {
                return Err(format!("{}: {line}\n{}", file.display(), faults.join("\n")));
            }
        }
    }
    Ok(())
}

/// A clock on which a wait takes a hundredth of its time.
struct Hasty {
    began: (Timestamp, Instant),
}

const HASTE: u32 = 100;

fn hasty() -> Arc<dyn Clock> {
    Arc::new(Hasty { began: (Timestamp::now(), Instant::now()) })
}

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        self.began.0 + self.began.1.elapsed() * HASTE
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration / HASTE))
    }
}

fn specs() -> Vec<PathBuf> {
    let files = |folder: &str| {
        let entries = std::fs::read_dir(root().join(folder)).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    let cases = files("tests/recorded").into_iter().map(|folder| folder.join("spec.yaml"));
    let all = cases.filter(|path| path.exists()).chain(files("specs")).chain(files("tests/specs/right"));
    let mut all: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|kind| kind == "yaml")).collect();
    all.sort();
    all
}

/// The reason why a spec is apart.
fn apart(spec: &Path) -> Option<&'static str> {
    let place = spec.strip_prefix(root()).expect("below the root").display().to_string();
    let mut lines = APART.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| *known == place).map(|(_, why)| why)
}

/// Reads and records the mock of a spec; what came in the way.
async fn recorded(spec: &Path) -> Result<(), String> {
    let mocked = Mocked::made(spec).await?;
    let report = mocked.sync().await?;
    let rows: u64 = report.streams.iter().map(|stream| stream.new).sum();
    let rejected: u64 = report.streams.iter().map(|stream| stream.rejected).sum();
    // A bound of the spec's own ends a walk before its end.
    let failed = report.streams.iter().any(|stream| stream.verdict == Verdict::Failed);
    if failed || rows == 0 || rejected > 0 {
        return Err(report.to_text(100));
    }
    let again = mocked.sync().await?;
    if again.streams.iter().any(|stream| stream.verdict == Verdict::Failed) {
        return Err(format!("the second run: {}", again.to_text(100)));
    }
    mocked.follows_its_schemas().await?;
    let source = Source::read(spec)?;
    let order = Order {
        spec: &source,
        connector: mocked.connector.clone(),
        settings: mocked.settings.clone(),
        streams: Vec::new(),
        start: None,
        pages: None,
        transport: mocked.transport(),
        clock: hasty(),
        keep: Some(Keep::for_a_mock(&mocked.connector.name).expect("a folder")),
    };
    let (recorder, run) = record(order).await?;
    let (_sender, stop) = tokio::sync::watch::channel(None);
    let report = run.go(stop).await.map_err(|fault| fault.to_string())?;
    recorder.finish(&report).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spec_reads_all_of_its_mock_and_is_recorded_from_it() {
    let specs = specs();
    assert!(specs.len() > 190, "specs are missing");
    let tried = futures_util::stream::iter(specs).map(|spec| async move { (recorded(&spec).await, spec) });
    let tried: Vec<_> = tried.buffer_unordered(8).collect().await;
    let mut wrong = Vec::new();
    for (outcome, spec) in tried {
        match (outcome, apart(&spec)) {
            (Ok(()), None) => {}
            (Ok(()), Some(_)) => wrong.push(format!("{} is read after all: take it out of apart.txt", spec.display())),
            (Err(why), None) => wrong.push(format!("{}:\n{why}", spec.display())),
            (Err(why), Some(reason)) if why.contains(reason) => {}
            (Err(why), Some(reason)) => wrong.push(format!("{}: not `{reason}` but {why}", spec.display())),
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_read_whatever_leads_on() {
    for case in
        ["pages-by-next-url", "pages-by-link-header", "pages-by-cursor", "pages-by-number", "pages-by-offset-and-total"]
    {
        let mocked = Mocked::start(&root().join("tests/recorded").join(case).join("spec.yaml")).await;
        let report = mocked.sync().await.expect("a report");
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
        let report = mocked.sync().await.expect("a report");
        let table = report.streams[0].stream.clone();
        let set_aside = report.streams[0].rejected;
        assert!(
            !report.is_complete() || mocked.rows(&table) + set_aside as i64 == 25,
            "{name}: {}",
            report.to_text(100)
        );
        mocked.api.set_faults(Vec::new());
        let again = mocked.sync().await.expect("a report");
        assert!(again.is_complete() && mocked.rows(&table) == 25, "{name}: {}", again.to_text(100));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_other_credentials_is_refused() {
    let mut mocked = Mocked::start(&root().join("specs/redmine.yaml")).await;
    mocked.settings.values.insert("api_key".into(), "other".into());
    let report = mocked.sync().await.expect("a report");
    assert!(!report.is_complete() && report.to_text(200).contains("401"), "{}", report.to_text(200));
}
