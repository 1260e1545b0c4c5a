//! `tapwright state reset SPEC --to DESTINATION`: forgets bookmarks.

use std::process::ExitCode;

use tapwright_sync::state::edit::reset;

use super::{Place, tell};
use crate::commands::{Refusal, connector, print};

/// Forget the bookmarks of a stream, or of all; the next run reads from the beginning, and the rows stay
///
/// The rows that are there are overwritten by their keys; those that are gone at the source stay in incremental streams.
/// To have the tables made anew as well, run `tapwright sync --full-refresh`.
#[derive(clap::Args)]
pub(crate) struct Reset {
    #[command(flatten)]
    place: Place,
    /// This stream; may be repeated
    #[arg(long = "stream", value_name = "NAME", required_unless_present = "all")]
    streams: Vec<String>,
    /// All streams
    #[arg(long, conflicts_with = "streams")]
    all: bool,
}

impl Reset {
    pub(super) fn go(&self) -> Result<ExitCode, Refusal> {
        let connector = connector(&self.place.spec)?;
        let mut destination = self.place.open(&connector.name)?;
        let state = destination.load_state()?;
        let (draft, moved) = reset(&connector, &state, &self.streams)?;
        let _committed = destination.commit(&draft)?;
        tell(&moved);
        if moved.is_empty() {
            print("nothing was known of it: the next run begins as a first one does\n");
        }
        Ok(ExitCode::SUCCESS)
    }
}
