//! The manifest: which segments a hub has, how far each is written, and where extraction goes on.

use std::io::ErrorKind;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::damage::Damage;
use super::paths::Paths;
use super::sealed::{checksum, opened, sealed};
use crate::destination::Fault;
use crate::state::{Position, State};

/// The form of hubs that this version writes.
const FORM: u32 = 1;
/// The file.
const FILE: &str = "manifest.json";

/// What a hub holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    tapwright: u32,
    /// The hub's own name, by which those that have read it know it again.
    pub hub: String,
    /// Whose it is.
    pub connector: String,
    /// In the order in which they were written. None has no bytes.
    pub segments: Vec<Segment>,
    /// Number of the last segment that was taken away, since everybody had read it; 0 if none was.
    pub collected: u64,
    /// Where extraction goes on.
    pub state: State,
}

/// A file of frames, of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// From 1 on, without gaps.
    pub number: u64,
    /// Bytes that are committed; what is behind them is of a run that was killed.
    pub bytes: u64,
    /// The spec, by its name among those that are kept.
    pub spec: String,
    /// The connector's version.
    pub version: String,
    /// When the run began.
    pub run: Timestamp,
}

impl Manifest {
    /// That of a new hub.
    pub(super) fn new(connector: &str) -> Manifest {
        let moment = Timestamp::now().as_nanosecond();
        let hub = checksum(format!("{moment} {}", std::process::id()).as_bytes());
        let (segments, state) = (Vec::new(), State::default());
        Manifest { tapwright: FORM, hub, connector: connector.to_owned(), segments, collected: 0, state }
    }

    /// Reads that of a folder, if there is one.
    pub(super) fn read(paths: &Paths) -> Result<Option<Manifest>, Fault> {
        let bytes = match std::fs::read(paths.root.join(FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(paths.fault(&error)),
        };
        let damaged = |why: String| {
            let damage = Damage { file: FILE.to_owned(), segment: None, bytes: 0..bytes.len() as u64, why };
            let remedy = "restore the file from a copy, or extract into a new folder, and let each destination begin anew \
                          with `tapwright state reset`";
            Fault::HubDamaged { place: paths.shown(), what: damage.to_string(), remedy: remedy.to_owned() }
        };
        let read: Manifest = opened(&bytes).map_err(damaged)?;
        match read.tapwright == FORM {
            true => Ok(Some(read)),
            false => Err(Fault::Other {
                place: paths.shown(),
                reason: format!("the hub is of form {}, and this version reads form {FORM}", read.tapwright),
            }),
        }
    }

    /// Takes the place of the manifest there is, at once and for good.
    pub(super) fn write(&self, paths: &Paths) -> Result<(), Fault> {
        let text = sealed(self).map_err(|reason| Fault::Other { place: paths.shown(), reason })?;
        paths.place(&paths.root.join(FILE), text.as_bytes())
    }

    /// Bytes of all segments.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// Where what it holds begins.
    pub fn first(&self) -> Position {
        let segment = self.segments.first().map_or_else(|| self.next(), |segment| segment.number);
        Position { segment, byte: 0 }
    }

    /// Where what it holds ends.
    pub fn end(&self) -> Position {
        let last = self.segments.last();
        last.map_or_else(|| self.first(), |last| Position { segment: last.number, byte: last.bytes })
    }

    /// The number of the segment that comes next.
    pub(super) fn next(&self) -> u64 {
        self.segments.last().map_or(self.collected, |last| last.number) + 1
    }

    /// The segment of this number.
    pub fn segment(&self, number: u64) -> Option<&Segment> {
        let first = self.segments.first()?.number;
        self.segments.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }
}
