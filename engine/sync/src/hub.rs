//! A hub: what runs have extracted, on this machine, until every destination that reads it has loaded it.
//!
//! Records are kept as the spec leaves them, before anything is made of them that one destination needs and another
//! does not: from one extraction rows come about in PostgreSQL, in SQLite and in files. A hub is a folder:
//!
//! | file | holds |
//! |---|---|
//! | `manifest.json` | which segments there are, how far each is written, and where extraction goes on; its replacement is a commit |
//! | `segments/NUMBER.seg` | frames, each with its checksum; written front to back, and never changed |
//! | `specs/NAME.json` | the spec of each run, with what the API and hooks have told |
//! | `readers/NAME.json` | how far a destination has loaded each stream, so that nothing goes that it needs |
//!
//! A frame is 24 bytes, then a payload compressed with Zstandard: the mark `TWHB`, what it holds (1 head of a segment,
//! 2 event, 3 records), three zeros, the payload's length as it is stored and as it is, both 4 bytes, and the XXH3 of all
//! this, 8 bytes; little end first.

mod collect;
mod contents;
mod damage;
mod event;
mod frame;
mod manifest;
mod paths;
mod reader;
mod readers;
mod record;
mod recorder;
mod sealed;
mod writer;

use std::path::Path;

use crate::destination::{Destination, Fault};

pub use contents::{Behind, Contents, Far};
pub use damage::Damage;
pub(crate) use event::{Begun, Event, Head};
pub(crate) use frame::Kind;
pub use manifest::{Manifest, Segment};
pub(crate) use reader::Frame;
pub use reader::Hub;
pub use readers::Standing;
pub(crate) use record::{Came, deliveries};
use recorder::Recorder;
pub use writer::Limits;

/// Opens the hub in a folder for a run of `connector` that extracts into it, and makes it if there is none.
///
/// # Errors
/// A [`Fault`] for a folder that cannot be written, in which another run extracts, or that is another connector's.
pub fn open(folder: &Path, connector: &str, limits: Limits) -> Result<Box<dyn Destination>, Fault> {
    Ok(Box::new(Recorder::open(folder, connector, limits)?))
}
