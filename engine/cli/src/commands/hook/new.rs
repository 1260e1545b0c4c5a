//! `tapwright hook new NAME`: a first hook, small and with a test.

use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_hook_build::{Job, Language, new};

use super::Work;
use crate::commands::{Refusal, print};

/// Write a first hook into a new folder: a real one, with a test, and what it is written against
///
/// Rust gives small components that are quick; JavaScript and Python bring their interpreter along, of 1 and 18 MB, and
/// cost many times as much a record.
///
/// Exit status: 0 written; 1 not; 2 usage.
#[derive(clap::Args)]
pub(crate) struct New {
    /// Name of the hook and of its folder: lower case letters, digits and `_`, a letter first
    #[arg(value_name = "NAME")]
    name: String,
    /// What it is written in
    #[arg(long, value_enum, default_value_t = Written::Rust)]
    language: Written,
    /// What it does
    #[arg(long, value_enum, default_value_t = Work::Records)]
    job: Work,
    /// Folder in which the new one is made
    #[arg(long, value_name = "DIR", default_value = ".")]
    into: PathBuf,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Written {
    Rust,
    #[value(name = "javascript")]
    JavaScript,
    Python,
}

impl New {
    pub(crate) fn run(self) -> ExitCode {
        let (language, test) = match self.language {
            Written::Rust => (Language::Rust, "cargo test"),
            Written::JavaScript => (Language::JavaScript, "node --test"),
            Written::Python => (Language::Python, "python3 -m unittest"),
        };
        let job = match self.job {
            Work::Records => Job::ChangeRecords,
            Work::Sign => Job::SignRequests,
            Work::Paginate => Job::ChoosePages,
            Work::Slices => Job::CutSlices,
        };
        match new(&self.name, (language, job), &self.into) {
            Ok(folder) => {
                let folder = folder.strip_prefix(".").unwrap_or(&folder).display();
                print(&format!(
                    "wrote {folder}; its test: cd {folder} && {test}; then: tapwright hook build {folder}\n"
                ));
                ExitCode::SUCCESS
            }
            Err(fault) => Refusal::Said(fault.to_string()).code(),
        }
    }
}
