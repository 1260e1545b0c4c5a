//! `tapwright config SPEC`: a configuration to start from.

use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_spec::settings::{Start, start};

use super::{Refusal, print};

/// Print a configuration to fill in: every field with what it is
///
/// `tapwright config SPEC > .env` begins one for the environment; `tapwright schema config SPEC` prints its JSON Schema.
#[derive(clap::Args)]
pub(crate) struct Config {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// As variables for `.env`, or as a file for `--config`
    #[arg(long, value_enum, default_value_t = Form::Env)]
    format: Form,
}

/// How a configuration is written.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Form {
    /// Variables of the environment.
    Env,
    /// A YAML file.
    Yaml,
}

impl Config {
    pub(crate) fn run(self) -> ExitCode {
        let form = match self.format {
            Form::Env => Start::Environment,
            Form::Yaml => Start::Yaml,
        };
        match super::connector(&self.spec) {
            Ok(connector) => {
                print(&start(&connector, form));
                ExitCode::SUCCESS
            }
            Err(refusal) => Refusal::code(refusal),
        }
    }
}
