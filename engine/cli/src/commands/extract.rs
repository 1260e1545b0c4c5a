//! `tapwright extract SPEC --hub DIR`: a run that keeps what it reads for whoever loads it.

use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_sync::hub::{self, Limits};

use super::sync::Asked;
use super::{HowLoaded, Refusal};

/// Read an API and keep what is new in a hub, from which `tapwright load` loads it
///
/// A hub is a folder on this machine. No database need be up for it; several may load of it, each as far as it has come.
///
/// Exit status: 0 all complete; 3 something failed, is bounded or would be set aside; 1 wrong spec or
/// configuration; 2 usage; 130 ended by Ctrl-C; 143 ended by SIGTERM.
#[derive(clap::Args)]
pub(crate) struct Extract {
    /// Folder of the hub; it is made if there is none
    #[arg(long, value_name = "DIR", env = "TAPWRIGHT_HUB")]
    hub: PathBuf,
    /// Bytes that the hub may have: then what is loaded everywhere goes, the oldest first; without any, a run ends
    #[arg(long, value_name = "SIZE", default_value = "16 GiB", value_parser = tapwright_spec::size)]
    hub_limit: u64,
    /// Bytes of one of its files, about, beyond which the next is begun
    #[arg(long, value_name = "SIZE", default_value = "64 MiB", value_parser = tapwright_spec::size)]
    segment_limit: u64,
    #[command(flatten)]
    asked: Asked,
}

impl Extract {
    pub(crate) fn run(self) -> ExitCode {
        let limits = Limits { segment: self.segment_limit, hub: self.hub_limit };
        let open = |connector: &str| hub::open(&self.hub, connector, limits);
        self.asked.go((&super::hub_place(&self.hub), &HowLoaded::default()), open).unwrap_or_else(Refusal::code)
    }
}
