//! The destinations that load of a hub: how far each has come, so that nothing goes that one of them needs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::paths::Paths;
use super::sealed::{checksum, opened, sealed};
use crate::destination::Fault;
use crate::state::Position;

/// How long somebody is waited for who looks at the readers.
const PATIENCE: Duration = Duration::from_secs(5);

/// How far a destination has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The destination, without a password.
    pub destination: String,
    /// When it loaded last.
    pub loaded: Timestamp,
    /// By stream that it loads or has loaded: everything before is there.
    pub streams: BTreeMap<String, Position>,
}

/// All destinations that have loaded of a hub.
pub(super) struct Readers {
    pub(super) known: Vec<Standing>,
    /// Files that cannot be read: nobody knows what those destinations need.
    pub(super) unreadable: Vec<String>,
}

/// Holds the readers for one program alone. On a file system without such locks it holds nothing.
pub(super) struct Held {
    _lock: Option<File>,
}

impl Held {
    /// Waits a moment for somebody else; nothing if that takes too long.
    pub(super) fn take(paths: &Paths) -> Result<Option<Held>, Fault> {
        let lock = File::create(paths.readers.join("lock")).map_err(|error| paths.fault(&error))?;
        let until = Instant::now() + PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Some(Held { _lock: Some(lock) })),
                Err(TryLockError::Error(_)) => return Ok(Some(Held { _lock: None })),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
            }
        }
    }
}

impl Readers {
    /// Reads what is known of all.
    pub(super) fn read(paths: &Paths) -> Result<Readers, Fault> {
        let mut readers = Readers { known: Vec::new(), unreadable: Vec::new() };
        for entry in fs::read_dir(&paths.readers).map_err(|error| paths.fault(&error))? {
            let path = entry.map_err(|error| paths.fault(&error))?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let read = fs::read(&path).map_err(|error| error.to_string());
            match read.and_then(|bytes| opened(&bytes)) {
                Ok(standing) => readers.known.push(standing),
                Err(_) => readers.unreadable.push(file_name(&path)),
            }
        }
        readers.known.sort_by(|a, b| a.destination.cmp(&b.destination));
        Ok(readers)
    }

    /// The one that has come the least far.
    pub(super) fn slowest(&self) -> Option<&Standing> {
        self.known.iter().min_by_key(|standing| standing.up_to())
    }
}

impl Standing {
    /// Everything before is loaded of all that it loads. Of who loads for the first time nobody knows what that is.
    pub fn up_to(&self) -> Position {
        self.streams.values().min().copied().unwrap_or_default()
    }

    /// The streams that have not come as far as others.
    pub(super) fn behind(&self) -> BTreeSet<&str> {
        let most = self.streams.values().max();
        self.streams.iter().filter(|(_, at)| most > Some(at)).map(|(name, _)| name.as_str()).collect()
    }

    /// Writes it down.
    pub(super) fn keep(&self, paths: &Paths) -> Result<(), Fault> {
        let text = sealed(self).map_err(|reason| Fault::Other { place: paths.shown(), reason })?;
        paths.place(&paths.readers.join(file_of(&self.destination)), text.as_bytes())
    }
}

/// Forgets a destination, by its address or by the name of a file that cannot be read; false if none is known by it.
pub(super) fn forget(paths: &Paths, destination: &str) -> Result<bool, Fault> {
    let readers = Readers::read(paths)?;
    let name = match readers.unreadable.iter().find(|name| **name == destination) {
        Some(name) => name.clone(),
        None => file_of(destination),
    };
    match fs::remove_file(paths.readers.join(name)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(paths.fault(&error)),
    }
}

/// Forgets streams of a destination, and the destination with the last of them.
pub(super) fn forget_streams(paths: &Paths, destination: &str, streams: &[String]) -> Result<(), Fault> {
    let known = Readers::read(paths)?.known.into_iter().find(|standing| standing.destination == destination);
    let Some(mut standing) = known else { return Ok(()) };
    standing.streams.retain(|name, _| !streams.contains(name));
    match standing.streams.is_empty() {
        true => forget(paths, destination).map(|_| ()),
        false => standing.keep(paths),
    }
}

fn file_of(destination: &str) -> String {
    format!("{}.json", checksum(destination.as_bytes()))
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
