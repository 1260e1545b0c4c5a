//! Where the files of a hub are.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::destination::{Fault, sync_folder};

/// The paths of a hub.
#[derive(Debug, Clone)]
pub(super) struct Paths {
    pub(super) root: PathBuf,
    pub(super) segments: PathBuf,
    pub(super) specs: PathBuf,
    pub(super) readers: PathBuf,
}

impl Paths {
    pub(super) fn of(root: &Path) -> Paths {
        let below = |name| root.join(name);
        let [segments, specs, readers] = ["segments", "specs", "readers"].map(below);
        Paths { root: root.to_owned(), segments, specs, readers }
    }

    /// Makes the folders.
    pub(super) fn make(&self) -> Result<(), Fault> {
        let all = [&self.segments, &self.specs, &self.readers];
        all.into_iter().try_for_each(fs::create_dir_all).map_err(|error| self.fault(&error))
    }

    /// How messages call the hub.
    pub(super) fn shown(&self) -> String {
        self.root.display().to_string()
    }

    /// What an error of its files means.
    pub(super) fn fault(&self, error: &io::Error) -> Fault {
        Fault::of_files(&self.shown(), error)
    }

    /// The file of a segment.
    pub(super) fn segment(&self, number: u64) -> PathBuf {
        self.segments.join(segment_name(number))
    }

    /// Puts a file into its place at once and for good.
    pub(super) fn place(&self, file: &Path, text: &[u8]) -> Result<(), Fault> {
        let aside = file.with_extension("new");
        let write = || -> io::Result<()> {
            let mut open = File::create(&aside)?;
            open.write_all(text)?;
            open.sync_all()?;
            fs::rename(&aside, file)
        };
        write().map_err(|error| self.fault(&error))?;
        self.settle(file.parent().unwrap_or(&self.root))
    }

    /// Makes what happened in a folder outlast a power cut.
    pub(super) fn settle(&self, folder: &Path) -> Result<(), Fault> {
        sync_folder(folder).map_err(|error| self.fault(&error))
    }
}

/// The name of a segment's file.
pub(super) fn segment_name(number: u64) -> String {
    format!("{number:08}.seg")
}
