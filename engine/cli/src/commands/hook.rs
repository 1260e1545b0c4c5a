//! `tapwright hook …`: what authors of hooks need, one file each.

mod build;
mod new;
mod run;

use std::process::ExitCode;

/// Write, build and try hooks: WebAssembly components that do what YAML cannot say
#[derive(clap::Args)]
pub(crate) struct Hook {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    New(new::New),
    Build(build::Build),
    Run(run::Run),
}

/// A job of a hook.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Work {
    /// Changes records
    Records,
    /// Signs requests
    Sign,
    /// Chooses the next page
    Paginate,
    /// Cuts a stream into slices
    Slices,
}

impl Hook {
    pub(crate) fn run(self) -> ExitCode {
        match self.command {
            Command::New(command) => command.run(),
            Command::Build(command) => command.run(),
            Command::Run(command) => command.run(),
        }
    }
}
