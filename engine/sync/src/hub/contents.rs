//! What a hub holds, for people and programs.

use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;
use tapwright_spec::counted;

use super::manifest::Segment;
use super::reader::Hub;
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
    /// Everything before is loaded.
    pub up_to: Position,
    /// When it loaded last.
    pub loaded: Timestamp,
    /// Bytes that it has not loaded.
    pub bytes: u64,
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
        let behind = |up_to: Position| {
            let rest = hub.manifest.segments.iter().filter(|segment| segment.number >= up_to.segment);
            let read = |segment: &Segment| if segment.number == up_to.segment { up_to.byte } else { 0 };
            rest.map(|segment| segment.bytes.saturating_sub(read(segment))).sum()
        };
        let readers = hub.readers()?.into_iter().map(|standing| Behind {
            bytes: behind(standing.up_to),
            destination: standing.destination,
            up_to: standing.up_to,
            loaded: standing.loaded,
        });
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
        for one in &self.readers {
            let behind = if one.bytes == 0 { "all of it".to_owned() } else { format!("all but {}", size(one.bytes)) };
            let _ = writeln!(out, "{}: loaded {behind}, last at {:.0}", one.destination, one.loaded);
        }
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
