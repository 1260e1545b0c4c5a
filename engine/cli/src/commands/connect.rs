//! `tapwright connect SPEC`: does the configuration reach the API?

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tapwright_sync::clock::SystemClock;
use tapwright_sync::extract::{Checked, Source};

use super::sync::{Towards, configuration, runtime};
use super::{Refusal, print_folded, say};

/// Send the request of the spec's `check:` and tell whether the credentials work
#[derive(clap::Args)]
pub(crate) struct Connect {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// Configuration file, YAML or JSON; TAPWRIGHT_<CONNECTOR>_<FIELD> and .env go over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A value of the configuration; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// Send everything to a mock API on this machine, as `tapwright mock` prints it, with stand-ins for the configuration
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    mock: Option<String>,
}

impl Connect {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let mut connector = super::connector(&self.spec)?;
        let mock = self.mock.as_deref();
        let Towards { settings, transport, keep } =
            configuration::towards(mock, &mut connector, self.config.as_deref(), &self.values)?;
        let source = Source::new(&connector, &settings, transport, Arc::new(SystemClock))?;
        let source = match keep {
            Some(keep) => source.keeping(keep),
            None => source,
        };
        let (checked, unended) = runtime()?.block_on(async { (source.check().await, source.close().await) });
        unended.iter().for_each(|why| say("warning: ", why));
        match checked? {
            Checked::Passed { request, status } => {
                let answered = format!("{} answers {status} to {request}", connector.title);
                print_folded(&format!("{answered}: the configuration works\n"));
                Ok(ExitCode::SUCCESS)
            }
            Checked::NotDeclared => {
                Err(Refusal::Said(format!("the spec of {} names no `check:` request", connector.name)))
            }
        }
    }
}
