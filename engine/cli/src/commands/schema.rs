//! `tapwright schema`: the language, for editors and readers.

use std::process::ExitCode;

use super::print;

/// Print the JSON Schema of the spec language, its reference page, or that of templates
#[derive(clap::Args)]
pub(crate) struct Schema {
    /// Print the reference page (Markdown) instead
    #[arg(long)]
    reference: bool,
    /// Print what a template of pages can read (Markdown) instead
    #[arg(long, conflicts_with = "reference")]
    template: bool,
}

impl Schema {
    pub(crate) fn run(self) -> ExitCode {
        if self.reference {
            print(&tapwright_spec::reference::reference());
        } else if self.template {
            print(&tapwright_docs::template_reference());
        } else {
            print(&format!("{:#}\n", tapwright_spec::schema::schema()));
        }
        ExitCode::SUCCESS
    }
}
