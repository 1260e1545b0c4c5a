//! `tapwright try SPEC STREAM`: one stream against its API, and nothing is loaded.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::json;
use tapwright_spec::time::parse_moment;
use tapwright_sync::clock::SystemClock;
use tapwright_sync::trial::{self, Event, Listener, Trial};

use super::sync::{Towards, configuration, runtime};
use super::{Format, INCOMPLETE, Refusal, fold, print, say, width};

/// Read a few records of one stream and show its requests, answers, rows and types; loads nothing
///
/// Exit status: 0 the requests went well; 3 one failed; 1 wrong spec or configuration; 2 usage.
#[derive(clap::Args)]
pub(crate) struct Try {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// The stream; the records of its parents are read as far as they are needed
    #[arg(value_name = "STREAM")]
    stream: String,
    /// So many records are enough
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
    /// Configuration file, YAML or JSON; TAPWRIGHT_<CONNECTOR>_<FIELD> and .env go over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A value of the configuration; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// Send everything to a mock API on this machine, as `tapwright mock` prints it, with stand-ins for the configuration
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    mock: Option<String>,
    /// Read incremental streams from here on: 2026-01-31, 2026-01-31T12:00:00Z or "30 days"
    #[arg(long, value_name = "WHEN")]
    start: Option<String>,
    /// Print for people as it happens, or as JSON at the end
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Try {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let mut connector = super::connector(&self.spec)?;
        let mock = self.mock.as_deref();
        let Towards { settings, transport, keep } =
            configuration::towards(mock, &mut connector, self.config.as_deref(), &self.values)?;
        let now = Timestamp::now();
        let trial = Trial {
            connector,
            settings,
            stream: self.stream.clone(),
            limit: usize::from(self.limit),
            start: self.start.as_deref().map(|text| parse_moment(text, now)).transpose().map_err(Refusal::Said)?,
            transport,
            clock: Arc::new(SystemClock),
            keep,
        };
        let told: Arc<Mutex<Vec<Event>>> = Arc::default();
        let findings = runtime()?.block_on(trial::go(trial, self.listener(&told)))?;
        match self.format {
            Format::Text => print(&fold::lines(&findings.to_text(width()), width())),
            Format::Json => {
                let told = told.lock().unwrap_or_else(PoisonError::into_inner);
                print(&format!("{:#}\n", json!({"events": *told, "findings": findings})));
            }
        }
        if let Some(fault) = &findings.fault {
            say("error: ", &fault.to_string());
            return Ok(ExitCode::from(INCOMPLETE));
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Prints what happens, or keeps it for the end.
    fn listener(&self, told: &Arc<Mutex<Vec<Event>>>) -> Listener {
        match self.format {
            Format::Text => Arc::new(|event| print(&fold::lines(&event.to_text(), width()))),
            Format::Json => {
                let told = Arc::clone(told);
                Arc::new(move |event| told.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone()))
            }
        }
    }
}
