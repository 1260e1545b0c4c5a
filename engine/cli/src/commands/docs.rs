//! `tapwright docs SPEC… --out DIR`: the pages.

use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_docs::{check_site, write_site};
use tapwright_spec::Connector;

use super::{Refusal, WRONG, print};

/// Render the documentation pages of connectors, as Markdown and HTML
#[derive(clap::Args)]
pub(crate) struct Docs {
    /// Spec files
    #[arg(required = true, value_name = "SPEC")]
    specs: Vec<PathBuf>,
    /// Folder for the pages; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write nothing; fail if the pages in the folder are not what the specs give
    #[arg(long)]
    check: bool,
}

impl Docs {
    pub(crate) fn run(self) -> ExitCode {
        self.pages().unwrap_or_else(Refusal::code)
    }

    fn pages(&self) -> Result<ExitCode, Refusal> {
        let connectors = self.specs.iter().map(|path| super::connector(path)).collect::<Result<Vec<Connector>, _>>()?;
        if !self.check {
            for path in write_site(&connectors, &self.out)? {
                print(&format!("wrote {}\n", path.display()));
            }
            return Ok(ExitCode::SUCCESS);
        }
        let drifts = check_site(&connectors, &self.out)?;
        for drift in &drifts {
            eprintln!("error: {drift}");
        }
        Ok(if drifts.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
    }
}
