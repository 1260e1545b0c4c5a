//! `tapwright logs SPEC`: what happened in a run.

use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_sync::journal::Kept;

use super::{Refusal, print};

/// Show the log of the last run, or of another one
///
/// Runs are kept for 60 days (TAPWRIGHT_LOG_DAYS; 0 keeps none) in the folder TAPWRIGHT_STATE_DIR, by default
/// ~/.local/state/tapwright. A run that was killed has its log up to there.
#[derive(clap::Args)]
pub(crate) struct Logs {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// This run, as --list calls it
    #[arg(long, value_name = "RUN", conflicts_with = "list")]
    run: Option<String>,
    /// List the runs that are kept, the last first
    #[arg(long)]
    list: bool,
    /// Print each line as JSON
    #[arg(long)]
    json: bool,
}

impl Logs {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let connector = super::connector(&self.spec)?;
        let kept = Kept::of(&connector.name)?;
        if self.list {
            return self.list(&kept);
        }
        for line in kept.run(self.run.as_deref())?.lines {
            match self.json {
                true => print(&format!("{}\n", serde_json::to_string(&line)?)),
                false => print(&format!("{line}\n")),
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn list(&self, kept: &Kept) -> Result<ExitCode, Refusal> {
        for name in kept.names() {
            let run = kept.run(Some(&name))?;
            match self.json {
                true => print(&format!("{}\n", serde_json::to_string(&run.summary())?)),
                false => print(&format!("{name}  {}\n", run.outcome())),
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
