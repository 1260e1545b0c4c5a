//! `tapwright schema`: the language, for editors and readers; configurations and pages, for programs.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{Refusal, print};

/// Print the JSON Schema of the spec language, its reference page, or that of templates or hooks
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Schema {
    #[command(subcommand)]
    of: Option<Of>,
    /// Print the reference page (Markdown) instead
    #[arg(long)]
    reference: bool,
    /// Print what a template of pages can read (Markdown) instead
    #[arg(long, conflicts_with = "reference")]
    template: bool,
    /// Print the interface between the engine and hooks, with limits and errors (Markdown) instead
    #[arg(long, conflicts_with_all = ["reference", "template"])]
    hooks: bool,
}

/// What else has a schema.
#[derive(clap::Subcommand)]
enum Of {
    /// Print the JSON Schema of a connector's configuration
    Config {
        /// Spec file
        #[arg(value_name = "SPEC")]
        spec: PathBuf,
    },
    /// Print the JSON Schema of `connector.json`, the pages for programs
    Page,
}

impl Schema {
    pub(crate) fn run(self) -> ExitCode {
        let schema = match self.of {
            Some(Of::Config { spec }) => match super::connector(&spec) {
                Ok(connector) => tapwright_spec::settings::form(&connector),
                Err(refusal) => return Refusal::code(refusal),
            },
            Some(Of::Page) => tapwright_docs::page_schema(),
            None if self.reference => {
                print(&tapwright_spec::reference::reference());
                return ExitCode::SUCCESS;
            }
            None if self.template => {
                print(&tapwright_docs::template_reference());
                return ExitCode::SUCCESS;
            }
            None if self.hooks => {
                print(&tapwright_hook::reference());
                return ExitCode::SUCCESS;
            }
            None => tapwright_spec::schema::schema(),
        };
        print(&format!("{schema:#}\n"));
        ExitCode::SUCCESS
    }
}
