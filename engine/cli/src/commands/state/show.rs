//! `tapwright state show SPEC --to DESTINATION`: where each stream goes on.

use std::process::ExitCode;

use tapwright_sync::state::Standings;

use super::Place;
use crate::commands::{Format, Refusal, connector, print};

/// Show where each stream goes on; changes nothing, also while a run goes on
#[derive(clap::Args)]
pub(crate) struct Show {
    #[command(flatten)]
    place: Place,
    /// Only this stream; may be repeated
    #[arg(long = "stream", value_name = "NAME")]
    streams: Vec<String>,
    /// Print for people, or as JSON, which has the tokens of feeds too
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Show {
    pub(super) fn go(&self) -> Result<ExitCode, Refusal> {
        let connector = connector(&self.place.spec)?;
        let state = self.place.state(&connector.name)?;
        let standings = Standings::of(&connector, &state, &self.place.shown(), &self.streams)?;
        match self.format {
            Format::Text => print(&standings.to_text()),
            Format::Json => print(&format!("{:#}\n", serde_json::to_value(&standings)?)),
        }
        Ok(ExitCode::SUCCESS)
    }
}
