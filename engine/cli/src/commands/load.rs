//! `tapwright load --hub DIR --to DESTINATION`: what a hub holds, from where the destination left off.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use tapwright_sync::destination;
use tapwright_sync::hub::Hub;
use tapwright_sync::journal::Journal;
use tapwright_sync::load::{Load as Loading, Streams, connector};

use super::sync::{Signals, runtime, told};
use super::{Format, HowLoaded, Refusal, places, print, say};

/// Load what a hub holds into a database, from where that left off
///
/// It may run while `tapwright extract` does, and beside loads into other destinations. What was loaded before is not loaded again,
/// however the last load ended.
///
/// Exit status: 0 all is loaded; 3 something stands in the way, or was set aside; 1 no hub, or no destination; 2 usage;
/// 130 ended by Ctrl-C; 143 ended by SIGTERM.
#[derive(clap::Args)]
pub(crate) struct Load {
    /// Folder of the hub
    #[arg(long, value_name = "DIR", env = "TAPWRIGHT_HUB")]
    hub: PathBuf,
    #[arg(long, value_name = "DESTINATION", env = "TAPWRIGHT_TO", hide_env_values = true, help = places("Where rows go"))]
    to: String,
    /// Only this stream; may be repeated. The others stay there as they are, and go on from there when they are loaded again
    #[arg(long = "stream", value_name = "NAME")]
    streams: Vec<String>,
    #[command(flatten)]
    how: HowLoaded,
    /// Print the report as text, or as JSON on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    report: Format,
}

impl Load {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let hub = Hub::open(&self.hub)?;
        let Some(connector) = connector(&hub)? else {
            print("The hub is empty: there is nothing to load.\n");
            return Ok(ExitCode::SUCCESS);
        };
        let streams = Streams::named(&hub, &self.streams)?;
        let (place, reader) = (destination::shown(&self.to), destination::identity(&self.to));
        runtime()?.block_on(async {
            let signals = Signals::listen();
            let stop = signals.stop();
            let journal = Journal::begin(&connector, &place, Timestamp::now());
            let opened = destination::open(&self.to, &connector.name);
            let destination = opened.inspect_err(|fault| journal.broke(&fault.to_string()))?;
            let load_mode = self.how.load_mode;
            let load = Loading { hub, destination, place, reader, streams, load_mode, journal: journal.clone() };
            // Destinations wait for servers and disks.
            let loaded = tokio::task::spawn_blocking(move || load.go(&stop)).await;
            journal.trouble().iter().for_each(|why| say("warning: ", why));
            told(&loaded??, self.report, &signals)
        })
    }
}
