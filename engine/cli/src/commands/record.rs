//! `tapwright record SPEC --out FILE`: an API, recorded once, to be played as a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use tapwright_spec::Source;
use tapwright_spec::time::parse_moment;
use tapwright_spec::{agreeing, counted};
use tapwright_sync::clock::SystemClock;
use tapwright_sync::record::{Made, Order, naming, record};
use tapwright_sync::replay::Case;

use super::sync::{Signals, Towards, configuration, runtime, watched};
use super::{Refusal, print};

/// Record every exchange of a run as a test that `tapwright test` plays without a network
///
/// The rows of the run are thrown away. Secrets, credentials, tokens and the fields that the spec calls `personal` are
/// replaced by stand-ins of the same shape before anything is written. Beside the recording stands what must come of
/// it: requests, rows and state.
///
/// Exit status: 0 recorded; 1 not, and nothing was written; 2 usage.
#[derive(clap::Args)]
pub(crate) struct Record {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// File of the recording: NAME.recording.yaml, or recording.yaml in a folder of its own
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only this stream, and what it needs; may be repeated
    #[arg(long = "stream", value_name = "NAME")]
    streams: Vec<String>,
    /// Read so many pages of each list, and take that for all there is
    #[arg(long, value_name = "PAGES", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Configuration file, YAML or JSON; TAPWRIGHT_<CONNECTOR>_<FIELD> and .env go over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A value of the configuration; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// Record a mock API on this machine, as `tapwright mock` prints it, with stand-ins for the configuration
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    mock: Option<String>,
    /// Read incremental streams from here on: 2026-01-31, 2026-01-31T12:00:00Z or "30 days"
    #[arg(long, value_name = "WHEN")]
    start: Option<String>,
}

impl Record {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let case = self.case()?;
        let spec = Source::read(&self.spec).map_err(Refusal::Said)?;
        let mut connector = super::connector(&self.spec)?;
        let mock = self.mock.as_deref();
        let Towards { settings, transport, keep } =
            configuration::towards(mock, &mut connector, self.config.as_deref(), &self.values)?;
        let now = Timestamp::now();
        let start = self.start.as_deref().map(|text| Ok((text.to_owned(), parse_moment(text, now)?)));
        let order = Order {
            spec: &spec,
            connector,
            settings,
            streams: self.streams.clone(),
            start: start.transpose().map_err(Refusal::Said)?,
            pages: self.limit,
            transport,
            clock: Arc::new(SystemClock),
            keep,
        };
        let made = runtime()?.block_on(async {
            let signals = Signals::listen();
            let (recorder, run) = record(order).await.map_err(Refusal::Said)?;
            let report = watched(run, &signals).await?;
            if let Some(code) = signals.code() {
                return Ok(Err(ExitCode::from(code)));
            }
            Ok::<_, Refusal>(Ok(recorder.finish(&report).await.map_err(Refusal::Said)?))
        })?;
        match made {
            Err(code) => Ok(code),
            Ok(made) => self.write(&case, &made),
        }
    }

    /// What the file will be called as a test.
    fn case(&self) -> Result<Case, Refusal> {
        let shown = self.out.display();
        let name = "a recording is called NAME.recording.yaml, or recording.yaml in a folder of its own";
        let case = Case::of(&self.out).ok_or_else(|| Refusal::Said(format!("--out {shown}: {name}")))?;
        if self.out.exists() && case.runs().is_err() {
            return Err(Refusal::Said(format!("--out {shown}: it is there and is no recording; choose another name")));
        }
        Ok(case)
    }

    fn write(&self, case: &Case, made: &Made) -> Result<ExitCode, Refusal> {
        let folder = self.out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let naming = naming(&self.spec, folder, &case.usual_spec()).unwrap_or_default();
        let head = "# Recorded by `tapwright record`; secrets and personal values are stand-ins.\n";
        fs::write(&self.out, format!("{head}{naming}{}", made.yaml))?;
        fs::write(&case.expected, &made.played.told)?;
        print(&format!(
            "{}, {}; {} {}\nwrote {}\nwrote {}\n",
            counted(made.exchanges, "exchange"),
            counted(made.played.rows, "row"),
            counted(made.personal, "personal value"),
            agreeing(made.personal, "has a stand-in", "have stand-ins"),
            self.out.display(),
            case.expected.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}
