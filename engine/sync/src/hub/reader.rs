//! Reads a hub: its frames in their order, each as it was written, or what is wrong and where.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use tapwright_spec::{Connector, Kept};

use super::collect::collect;
use super::damage::Damage;
use super::frame::{AHEAD, Ahead, Kind};
use super::manifest::{Manifest, Segment};
use super::paths::{Paths, segment_name};
use super::readers::{Held, Readers, Standing, forget, forget_streams};
use super::sealed::checksum;
use crate::destination::{Fault, alone};
use crate::state::{Position, State};

/// A hub that is read, as it is at the moment at which it is opened.
#[derive(Debug, Clone)]
pub struct Hub {
    pub(super) paths: Paths,
    /// What it holds.
    pub manifest: Manifest,
}

impl Hub {
    /// Opens the hub in a folder, also while a run extracts into it.
    ///
    /// # Errors
    /// A [`Fault`] for a folder that holds none, or whose manifest is damaged.
    pub fn open(folder: &Path) -> Result<Hub, Fault> {
        let paths = Paths::of(folder);
        let manifest = Manifest::read(&paths)?.ok_or_else(|| Fault::NoHub { place: paths.shown() })?;
        Ok(Hub { paths, manifest })
    }

    /// How messages call it.
    pub fn place(&self) -> String {
        self.paths.shown()
    }

    /// Where extraction goes on.
    ///
    /// # Errors
    /// [`Fault::HubOf`] if it is another connector's.
    pub fn state(&self, connector: &str) -> Result<State, Fault> {
        let Manifest { connector: owner, state, .. } = &self.manifest;
        match owner == connector {
            true => Ok(state.clone()),
            false => {
                let (owner, connector) = (owner.clone(), connector.to_owned());
                Err(Fault::HubOf { place: self.place(), owner, connector })
            }
        }
    }

    /// The destinations that load of it.
    ///
    /// # Errors
    /// A [`Fault`] if that cannot be read.
    pub fn readers(&self) -> Result<Vec<Standing>, Fault> {
        Ok(Readers::read(&self.paths)?.known)
    }

    /// Forgets a destination, so that nothing is kept for it; false if it is not known.
    ///
    /// # Errors
    /// A [`Fault`] if that cannot be done.
    pub fn forget(&self, destination: &str) -> Result<bool, Fault> {
        let _held = Held::take(&self.paths)?;
        forget(&self.paths, destination)
    }

    /// Forgets streams of a destination, so that nothing is kept of them for it.
    ///
    /// # Errors
    /// A [`Fault`] if that cannot be done.
    pub fn forget_streams(&self, destination: &str, streams: &[String]) -> Result<(), Fault> {
        let _held = Held::take(&self.paths)?;
        forget_streams(&self.paths, destination, streams)
    }

    /// Notes how far a destination has come; gives the hub as it is then, of which nothing goes behind that.
    pub(crate) fn note(&mut self, standing: &Standing) -> Result<(), Fault> {
        let _held = Held::take(&self.paths)?;
        standing.keep(&self.paths)?;
        if let Some(manifest) = Manifest::read(&self.paths)? {
            self.manifest = manifest;
        }
        Ok(())
    }

    /// Takes away what every destination has loaded.
    ///
    /// # Errors
    /// A [`Fault`] if a run extracts, or files cannot be removed.
    pub fn collect(&mut self) -> Result<(), Fault> {
        let lock = File::create(self.paths.root.join("lock")).map_err(|error| self.paths.fault(&error))?;
        let _held = alone::lock(lock, &self.place())?;
        if let Some(manifest) = Manifest::read(&self.paths)? {
            self.manifest = manifest;
            collect(&self.paths, &mut self.manifest, 0)?;
        }
        Ok(())
    }

    /// The connector by which was extracted, from the name of its spec.
    pub(crate) fn connector(&self, spec: &str) -> Result<Connector, Fault> {
        let file = format!("specs/{spec}.json");
        let damaged = |why: String, length: usize| {
            let damage = Damage { file: file.clone(), segment: None, bytes: 0..length as u64, why };
            self.damaged(&damage, "restore the file from a copy, or extract all anew with --full-refresh")
        };
        let bytes = std::fs::read(self.paths.root.join(&file)).map_err(|error| damaged(error.to_string(), 0))?;
        if checksum(&bytes) != spec {
            return Err(damaged("they are not as they were written (the checksum differs)".to_owned(), bytes.len()));
        }
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string(), bytes.len()))?;
        kept.connector().map_err(|faults| Fault::Other {
            place: self.place(),
            reason: format!(
                "the spec by which was extracted is wrong for this version of tapwright ({}); load with the version that \
                 extracted, or extract all anew with --full-refresh",
                faults.faults().first().map(|fault| fault.message.clone()).unwrap_or_default()
            ),
        })
    }

    /// The fault that damage is.
    pub(crate) fn damaged(&self, damage: &Damage, remedy: &str) -> Fault {
        Fault::HubDamaged { place: self.place(), what: damage.to_string(), remedy: remedy.to_owned() }
    }

    /// The frames from a place on.
    pub(crate) fn frames(&self, from: Position) -> Frames<'_> {
        Frames { hub: self, at: from, file: None }
    }

    /// Reads everything, and gives all that is wrong.
    ///
    /// # Errors
    /// A [`Fault`] if a file cannot be read.
    pub fn verify(&self) -> Result<Vec<Damage>, Fault> {
        let _held = Held::take(&self.paths)?;
        let mut found = Vec::new();
        let mut frames = self.frames(self.manifest.first());
        loop {
            match frames.next(|_, _| true) {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(found),
                Err(damage) => {
                    found.push(damage);
                    frames.skip_segment();
                }
            }
        }
    }
}

/// A frame as it was written.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) at: Position,
    /// Where the next one begins.
    pub(crate) next: Position,
    pub(crate) kind: Kind,
    /// Empty, if nobody wanted it.
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// Damage that shows when its payload is read.
    pub(crate) fn damage(&self, why: String) -> Damage {
        let file = format!("segments/{}", segment_name(self.at.segment));
        Damage { file, segment: Some(self.at.segment), bytes: self.at.byte..self.next.byte, why }
    }
}

/// Frames in their order.
pub(crate) struct Frames<'h> {
    hub: &'h Hub,
    at: Position,
    file: Option<Opened>,
}

/// The file of a segment that is read.
struct Opened {
    segment: Segment,
    file: BufReader<File>,
}

impl Frames<'_> {
    /// The next frame, with its payload if its kind is wanted; nothing behind the last one.
    pub(crate) fn next(&mut self, wanted: impl Fn(Kind, Position) -> bool) -> Result<Option<Frame>, Damage> {
        let Some(mut opened) = self.segment()? else { return Ok(None) };
        let at = self.at;
        let segment = &opened.segment;
        let mut bytes = [0; AHEAD];
        read(&mut opened.file, &mut bytes, (segment, at.byte))?;
        let ahead = Ahead::read(&bytes).ok_or_else(|| {
            let why = "no record begins here: they are not as they were written".to_owned();
            damage(segment, (at.byte, at.byte + AHEAD as u64), why)
        })?;
        let end = at.byte + AHEAD as u64 + u64::from(ahead.stored);
        if end > segment.bytes {
            let why = "more is said to follow than was written".to_owned();
            return Err(damage(segment, (at.byte, at.byte + AHEAD as u64), why));
        }
        let payload = if wanted(ahead.kind, at) {
            let mut stored = vec![0; ahead.stored as usize];
            read(&mut opened.file, &mut stored, (segment, at.byte))?;
            ahead.payload(&bytes, &stored).map_err(|why| damage(segment, (at.byte, end), why))?
        } else {
            let skipped = opened.file.seek_relative(i64::from(ahead.stored));
            skipped.map_err(|error| damage(segment, (at.byte, end), error.to_string()))?;
            Vec::new()
        };
        self.at = Position { byte: end, ..at };
        self.file = Some(opened);
        Ok(Some(Frame { at, next: self.at, kind: ahead.kind, payload }))
    }

    /// Goes on with the next segment.
    pub(crate) fn skip_segment(&mut self) {
        self.at = Position { segment: self.at.segment + 1, byte: 0 };
        self.file = None;
    }

    /// The segment in which the next frame is, opened at its place.
    fn segment(&mut self) -> Result<Option<Opened>, Damage> {
        if let Some(opened) = self.file.take().filter(|opened| self.at.byte < opened.segment.bytes) {
            return Ok(Some(opened));
        }
        let is_read = |segment: &Segment| self.at.byte >= segment.bytes;
        if self.hub.manifest.segment(self.at.segment).is_some_and(is_read) {
            self.skip_segment();
        }
        let Some(segment) = self.hub.manifest.segment(self.at.segment) else { return Ok(None) };
        let open = || {
            let mut file = File::open(self.hub.paths.segment(segment.number))?;
            file.seek(SeekFrom::Start(self.at.byte))?;
            Ok(BufReader::with_capacity(256 << 10, file))
        };
        let file = open().map_err(|error: std::io::Error| {
            let why = match error.kind() {
                ErrorKind::NotFound => "the file is gone".to_owned(),
                _ => error.to_string(),
            };
            damage(segment, (self.at.byte, segment.bytes), why)
        })?;
        Ok(Some(Opened { segment: segment.clone(), file }))
    }
}

fn read(file: &mut impl Read, into: &mut [u8], (segment, from): (&Segment, u64)) -> Result<(), Damage> {
    file.read_exact(into).map_err(|error| {
        let why = match error.kind() {
            ErrorKind::UnexpectedEof => format!("the file ends before them, and had {} bytes", segment.bytes),
            _ => error.to_string(),
        };
        damage(segment, (from, segment.bytes), why)
    })
}

fn damage(segment: &Segment, (start, end): (u64, u64), why: String) -> Damage {
    let file = format!("segments/{}", segment_name(segment.number));
    Damage { file, segment: Some(segment.number), bytes: start..end, why }
}
