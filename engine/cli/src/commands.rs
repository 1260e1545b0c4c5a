//! The commands, one file each, and the exit codes that they share.

mod check;
mod schema;

use std::process::ExitCode;

/// A wrong spec or configuration.
const WRONG: u8 = 1;

/// What the program can do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    Check(check::Check),
    Schema(schema::Schema),
}

impl Command {
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Command::Check(command) => command.run(),
            Command::Schema(command) => command.run(),
        }
    }
}

/// How faults and results are printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}
