//! `tapwright sync SPEC --to DESTINATION`: a run, watched and reported.

pub(super) mod configuration;
mod signals;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use tapwright_spec::Connector;
use tapwright_spec::time::parse_moment;
use tapwright_sync::clock::SystemClock;
use tapwright_sync::destination::{self, Destination, Opened};
use tapwright_sync::journal::Journal;
use tapwright_sync::plan::Selection;
use tapwright_sync::report::RunReport;
use tapwright_sync::run::{Job, Run};

use super::{Format, HowLoaded, INCOMPLETE, Refusal, places, print, say, width};
pub(super) use configuration::Towards;
pub(super) use signals::Signals;

/// What is read, and how: the same for whatever is done with it.
#[derive(clap::Args)]
pub(super) struct Asked {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// Configuration file, YAML or JSON; TAPWRIGHT_<CONNECTOR>_<FIELD> and .env go over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Only this stream, and what it needs; may be repeated
    #[arg(long = "stream", value_name = "NAME")]
    streams: Vec<String>,
    /// Read incremental streams from here on: 2026-01-31, 2026-01-31T12:00:00Z or "30 days"
    #[arg(long, value_name = "WHEN")]
    start: Option<String>,
    /// Forget the bookmarks and load everything anew
    #[arg(long)]
    full_refresh: bool,
    /// A value of the configuration; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// Send everything to a mock API on this machine, as `tapwright mock` prints it, with stand-ins for the configuration
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    mock: Option<String>,
    /// Print the report as text, or as JSON on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    report: Format,
}

/// Read an API and load what is new into a database
///
/// Exit status: 0 all complete; 3 something failed, is bounded or was set aside; 1 wrong spec or
/// configuration; 2 usage; 130 ended by Ctrl-C; 143 ended by SIGTERM.
#[derive(clap::Args)]
pub(crate) struct Sync {
    #[arg(long, value_name = "DESTINATION", env = "TAPWRIGHT_TO", hide_env_values = true, help = places("Where rows go"))]
    to: String,
    #[command(flatten)]
    how: HowLoaded,
    #[command(flatten)]
    asked: Asked,
}

impl Sync {
    pub(crate) fn run(self) -> ExitCode {
        let open = |connector: &str| destination::open(&self.to, connector);
        self.asked.go((&destination::shown(&self.to), &self.how), open).unwrap_or_else(Refusal::code)
    }
}

impl Asked {
    /// Runs into a place that `open` opens.
    pub(super) fn go(
        &self,
        (place, how): (&str, &HowLoaded),
        open: impl FnOnce(&str) -> Opened,
    ) -> Result<ExitCode, Refusal> {
        let mut connector = how.of(super::connector(&self.spec)?)?;
        let mock = self.mock.as_deref();
        let towards = configuration::towards(mock, &mut connector, self.config.as_deref(), &self.values)?;
        let now = Timestamp::now();
        let start = self.start.as_deref().map(|text| parse_moment(text, now)).transpose().map_err(Refusal::Said)?;
        let selection = Selection { streams: self.streams.clone(), start, full_refresh: self.full_refresh };
        let runtime = runtime()?;
        runtime.block_on(async {
            let signals = Signals::listen();
            let journal = Journal::begin(&connector, place, now);
            let run = match open(&connector.name) {
                Ok(destination) => prepare(connector, towards, selection, (destination, place)).await,
                Err(fault) => Err(fault.into()),
            };
            let run = run.inspect_err(|refusal| journal.broke(refusal.words()))?;
            let report = watched(run.telling(&journal), &signals).await;
            journal.trouble().iter().for_each(|why| say("warning: ", why));
            told(&report?, self.report, &signals)
        })
    }
}

/// Prints a report, and gives the exit code that it asks for.
pub(super) fn told(report: &RunReport, format: Format, signals: &Signals) -> Result<ExitCode, Refusal> {
    match format {
        Format::Text => print(&report.to_text(width())),
        Format::Json => print(&format!("{:#}\n", serde_json::to_value(report)?)),
    }
    Ok(match signals.code() {
        Some(code) => ExitCode::from(code),
        None if report.is_complete() => ExitCode::SUCCESS,
        None => ExitCode::from(INCOMPLETE),
    })
}

/// The runtime of a run: extraction on this thread, loading on one of its own. More for extraction would wake each other
/// several times a page.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Refusal> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Plans a run into a destination, which messages call by the name beside it.
pub(super) async fn prepare(
    connector: Connector,
    towards: Towards,
    selection: Selection,
    (destination, place): (Box<dyn Destination>, &str),
) -> Result<Run, Refusal> {
    let Towards { settings, transport, keep } = towards;
    let clock = Arc::new(SystemClock);
    let connector = Arc::new(connector);
    let job = Job { connector, settings, selection, destination, place: place.to_owned(), transport, clock };
    Ok(Run::discover(job, keep).await?)
}

/// Runs to the end, or to a signal, and shows how far it is.
pub(super) async fn watched(run: Run, signals: &Signals) -> Result<RunReport, Refusal> {
    let watch = watch::begin(&run);
    let report = run.go(signals.stop()).await;
    watch.end();
    Ok(report?)
}
