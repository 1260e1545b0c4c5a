//! Where files are, and how they come to where people read them.
//!
//! What is written goes to `_tapwright/aside`, where no reader looks. Once the manifest lists it, it is moved into the
//! folder of its table. Files of a table that is replaced are gathered in a folder of their own, which changes places
//! with the old one, so that a reader's pattern meets the one or the other. Whatever of this was left undone is done
//! when the folder is opened the next time.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::Trouble;
use super::manifest::{Entry, Manifest};

/// The folder of ours.
pub(super) const OURS: &str = "_tapwright";
/// The manifest, in that folder.
pub(super) const MANIFEST: &str = "manifest.json";
/// What the names of all our files begin with.
const PART: &str = "part-";

/// The paths of a folder.
#[derive(Debug, Clone)]
pub(super) struct Paths {
    pub(super) root: PathBuf,
    pub(super) ours: PathBuf,
    pub(super) aside: PathBuf,
    swap: PathBuf,
}

/// The folder of a table: its name, but for characters that a file system or a pattern takes for something else, and a
/// `.` or `_` in front, which hides it from readers.
pub(super) fn folder_of(table: &str) -> String {
    let mut folder = String::new();
    for (at, c) in table.char_indices() {
        let hides = at == 0 && matches!(c, '.' | '_') && table != super::REJECTED;
        let apart =
            matches!(c, '/' | '\\' | '*' | '?' | '[' | ']' | '{' | '}' | ':' | '"' | '<' | '>' | '|' | '%' | '=');
        match hides || apart || c.is_control() {
            true => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| folder.push_str(&format!("%{byte:02X}"))),
            false => folder.push(c),
        }
    }
    folder
}

/// The name of a file that this commit writes.
pub(super) fn part_name(commit: u64, number: u64, extension: &str) -> String {
    format!("{PART}{commit:08}-{number:04}.{extension}")
}

/// Makes what happened in a folder outlast a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    match fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems know no such thing.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        other => other,
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn parts(folder: &Path) -> io::Result<BTreeSet<String>> {
    Ok(names(folder)?.into_iter().filter(|name| name.starts_with(PART)).collect())
}

impl Paths {
    pub(super) fn of(root: &Path) -> Paths {
        let ours = root.join(OURS);
        Paths { root: root.to_owned(), aside: ours.join("aside"), swap: ours.join("swap"), ours }
    }

    /// Makes the folders of ours below `root`.
    pub(super) fn make(root: &Path) -> Result<Paths, Trouble> {
        let paths = Paths::of(root);
        fs::create_dir_all(&paths.aside)?;
        fs::create_dir_all(&paths.swap)?;
        sync_folder(&paths.ours)?;
        Ok(paths)
    }

    /// A file of a table, where readers find it.
    pub(super) fn part(&self, entry: &Entry, name: &str) -> PathBuf {
        self.root.join(&entry.folder).join(name)
    }

    /// Brings the files of all tables to where they belong, and removes what belongs nowhere.
    pub(super) fn settle_all(&self, manifest: &Manifest) -> Result<(), Trouble> {
        for entry in manifest.tables.values() {
            self.settle(entry)?;
        }
        for folder in names(&self.swap)? {
            self.give_back(&folder)?;
        }
        self.clear_aside(&BTreeSet::new())
    }

    /// Removes what was written aside, but for some.
    pub(super) fn clear_aside(&self, but: &BTreeSet<String>) -> Result<(), Trouble> {
        for name in parts(&self.aside)?.difference(but) {
            fs::remove_file(self.aside.join(name))?;
        }
        Ok(())
    }

    /// Brings the files of a table to where they belong. What of that is done already stays done.
    pub(super) fn settle(&self, entry: &Entry) -> Result<(), Trouble> {
        let folder = self.root.join(&entry.folder);
        let there = parts(&folder)?;
        let wanted: BTreeSet<String> = entry.files.iter().map(|part| part.name.clone()).collect();
        if there == wanted {
            return Ok(());
        }
        let extra: Vec<&String> = there.difference(&wanted).collect();
        if !extra.is_empty() && entry.replaces() {
            return self.exchange(entry, &folder, &wanted, &there);
        }
        fs::create_dir_all(&folder)?;
        for name in wanted.difference(&there) {
            self.take(entry, name, &folder.join(name))?;
        }
        for name in extra {
            fs::remove_file(folder.join(name))?;
        }
        sync_folder(&folder)?;
        Ok(sync_folder(&self.root)?)
    }

    /// Moves a file to its place. One that is nowhere is told of when its stream is loaded.
    fn take(&self, entry: &Entry, name: &str, to: &Path) -> Result<(), Trouble> {
        for from in [self.aside.join(name), self.swap.join(&entry.folder).join(name)] {
            match fs::rename(from, to) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn exchange(
        &self,
        entry: &Entry,
        folder: &Path,
        wanted: &BTreeSet<String>,
        there: &BTreeSet<String>,
    ) -> Result<(), Trouble> {
        let new = self.swap.join(&entry.folder);
        fs::create_dir_all(&new)?;
        for name in wanted {
            let to = new.join(name);
            match there.contains(name) {
                true if to.exists() => {}
                true => fs::hard_link(folder.join(name), &to)?,
                false => self.take(entry, name, &to)?,
            }
        }
        sync_folder(&new)?;
        if !change_places(&new, folder) {
            // For a moment there is nothing to read; nobody reads two versions at once.
            there.difference(wanted).try_for_each(|name| fs::remove_file(folder.join(name)))?;
            wanted.difference(there).try_for_each(|name| fs::rename(new.join(name), folder.join(name)))?;
        }
        sync_folder(&self.swap)?;
        sync_folder(&self.root)?;
        self.give_back(&entry.folder)
    }

    /// Removes a folder that was replaced; what others have put into it goes to the new one.
    fn give_back(&self, folder: &str) -> Result<(), Trouble> {
        let old = self.swap.join(folder);
        for name in names(&old)? {
            match name.starts_with(PART) {
                true => fs::remove_file(old.join(&name))?,
                false => fs::rename(old.join(&name), self.root.join(folder).join(&name))?,
            }
        }
        Ok(fs::remove_dir(old)?)
    }
}

impl Entry {
    /// Whether readers must not see old and new files side by side.
    fn replaces(&self) -> bool {
        self.folder != super::REJECTED
    }
}

/// Has two folders change places at once, where the system can do that.
fn change_places(one: &Path, other: &Path) -> bool {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
    }
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    {
        let _ = (one, other);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::folder_of;

    #[test]
    fn a_folder_is_called_as_its_table_where_that_can_be() {
        for (table, folder) in [
            ("orders__line_items", "orders__line_items"),
            ("_hidden", "%5Fhidden"),
            ("_sdc_rejected", "_sdc_rejected"),
            ("../a*", "%2E.%2Fa%2A"),
            ("ä 1", "ä 1"),
        ] {
            assert_eq!(folder_of(table), folder);
        }
    }
}
