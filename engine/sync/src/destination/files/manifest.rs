//! The manifest: which files a folder's tables are made of, and the state of the streams, in one small file. A commit
//! is its replacement.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Trouble;
use super::place::{MANIFEST, sync_folder};
use crate::destination::Fault;

/// The form of the manifest that this version writes.
const FORM: u32 = 1;

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::destination) struct Manifest {
    tapwright: u32,
    /// Counts commits.
    pub(super) commit: u64,
    /// Greatest `_sdc_sequence` given so far.
    pub(super) sequence: i64,
    /// By connector and stream.
    pub(super) state: BTreeMap<String, BTreeMap<String, Value>>,
    /// By name.
    pub(super) tables: BTreeMap<String, Entry>,
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The folder that holds its files.
    pub(super) folder: String,
    /// Whose it is; nobody's alone for `_sdc_rejected`.
    pub(super) connector: String,
    pub(super) stream: String,
    /// The table in which its lists stood; none for a stream's own.
    pub(super) is_child: bool,
    /// The primary key as people are told it.
    pub(super) primary_key: String,
    /// Columns that make a row unique, of a child table those of its stream's own row. None: rows are never the same.
    pub(super) key: Vec<String>,
    /// Name and type, in order.
    pub(super) columns: Vec<(String, String)>,
    /// In the order in which they were written.
    pub(super) files: Vec<Part>,
    /// Each key stands in one row.
    pub(super) is_compact: bool,
}

/// A file of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// In `_sdc_rejected` the stream whose records were set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stream: Option<String>,
}

impl Default for Manifest {
    fn default() -> Manifest {
        let (state, tables) = (BTreeMap::new(), BTreeMap::new());
        Manifest { tapwright: FORM, commit: 0, sequence: 0, state, tables }
    }
}

impl Manifest {
    /// Reads that of a folder; an empty one where there is none yet.
    pub(super) fn read(ours: &Path, place: &str) -> Result<Manifest, Trouble> {
        let text = match std::fs::read(ours.join(MANIFEST)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Manifest::default()),
            Err(error) => return Err(error.into()),
        };
        let corrupt =
            |reason: String| Fault::Corrupt { place: place.to_owned(), reason: format!("{MANIFEST}: {reason}") };
        let read: Manifest = serde_json::from_slice(&text).map_err(|error| corrupt(error.to_string()))?;
        match read.tapwright == FORM {
            true => Ok(read),
            false => {
                Err(corrupt(format!("it is of form {}, and this version reads form {FORM}", read.tapwright)).into())
            }
        }
    }

    /// Takes the place of the manifest there is, at once and for good.
    pub(super) fn write(&self, ours: &Path) -> Result<(), Trouble> {
        let text = serde_json::to_vec(self).map_err(|error| Trouble::Said(error.to_string()))?;
        let aside = ours.join(format!("{MANIFEST}.new"));
        let mut file = File::create(&aside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(&aside, ours.join(MANIFEST))?;
        Ok(sync_folder(ours)?)
    }
}
