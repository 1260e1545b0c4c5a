//! `tapwright schema`: the language, for editors and readers.

use std::process::ExitCode;

use super::print;

/// Print the JSON Schema of the spec language, or its reference page
#[derive(clap::Args)]
pub(crate) struct Schema {
    /// Print the reference page (Markdown) instead
    #[arg(long)]
    reference: bool,
}

impl Schema {
    pub(crate) fn run(self) -> ExitCode {
        if self.reference {
            print(&tapwright_spec::reference::reference());
        } else {
            print(&format!("{:#}\n", tapwright_spec::schema::schema()));
        }
        ExitCode::SUCCESS
    }
}
