//! `tapwright state …`: where each stream goes on, one file a command.

mod reset;
mod set;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_sync::state::edit::Moved;

use super::{Refusal, print};

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
    /// Where rows went: sqlite:PATH, postgres://USER@HOST/DATABASE, duckdb:PATH, parquet:DIR or jsonl:DIR
    #[arg(long, value_name = "DESTINATION", env = "TAPWRIGHT_TO", hide_env_values = true)]
    to: String,
}

/// Prints what was moved.
fn tell(moved: &[Moved]) {
    moved.iter().for_each(|one| print(&format!("{one}\n")));
}
