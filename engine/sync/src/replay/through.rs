//! A recording that takes the way through a hub: what comes of it is to be the same.

use std::path::{Path, PathBuf};

use crate::destination;
use crate::hub::Hub;
use crate::journal::Journal;
use crate::load::{Load, Streams, connector};
use crate::report::{RunReport, StreamReport, Verdict};
use crate::run::Stop;

/// The hub of a recording.
pub(super) fn folder(folder: &Path) -> PathBuf {
    folder.join("hub")
}

/// The streams whose state a run has told the hub.
pub(super) fn streams(within: &Path) -> Option<Vec<String>> {
    let hub = Hub::open(&folder(within)).ok()?;
    Some(hub.manifest.state.0.into_keys().collect())
}

/// Loads what a run has extracted, and puts into its report what only a database can tell.
pub(super) fn load(within: &Path, to: &str, report: &mut RunReport, stop: &Stop) -> Result<(), String> {
    let loaded = || {
        let hub = Hub::open(&folder(within))?;
        let Some(connector) = connector(&hub)? else { return Ok(None) };
        let destination = destination::open(to, &connector.name)?;
        let place = "case.db".to_owned();
        let (reader, streams, journal) = (place.clone(), Streams::default(), Journal::default());
        let load = Load { hub, destination, reader, place, streams, load_mode: None, journal };
        load.go(stop).map(Some)
    };
    let loaded: Option<RunReport> = loaded().map_err(|fault: destination::Fault| fault.to_string())?;
    let Some(loaded) = loaded else { return Ok(()) };
    if let Some(why) = loaded.interrupted {
        return Err(format!("what was extracted cannot be loaded: {why}"));
    }
    for stream in &mut report.streams {
        if let Some(one) = loaded.streams.iter().find(|one| one.stream == stream.stream) {
            complete(stream, one);
        }
    }
    Ok(())
}

fn complete(stream: &mut StreamReport, loaded: &StreamReport) {
    stream.new = loaded.new;
    stream.changed = loaded.changed;
    stream.unchanged = loaded.unchanged;
    stream.deleted = loaded.deleted;
    // Those that a hub does not keep, or those of which it keeps each.
    stream.repeated = stream.repeated.max(loaded.repeated);
    stream.rejected = loaded.rejected;
    stream.discards.clone_from(&loaded.discards);
    stream.schema_changes.clone_from(&loaded.schema_changes);
    if loaded.verdict == Verdict::Failed {
        stream.verdict = loaded.verdict;
        stream.reason.clone_from(&loaded.reason);
    }
    // What hooks say stands behind what tables do.
    let hooks = stream.notes.iter().position(|note| note.starts_with("hook `")).unwrap_or(stream.notes.len());
    let news: Vec<String> = loaded.notes.iter().filter(|note| !stream.notes.contains(note)).cloned().collect();
    stream.notes.splice(hooks..hooks, news);
}
