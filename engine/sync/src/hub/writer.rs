//! Writes a hub: frames at the end of a segment, and the manifest that makes them count.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;

use super::collect::collect;
use super::event::{Begun, Head};
use super::frame::{Kind, framed};
use super::manifest::{Manifest, Segment};
use super::paths::Paths;
use super::sealed::checksum;
use crate::destination::{Fault, alone};
use crate::state::State;

/// How large a hub may become.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a segment, beyond which the next one is begun.
    pub segment: u64,
    /// Bytes of all segments.
    pub hub: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { segment: 64 << 20, hub: 16 << 30 }
    }
}

/// By what a run extracts.
#[derive(Debug, Clone)]
pub(super) struct By {
    /// The spec, by its name among those that are kept.
    pub(super) spec: String,
    /// The connector's version.
    pub(super) version: String,
    /// When the run began.
    pub(super) run: Timestamp,
}

/// Writes a hub.
pub(super) struct Writer {
    pub(super) paths: Paths,
    pub(super) committed: Manifest,
    limits: Limits,
    by: Option<By>,
    open: Option<Open>,
    /// Segments that are full and not committed.
    full: Vec<Segment>,
    /// The system gives it back when the program ends, however it ends.
    _lock: Option<File>,
}

/// The segment that is written.
struct Open {
    file: File,
    segment: Segment,
}

impl Writer {
    /// Opens the hub in a folder for `connector`, and makes it if there is none.
    pub(super) fn open(folder: &Path, connector: &str, limits: Limits) -> Result<Writer, Fault> {
        let paths = Paths::of(folder);
        let place = paths.shown();
        let cannot = |error: io::Error| Fault::Open { place: place.clone(), reason: error.to_string() };
        fs::create_dir_all(folder).map_err(cannot)?;
        let lock = File::create(folder.join("lock")).map_err(cannot)?;
        let lock = alone::lock(lock, &place)?;
        paths.make()?;
        let committed = match Manifest::read(&paths)? {
            Some(manifest) if manifest.connector != connector => {
                let (owner, connector) = (manifest.connector, connector.to_owned());
                return Err(Fault::HubOf { place, owner, connector });
            }
            Some(manifest) => manifest,
            None => Manifest::new(connector),
        };
        let writer = Writer { paths, committed, limits, by: None, open: None, full: Vec::new(), _lock: lock };
        writer.tidy()?;
        Ok(writer)
    }

    /// Keeps the text of a spec, by which is extracted from now on.
    pub(super) fn extract_by(&mut self, spec: &str, version: &str) -> Result<(), Fault> {
        let name = checksum(spec.as_bytes());
        let file = self.paths.specs.join(format!("{name}.json"));
        if fs::read(&file).ok().as_deref() != Some(spec.as_bytes()) {
            self.paths.place(&file, spec.as_bytes())?;
        }
        self.by = Some(By { spec: name, version: version.to_owned(), run: Timestamp::now() });
        Ok(())
    }

    /// Writes a frame. `under_way` are the loads that have begun, for a segment that begins.
    pub(super) fn add(&mut self, kind: Kind, payload: &[u8], under_way: &[Begun]) -> Result<(), Fault> {
        let frame = self.framed(kind, payload)?;
        if self.open.as_ref().is_some_and(|open| open.segment.bytes >= self.limits.segment) {
            self.seal()?;
        }
        if self.open.is_none() {
            self.begin_segment(under_way)?;
        }
        self.append(&frame)
    }

    fn framed(&self, kind: Kind, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        framed(kind, payload).map_err(|error| self.paths.fault(&error))
    }

    fn append(&mut self, frame: &[u8]) -> Result<(), Fault> {
        self.make_room(frame.len() as u64)?;
        let Some(open) = &mut self.open else { return Ok(()) };
        open.file.write_all(frame).map_err(|error| self.paths.fault(&error))?;
        open.segment.bytes += frame.len() as u64;
        Ok(())
    }

    fn begin_segment(&mut self, under_way: &[Begun]) -> Result<(), Fault> {
        let Some(By { spec, version, run }) = self.by.clone() else {
            let reason = "nothing is known of the spec by which is extracted".to_owned();
            return Err(Fault::Other { place: self.paths.shown(), reason });
        };
        let number = self.full.last().map_or_else(|| self.committed.next(), |last| last.number + 1);
        let head = Head {
            hub: self.committed.hub.clone(),
            segment: number,
            spec: spec.clone(),
            run,
            under_way: under_way.to_vec(),
        };
        let head = serde_json::to_vec(&head).unwrap_or_default();
        let file = File::create(self.paths.segment(number)).map_err(|error| self.paths.fault(&error))?;
        self.open = Some(Open { file, segment: Segment { number, bytes: 0, spec, version, run } });
        let head = self.framed(Kind::Head, &head)?;
        self.append(&head)
    }

    /// Ends a segment that is as large as it may be.
    fn seal(&mut self) -> Result<(), Fault> {
        if let Some(open) = self.open.take() {
            open.file.sync_all().map_err(|error| self.paths.fault(&error))?;
            self.full.push(open.segment);
        }
        Ok(())
    }

    /// Makes what was written stay, with `state`.
    pub(super) fn commit(&mut self, state: State) -> Result<(), Fault> {
        let mut next = self.committed.clone();
        next.state = state;
        let written = self.full.iter().chain(self.open.as_ref().map(|open| &open.segment));
        for segment in written {
            match next.segments.last_mut().filter(|last| last.number == segment.number) {
                Some(last) => last.bytes = segment.bytes,
                None => next.segments.push(segment.clone()),
            }
        }
        if let Some(open) = &self.open {
            open.file.sync_all().map_err(|error| self.paths.fault(&error))?;
        }
        self.paths.settle(&self.paths.segments)?;
        next.write(&self.paths)?;
        self.committed = next;
        self.full.clear();
        Ok(())
    }

    /// Drops what is not committed.
    pub(super) fn rollback(&mut self) -> Result<(), Fault> {
        self.open = None;
        self.full.clear();
        self.tidy()
    }

    /// Takes away what runs that were killed have left behind the last commit.
    fn tidy(&self) -> Result<(), Fault> {
        let tidied = || -> io::Result<()> {
            for entry in fs::read_dir(&self.paths.segments)? {
                let entry = entry?;
                let name = entry.file_name();
                let number = name.to_str().and_then(|name| name.strip_suffix(".seg")?.parse::<u64>().ok());
                match number.map(|number| self.committed.segment(number)) {
                    Some(None) => fs::remove_file(entry.path())?,
                    Some(Some(segment)) if entry.metadata()?.len() > segment.bytes => {
                        OpenOptions::new().write(true).open(entry.path())?.set_len(segment.bytes)?;
                    }
                    Some(Some(_)) | None => {}
                }
            }
            Ok(())
        };
        tidied().map_err(|error| self.paths.fault(&error))
    }

    /// Whether so many more bytes may be written. What everybody has read makes room.
    fn make_room(&mut self, more: u64) -> Result<(), Fault> {
        let pending: u64 = self.full.iter().map(|segment| segment.bytes).sum();
        let before = |number| self.committed.segment(number).map_or(0, |segment| segment.bytes);
        let open = self.open.as_ref().map_or(0, |open| open.segment.bytes - before(open.segment.number));
        let pending = pending + open + more;
        if self.committed.bytes() + pending <= self.limits.hub {
            return Ok(());
        }
        let most = self.limits.hub.saturating_sub(pending);
        let waits = collect(&self.paths, &mut self.committed, most)?;
        match self.committed.bytes() + pending <= self.limits.hub {
            true => Ok(()),
            false => Err(Fault::HubFull {
                place: self.paths.shown(),
                held: size(self.committed.bytes()),
                limit: size(self.limits.hub),
                remedy: format!("{waits}, or allow more with --hub-limit"),
            }),
        }
    }
}

/// A size for people.
pub(super) fn size(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let fits = units.into_iter().find(|(shift, _)| bytes >= 1 << shift);
    fits.map_or(format!("{bytes} B"), |(shift, unit)| format!("{:.1} {unit}", bytes as f64 / f64::from(1u32 << shift)))
}
