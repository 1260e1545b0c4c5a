//! `tapwright report SPEC`: what a run has loaded, table by table.

use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_sync::journal::{Kept, Loaded};

use super::{Refusal, print};

/// Show what the last run, or another one, has loaded: rows of each table, what was set aside, bookmarks
#[derive(clap::Args)]
pub(crate) struct Report {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// This run, as `tapwright logs --list` calls it
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Print for people, for programs, or as a page
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// How a report is printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// A page of its own.
    Html,
}

impl Report {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let connector = super::connector(&self.spec)?;
        let loaded = Loaded::of(&connector, &Kept::of(&connector.name)?, self.run.as_deref())?;
        match self.format {
            Form::Text => print(&loaded.to_text()),
            Form::Json => print(&format!("{:#}\n", serde_json::to_value(&loaded)?)),
            Form::Html => print(&loaded.to_html()),
        }
        Ok(ExitCode::SUCCESS)
    }
}
