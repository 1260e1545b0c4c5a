//! A folder of files: a folder for each table, new files for new rows, and one small manifest whose replacement is the
//! commit of rows and state.
//!
//! A file is written once and never changed, so a row that changes gets a new version in a new file: of the rows with
//! one key the one with the greatest `_sdc_sequence` counts, and of child rows those with the `_sdc_sequence` of their
//! parent. A full table has one version; its files replace those before. What is not committed lies in `_tapwright`,
//! where no reader's pattern finds it.

mod compact;
mod fault;
mod fold;
mod format;
mod lines;
mod load;
mod manifest;
mod open;
mod pages;
mod place;
mod repeats;
mod seen;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use jiff::Timestamp;

use super::alone;
use super::loads::{Loads, Sequence, take};
use super::{Capabilities, Completion, Delivery, Destination, Existing, Fault, Finished, Opening, Prospect, Written};
use crate::normalise::{Bounds, ColumnType};
use crate::state::{Draft, Receipt, State, StreamState};
pub(in crate::destination) use compact::compact;
pub(in crate::destination) use fault::Trouble;
use format::Maker;
pub(in crate::destination) use format::{DIALECT, Format};
pub(in crate::destination) use lines::Compression as LinesCompression;
use load::Load;
use manifest::{Entry, Manifest};
pub(in crate::destination) use pages::Compression as PagesCompression;
use place::Paths;
pub(crate) use place::sync_folder;
pub(in crate::destination) use repeats::{Repeats, Version, count_new};

/// What all formats have in common.
pub(in crate::destination) const CAPABILITIES: Capabilities = Capabilities {
    title: "",
    form: "",
    types: ColumnType::in_spec,
    commit: "one manifest, replaced at once",
    alone: "a lock on the folder; the second run is refused",
    changed: "a new version in a new file; the greatest `_sdc_sequence` of a key counts",
    names: "any; folders of tables are cut at 200 bytes and end in a hash, and `/` and the like are written `%2F`",
    columns: "1,900",
    set_aside: "none",
    merges: false,
};

/// The table of records that became no row, and its folder.
const REJECTED: &str = "_sdc_rejected";

/// A folder as the destination of one connector.
pub(in crate::destination) struct Files {
    paths: Paths,
    place: String,
    connector: String,
    maker: Maker,
    committed: Manifest,
    /// What the next commit will say.
    pending: Manifest,
    loads: Loads<Load>,
    /// Greatest `_sdc_sequence` given so far.
    sequence: Sequence,
    /// A fault has dropped what was not committed, and nobody has taken note yet.
    failed: bool,
    /// The system gives the lock back when the program ends, however it ends. None where nothing is written.
    _lock: Option<File>,
}

impl Files {
    /// Opens the folder for `connector`, makes it if there is none, and ends what an interrupted run has left undone.
    ///
    /// # Errors
    /// A [`Fault`] for a folder that cannot be made, written or read, or in which another run loads.
    pub(in crate::destination) fn open(path: &str, connector: &str, format: Format) -> Result<Files, Fault> {
        let opened = Files::try_open(path, connector, format);
        opened.map_err(|trouble| match trouble {
            Trouble::Io(error) if !Path::new(path).is_dir() => {
                Fault::Open { place: path.to_owned(), reason: error.to_string() }
            }
            trouble => trouble.name(path),
        })
    }

    fn try_open(path: &str, connector: &str, format: Format) -> Result<Files, Trouble> {
        let root = Path::new(path);
        std::fs::create_dir_all(root)?;
        let paths = Paths::make(root)?;
        let lock = alone::lock(File::create(paths.ours.join("lock"))?, path)?;
        let committed = Manifest::read(&paths.ours, path)?;
        paths.settle_all(&committed)?;
        Ok(Files::of(paths, connector, format, committed).holding(lock))
    }

    /// The folder as it is, for reading alone, whether there is a manifest in it or not.
    pub(in crate::destination) fn look(path: &str, connector: &str, format: Format) -> Result<Files, Fault> {
        let paths = Paths::of(Path::new(path));
        let committed = Manifest::read(&paths.ours, path).map_err(|trouble| trouble.name(path))?;
        Ok(Files::of(paths, connector, format, committed))
    }

    fn of(paths: Paths, connector: &str, format: Format, committed: Manifest) -> Files {
        Files {
            place: paths.root.display().to_string(),
            connector: connector.to_owned(),
            maker: Maker { format, aside: paths.aside.clone(), commit: committed.commit + 1, number: 0 },
            paths,
            pending: committed.clone(),
            sequence: Sequence(committed.sequence),
            committed,
            loads: Loads::new(),
            failed: false,
            _lock: None,
        }
    }

    fn holding(self, lock: Option<File>) -> Files {
        Files { _lock: lock, ..self }
    }

    /// Does a piece of work; a fault drops what was not committed.
    fn guard<T>(&mut self, work: impl FnOnce(&mut Files) -> Result<T, Trouble>) -> Result<T, Fault> {
        if self.failed {
            let hint = ": an earlier fault was not rolled back";
            return Err(Fault::NoLoad { stream: self.connector.clone(), hint });
        }
        work(self).map_err(|trouble| {
            self.failed = true;
            self.loads.clear();
            trouble.name(&self.place)
        })
    }

    fn draft(&mut self, draft: &Draft) -> Result<(), Trouble> {
        let streams = self.pending.state.entry(self.connector.clone()).or_default();
        for (stream, state) in draft.changed() {
            let value = serde_json::to_value(state).map_err(|error| Trouble::Said(error.to_string()))?;
            streams.insert(stream.to_owned(), value);
        }
        Ok(())
    }

    /// Replaces the manifest, then moves files to where people read them.
    fn publish(&mut self) -> Result<(), Trouble> {
        self.pending.sequence = self.sequence.0;
        if self.pending == self.committed {
            return Ok(());
        }
        self.pending.commit += 1;
        sync_folder(&self.paths.aside)?;
        self.pending.write(&self.paths.ours)?;
        let before = std::mem::replace(&mut self.committed, self.pending.clone());
        self.maker.commit = self.committed.commit + 1;
        let changed = self.committed.tables.iter().filter(|(name, entry)| before.tables.get(*name) != Some(entry));
        changed.map(|(_, entry)| entry).try_for_each(|entry| self.paths.settle(entry))
    }
}

impl Destination for Files {
    fn bounds(&self) -> Bounds {
        self.maker.format.bounds()
    }

    fn load_state(&mut self) -> Result<State, Fault> {
        let mut state = State::default();
        for (stream, value) in self.committed.state.get(&self.connector).into_iter().flatten() {
            let read: StreamState = serde_json::from_value(value.clone()).map_err(|error| Fault::State {
                place: self.place.clone(),
                stream: stream.clone(),
                reason: error.to_string(),
            })?;
            state.0.insert(stream.clone(), read);
        }
        Ok(state)
    }

    fn survey(&mut self, opening: &Opening<'_>) -> Result<Vec<Prospect>, Fault> {
        self.prospects(opening).map_err(|trouble| trouble.name(&self.place))
    }

    fn begin(&mut self, opening: &Opening<'_>) -> Result<Existing, Fault> {
        let begun = self.guard(|files| match files.open_load(opening) {
            // A table that does not fit is this stream's trouble alone: the other loads go on.
            Err(Trouble::Named(fault)) => Ok(Err(fault)),
            Err(trouble) => Err(trouble),
            Ok(existing) => Ok(Ok(existing)),
        })?;
        begun.map_err(|fault| *fault)
    }

    fn write(&mut self, stream: &str, delivery: &Delivery<'_, '_>) -> Result<Written, Fault> {
        self.guard(|files| {
            let mut load = take(&mut files.loads, stream)?;
            let first = files.sequence.next(delivery.batch.records());
            files.extend(&mut load, delivery.tables)?;
            load.write(&mut files.maker, delivery, first)?;
            files.loads.insert(stream.to_owned(), load);
            Ok(Written::default())
        })
    }

    fn flush(&mut self, stream: &str) -> Result<Written, Fault> {
        self.guard(|files| {
            let mut load = take(&mut files.loads, stream)?;
            let told = std::mem::take(&mut load.untold);
            files.loads.insert(stream.to_owned(), load);
            Ok(told)
        })
    }

    fn notes(&self, stream: &str) -> Vec<String> {
        let shapes = self.loads.get(stream).into_iter().flat_map(|load| &load.shapes);
        let folders = shapes.map(|shape| (&shape.said, place::folder_of(&shape.name)));
        let renamed = folders.filter(|(said, folder)| *said != folder);
        renamed.map(|(said, folder)| format!("the table `{said}` is in the folder `{folder}`")).collect()
    }

    fn finish(&mut self, stream: &str, completion: Completion) -> Result<Finished, Fault> {
        self.guard(|files| {
            let load = take(&mut files.loads, stream)?;
            files.close_load(load, completion)
        })
    }

    fn commit(&mut self, draft: &Draft) -> Result<Receipt, Fault> {
        let now = Timestamp::now();
        self.guard(|files| {
            let mut loads = std::mem::take(&mut files.loads);
            for load in loads.values_mut() {
                files.collect(load)?;
            }
            files.loads = loads;
            files.draft(draft)?;
            files.publish()
        })?;
        Ok(Receipt::new(now))
    }

    fn rollback(&mut self) -> Result<(), Fault> {
        self.loads.clear();
        self.failed = false;
        self.pending = self.committed.clone();
        // What is committed may not be in its place yet.
        let parts = self.committed.tables.values().flat_map(|entry: &Entry| &entry.files);
        let stays: BTreeSet<String> = parts.map(|part| part.name.clone()).collect();
        self.paths.clear_aside(&stays).map_err(|trouble| trouble.name(&self.place))
    }
}
