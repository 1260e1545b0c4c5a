//! `tapwright schema`: the language, for editors and readers.

use std::io::Write;
use std::process::ExitCode;

/// Print the JSON Schema of the spec language, or its reference page
#[derive(clap::Args)]
pub(crate) struct Schema {
    /// Print the reference page (Markdown) instead
    #[arg(long)]
    reference: bool,
}

impl Schema {
    pub(crate) fn run(self) -> ExitCode {
        let text = if self.reference {
            tapwright_spec::reference::reference()
        } else {
            format!("{:#}\n", tapwright_spec::schema::schema())
        };
        match std::io::stdout().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        }
    }
}
