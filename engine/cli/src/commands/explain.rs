//! `tapwright explain SPEC`: what a run would do, without a network.

mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use tapwright_docs::points;
use tapwright_spec::Connector;
use tapwright_sync::destination::kind_of;
use tapwright_sync::explain::{Explanation, explain};

use super::sync::configuration;
use super::{Format, Refusal, print, width};

/// Tell what a run would ask for, what that costs and which tables come of it; sends nothing
///
/// Values that the configuration lacks are shown as {name}, secrets as ***.
#[derive(clap::Args)]
pub(crate) struct Explain {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// Only this stream; may be repeated
    #[arg(long = "stream", value_name = "NAME")]
    streams: Vec<String>,
    /// Configuration file, YAML or JSON; TAPWRIGHT_<CONNECTOR>_<FIELD> and .env go over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A value of the configuration; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// Tell the tables that they are in this destination, of which nothing is opened; without, in SQLite
    #[arg(long, value_name = "DESTINATION", env = "TAPWRIGHT_TO", hide_env_values = true)]
    to: Option<String>,
    /// Print for people, or as JSON
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Explain {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let connector = super::connector(&self.spec)?;
        let settings = configuration::read_incomplete(&connector, self.config.as_deref(), &self.values)?;
        let explanation = explain(&connector, &settings, &self.streams, kind_of(self.to.as_deref())?)?;
        match self.format {
            Format::Text => print(&text::text(&connector, &explanation, width())),
            Format::Json => print(&format!("{:#}\n", data(&connector, &explanation)?)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The explanation with the sentences of the page.
fn data(connector: &Connector, explanation: &Explanation) -> Result<Value, Refusal> {
    let mut data = serde_json::to_value(explanation)?;
    data["connector"] = json!({"name": connector.name, "version": connector.version, "title": connector.title});
    for stream in data["streams"].as_array_mut().into_iter().flatten() {
        let Some(known) = stream["stream"].as_str().and_then(|name| connector.stream(name)) else { continue };
        let sentences: Map<String, Value> =
            points(connector, known).into_iter().map(|point| (point.label.to_owned(), point.plain().into())).collect();
        stream["sentences"] = sentences.into();
    }
    Ok(data)
}
