//! `tapwright hub DIR`: what a hub holds, and how far each destination has loaded of it.

use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_spec::counted;
use tapwright_sync::destination::identity;
use tapwright_sync::hub::{Contents, Hub as Opened, Standing};

use super::{Format, INCOMPLETE, Refusal, print};

/// Show what a hub holds, and how far each destination has loaded of it
///
/// Exit status: 0 told, and with --verify all is as it was written; 3 something is damaged; 1 no hub; 2 usage.
#[derive(clap::Args)]
pub(crate) struct Hub {
    /// Folder of the hub
    #[arg(value_name = "DIR", env = "TAPWRIGHT_HUB")]
    hub: PathBuf,
    /// Read everything, and tell what is not as it was written
    #[arg(long)]
    verify: bool,
    /// Take away at once what every destination has loaded, not only when room is needed
    #[arg(long, conflicts_with_all = ["verify", "drop_reader"])]
    collect: bool,
    /// Forget a destination that loads no more, so that nothing is kept for it
    #[arg(long, value_name = "DESTINATION", conflicts_with = "verify")]
    drop_reader: Option<String>,
    /// Forget this stream of it alone; may be repeated
    #[arg(long = "stream", value_name = "NAME", requires = "drop_reader")]
    streams: Vec<String>,
    /// Print for people, or as JSON
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Hub {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let mut hub = Opened::open(&self.hub)?;
        if let Some(destination) = &self.drop_reader {
            // As it is listed, or as it is written for a load.
            let known = |name: &String| Ok::<_, Refusal>(hub.readers()?.iter().any(|one| one.destination == *name));
            let address = identity(destination);
            let destination = if known(&address)? { &address } else { destination };
            return match self.streams.is_empty() {
                true => drop_reader(&hub, destination),
                false => drop_streams(&hub, destination, &self.streams),
            };
        }
        if self.collect {
            hub.collect()?;
        }
        let contents = Contents::of(&hub, self.verify)?;
        match self.format {
            Format::Text => print(&contents.to_text()),
            Format::Json => print(&format!("{:#}\n", serde_json::to_value(&contents)?)),
        }
        Ok(if contents.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
    }
}

fn drop_reader(hub: &Opened, destination: &str) -> Result<ExitCode, Refusal> {
    if hub.forget(destination)? {
        print(&format!("{destination} is forgotten: nothing is kept for it any more.\n"));
        return Ok(ExitCode::SUCCESS);
    }
    Err(stranger(&hub.readers()?, destination))
}

fn drop_streams(hub: &Opened, destination: &str, streams: &[String]) -> Result<ExitCode, Refusal> {
    let readers = hub.readers()?;
    let Some(standing) = readers.iter().find(|standing| standing.destination == destination) else {
        return Err(stranger(&readers, destination));
    };
    if let Some(unknown) = streams.iter().find(|name| !standing.streams.contains_key(*name)) {
        let known: Vec<&str> = standing.streams.keys().map(String::as_str).collect();
        let known = known.join(", ");
        return Err(Refusal::Said(format!("nothing is kept of `{unknown}` for {destination}, but of {known}")));
    }
    hub.forget_streams(destination, streams)?;
    let named: Vec<String> = streams.iter().map(|name| format!("`{name}`")).collect();
    print(&format!("Nothing is kept of {} for {destination} any more.\n", named.join(", ")));
    Ok(ExitCode::SUCCESS)
}

/// A destination that has not loaded of the hub, and those that have.
fn stranger(readers: &[Standing], destination: &str) -> Refusal {
    let known: Vec<&str> = readers.iter().map(|standing| standing.destination.as_str()).collect();
    let known = match known.is_empty() {
        true => "none has".to_owned(),
        false => format!("{}: {}", counted(known.len(), "destination"), known.join(", ")),
    };
    Refusal::Said(format!("`{destination}` has loaded nothing of this hub; those that have: {known}"))
}
