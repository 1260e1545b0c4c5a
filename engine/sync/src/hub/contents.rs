//! What a hub holds, for people and programs.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;
use tapwright_spec::counted;

use super::manifest::Segment;
use super::reader::Hub;
use super::readers::Standing;
use super::writer::size;
use crate::destination::Fault;
use crate::state::Position;

/// What a hub holds.
#[derive(Debug, Clone, Serialize)]
pub struct Contents {
    /// The folder.
    pub place: String,
    /// Its own name.
    pub hub: String,
    /// Whose it is.
    pub connector: String,
    /// Bytes of its segments.
    pub bytes: u64,
    /// Its segments.
    pub segments: Vec<Segment>,
    /// The destinations that load of it.
    pub readers: Vec<Behind>,
    /// What is not as it was written; none where nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damages: Option<Vec<String>>,
}

/// How far a destination is behind.
#[derive(Debug, Clone, Serialize)]
pub struct Behind {
    /// The destination.
    pub destination: String,
    /// Everything before is loaded of all that it loads.
    pub up_to: Position,
    /// When it loaded last.
    pub loaded: Timestamp,
    /// Bytes that are kept for it.
    pub bytes: u64,
    /// The streams that it loads or has loaded, and how far each is.
    pub streams: BTreeMap<String, Far>,
    /// Streams that it has never loaded: nothing is kept of them for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<String>,
}

/// How far a stream is.
#[derive(Debug, Clone, Serialize)]
pub struct Far {
    /// Everything before is loaded.
    pub up_to: Position,
    /// Bytes from there to the end of the hub, of all streams.
    pub bytes: u64,
}

impl Behind {
    fn of(hub: &Hub, standing: Standing) -> Behind {
        let behind = |up_to: Position| {
            let rest = hub.manifest.segments.iter().filter(|segment| segment.number >= up_to.segment);
            let read = |segment: &Segment| if segment.number == up_to.segment { up_to.byte } else { 0 };
            rest.map(|segment| segment.bytes.saturating_sub(read(segment))).sum()
        };
        let never = hub.manifest.state.0.keys().filter(|name| !standing.streams.contains_key(*name));
        let never = never.filter(|_| !standing.streams.is_empty()).cloned().collect();
        let (up_to, Standing { destination, loaded, streams }) = (standing.up_to(), standing);
        let far = |up_to: Position| Far { up_to, bytes: behind(up_to) };
        let streams = streams.into_iter().map(|(name, up_to)| (name, far(up_to))).collect();
        Behind { destination, up_to, loaded, bytes: behind(up_to), streams, never }
    }

    /// The streams that are as far as the furthest first, then the others.
    fn to_text(&self) -> String {
        let loaded = |bytes| if bytes == 0 { "all of it".to_owned() } else { format!("all but {}", size(bytes)) };
        let least = self.streams.values().map(|far| far.bytes).min().unwrap_or(self.bytes);
        let mut out = format!("{}: loaded {}, last at {:.0}\n", self.destination, loaded(least), self.loaded);
        let mut apart: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
        for (name, far) in self.streams.iter().filter(|(_, far)| far.bytes > least) {
            apart.entry(far.bytes).or_default().push(name);
        }
        for (bytes, names) in apart {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "    {}: loaded {}", quoted(&names), loaded(bytes));
        }
        if !self.never.is_empty() {
            let names: Vec<&str> = self.never.iter().map(String::as_str).collect();
            let _ = writeln!(out, "    {}: never loaded, and not kept for it", quoted(&names));
        }
        out
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Contents {
    /// What a hub holds. To verify it, all of it is read.
    ///
    /// # Errors
    /// A [`Fault`] if it cannot be read.
    pub fn of(hub: &Hub, verify: bool) -> Result<Contents, Fault> {
        let damages = match verify {
            true => Some(hub.verify()?.iter().map(ToString::to_string).collect()),
            false => None,
        };
        let readers = hub.readers()?.into_iter().map(|standing| Behind::of(hub, standing));
        Ok(Contents {
            place: hub.place(),
            hub: hub.manifest.hub.clone(),
            connector: hub.manifest.connector.clone(),
            bytes: hub.manifest.bytes(),
            segments: hub.manifest.segments.clone(),
            readers: readers.collect(),
            damages,
        })
    }

    /// Whether nothing is known to be damaged.
    pub fn is_sound(&self) -> bool {
        self.damages.as_ref().is_none_or(Vec::is_empty)
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let mut out = format!(
            "{} in {}: {}, {}",
            self.connector,
            self.place,
            counted(self.segments.len(), "segment"),
            size(self.bytes)
        );
        if let Some(last) = self.segments.last() {
            let _ = write!(out, ", extracted last by {} {} at {:.0}", self.connector, last.version, last.run);
        }
        out.push('\n');
        if self.readers.is_empty() {
            out.push_str("nothing is loaded of it yet\n");
        }
        self.readers.iter().for_each(|one| out.push_str(&one.to_text()));
        match &self.damages {
            None => {}
            Some(damages) if damages.is_empty() => out.push_str("verified: all is as it was written\n"),
            Some(damages) => damages.iter().for_each(|damage| {
                let _ = writeln!(out, "damaged: {damage}");
            }),
        }
        out
    }
}
