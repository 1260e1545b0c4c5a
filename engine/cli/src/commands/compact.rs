//! `tapwright compact DESTINATION`: of each row the latest version stays.

use std::process::ExitCode;

use tapwright_spec::counted;
use tapwright_sync::destination;

use super::{Refusal, print};

/// Keep the latest version of each row, in a folder of Parquet or JSON Lines
///
/// Marks of deletions stay on their rows. Readers see each table as it was or as it is then. It waits for no run: a run
/// that loads into the folder has it to itself.
#[derive(clap::Args)]
pub(crate) struct Compact {
    /// Folder: parquet:DIR or jsonl:DIR, with ?compress= for the new files
    #[arg(value_name = "DESTINATION")]
    to: String,
}

impl Compact {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let done = destination::compact(&self.to)?;
        if done.is_empty() {
            print("Each row has one version already.\n");
        }
        for one in done {
            let ([rows, stay], [files, fewer]) = (one.rows, one.files);
            let rows = if rows == stay { String::new() } else { format!(" of {rows}") };
            let stay = counted(stay as usize, "row");
            let fewer = counted(fewer, "file");
            print(&format!("{}: {stay}{rows} in {fewer} instead of {files}\n", one.table));
        }
        Ok(ExitCode::SUCCESS)
    }
}
