//! The `tapwright` program: reads the command line and hands over to the command.

mod commands;

use std::process::ExitCode;

use clap::Parser;

/// One YAML file makes a SaaS connector: it syncs the API into a database and renders its documentation.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Program {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    Program::parse().command.run()
}
