//! `tapwright plan SPEC --to DESTINATION`: what a sync would create, alter, and cannot do.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use tapwright_sync::destination;
use tapwright_sync::plan::Selection;
use tapwright_sync::survey::survey;

use super::{Format, HowLoaded, INCOMPLETE, Refusal, places, print};

/// Tell which tables a sync would make or alter, and what it cannot do there; changes nothing
///
/// Exit status: 0 a sync could load all of it; 3 something stands in the way; 1 wrong spec or destination; 2 usage.
#[derive(clap::Args)]
pub(crate) struct Plan {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    #[arg(long, value_name = "DESTINATION", env = "TAPWRIGHT_TO", hide_env_values = true, help = places("Where rows would go"))]
    to: String,
    /// Only this stream; may be repeated
    #[arg(long = "stream", value_name = "NAME")]
    streams: Vec<String>,
    /// As if the bookmarks were forgotten and everything loaded anew
    #[arg(long)]
    full_refresh: bool,
    #[command(flatten)]
    how: HowLoaded,
    /// Print for people, or as JSON
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Plan {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let connector = self.how.of(super::connector(&self.spec)?)?;
        let mut there = destination::look(&self.to, &connector.name)?;
        let selection = Selection { streams: self.streams.clone(), start: None, full_refresh: self.full_refresh };
        let place = destination::shown(&self.to);
        let survey = survey(&connector, &selection, there.as_mut(), &place, Timestamp::now())?;
        match self.format {
            Format::Text => print(&survey.to_text()),
            Format::Json => print(&format!("{:#}\n", serde_json::to_value(&survey)?)),
        }
        Ok(if survey.is_possible() { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
    }
}
