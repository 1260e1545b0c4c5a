//! `tapwright mock SPEC|RECORDING`: an API on this machine, for an author who has no account.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tapwright_mock::fault::{FAULTS, Strike};
use tapwright_mock::{Amount, Api, Origin, Played, Server, World};
use tapwright_spec::Connector;
use tapwright_sync::replay::Case;

use super::sync::{Signals, configuration, runtime};
use super::{Refusal, print};

/// Serve a spec's API on this machine, with made-up records or those of a recording, and faults
///
/// It listens on 127.0.0.1 alone and runs until Ctrl-C. `try`, `sync` and `connect` reach it with --mock URL.
/// Faults are also switched while it runs: POST /__mock/faults with a list such as ["html@2"].
#[derive(clap::Args)]
pub(crate) struct Mock {
    /// Spec file, or a recording
    #[arg(value_name = "SPEC|RECORDING")]
    path: PathBuf,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8090)]
    port: u16,
    /// Records of each stream that has no parent
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u16).range(1..))]
    records: u16,
    /// Decides on all values that are made up
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Misbehave: KIND for each page, KIND@2 for the second request for one, KIND@2+ from there on; may be repeated
    #[arg(long = "fault", value_name = "KIND[@N]")]
    faults: Vec<String>,
    /// A value of the configuration, in place of its stand-in; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// Print the faults and what they do, and serve nothing
    #[arg(long)]
    list_faults: bool,
}

impl Mock {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        if self.list_faults {
            FAULTS.iter().for_each(|(_, name, does)| print(&format!("{name:16} {does}\n")));
            return Ok(ExitCode::SUCCESS);
        }
        let faults = self.faults.iter().map(|text| text.parse::<Strike>()).collect::<Result<Vec<_>, _>>();
        let faults = faults.map_err(Refusal::Said)?;
        let case = Case::of(&self.path);
        let spec = case.as_ref().map_or(Ok(self.path.clone()), Case::spec).map_err(Refusal::Said)?;
        let connector = super::connector(&spec)?;
        let (origin, told) = match &case {
            Some(case) => played(case, &connector)?,
            None => self.made(&connector)?,
        };
        runtime()?.block_on(async {
            let server = Server::bind(self.port).await.map_err(|error| {
                Refusal::Said(format!("cannot listen on port {}: {error}; --port 0 takes a free one", self.port))
            })?;
            print(&introduction(&spec, &connector, &server.url(), &told));
            let api = Arc::new(Api::new(origin, faults));
            let mut stop = Signals::listen().stop();
            let seen = |request: &str, status: u16| match status {
                0 => print(&format!("{request}: dropped\n")),
                status => print(&format!("{request}: {status}\n")),
            };
            tokio::select! {
                served = server.serve(api, seen) => served?,
                _ = stop.wait_for(Option::is_some) => {}
            }
            Ok(ExitCode::SUCCESS)
        })
    }

    /// An API of made-up records, and what a user gives to reach it.
    fn made(&self, connector: &Connector) -> Result<(Origin, String), Refusal> {
        let settings = configuration::stand_ins(connector, &self.values)?;
        let amount = Amount { records: usize::from(self.records), seed: self.seed };
        // What is not said has the same stand-ins there as here.
        let told = self.values.iter().map(|value| format!(" --set {value}")).collect();
        let world = World::new(connector, &settings, amount).map_err(Refusal::Said)?;
        Ok((Origin::World(Box::new(world)), told))
    }
}

/// The API of a recording's first run, and what a user gives to reach it.
fn played(case: &Case, connector: &Connector) -> Result<(Origin, String), Refusal> {
    let runs = case.runs().map_err(Refusal::Said)?;
    let first = runs.runs.first().ok_or_else(|| Refusal::Said("the recording has no run".to_owned()))?;
    let recording = first.recording().map_err(Refusal::Said)?;
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values = runs.config.as_object().into_iter().flatten();
    let sets: String = values.map(|(name, value)| format!(" --set {name}={}", text(value))).collect();
    Ok((Origin::Played(Played::new(recording, connector)), sets))
}

fn introduction(spec: &Path, connector: &Connector, url: &str, sets: &str) -> String {
    let spec = spec.display();
    // The streams that only the API can tell have names when somebody asks it.
    let stream = connector.streams.first();
    let tried = stream.map(|one| format!("  tapwright try {spec} {} --mock {url}{sets}\n", one.name));
    let tried = tried.unwrap_or_default();
    format!(
        "A mock of {} answers at {url} until Ctrl-C.\nIts records are made up or recorded. In another terminal:\n\n\
         {tried}  tapwright sync {spec} --to sqlite:mock.db --mock {url}{sets}\n\n\
         Faults, and all that there are:\n\n  curl -d '[\"html@2\"]' {url}/__mock/faults\n  tapwright mock {spec} --list-faults\n\n",
        connector.title
    )
}
