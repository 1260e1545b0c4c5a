//! `tapwright state set SPEC VALUE --stream NAME --to DESTINATION`: moves a bookmark by hand.

use std::process::ExitCode;

use jiff::Timestamp;
use tapwright_sync::state::edit::{Wish, set};

use super::{Place, tell};
use crate::commands::{Refusal, connector};

/// Move a bookmark by hand: the next run goes on from there
///
/// What cannot be right is refused: a value of another type, a moment in the future, a stream without bookmarks.
#[derive(clap::Args)]
pub(crate) struct Set {
    #[command(flatten)]
    place: Place,
    /// The bookmark: 2026-01-31, 2026-01-31T12:00:00Z or "30 days", an integer, or a text, as the replication key is
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: String,
    /// The stream
    #[arg(long, value_name = "NAME")]
    stream: String,
    /// One slice of it, as `state show` calls it; without it all that have a bookmark
    #[arg(long, value_name = "SLICE")]
    slice: Option<String>,
}

impl Set {
    pub(super) fn go(&self) -> Result<ExitCode, Refusal> {
        let connector = connector(&self.place.spec)?;
        let mut destination = self.place.open(&connector.name)?;
        let state = destination.load_state()?;
        let wish = Wish { stream: &self.stream, slice: self.slice.as_deref(), value: &self.value };
        let (draft, moved) = set(&connector, &state, wish, Timestamp::now())?;
        let _committed = destination.commit(&draft)?;
        tell(&moved);
        Ok(ExitCode::SUCCESS)
    }
}
