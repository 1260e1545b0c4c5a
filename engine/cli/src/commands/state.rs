//! `tapwright state …`: where each stream goes on, one file a command.

mod reset;
mod set;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_sync::destination::{self, Fault, Opened};
use tapwright_sync::hub::{self, Hub, Limits};
use tapwright_sync::state::State as Known;
use tapwright_sync::state::edit::Moved;

use super::{Refusal, hub_place, places, print};

/// Show where each stream goes on, have one read from its beginning again, or move a bookmark by hand
#[derive(clap::Args)]
pub(crate) struct State {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Show(show::Show),
    Reset(reset::Reset),
    Set(set::Set),
}

impl State {
    pub(crate) fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Show(command) => command.go(),
            Command::Reset(command) => command.go(),
            Command::Set(command) => command.go(),
        };
        done.unwrap_or_else(Refusal::code)
    }
}

/// Whose state, and where.
#[derive(clap::Args)]
struct Place {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    #[arg(long, value_name = "DESTINATION", env = "TAPWRIGHT_TO", hide_env_values = true, help = places("Where rows went"))]
    #[arg(required_unless_present = "hub")]
    to: Option<String>,
    /// Folder of a hub: where extraction into it goes on, instead of what a destination has
    #[arg(long, value_name = "DIR")]
    hub: Option<PathBuf>,
}

impl Place {
    /// How messages call it.
    fn shown(&self) -> String {
        match (&self.hub, &self.to) {
            (Some(hub), _) => hub_place(hub),
            (None, to) => destination::shown(to.as_deref().unwrap_or_default()),
        }
    }

    /// Opens it, to change its state.
    fn open(&self, connector: &str) -> Opened {
        match (&self.hub, &self.to) {
            // Without a hub there, none is made.
            (Some(hub), _) => Hub::open(hub).and_then(|_| hub::open(hub, connector, Limits::default())),
            (None, to) => destination::open_again(to.as_deref().unwrap_or_default(), connector),
        }
    }

    /// The state as it is.
    fn state(&self, connector: &str) -> Result<Known, Fault> {
        match (&self.hub, &self.to) {
            (Some(hub), _) => Hub::open(hub)?.state(connector),
            (None, to) => destination::look(to.as_deref().unwrap_or_default(), connector)?.load_state(),
        }
    }
}

/// Prints what was moved.
fn tell(moved: &[Moved]) {
    moved.iter().for_each(|one| print(&format!("{one}\n")));
}
